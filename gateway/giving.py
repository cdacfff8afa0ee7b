"""Conversations given to agents by turn, under the policy: what each needs, who may be given it, what comes back.

One round is one unit of work: what was given and not looked at goes back first, then what waits is dealt out. A look before it, which only
reads, tells whether there is anything to do.

Where somebody's life is in danger nobody is given anything: it stays in the queue, which alarms everybody. Who was given a conversation and
has not looked at it yet may be away, so their customer's words are heard here: danger in them puts it before everybody.

Not here: when a round is held (assigner.py), who is chosen (choosing.py), what is written (case_store/givings.py).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final

from case_store import emergencies, givings, people, presence, teams
from case_store.givings import Gift, Moved, Return, Unopened, Waits
from case_store.people import Agent
from case_store.store import Transaction
from dialogue.waiting import IN_DANGER
from gateway.alarms import AT_ONCE as ANNOUNCED_FIRST
from gateway.assignment_policy import Assignment, Facets
from gateway.choosing import Because, Chosen, Colleague, Dealt, Need, deal
from gateway.policy import Policy
from gateway.promises import Promises

AT_ONCE: Final = 50
"""Given, and taken back, in one round."""
LOOKED_AT: Final = 2_500
"""Of those that wait, the longest waiting first; of those that were not looked at, the first to be due."""
NOT_OPENED: Final = "not_opened"
AWAY: Final = "away"
OFF: Final = "off"  # the policy has changed since it was given


@dataclass(slots=True)
class Round:
    """What is to be done: what comes back, what is over, what is given to whom, and why nobody is given the rest."""

    returns: list[Return] = field(default_factory=list)
    over: list[Unopened] = field(default_factory=list)
    dealt: Dealt = field(default_factory=lambda: Dealt((), {}))
    why: dict[str, str | None] = field(default_factory=dict)

    @property
    def has_work(self) -> bool:
        return bool(self.returns or self.over or self.dealt.chosen or self.why)


def look(tx: Transaction, promises: Promises) -> Round:
    """What there is to do. Changes nothing: a fixed number of statements, one where nothing was given and nobody waits."""
    found = Round()
    _look_back(tx, promises.policy, found)
    if promises.policy.assignment.on:
        _look_ahead(tx, promises.policy, found)
    return found


def hold(tx: Transaction, promises: Promises) -> int:
    """Holds a round. Answers how many conversations it moved; none where another process is at it."""
    if not givings.alone(tx):
        return 0
    found = Round()
    _look_back(tx, promises.policy, found)
    by_id = {agent.id: agent for agent in people.all_agents(tx)}
    givings.end(tx, found.over)
    back = givings.take_back(tx, found.returns)
    let_lie = {one.of.conversation_id for one in found.returns if one.why == NOT_OPENED}
    idle = {one.agent_id for one in back if one.before["id"] in let_lie}
    given: list[Moved] = []
    if promises.policy.assignment.on:
        _look_ahead(tx, promises.policy, found, idle)
        gifts = [_gift(promises, one, by_id[one.colleague.id]) for one in found.dealt.chosen]
        due_at = tx.now + promises.policy.assignment.patience
        given = givings.give(tx, gifts, due_at)
        givings.say_why(tx, found.why)
    if idle:  # the next customer must not wait for the same empty chair
        presence.send_away(tx, sorted(idle))
    return len(back) + len(given)


def _look_back(tx: Transaction, policy: Policy, found: Round) -> None:
    assignment = policy.assignment
    for one in givings.unopened(tx, policy.sign_in.idle, LOOKED_AT):
        if one.over:
            found.over.append(one)
            continue
        danger = any(_tells_of_danger(text) for text in one.asks)
        why = IN_DANGER if danger else _why_back(one, assignment)
        if why is not None:
            found.returns.append(Return(one, why, {"policy": policy.version}, danger=danger))
    found.returns = sorted(found.returns, key=lambda back: not back.danger)[:AT_ONCE]


def _why_back(one: Unopened, assignment: Assignment) -> str | None:
    if not one.there:
        return AWAY
    if not assignment.on:
        return OFF
    return NOT_OPENED if one.due else None


@lru_cache(maxsize=512)
def _tells_of_danger(text: str) -> bool:
    from dialogue.understanding.signals import danger_in  # brings word lists that a start need not wait for

    return danger_in(text) is not None


def _look_ahead(tx: Transaction, policy: Policy, found: Round, idle: Collection[str] = ()) -> None:
    """`idle`: who has just let one lie."""
    assignment = policy.assignment
    waiting = givings.waiting(tx, ANNOUNCED_FIRST, LOOKED_AT)
    if not waiting:
        return
    least = _least(tx, policy)
    here = [replace(one, most=max(one.most, least)) for one in colleagues(tx, policy) if one.id not in idle]
    let_lie = givings.let_lie(tx, tx.now - assignment.patience) if here else {}
    needs = [need_of(one, assignment, let_lie.get(one.id, frozenset())) for one in waiting]
    found.dealt = deal(needs, here, tx.now, AT_ONCE)
    if found.dealt.chosen:  # only now it matters who knows these customers already
        able = {chosen.need.id for chosen in found.dealt.chosen}
        known = _known_to(tx, [one for one in waiting if one.id in able])
        found.dealt = deal([_known(need, known) for need in needs], here, tx.now, AT_ONCE)
    left: Mapping[str, str] = found.dealt.left
    found.why = {one.id: left[one.id] for one in waiting if one.id in left and left[one.id] != one.unassigned}


def _least(tx: Transaction, policy: Policy) -> int:
    """How many conversations everybody has at once in an emergency of the whole house, whatever else is said of them."""
    most = policy.emergency.most
    return most if most is not None and emergencies.is_everywhere(tx) else 0


def colleagues(tx: Transaction, policy: Policy, *, everybody: bool = False) -> list[Colleague]:
    """Those who are there, or everybody with an open account, as far as choosing needs them: three statements."""
    assignment = policy.assignment
    at_work = presence.at_work(tx, policy.sign_in.idle, everybody=everybody)
    if not at_work:
        return []
    belongs = teams.by_agent(tx)
    return [
        Colleague(
            agent.id,
            most=agent.most or assignment.most,
            load=at_work[agent.id].load,
            available=at_work[agent.id].available,
            languages=frozenset(agent.languages),
            skills=frozenset(agent.skills),
            teams=belongs.get(agent.id, frozenset()),
            given_at=at_work[agent.id].given_at,
        )
        for agent in people.all_agents(tx)
        if agent.id in at_work and agent.answers
    ]


def need_of(one: Waits, assignment: Assignment, let_lie: frozenset[str] = frozenset()) -> Need:
    """What a conversation needs, by the policy's rules."""
    return Need(one.id, one.language, skills_needed(one, assignment), let_lie=let_lie, team=one.team)


def skills_needed(one: Waits, assignment: Assignment) -> frozenset[str]:
    themes = _themes(one.what_happened) if assignment.reads_themes else frozenset()
    about = Facets(one.channel, one.account, one.category, one.risk, themes)
    return frozenset(rule.skill for rule in assignment.needs if rule.holds(about))


@lru_cache(maxsize=2 * LOOKED_AT)  # what waits is looked at again every second
def _themes(text: str) -> frozenset[str]:
    from dialogue.themes import themes_in

    return frozenset(theme.name for theme in themes_in(text)) if text else frozenset()


Known = Mapping[str, Mapping[str, Because]]


def _known_to(tx: Transaction, these: Sequence[Waits]) -> Known:
    """By conversation who has answered its customer, the latest first, and who has its case."""
    answered = givings.answered_before(tx, these)
    found: dict[str, dict[str, Because]] = {}
    for one in these:
        found[one.id] = dict.fromkeys(answered.get(one.id, ()), Because.ANSWERED_BEFORE)
        if one.holder is not None:
            found[one.id].setdefault(one.holder, Because.HAS_THE_CASE)
    return found


def _known(need: Need, known: Known) -> Need:
    return replace(need, known_to=known.get(need.id, {}))


def _gift(promises: Promises, chosen: Chosen, agent: Agent) -> Gift:
    """With why for them, as it can be proved: under which policy, what was needed, and how they stood."""
    one = chosen.colleague
    detail = {
        "because": chosen.because.value,
        "load": one.load,
        "most": one.most,
        "language": chosen.need.language,
        "skills": sorted(chosen.need.skills),
        **({"team": chosen.need.team} if chosen.need.team else {}),
        "policy": promises.policy.version,
    }
    return Gift(chosen.need.id, agent.id, agent.name, detail)
