"""The embedded engine: runs the script in process, about a millisecond a turn.

A turn goes: listen (listening.py), find the rule for what was meant, run its steps (steps.py); the form's step asks for what is
missing. All that is known between turns is in the state and the draft, so the engine itself remembers nothing and the same
turn gives the same answer.

Not here: what is understood (understanding/), judged (triage.py), done (actions.py), asked (form.py) or said (the script).
"""

from __future__ import annotations

from dialogue.listening import Listener, Understand, judge_by
from dialogue.policy_terms import TriagePolicy
from dialogue.scene import Judge, Scene
from dialogue.script import Script, ScriptError, default_script
from dialogue.steps import ACTIONS, ask_form, check_form, form_rests, is_over
from dialogue.turn import BotTurn, CustomerTurn
from dialogue.understanding.understand import understand


def embedded_engine(policy: TriagePolicy | None = None) -> EmbeddedEngine:
    """The engine over the script that ships with the project."""
    return EmbeddedEngine(default_script(), understand, judge_by(policy))


class EmbeddedEngine:
    name = "embedded"

    def __init__(self, script: Script, understand: Understand, judge: Judge) -> None:
        self.listener = Listener(script, judge, understand)
        self._script = script
        if missing := sorted(script.actions - set(ACTIONS)):
            raise ScriptError(f"domain: the action {missing[0]!r} is written nowhere")

    def turn(self, turn: CustomerTurn) -> BotTurn:
        """Answers what the customer said."""
        scene = self.listener.begin(turn)
        self._follow(scene)
        return scene.answer()

    def _follow(self, scene: Scene) -> None:
        rule = self._script.rule_for(scene.intent, scene.memory.loop, scene.slots())
        self._run(scene, rule.steps if rule is not None else (self._script.form,), interrupted=rule is not None)
        if rule is not None and rule.ends_loop:
            scene.memory.loop = None

    def _run(self, scene: Scene, steps: tuple[str, ...], *, interrupted: bool) -> None:
        for step in steps:
            if is_over(scene):
                return
            if step == self._script.form:
                self._run_form(scene, interrupted=interrupted)
            elif step in ACTIONS:
                ACTIONS[step](scene)
            elif step in self._script.responses:
                scene.say(step)

    def _run_form(self, scene: Scene, *, interrupted: bool) -> None:
        if form_rests(scene):
            return
        check_form(scene, interrupted=interrupted)
        if not scene.confirmed:
            ask_form(scene)
            return
        done = self._script.rule_for(None, scene.memory.loop, scene.slots())
        steps = () if done is None else tuple(step for step in done.steps if step != self._script.form)
        scene.memory.loop = None
        self._run(scene, steps, interrupted=True)
