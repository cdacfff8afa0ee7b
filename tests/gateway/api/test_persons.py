"""Legal holds, and a person's data found, handed out and erased: by whom, what is refused, and what leaves."""

from __future__ import annotations

import hashlib
import io
import itertools
import json
import zipfile
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import audit, checkpoints, contacts, conversations, holds, outbox, tasks
from case_store.audit import HOUSE, Entry, case_chain
from case_store.contacts import Contact
from case_store.conversations import NewMessage
from case_store.outbox import NewDelivery
from case_store.records import Facts, Role, Sender
from case_store.store import Transaction
from case_store.tables_cases import cases as case_rows
from case_store.tables_conversations import messages
from case_store.tables_desk import notes
from gateway import persons as handing_out
from gateway.complaint import address_held
from gateway.context import GATEWAY
from gateway.erasing import Erasing
from gateway.readings import READINGS
from gateway.tokens import LinkKind
from tests.case_store.over import details

ADDRESS = "jiangmin@example.com"
REASON = {"reason": "court order 12/2026"}


def case_of(house: Any, name: str = "江敏", **more: Any) -> Any:
    case = house.case(Facts(name=name, contact=ADDRESS, what_happened="理财亏了<b>三万</b>"), **more)
    house.store.write_now(contacts.add_contact, case.id, Contact(ADDRESS, "email", "wrote_from"))
    house.store.write_now(contacts.prove, case.id, ADDRESS, "wrote_from")
    return case


async def test_a_hold_is_placed_with_a_reason_seen_by_all_and_found_in_the_list(house: Any, browser: Any) -> None:
    house.agent("sofia", Role.SUPERVISOR)
    house.agent("megan")
    held, other = case_of(house), case_of(house)
    supervisor, agent = await browser("sofia"), await browser("megan")
    path = f"/api/v1/cases/{held.reference}/hold"
    assert (await agent.send("PUT", path, REASON))[0] == 403
    assert (await supervisor.send("PUT", path, {"reason": " "}))[0] == 422
    status, told, _ = await supervisor.send("PUT", path, REASON)
    assert (status, told["standing"]["reason"], told["standing"]["placed_by"]) == (200, REASON["reason"], "Sofia")
    assert (await supervisor.send("PUT", path, REASON))[1]["code"] == "held"
    assert (await agent.get(path))[1]["standing"]["reason"] == REASON["reason"]
    assert (await agent.get(f"/api/v1/cases/{held.id}"))[1]["held_since"] is not None
    for asked, found in (("yes", [held.id]), ("no", [other.id])):
        listed = (await agent.get("/api/v1/cases", params={"held": asked}))[1]["items"]
        assert [one["id"] for one in listed] == found
    status, told, _ = await supervisor.send("DELETE", path, {"reason": "the case is over"})
    assert (status, told["standing"], len(told["holds"])) == (200, None, 1)
    assert (await supervisor.send("DELETE", path, {"reason": "again"}))[1]["code"] == "not_held"


@pytest.mark.parametrize("path", ["find", "export", "erase"])
async def test_only_administrators_come_near_a_persons_data(house: Any, browser: Any, path: str) -> None:
    house.agent("sofia", Role.SUPERVISOR)
    case_of(house)
    asked = {"contact": ADDRESS, **(REASON if path == "erase" else {})}
    status, told, _ = await (await browser("sofia")).post(f"/api/v1/persons/{path}", asked)
    assert (status, told["code"]) == (403, "not_allowed")


async def test_what_is_held_is_told_with_what_may_not_be_erased(house: Any, browser: Any) -> None:
    case = case_of(house)
    admin = await browser("admin")
    status, told, _ = await admin.post("/api/v1/persons/find", {"contact": ADDRESS.upper()})
    assert (status, told["addresses"], told["names"], told["conversations"]) == (200, [ADDRESS], ["江敏"], 1)
    assert [(one["reference"], one["kept"]) for one in told["cases"]] == [(case.reference, "open")]


WRITTEN = (  # as it is kept, and as people write it
    ("+8613812345678", "+86 138-1234-5678"),
    ("+8613812345678", "tel:+8613812345678"),
    ("+8613812345678", "TEL: +86 (138) 1234 5678"),
    ("+8613812345678", "0086 13812345678"),
    ("+8613812345678", "138 1234 5678"),
    ("+8613812345678", "＋８６１３８１２３４５６７８"),
    ("+85291234567", "+852 9123 4567"),
    ("+886912345678", "0912-345-678"),
    (ADDRESS, " JiangMin@Example.com "),
    (ADDRESS, "mailto:jiangmin@example.com"),
    ("wen@例え.jp", "Wen@例え.jp"),
    ("telegram:4815", "Telegram:4815"),
)


@pytest.mark.parametrize(("kept", "written"), WRITTEN, ids=[written for _, written in WRITTEN])
def test_an_address_is_found_however_it_is_written(kept: str, written: str) -> None:
    assert address_held(written) == kept


NONE = (
    ("hello", "is no e-mail address"),
    ("+86", "is no e-mail address"),
    ("@example.com", "is no e-mail address"),
    ("telegram:wen", "is no e-mail address"),
    ("9123 4567", "may be +85291234567 or +6591234567"),  # of Hong Kong and of Singapore: another's must not be found
)


@pytest.mark.parametrize(("written", "why"), NONE, ids=[written for written, _ in NONE])
@pytest.mark.parametrize("path", ["find", "export", "erase"])
async def test_what_is_no_address_or_may_be_several_is_refused(
    house: Any, browser: Any, path: str, written: str, why: str
) -> None:
    asked = {"contact": written, **(REASON if path == "erase" else {})}
    status, told, _ = await (await browser("admin")).post(f"/api/v1/persons/{path}", asked)
    assert (status, told["errors"][0]["field"]) == (422, "contact")
    assert why in told["errors"][0]["detail"]


async def test_a_number_with_blanks_and_dashes_finds_the_case(house: Any, browser: Any) -> None:
    case = house.case()
    house.store.write_now(contacts.add_contact, case.id, Contact("+8613812345678", "phone", "agent"))
    _, told, _ = await (await browser("admin")).post("/api/v1/persons/find", {"contact": "tel:+86 138-1234-5678"})
    assert (told["addresses"], [one["id"] for one in told["cases"]]) == (["+8613812345678"], [case.id])


async def test_two_people_at_one_address_are_told_apart_first(house: Any, browser: Any) -> None:
    mine, theirs = case_of(house), case_of(house, "吴兰")
    admin = await browser("admin")
    for path in ("find", "export", "erase"):
        asked = {"contact": ADDRESS, **(REASON if path == "erase" else {})}
        status, told, _ = await admin.post(f"/api/v1/persons/{path}", asked)
        assert (status, told["code"]) == (409, "several_people")
        assert told["names"] == {"江敏": [mine.reference], "吴兰": [theirs.reference]}
    status, told, _ = await admin.post("/api/v1/persons/find", {"contact": ADDRESS, "names": ["吴兰"]})
    assert [one["reference"] for one in told["cases"]] == [theirs.reference]


async def _exported(admin: Any, **asked: Any) -> zipfile.ZipFile:
    body = {"contact": ADDRESS, **asked}
    path = f"{admin.url}/api/v1/persons/export"
    async with admin.session.post(path, json=body, headers=admin.headers) as answer:
        assert answer.status == 200, await answer.text()
        return zipfile.ZipFile(io.BytesIO(await answer.read()))


async def test_everything_is_handed_out_with_checksums_and_a_page_in_the_persons_language(
    house: Any, browser: Any
) -> None:
    case = case_of(house)
    other = case_of(house, "吴兰")
    house.store.write_now(
        lambda tx: holds.place(tx, case.id, "criminal inquiry", by="Chan", actor="agent:Chan") and None
    )
    [talk] = case.conversations
    note = {
        "id": "n",
        "conversation_id": talk,
        "after": 1,
        "author": "chen",
        "author_name": "陈静",
        "text": "sounds tipsy",
    }
    house.store.write_now(lambda tx: tx.execute(sa.insert(notes).values(**note, at=tx.now)) and None)
    file = await _exported(await browser("admin"), names=["江敏"])
    manifest = json.loads(file.read("manifest.json"))
    assert set(manifest["sha256"]) == set(file.namelist()) - {"manifest.json"}
    for name, digest in manifest["sha256"].items():
        assert hashlib.sha256(file.read(name)).hexdigest() == digest
    told = json.loads(file.read(f"cases/{case.reference}/case.json"))
    assert told["case"]["facts"]["name"] == "江敏"
    assert [one["action"] for one in told["timeline"]][-1] == "filed"
    said = json.loads(file.read(f"conversations/{talk}/conversation.json"))["messages"]
    assert [one["text"] for one in said] == ["我要投诉"]
    page = file.read("index.html").decode()
    assert 'lang="zh-Hans"' in page
    assert "您的投诉" in page
    assert "<b>三万" not in page  # what a customer writes is never markup
    everything = "".join(file.read(name).decode() for name in file.namelist())
    assert "吴兰" not in everything
    assert "criminal inquiry" not in everything
    assert "tipsy" not in everything  # what colleagues tell each other reaches no customer
    assert other.reference not in everything


async def test_no_strangers_number_no_judgement_and_no_link_that_works_is_handed_out(house: Any, browser: Any) -> None:
    stranger = case_of(house, "吴兰")
    case = case_of(house, possible_duplicate_of=stranger.reference, assignee="megan")
    [talk], tokens = case.conversations, house.app[GATEWAY].tokens
    links = {
        kind: f"https://bank.example/{kind.value}/{tokens.sign_link(kind, talk, ADDRESS, issued_at=datetime.now(UTC))}"
        for kind in LinkKind
    }
    proxy = "lawyer@example.org"

    def unit(tx: Transaction) -> None:
        suggested = Entry("system", "duplicate_suggested", {"references": [stranger.reference]})
        audit.append(tx, case_chain(case.id), suggested, Entry("agent:Megan", "noted", {"note": "a known grumbler"}))
        contacts.add_contact(tx, case.id, Contact(proxy, "email", contacts.MANDATE))
        said = [NewMessage(Sender.SYSTEM, f"Go on here: {link} until Friday") for link in links.values()]
        conversations.add_messages(tx, conversations.locked(tx, talk), said)
        for place, (address, link) in enumerate(itertools.product((ADDRESS, proxy), links.values())):
            payload = {"text": f"See {link} .", "subject": "Your complaint", "tells": {"secret": "inner workings"}}
            new = NewDelivery(f"n:{place}", "email", "email:a", address, Sender.SYSTEM, payload, talk, case_id=case.id)
            outbox.queue(tx, new)
        code = {"text": "Your code is 481516", "subject": "Code"}
        outbox.queue(tx, NewDelivery("code:1", "email", "email:a", ADDRESS, Sender.SYSTEM, code, talk, case_id=case.id))
        task = {
            "occasion": "look:1",
            "kind": "look",
            "words": "seems to lie",
            "case_id": case.id,
            "conversation_id": talk,
        }
        tasks.add(tx, **task)

    house.store.write_now(unit)
    file = await _exported(await browser("admin"), names=["江敏"])
    everything = "".join(file.read(name).decode() for name in file.namelist())
    told = json.loads(file.read(f"cases/{case.reference}/case.json"))
    [sent, *_] = json.loads(file.read(f"conversations/{talk}/conversation.json"))["sent"]
    assert (sent["subject"], sent["address"], sent["text"]) == (
        "Your complaint",
        ADDRESS,
        "See https://bank.example/status/… .",
    )
    for internal in (
        *(stranger.reference, stranger.id, "duplicate", "megan", "Megan", "grumbler", "inner workings"),
        *("481516", "seems to lie", proxy, *(link.rsplit("/", 1)[1] for link in links.values())),
    ):
        assert internal not in everything, internal
    assert {"judgement", "assignee", "team", "risk", "disposition"} & set(told["case"]) == set()
    assert {one["by"] for one in told["timeline"]} == {"bot", "agent"}
    [filed] = [one["detail"] for one in told["timeline"] if one["action"] == "filed"]
    assert filed["reference"] == case.reference


async def test_handing_out_is_on_record_before_anything_leaves(
    house: Any, browser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = case_of(house)
    admin = await browser("admin")

    async def fails(*_: Any) -> None:
        raise OSError("no room on the disk")

    with monkeypatch.context() as broken:
        broken.setattr(handing_out, "write", fails)
        assert (await admin.post("/api/v1/persons/export", {"contact": ADDRESS}))[0] == 500
    action, detail = house.store.read_now(details, HOUSE)[-1]
    assert (action, detail["cases"]) == ("person_exported", [case.reference]), "nothing has left, and it is told"


async def test_who_has_had_a_persons_data_handed_out_stands_at_the_case(house: Any, browser: Any) -> None:
    case = case_of(house)
    admin = await browser("admin")
    await _exported(admin)
    action, detail = house.store.read_now(details, HOUSE)[-1]
    assert (action, detail["cases"]) == ("person_exported", [case.reference])
    assert ADDRESS not in json.dumps(detail)
    await house.app[READINGS].flush()
    _, read, _ = await admin.get(f"/api/v1/cases/{case.id}/readings")
    assert "export" in {one["what"] for one in read["items"]}
    assert (await admin.get(f"/api/v1/cases/{case.id}/record.pdf"))[0] == 200  # which tells who has read it


async def test_what_must_be_kept_is_named_and_nothing_is_erased(house: Any, browser: Any) -> None:
    case = case_of(house)
    house.store.write_now(lambda tx: holds.place(tx, case.id, "court", by="Chan", actor="agent:Chan") and None)
    asked = {"contact": ADDRESS, "even_within_retention": True, **REASON}
    admin = await browser("admin")
    status, told, _ = await admin.post("/api/v1/persons/erase", asked)
    assert (status, told["code"]) == (409, "must_be_kept")
    assert told["cases"] == [{"case": case.reference, "why": "held", "until": None}]
    assert (await admin.get("/api/v1/persons/erasures"))[1]["items"] == []
    assert await Erasing(house.app[GATEWAY]).run() == 0
    status, kept, _ = await admin.get(f"/api/v1/cases/{case.reference}")
    assert (status, kept["facts"]["name"], kept["erased_at"]) == (200, "江敏", None)
    assert kept["contacts"] != []
    texts = house.store.read_now(lambda tx: tx.execute(sa.select(messages.c.text)).scalars().all())
    assert list(texts) == ["我要投诉"]


async def test_an_order_is_carried_out_by_the_loop_and_leaves_a_case_that_nobody_can_change(
    house: Any, browser: Any
) -> None:
    case = case_of(house)
    house.store.write_now(lambda tx: tx.execute(sa.update(case_rows).values(status="closed")) and None)
    admin = await browser("admin")
    asked = {"contact": ADDRESS, "even_within_retention": True, **REASON}
    status, order, _ = await admin.post("/api/v1/persons/erase", asked)
    assert (status, order["left"], order["done_at"]) == (202, 2, None)
    gateway = house.app[GATEWAY]
    gateway.settings.data_dir.mkdir(parents=True, exist_ok=True)
    assert await Erasing(gateway).run() == 1
    assert (await admin.get("/api/v1/persons/erasures"))[1]["items"][0]["done_at"] is not None
    status, left, answer = await admin.get(f"/api/v1/cases/{case.reference}")
    assert (status, left["facts"]["name"], left["contacts"]) == (200, None, [])
    assert left["erased_at"] is not None
    version = {"If-Match": answer.headers["ETag"]}
    status, told, _ = await admin.send("PATCH", f"/api/v1/cases/{case.id}", {"status": "in_progress"}, headers=version)
    assert (status, told["code"]) == (409, "erased")
    assert (await admin.send("PUT", f"/api/v1/cases/{case.id}/hold", REASON))[1]["code"] == "erased"
    assert (await admin.get(f"/api/v1/cases/{case.id}/timeline"))[1]["items"][-1]["action"] == "erased"
    m = messages.c
    assert set(house.store.read_now(lambda tx: tx.execute(sa.select(m.text)).scalars().all())) == {""}
    assert checkpoints.verify(house.store).problems == []
    assert (await admin.get(f"/api/v1/cases/{case.id}/record.pdf"))[0] == 200  # also with nothing in it
