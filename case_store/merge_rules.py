"""Which two cases may be merged: what speaks against it, rule by rule.

What was agreed or is being offered, a proxy's mandate, a group and what is finished belong to one case alone: those are not merged.

Not here: the merge itself, and taking it apart (merging.py).
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from case_store import contacts, identities, links, merged, offers, papers, settlements
from case_store.case_record import CaseRecord
from case_store.cases import OPEN
from case_store.contacts import MANDATE
from case_store.offers import OfferState
from case_store.records import ChannelName, Status
from case_store.store import Transaction
from case_store.tables_cases import case_contacts, case_conversations
from case_store.tables_conversations import conversations as conversation_rows
from case_store.tables_customers import identities as identity_rows


class MergeError(Exception):
    """What can't be merged or taken apart, in a sentence."""

    def __init__(self, code: str, detail: str, into: str | None = None) -> None:
        super().__init__(detail)
        self.code = code
        self.into = into


class CannotMerge(MergeError):
    """A rule speaks against it; `into` names the case to merge into instead, if any."""


def refusal(tx: Transaction, case: CaseRecord, into: CaseRecord) -> CannotMerge | None:
    """The first rule that these two would break; None where they may be merged."""
    return next((wrong for rule in _RULES if (wrong := rule(tx, case, into)) is not None), None)


def _one_and_the_same(tx: Transaction, case: CaseRecord, into: CaseRecord) -> CannotMerge | None:
    return CannotMerge("same_case", "a case can't be merged into itself") if case.id == into.id else None


def _merged_before(tx: Transaction, case: CaseRecord, into: CaseRecord) -> CannotMerge | None:
    if case.merged_into is not None:
        return CannotMerge("merged_already", f"it was merged into {case.merged_into} already: take it apart first")
    if into.merged_into is not None:
        end = merged.current(tx, into.id).reference
        return CannotMerge("into_merged", f"that case is dealt with under {end} now: merge into that one", end)
    return None


def _finished(tx: Transaction, case: CaseRecord, into: CaseRecord) -> CannotMerge | None:
    if into.reference is None or into.status is Status.DRAFT:
        return CannotMerge("into_draft", "a draft has no number to go on under: merge the other way, or file it first")
    if into.status not in OPEN:
        detail = f"{into.reference} is {into.status.value}: what is promised on the other case would be lost with it"
        return CannotMerge("into_finished", detail)
    if case.status is not Status.DRAFT and case.status not in OPEN:
        return CannotMerge("finished", f"the case is {case.status.value}: it keeps the end that its customer was told")
    return None


def _speaks_for_another(tx: Transaction, case: CaseRecord, into: CaseRecord) -> CannotMerge | None:
    if case.mandate is not None or into.mandate is not None or _was_a_proxys(tx, case, into):
        return CannotMerge(
            "proxy", "a proxy speaks for the complainant of one of them: a mandate holds for one complaint"
        )
    people = papers.parties_of(tx, [case.id, into.id])
    if people or any(papers.papers_of(tx, one.id).members for one in (case, into)):
        return CannotMerge("group", "one of them is a group's: its members have complained together, each has a say")
    return None


def _was_a_proxys(tx: Transaction, case: CaseRecord, into: CaseRecord) -> bool:
    """Whether an address of the one belongs to somebody who speaks, or has spoken, for the complainant of the other."""
    return any(
        contacts.is_of_a_proxy(tx, there.id, address)
        for here, there in ((case, into), (into, case))
        for address, *_ in contacts.contacts_of(tx, here.id)
    )


def _negotiated(tx: Transaction, case: CaseRecord, into: CaseRecord) -> CannotMerge | None:
    latest = offers.latest_of(tx, [case.id]).get(case.id)
    if latest is not None and latest.state is OfferState.OPEN:
        return CannotMerge("offer_open", "an offer waits for the customer's answer there: take it back first, or wait")
    if settlements.of_case(tx, case.id):
        return CannotMerge("settled", "something was agreed there: it is kept and performed under its own number")
    return None


def _of_another(tx: Transaction, case: CaseRecord, into: CaseRecord) -> CannotMerge | None:
    if links.withheld(tx, case.id) or links.withheld(tx, into.id):
        return CannotMerge("whose_is_it", "nobody has said whose one of their conversations is: decide that first")
    if not (whose(tx, case.id) & whose(tx, into.id)):
        detail = (
            "nothing proves that they are one customer's: join the customers first, "
            f"by POST /api/v1/cases/{into.reference}/customer/join with a conversation of the other"
        )
        return CannotMerge("other_customer", detail)
    return None


def _too_long_a_way(tx: Transaction, case: CaseRecord, into: CaseRecord) -> CannotMerge | None:
    if merged.steps_below(tx, case.id) + 1 > merged.LONGEST_WAY:
        return CannotMerge("too_many", f"{merged.LONGEST_WAY} merges lead to it one after another already")
    return None


_RULES: Final = (
    _one_and_the_same,
    _merged_before,
    _finished,
    _speaks_for_another,
    _negotiated,
    _of_another,
    _too_long_a_way,
)


def whose(tx: Transaction, case_id: str) -> frozenset[str]:
    """All identities that are proved to be the customer's of this case: contacts, chats, and what was joined with them."""
    k, c, link = case_contacts.c, conversation_rows.c, case_conversations.c
    proved = sa.select(k.address).where(k.case_id == case_id, k.proof.is_not(None), k.proof != MANDATE)
    chats = (
        sa.select(c.id)
        .join(case_conversations, link.conversation_id == c.id)
        .where(link.case_id == case_id, link.withheld_at.is_(None), c.channel == ChannelName.WEBCHAT.value)
    )
    own = {*tx.execute(proved).scalars(), *map(identities.chat_identity, tx.execute(chats).scalars())}
    i, same = identity_rows.alias("known"), identity_rows.alias("same")
    joined = sa.select(same.c.address).join(i, i.c.customer == same.c.customer).where(i.c.address.in_(own))
    return frozenset(own | set(tx.execute(joined).scalars()))
