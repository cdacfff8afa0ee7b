"""Drafts by the API: whose they are, what two pages of one agent do to each other, and when a draft is gone."""

from __future__ import annotations

import ast
import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import cases, drafts, uploads
from case_store import conversations as talks
from case_store.conversations import NewMessage
from case_store.ids import new_id
from case_store.records import Outcome, Role, Sender, Status
from case_store.store import Transaction, Wake
from case_store.tables_arrivals import uploads as upload_rows
from case_store.tables_conversations import conversations
from case_store.tables_drafts import drafts as rows
from case_store.tables_house import audit_events, idempotency
from case_store.uploads import Limits, NewUpload
from gateway.context import GATEWAY

ROOT = Path(__file__).resolve().parents[3]
THIS, THAT = "page-one", "page-two"


def at(id: str, kind: str = "reply") -> str:
    return f"/api/v1/conversations/{id}/drafts/{kind}"


async def write(agent: Any, id: str, text: str, base: str | None = None, *, by: str = THIS, **more: Any) -> Any:
    kind = more.pop("kind", "reply")
    return (await agent.send("PUT", at(id, kind), {"text": text, "base": base, "writer": by, **more}))[:2]


async def saved(agent: Any, id: str, text: str, base: str | None = None, **more: Any) -> Any:
    status, answer = await write(agent, id, text, base, **more)
    assert status == 200, answer
    return answer["draft"]


async def kept(agent: Any, id: str) -> list[tuple[str, str]]:
    items = (await agent.get(f"/api/v1/conversations/{id}/drafts"))[1]["items"]
    return [(one["kind"], one["text"]) for one in items]


async def test_what_was_written_is_there_for_the_next_page_answer_and_note_apart(house: Any, browser: Any) -> None:
    house.agent("megan")
    id = house.conversation("hello")
    megan = await browser("megan")
    await saved(megan, id, "Dear Mr Jiang,\n")
    await saved(megan, id, "he was here twice", kind="note")
    elsewhere = await browser("megan")
    assert await kept(elsewhere, id) == [("note", "he was here twice"), ("reply", "Dear Mr Jiang,\n")]
    marks = (await elsewhere.get("/api/v1/drafts"))[1]["items"]
    assert {(one["conversation"], one["kind"]) for one in marks} == {(id, "note"), (id, "reply")}
    assert all("text" not in one for one in marks)


@pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISOR, Role.ADMIN])
async def test_a_draft_is_its_agents_alone(house: Any, browser: Any, role: Role) -> None:
    house.agent("megan")
    house.agent("other", role)
    id = house.conversation("hello")
    await saved(await browser("megan"), id, "secret words")
    other = await browser("other")
    assert await kept(other, id) == []
    assert (await other.get("/api/v1/drafts"))[1]["items"] == []
    assert "secret" not in str((await other.get(f"/api/v1/conversations/{id}"))[1])
    assert "secret" not in str((await other.get("/api/v1/conversations"))[1])
    await saved(other, id, "words of their own")
    assert await kept(await browser("megan"), id) == [("reply", "secret words")]


async def test_a_machine_has_none(house: Any, browser: Any) -> None:
    id = house.conversation("hello")
    machine = await browser(key=house.key("admin"))
    assert (await write(machine, id, "words"))[0] == 403
    assert (await machine.get("/api/v1/drafts"))[0] == 403


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("none/drafts/reply", {}, 404),
        ("{id}/drafts/poem", {}, 404),
        ("{id}/drafts/reply", {"text": "x" * 8001}, 422),
        ("{id}/drafts/reply", {"writer": "short"}, 422),
        ("{id}/drafts/reply", {"files": [{"id": "a", "name": "b", "size": -1}]}, 422),
        ("{id}/drafts/reply", {"customer": "no such field"}, 422),
    ],
)
async def test_what_is_no_draft_is_refused(house: Any, browser: Any, path: str, body: Any, status: int) -> None:
    id = house.conversation("hello")
    asked = {"text": "words", "writer": THIS, **body}
    answer = await (await browser("admin")).send("PUT", f"/api/v1/conversations/{path.format(id=id)}", asked)
    assert answer[0] == status


async def test_two_pages_never_overwrite_each_other_in_silence(house: Any, browser: Any) -> None:
    id = house.conversation("hello")
    one, two = await browser("admin"), await browser("admin")
    first = await saved(one, id, "begun here")
    there = await saved(two, id, "gone on there", first["version"], by=THAT)
    status, refused = await write(one, id, "gone on here", first["version"])
    assert (status, refused["code"], refused["draft"]["text"]) == (409, "written_elsewhere", "gone on there")
    assert await kept(one, id) == [("reply", "gone on there")]
    # having seen it, the page may take either
    mine = await saved(one, id, "gone on here", there["version"])
    assert (await write(two, id, "and on", there["version"], by=THAT))[1]["draft"]["version"] == mine["version"]


async def test_two_first_drafts_at_one_instant_are_one_and_a_refusal(house: Any, browser: Any) -> None:
    id = house.conversation("hello")
    pages = [await browser("admin") for _ in range(6)]
    answers = await asyncio.gather(*(write(page, id, f"{n}", by=f"page-{n:04}") for n, page in enumerate(pages)))
    assert sorted(status for status, _ in answers) == [200, 409, 409, 409, 409, 409]


async def test_a_page_goes_on_from_what_it_saved_itself_though_the_answer_was_lost(house: Any, browser: Any) -> None:
    id = house.conversation("hello")
    page = await browser("admin")
    await saved(page, id, "one")
    assert (await saved(page, id, "one, two", None))["text"] == "one, two"
    # and another page that says the very same words overwrites nothing
    assert (await saved(page, id, "one, two", None, by=THAT))["text"] == "one, two"


async def test_one_that_ended_and_was_begun_anew_is_another(house: Any, browser: Any) -> None:
    id = house.conversation("hello")
    page = await browser("admin")
    old = await saved(page, id, "the old one")
    await saved(page, id, "", old["version"])
    await saved(page, id, "the new one", by=THAT)
    assert (await write(page, id, "the old one, longer", old["version"]))[0] == 409
    assert await kept(page, id) == [("reply", "the new one")]


async def test_what_was_ended_elsewhere_is_told_to_who_goes_on_with_it(house: Any, browser: Any) -> None:
    id = house.conversation("hello")
    page = await browser("admin")
    old = await saved(page, id, "words")
    await saved(page, id, "", old["version"], by=THAT)
    status, refused = await write(page, id, "more words", old["version"], by="page-three")
    assert (status, refused["draft"]) == (409, None)
    assert (await write(page, id, "", old["version"], by="page-three")) == (200, {"draft": None})


@pytest.mark.parametrize(
    ("stands", "by", "left"),
    [
        ("Dear Mr Jiang", {"draft": "version"}, []),
        ("Dear Mr Jiang, this was sent", {}, []),  # the very words, though it wasn't named
        ("something else", {}, ["something else"]),
        ("something else", {"draft": "another"}, ["something else"]),
    ],
)
async def test_it_is_gone_with_the_answer_it_became_and_a_later_one_stays(
    house: Any, browser: Any, stands: str, by: dict[str, str], left: list[str]
) -> None:
    id = house.conversation("hello")
    page = await browser("admin")
    draft = await saved(page, id, stands)
    await saved(page, id, "a note", kind="note")
    named = {"draft": draft["version"] if by["draft"] == "version" else "0" * 32} if by else {}
    body = {"text": "Dear Mr Jiang, this was sent", **named}
    assert (await page.post(f"/api/v1/conversations/{id}/messages", body))[0] == 201
    assert [text for kind, text in await kept(page, id) if kind == "reply"] == left
    assert ("note", "a note") in await kept(page, id)


async def test_an_answer_that_is_refused_leaves_it(house: Any, browser: Any) -> None:
    id = house.conversation("hello", "and more")
    page = await browser("admin")
    draft = await saved(page, id, "words")
    body = {"text": "words", "after": "1", "draft": draft["version"]}
    assert (await page.post(f"/api/v1/conversations/{id}/messages", body))[0] == 409
    assert await kept(page, id) == [("reply", "words")]


async def test_an_answer_that_can_not_be_committed_leaves_it(
    house: Any, browser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Draft and message are one transaction: whoever dies in it has lost neither, and said nothing twice."""
    id = house.conversation("hello")
    page = await browser("admin")
    await saved(page, id, "words")
    from gateway.hooks import AGENT_REPLIED

    def dies(*_: object) -> None:
        raise RuntimeError("killed")

    monkeypatch.setitem(house.app._state, AGENT_REPLIED, dies)
    assert (await page.post(f"/api/v1/conversations/{id}/messages", {"text": "words"}))[0] == 500
    assert await kept(page, id) == [("reply", "words")]
    assert (await page.get(f"/api/v1/conversations/{id}"))[1]["last_message"] == "1"


@pytest.mark.parametrize("database", ["postgresql"])  # SQLite has one writer
@pytest.mark.parametrize("kind", ["reply", "note"])
async def test_what_is_saved_in_the_instant_that_its_words_are_sent_does_not_come_back(
    house: Any, browser: Any, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """A page that was duplicated, and has not heard of it: both have the words, and only one has sent them."""
    id = house.conversation("hello")
    one, two = await browser("admin"), await browser("admin")
    place = f"/api/v1/conversations/{id}/{'messages' if kind == 'reply' else 'notes'}"
    saving: list[asyncio.Future[Any]] = []
    loop = asyncio.get_running_loop()
    sent = drafts.sent

    def in_between(*of: Any, **named: Any) -> bool:
        """The words stand there, nothing is committed, and the other page saves."""
        if not saving:
            asked = write(two, id, "the words", by=THAT, kind=kind)
            saving.append(asyncio.run_coroutine_threadsafe(asked, loop))  # type: ignore[arg-type]
            wait_for_a_lock(house.store.engine)
        return bool(sent(*of, **named))

    monkeypatch.setattr(drafts, "sent", in_between)
    assert (await one.post(place, {"text": "the words"}))[0] == 201
    assert await asyncio.wrap_future(saving[0]) == (200, {"draft": None})  # type: ignore[arg-type]
    assert await kept(two, id) == []


def wait_for_a_lock(engine: sa.Engine) -> None:
    """Until somebody waits for one in this database, or fails in half a minute."""
    asked = sa.text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    with engine.connect() as looking:
        for _ in range(3_000):
            if looking.execute(asked).scalar_one():
                return
            looking.rollback()
            looking.execute(sa.text("SELECT pg_sleep(0.01)"))
    raise AssertionError("nobody waits for a lock")


async def test_the_words_that_were_sent_are_no_draft_until_the_customer_writes_again(house: Any, browser: Any) -> None:
    id = house.conversation("hello")
    house.agent("ben")
    page, other = await browser("admin"), await browser("ben")
    assert (await page.post(f"/api/v1/conversations/{id}/messages", {"text": "one moment"}))[0] == 201
    assert await saved(page, id, "one moment ", by=THAT) is None
    assert (await saved(page, id, "one moment, please", by=THAT))["text"] == "one moment, please"  # other words
    assert (await saved(other, id, "one moment"))["text"] == "one moment"  # another agent's
    assert (await saved(page, id, "one moment", kind="note"))["text"] == "one moment"  # no answer
    assert await saved(page, id, "", by=THAT) is None
    house.store.write_now(_customer_says, id, "and now?")
    assert (await saved(page, id, "one moment", by=THAT))["text"] == "one moment"


def _customer_says(tx: Transaction, id: str, text: str) -> None:
    talks.add_messages(tx, talks.locked(tx, id), [NewMessage(Sender.CUSTOMER, text)])


async def test_a_note_ends_the_draft_of_a_note(house: Any, browser: Any) -> None:
    id = house.conversation("hello")
    page = await browser("admin")
    draft = await saved(page, id, "half a note", kind="note")
    await saved(page, id, "an answer")
    body = {"text": "the whole note", "draft": draft["version"]}
    assert (await page.post(f"/api/v1/conversations/{id}/notes", body))[0] == 201
    assert await kept(page, id) == [("reply", "an answer")]


async def test_no_chain_and_no_repeated_answer_holds_a_word_of_it(house: Any, browser: Any) -> None:
    id = house.conversation("hello")
    page = await browser("admin")
    draft = await saved(page, id, "unsaid words", cc=["ann@customer.example"])
    await saved(page, id, "", draft["version"])

    def all_of(tx: Transaction) -> str:
        return str([list(tx.execute(sa.select(table))) for table in (audit_events, idempotency)])

    assert "unsaid" not in house.store.read_now(all_of)


async def test_other_pages_of_the_agent_are_told_and_nobody_else(house: Any, browser: Any) -> None:
    house.agent("megan")
    heard: list[Wake] = []
    house.app[GATEWAY].wakeups.on("draft", heard.append)
    id = house.conversation("hello")
    megan = await browser("megan")
    async with megan.session.ws_connect(f"{house.url}/api/v1/live") as hers:
        admin = await browser("admin")
        async with admin.session.ws_connect(f"{house.url}/api/v1/live") as his:
            await saved(megan, id, "words")
            frame = await asyncio.wait_for(hers.receive_json(), 30)
            assert frame == {"type": "changed", "kind": "draft", "id": id, "version": 0}
            other = house.conversation("that he is told of")
            house.app[GATEWAY].hint(Wake("conversation", other, version=1))
            assert (await asyncio.wait_for(his.receive_json(), 30))["id"] == other
    assert len(heard) == 1


# what goes with it -------------------------------------------------------------------------------------------------


async def test_files_that_have_expired_since_are_named_as_gone(house: Any, browser: Any) -> None:
    agent = house.agent("megan")
    id = house.conversation("hello")
    megan = await browser("megan")
    tokens = house.app[GATEWAY].tokens
    here, gone = new_id(), new_id()
    for one in (here, gone):
        new = NewUpload(one, f"agent:{agent.id}", "", "a.pdf", 4, timedelta(days=1))
        house.store.write_now(uploads.create, new, Limits(None, None, None, None))
    files = [{"id": tokens.sign_upload(one), "name": "a.pdf", "size": 4} for one in (here, gone, new_id())]
    await saved(megan, id, "words", files=[*files, {"id": "nonsense", "name": "b", "size": 1}])
    house.store.write_now(
        lambda tx: tx.execute(sa.update(upload_rows).where(upload_rows.c.id == gone).values(expires_at=tx.now))
    )
    [draft] = (await megan.get(f"/api/v1/conversations/{id}/drafts"))[1]["items"]
    assert [file["here"] for file in draft["files"]] == [True, False, False, False]


async def test_what_is_to_be_done_besides_is_kept_before_it_is_whole(house: Any, browser: Any) -> None:
    id = house.conversation("hello")
    then = {"status": "resolved", "basis": "rule 4"}
    draft = await saved(await browser("admin"), id, "words", then=then, cc=["ann@customer.example"])
    assert (draft["then"], draft["cc"]) == (then, ["ann@customer.example"])


# bounds ------------------------------------------------------------------------------------------------------------


async def test_no_agent_keeps_more_than_so_many(house: Any, browser: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts, "MOST", 2)
    page = await browser("admin")
    ids = [house.conversation("hello") for _ in range(3)]
    first = await saved(page, ids[0], "one")
    await saved(page, ids[1], "two")
    status, told = await write(page, ids[2], "three")
    assert (status, told["code"]) == (409, "too_many")
    await saved(page, ids[0], "one, longer", first["version"])


DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("written", "said", "status", "stays"),
    [
        (31 * DAY, 31 * DAY, None, False),
        (31 * DAY, 31 * DAY, Status.RESOLVED, False),
        (31 * DAY, 31 * DAY, Status.IN_PROGRESS, True),  # an open case has not ended
        (31 * DAY, 2 * DAY, Status.RESOLVED, True),
        (2 * DAY, 31 * DAY, Status.RESOLVED, True),
        (2 * DAY, 31 * DAY, None, True),
    ],
)
async def test_it_goes_long_after_its_matter_has_ended(
    house: Any, browser: Any, written: timedelta, said: timedelta, status: Status | None, stays: bool
) -> None:
    case = None if status is None else house.case()
    id = house.conversation("hello") if case is None else case.conversations[0]
    await saved(await browser("admin"), id, "words")

    def long_ago(tx: Transaction) -> int:
        if case is not None:
            values = {"outcome": Outcome.SOLVED, "basis": "b", "next_steps": "n"} if status is Status.RESOLVED else {}
            cases.change(tx, case.id, {"status": status, **values}, actor="agent:Test")
        tx.execute(sa.update(conversations).where(conversations.c.id == id).values(updated_at=tx.now - said))
        tx.execute(sa.update(rows).values(updated_at=tx.now - written))
        return drafts.sweep(tx)

    assert house.store.write_now(long_ago) == (0 if stays else 1)


READERS = {"case_store/drafts.py", "case_store/all_tables.py", "gateway/api/drafts.py"}
ENDERS = {"gateway/api/conversations.py", "gateway/api/notes.py", "gateway/clockwork.py", "case_store/erasing.py"}


def test_nothing_else_reads_what_is_being_written() -> None:
    """Nothing that speaks to customers, exports or reports has a way to a draft."""
    asks: Callable[[ast.AST], bool] = lambda node: (  # noqa: E731
        (isinstance(node, ast.ImportFrom) and node.module in ("case_store.tables_drafts", "case_store.drafts"))
        or (isinstance(node, ast.ImportFrom) and any(name.name in ("drafts", "tables_drafts") for name in node.names))
    )
    found = {
        str(path.relative_to(ROOT))
        for wing in ("case_store", "channels", "dialogue", "gateway")
        for path in (ROOT / wing).rglob("*.py")
        if any(asks(node) for node in ast.walk(ast.parse(path.read_text("utf-8"))))
    }
    assert found - {"gateway/api/app.py"} == READERS | ENDERS
