"""The embedded engine: runs the script in process, about a millisecond a turn.

A turn goes: listen (listening.py), find the rule for what was meant, run its steps (steps.py); the form's step asks for what is
missing. All that is known between turns is in the state and the draft, so the engine itself remembers nothing and the same
turn gives the same answer.

Not here: what is understood (understanding/), judged (triage.py), done (actions.py), asked (form.py) or said (the script).
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from case_store.records import Draft
from dialogue.listening import Listener, Understand, judge_by
from dialogue.policy_terms import TriagePolicy
from dialogue.scene import Judge, Scene
from dialogue.script import Script, ScriptError, default_script
from dialogue.steps import ACTIONS, ask_form, check_form, form_rests, is_over
from dialogue.turn import BotTurn, CustomerTurn
from dialogue.understanding.gist import gist_of
from dialogue.understanding.terms import Lines
from dialogue.understanding.understand import understand


def embedded_engine(policy: TriagePolicy | None = None) -> EmbeddedEngine:
    """The engine over the script that ships with the project."""
    return EmbeddedEngine(default_script(), understand, judge_by(policy))


def read_ahead(now: datetime) -> None:
    """Reads sentences of nobody's, so that the first customer doesn't wait for tables to be read and patterns to be compiled."""
    judge = judge_by()
    for text in _NOBODYS:
        heard = understand(text, now=now)
        gist_of(text[:20])
        judge(text, Draft(heard.facts))
    Lines.compile_all()


_NOBODYS: Final = (
    "上个月15号在你们支行买的理财亏了三万五，经理说保本，请退还本金并书面道歉。我叫江敏，电话13900001111",
    "上星期五喺旺角分行俾人收咗$500手續費，冇人通知過我，想你哋退返畀我。我姓陳，電話9123 4567",
    "On 3 March your branch in Leeds charged me £60 and nobody calls back. I want it refunded. My name is Anna Reed, 07700 900123.",
)


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
