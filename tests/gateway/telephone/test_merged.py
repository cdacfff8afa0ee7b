"""A call whose case was merged into another that was told by telephone too: heard again, it changes nothing of that."""

from __future__ import annotations

from case_store import cases, contacts, links, merging
from case_store.contacts import Contact
from case_store.store import Transaction
from gateway import merging as room
from tests.gateway.telephone.conftest import COMPLAINT, Telephone

AGAIN = COMPLAINT.replace("300 yuan", "500 yuan").replace("Leeds", "Hull")
MORE = AGAIN + "Customer: It happened on 5 November.\n"


async def test_a_call_that_is_handed_in_again_after_the_merge_changes_no_fact_of_the_case_that_goes_on(
    telephone: Telephone,
) -> None:
    first = await telephone.hand_in(COMPLAINT, call="c-1", customer="+8613800138000")
    second = await telephone.hand_in(AGAIN, call="c-2", customer="+8613800138000")
    keys = [answer.body["reference"] for answer in (first, second)]

    def merge(tx: Transaction) -> None:
        one, other = (cases.get(tx, key) for key in keys)
        for case in (one, other):
            contacts.add_contact(tx, case.id, Contact("+8613800138000", "phone", "agent"))
        one, other = (cases.get(tx, key) for key in keys)
        wanted = merging.Wanted(other.id, one.id, "agent:Wei", "x", other.version, one.version)
        room.merge(tx, telephone.notices, wanted)

    telephone.store.write_now(merge)
    before = await telephone.case(keys[0])
    again = await telephone.hand_in(MORE, call="c-2", customer="+8613800138000")
    assert again.body["reference"] == keys[0], "the same call is of the case that goes on"
    after = await telephone.case(keys[0])
    known = {name: value for name, value in before["facts"].items() if value is not None}
    assert {name: after["facts"][name] for name in known} == known
    assert after["incomplete"] == before["incomplete"]
    reason = telephone.store.read_now(links.reason_of, before["id"], second.body["conversation"])
    assert reason == merging.REASON
