"""The preliminary judgement of a complaint (handbook 1.2, 2.3.1): kind, category, scope, risk, disposition, doubts, alarms.

Every part carries a stable reason code and the customer's words it rests on, and all of them the version of the policy.
It is the first look of a careful clerk, made to be corrected: where words are missing it says so in its reason.

Not here: duplicates (they need the store), the words that are evidence (triage_terms.toml, triage_firms.toml), what follows from it (the script).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final

from case_store.records import Category, Disposition, Draft, Judgement, Language, Opinion, Risk
from dialogue.category import BY_WORDING, UNSPECIFIED, category_of, says_enough
from dialogue.policy_terms import DEFAULT_TRIAGE, PolicyError, TriagePolicy
from dialogue.understanding.classifier import others_matter, words_for
from dialogue.understanding.kinds import kind_of
from dialogue.understanding.numerals import value_of
from dialogue.understanding.signals import danger_in, stolen_in
from dialogue.understanding.terms import Folded, Hit, Terms, fold, grown, lists

__all__ = ["DEFAULT_TRIAGE", "OURS", "PolicyError", "TriagePolicy", "judge"]

OURS: Final = "ours"
NOT_OURS: Final = "not_ours"


def _grouped(terms: Mapping[str, Terms]) -> dict[str, dict[str, Terms]]:
    groups: dict[str, dict[str, Terms]] = {}
    for name, section in terms.items():
        group, _, reason = name.partition(".")
        groups.setdefault(group, {})[reason] = section
    return groups


_TERMS: Final = _grouped(lists("triage_terms", "dialogue"))
_FIRMS: Final = {kind: terms for kind, terms in lists("triage_firms", "dialogue").items() if kind != "addressed"}
_ADDRESSED: Final = lists("triage_firms", "dialogue")["addressed"]

# The evidence of the wording, in logits, from which another firm's matter is told: where none is named, where one is named but the
# house is spoken to, and below which it is ours although one is named.
_OTHERS: Final = 0.0
_OTHERS_THOUGH_ADDRESSED: Final = -1.5
_OURS_THOUGH_NAMED: Final = -4.0

_VAGUE: Final = re.compile(r"(?P<many>[\d.一二两三四五六七八九十百千几多来余]*)万")
_MORE_OR_LESS: Final = re.compile(
    r"[几多来余]|(?<=[二三四五六七八九])[二三四五六七八九]"
)  # 三四万 is three at the least
_TEN_THOUSAND: Final = 10_000

# What an explanation, an apology or one routine action can end, where it is minor; anything else is looked into.
_SOON_DONE: Final = frozenset({Category.SERVICE, Category.PRODUCT})


def judge(
    text: str, draft: Draft, policy: TriagePolicy, *, subject: str | None = None, language: Language | None = None
) -> Judgement:
    """Judges all that the customer has said in one complaint. `language` is that of the referral."""
    whole = grown(f"{subject}\n{text}" if subject else text)
    danger = danger_in(whole.text)
    stolen = stolen_in(whole.text)
    category = category_of(whole, _TERMS, stolen)
    scope, referral = _scope(whole, policy, language, stolen)
    if scope.value == NOT_OURS and category.value != Category.OTHER:
        category = Opinion(Category.OTHER, scope.reason, scope.evidence)
    doubts = _doubts(whole, scope)
    risk = _risk(whole, draft, policy, category, danger)
    return Judgement(
        kind=kind_of(text, subject=subject, has_facts=bool(draft.facts.known())),
        category=category,
        scope=scope,
        risk=risk,
        disposition=_disposition(whole, category, scope, risk, doubts, told=draft.facts.what_happened is not None),
        policy_version=policy.version,
        referral=referral,
        doubts=doubts,
        alarms=tuple(_alarms(whole, draft, policy, category, danger)),
    )


def _scope(
    text: Folded, policy: TriagePolicy, language: Language | None, stolen: str | None
) -> tuple[Opinion, str | None]:
    """Ours, unless another firm is named or the wording tells that it is theirs, and the house isn't named.

    That the house is spoken to makes it ours where the wording doesn't say otherwise: who asks us to help against another
    firm speaks to us too. A shop where a card was stolen is only where it was. No referral is told where nobody knows what kind of firm
    it is.
    """
    if not policy.other_firms:
        return Opinion(OURS, "no_other_firm"), None
    named = next((name for name in policy.house_names if name in text.folded), None)
    firm = next(((kind, hit) for kind, hit in _firms(text, policy) if not (stolen and kind == "shop")), None)
    wording = others_matter(text) if says_enough(text) else None
    if firm is None:
        if named is None and wording is not None and wording >= _OTHERS:
            return Opinion(NOT_OURS, "about_another_firm", words_for(text, Category.OTHER)), None
        return Opinion(OURS, "no_other_firm"), None
    kind, hit = firm
    if named is not None:
        start = text.folded.index(named)
        return Opinion(OURS, "house_named", text.words(start, start + len(named))), None
    addressed = _ADDRESSED.first(text)
    if addressed and (wording is None or wording < _OTHERS_THOUGH_ADDRESSED):
        return Opinion(OURS, "house_addressed", addressed.words), None
    if not addressed and wording is not None and wording < _OURS_THOUGH_NAMED:
        return Opinion(OURS, BY_WORDING, hit.words), None
    return Opinion(NOT_OURS, f"about_{kind}", hit.words), policy.referral(kind, language)


def _firms(text: Folded, policy: TriagePolicy) -> Iterable[tuple[str, Hit]]:
    for kind, terms in _FIRMS.items():
        for hit in terms.every(text):
            name = text.folded[hit.start : hit.end]
            if not any(name in own or own in name for own in policy.house_names):
                yield kind, hit


def _amount(draft: Draft, policy: TriagePolicy) -> Decimal | None:
    return None if draft.facts.amount is None else policy.at_home(draft.facts.amount)


def _risk(text: Folded, draft: Draft, policy: TriagePolicy, category: Opinion, danger: str | None) -> Opinion:
    """The gravest of what the amount says and what its nature demands."""
    opinions = [_risk_by_amount(draft, policy), *_floors(text, category)]
    if danger is not None:
        opinions.append(Opinion(Risk.MAJOR, "danger_to_life", danger))
    if many := _many_victims(text, category):
        opinions.append(Opinion(Risk.MAJOR, "many_victims", many.words))
    if press := _press_or_regulator(text, draft, policy):
        opinions.append(Opinion(Risk.MAJOR, "press_or_regulator", press))
    return max(opinions, key=lambda opinion: Risk(opinion.value).severity)


def _risk_by_amount(draft: Draft, policy: TriagePolicy) -> Opinion:
    words = draft.evidence.get("amount") or draft.words.get("amount", "")
    if draft.facts.amount is None:
        amount = _at_least(draft.words.get("amount", ""))
        if amount is None:
            return Opinion(Risk.MINOR, "amount_unknown", words)
    else:
        amount = policy.at_home(draft.facts.amount)
    if amount is None:
        return Opinion(Risk.GENERAL, "rate_unknown", words)
    if amount > policy.major_above:
        return Opinion(Risk.MAJOR, "amount_major", words)
    if amount >= policy.general_from:
        return Opinion(Risk.GENERAL, "amount_general", words)
    return Opinion(Risk.MINOR, "amount_minor", words)


def _at_least(words: str) -> Decimal | None:
    """What a vague sum in ten thousands comes to at the least, of whatever money: 五十几万, 兩萬幾; None of any other."""
    vague = _VAGUE.search(fold(words).folded)
    if vague is None:
        return None
    parts = value_of(_MORE_OR_LESS.sub("", vague["many"]) or "一")
    return None if parts is None else parts * _TEN_THOUSAND + 1  # and something: 五十几万 is above 500 000


def _floors(text: Folded, category: Opinion) -> Iterable[Opinion]:
    if category.value == Category.VIOLATION:
        yield Opinion(Risk.GENERAL, "floor_violation", category.evidence)
    leak = _TERMS["violation"]["data_leak"].first(text) or _TERMS["floor"]["card_secrets"].first(text)
    if leak is None and stolen_in(text.text):
        leak = _TERMS["floor"]["secrets_with_card"].first(text)
    if leak:
        yield Opinion(Risk.GENERAL, "floor_data_leak", leak.words)
    if record := _TERMS["floor"]["credit_record"].first(text):
        yield Opinion(Risk.GENERAL, "floor_credit_record", record.words)


def _many_victims(text: Folded, category: Opinion) -> Hit | None:
    """Words for many who suffered. How many they are says so only of a broken rule: a club and a payroll are many people too."""
    many = _TERMS["alarm"]["many_victims"].first(text)
    if many is None and category.value == Category.VIOLATION:
        return _TERMS["alarm"]["many_people"].first(text)
    return many


def _press_or_regulator(text: Folded, draft: Draft, policy: TriagePolicy) -> str | None:
    amount = _amount(draft, policy)
    if amount is None or amount <= policy.press_or_regulator_above:
        return None
    hit = _TERMS["alarm"]["press_or_regulator"].first(text)
    return None if hit is None else hit.words


def _alarms(
    text: Folded, draft: Draft, policy: TriagePolicy, category: Opinion, danger: str | None
) -> Iterable[Opinion]:
    if danger is not None:
        yield Opinion("danger_to_life", "words_of_danger", danger)
    if many := _many_victims(text, category):
        yield Opinion("many_victims", "words_of_many_victims", many.words)
    if press := _press_or_regulator(text, draft, policy):
        yield Opinion("press_or_regulator", "threat_with_large_amount", press)
    if leak := _TERMS["violation"]["data_leak"].first(text):
        yield Opinion("data_leak", "words_of_data_leak", leak.words)


def _doubts(text: Folded, scope: Opinion) -> tuple[Opinion, ...]:
    """What a person should look at: truth, lawfulness, fraud. A doubt says nothing against the customer."""
    found = [(code, terms.first(text)) for code, terms in _TERMS["doubt"].items()]
    doubts = [Opinion(code, "words", hit.words) for code, hit in found if hit]
    denies, admits = (_TERMS["contradiction"][side].first(text) for side in ("denies", "admits"))
    if denies and admits:
        doubts.append(Opinion("contradiction", "denies_and_admits", f"{denies.words} … {admits.words}"))
    if scope.reason in ("house_named", "house_addressed", BY_WORDING):
        doubts.append(Opinion("names_other_firm", scope.reason, scope.evidence))
    return tuple(doubts)


def _disposition(
    text: Folded, category: Opinion, scope: Opinion, risk: Opinion, doubts: tuple[Opinion, ...], *, told: bool
) -> Opinion:
    if scope.value == NOT_OURS:
        return Opinion(Disposition.OUT_OF_SCOPE, scope.reason, scope.evidence)
    doubtful = [doubt for doubt in doubts if doubt.value != "names_other_firm"]
    if doubtful:
        return Opinion(Disposition.INVESTIGATE, f"doubt_{doubtful[0].value}", doubtful[0].evidence)
    # what was told without a word of its kind is handling, and handling is put right where it happened
    routine = category.value in _SOON_DONE and (category.reason != UNSPECIFIED or told)
    if risk.value == Risk.MINOR and routine:
        if proof := _TERMS["investigate"]["needs_proof"].first(text):
            return Opinion(Disposition.INVESTIGATE, "needs_proof", proof.words)
        return Opinion(Disposition.IMMEDIATE, f"routine_{category.reason}", category.evidence)
    return Opinion(Disposition.INVESTIGATE, f"facts_needed_{category.reason}", category.evidence)
