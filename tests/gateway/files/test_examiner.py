"""Every attachment is looked at, scanned and pictured, whichever way it came; what is infected reaches nobody by accident."""

from __future__ import annotations

import asyncio
import io
import json
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import attachments, backup
from case_store.attachments import Scan
from case_store.files import Files, files_among, named_digests
from case_store.records import Language, Role
from case_store.store import Store
from case_store.tables_arrivals import arrivals
from case_store.tables_conversations import attachments as rows
from case_store.tables_house import audit_events
from case_store.tables_outbox import tasks
from channels.email.identity import external_id
from channels.message import Arrival
from dialogue.wording import faults
from gateway.clamd import Clamd, NotScannable, ScannerAway
from gateway.endpoints import HostPort
from gateway.examiner import Examiner
from tests.clamd import EICAR, LARGEST, SIGNATURE, Scanner
from tests.pictures import bomb, picture, with_exif

on_each_database = pytest.mark.parametrize("database", ["sqlite", "postgresql"])


async def sent(desk: Any, content: bytes, name: str = "statement.pdf") -> Any:
    """A chat customer who has sent a file."""
    customer = await desk.chat()
    assert (await customer.say("here", await customer.upload(content, name)))["type"] == "accepted"
    return customer


async def mailed(desk: Any, *files: tuple[str, bytes]) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "Ann <ann@example.org>", "complaints@bank.example", "Card fee"
    mail["Message-ID"] = "<1@example.org>"
    mail.set_content("You charged me a fee of 300 yuan and I want it back")
    for name, content in files:
        mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    raw = mail.as_bytes()
    arrival = Arrival("email", "email:complaints@bank.example", external_id(raw), mail_time(desk), raw, {})
    await desk.intake.accept(arrival)
    while await desk.intake.read_due():
        pass


def mail_time(desk: Any) -> Any:
    return desk.store.read_now(lambda tx: tx.now)


def opened(desk: Any) -> list[Any]:
    return list(desk.rows(sa.select(tasks).order_by(tasks.c.id)))


# --- without a scanner


@on_each_database
async def test_an_image_gets_a_preview_whichever_way_it_came(desk: Any, png: bytes) -> None:
    await sent(desk, png, "photo.png")
    await mailed(desk, ("photo.png", png), ("notes.txt", b"words"))
    await desk.examine()
    chat, mail, notes = desk.attached()
    for row in (chat, mail):
        assert (row.sniffed_type, row.scan, row.examine_at) == ("image/png", None, None)
        assert desk.gateway.files.get(row.preview)[8:12] == b"WEBP"
    assert (notes.sniffed_type, notes.preview, notes.excerpt) == ("text/plain", None, "words")
    assert mail.part is not None


async def test_whoever_saves_a_file_or_sees_its_picture_has_left_a_reading_before_they_have_it(
    desk: Any, png: bytes
) -> None:
    await sent(desk, png, "photo.png")
    await desk.examine()
    [row] = desk.attached()
    agent = await desk.agent()
    path = f"/api/v1/conversations/{row.conversation_id}/attachments/{row.id}"
    told = sa.select(audit_events.c.detail).where(audit_events.c.action == "read").order_by(audit_events.c.number)
    for what, of, address in (("file", "photo.png", path), ("preview", None, f"{path}/preview")):
        assert (await agent.get(address))[0] == 200
        detail = desk.rows(told)[-1].detail
        assert (detail["what"], detail["of"]) == (what, of)
        assert detail["subjects"] == [f"conversation:{row.conversation_id}"]
    await agent.get(path)
    assert len(desk.rows(told)) == 2  # within half an hour it is one reading
    await agent.session.close()


async def test_what_a_mail_says_of_its_parts_is_not_believed(desk: Any, png: bytes) -> None:
    await mailed(
        desk, ("statement.pdf", png), ("photo.jpg.exe", with_exif()), ("page.html", b"<html><script>1</script>")
    )
    await desk.examine()
    assert [(row.sniffed_type, row.notes) for row in desk.attached()] == [
        ("image/png", ["mismatch"]),
        ("image/jpeg", ["mismatch", "double_extension"]),
        ("text/html", ["markup"]),  # it came with a mail: kept, told, and only ever saved
    ]


async def test_a_mail_with_many_attachments_is_taken_apart_once(desk: Any, monkeypatch: Any) -> None:
    await mailed(desk, *((f"{number}.txt", str(number).encode()) for number in range(6)))
    read, asked = desk.examiner._readers.read, []

    async def counted(*args: Any) -> Any:
        asked.append(args)
        return await read(*args)

    monkeypatch.setattr(desk.examiner._readers, "read", counted)
    await desk.examine()
    assert len(asked) == 1
    assert {row.sniffed_type for row in desk.attached()} == {"text/plain"}


async def test_a_bomb_is_kept_to_the_byte_and_has_no_preview(desk: Any) -> None:
    customer = await sent(desk, bomb(), "photo.png")
    await desk.examine()
    [row] = desk.attached()
    assert (row.sniffed_type, row.preview) == ("image/png", None)
    assert (await customer.get(row.id))[2] == bomb()


async def test_a_file_that_is_gone_is_looked_for_again_and_then_left(desk: Any) -> None:
    await sent(desk, b"words")
    [row] = desk.attached()
    desk.gateway.files.path_of(row.digest).unlink()
    for _ in range(4):
        await desk.examine()
        due = sa.update(rows).where(rows.c.examine_at.is_not(None)).values(examine_at=mail_time(desk))
        desk.store.write_now(lambda tx, due=due: tx.execute(due))
    await desk.examine()
    [row] = desk.attached()
    assert (row.examine_at, row.sniffed_type) == (None, "text/plain")


@on_each_database
async def test_one_process_that_dies_leaves_its_work_to_the_others(desk: Any, png: bytes) -> None:
    await sent(desk, png, "photo.png")
    [claimed] = desk.store.write_now(attachments.claim, 8)
    assert desk.store.write_now(attachments.claim, 8) == []
    overdue = sa.update(rows).values(examine_at=mail_time(desk) - timedelta(seconds=1))
    desk.store.write_now(lambda tx: tx.execute(overdue))
    await desk.examine()
    found = attachments.Examined("text/plain")
    assert desk.store.write_now(attachments.settle, claimed, found) is False
    assert desk.attached()[0].sniffed_type == "image/png"


async def test_a_preview_is_named_so_that_no_sweep_and_no_backup_forgets_it(
    desk: Any, png: bytes, tmp_path: Any
) -> None:
    await sent(desk, png, "photo.png")
    await desk.examine()
    [row] = desk.attached()
    named = desk.store.read_now(named_digests)
    assert {row.digest, row.preview} <= named
    assert set(desk.store.read_now(files_among, named)) >= {row.digest, row.preview}
    backup.backup(desk.store, desk.gateway.files, tmp_path / "backup")
    restored = Store(f"sqlite:///{tmp_path}/restored.db")
    backup.restore(tmp_path / "backup", restored, Files(tmp_path / "restored"))
    assert Files(tmp_path / "restored").get(row.preview) == desk.gateway.files.get(row.preview)
    restored.close()


# --- the scanner itself


async def test_the_scanner_tells_clean_from_infected_by_socket_and_by_port(clamd: Scanner) -> None:
    for place in (clamd.socket, HostPort("127.0.0.1", clamd.port)):
        scanner = Clamd(place)
        assert await scanner.scan(io.BytesIO(b"harmless" * 100_000)) is None
        assert await scanner.scan(io.BytesIO(b"prefix" + EICAR)) == SIGNATURE
        assert await scanner.scan(io.BytesIO(b"")) is None
        assert (await scanner.version()).startswith("ClamAV ")


async def test_what_the_scanner_does_not_take_is_told_apart_from_a_scanner_that_is_away(clamd: Scanner) -> None:
    with pytest.raises(NotScannable, match="size limit"):
        await Clamd(clamd.socket).scan(io.BytesIO(bytes(3 * LARGEST)))
    clamd.stop()
    for place in (clamd.socket, HostPort("127.0.0.1", clamd.port)):
        with pytest.raises(ScannerAway):
            await Clamd(place).scan(io.BytesIO(b"x"))


async def test_a_scanner_that_says_nothing_is_given_up_in_time() -> None:
    hung_up = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        await writer.wait_closed()
        hung_up.set()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    place = HostPort("127.0.0.1", server.sockets[0].getsockname()[1])
    with pytest.raises(ScannerAway, match=r"within 0\.3 s"):
        await Clamd(place, patience=0.3).scan(io.BytesIO(b"x"))
    await asyncio.wait_for(hung_up.wait(), 30)
    server.close()


# --- with a scanner


@on_each_database
async def test_what_is_infected_is_put_before_a_person_and_the_customer_is_asked_for_another_copy(
    open_desk: Any, clamd: Scanner
) -> None:
    desk = await open_desk(clamd=clamd.socket)
    customer = await sent(desk, b"%PDF-1.7\n" + EICAR)
    await desk.examine()
    [row] = desk.attached()
    assert (row.scan, row.signature, row.preview) == ("infected", SIGNATURE, None)
    assert row.scanned_at is not None
    [task] = opened(desk)
    assert (task.words, task.kind, task.conversation_id) == ("file_infected", "look", customer.conversation)
    told = await customer.next("message")
    while told["sender"] != "system":
        told = await customer.next("message")
    assert "statement.pdf" in told["text"]
    assert "virus" not in told["text"].lower()
    assert faults(told["text"], Language.EN) == []
    actions = [event.action for event in desk.rows(sa.select(audit_events.c.action))]
    assert "file_infected" in actions
    assert desk.store.read_now(audit_problems) == []


def audit_problems(tx: Any) -> list[Any]:
    from case_store import checkpoints

    findings = checkpoints.Findings()
    checkpoints.check_chains(tx, findings)
    return list(findings.problems)


async def test_an_infected_file_is_never_served_but_to_an_admin_who_says_so(open_desk: Any, clamd: Scanner) -> None:
    desk = await open_desk(clamd=HostPort("127.0.0.1", clamd.port))
    customer = await sent(desk, picture() + EICAR, "photo.png")
    [row] = desk.attached()
    await desk.examine()
    assert (await customer.get(row.id))[0] == 403
    assert (await customer.get(row.id, "?infected=yes"))[0] == 403
    assert (await customer.get(row.id, "/preview"))[0] == 404
    path = f"/api/v1/conversations/{customer.conversation}/attachments/{row.id}"
    agent, supervisor, admin = [await desk.agent(role) for role in (Role.AGENT, Role.SUPERVISOR, Role.ADMIN)]
    for one in (agent, supervisor):
        status, _, body = await one.get(path)
        assert (status, json.loads(body)["signature"]) == (403, SIGNATURE)
        assert (await one.get(f"{path}?infected=yes"))[0] == 403
        assert (await one.get(f"{path}?unscanned=yes"))[0] == 403
    assert (await admin.get(path))[0] == 403
    assert (await admin.get(f"{path}/preview"))[0] == 404
    status, headers, body = await admin.get(f"{path}?infected=yes")
    assert (status, body) == (200, picture() + EICAR)
    assert headers["Content-Disposition"].startswith("attachment;")
    who = [(event.actor, event.action) for event in desk.rows(sa.select(audit_events.c.actor, audit_events.c.action))]
    assert ("agent:Admin", "saved_infected") in who
    for one in (agent, supervisor, admin):
        await one.session.close()


async def test_a_mail_with_something_infected_in_it_is_kept_back_whole(open_desk: Any, clamd: Scanner) -> None:
    desk = await open_desk(clamd=clamd.socket)
    await mailed(desk, ("notes.txt", b"words"), ("invoice.doc", EICAR))
    await desk.examine()
    clean, infected = desk.attached()
    assert (clean.scan, infected.scan) == ("clean", "infected")
    place = f"/api/v1/conversations/{clean.conversation_id}"
    admin = await desk.agent(Role.ADMIN)
    assert (await admin.get(f"{place}/attachments/{clean.id}"))[2] == b"words"
    assert (await admin.get(f"{place}/attachments/{infected.id}"))[0] == 403
    assert (await admin.get(f"{place}/messages/1/original"))[0] == 403
    [arrival] = {row.arrival_id for row in desk.attached()}
    assert (await admin.get(f"/api/v1/arrivals/{arrival}/original"))[0] == 403
    assert (await admin.get(f"/api/v1/arrivals/{arrival}/original?infected=yes"))[0] == 200
    status, _, raw = await admin.get(f"{place}/messages/1/original?infected=yes")
    assert (status, b"invoice.doc" in raw) == (200, True)
    assert [task.words for task in opened(desk)] == ["file_infected"]
    await admin.session.close()


async def arrived(desk: Any, head: str, *parts: tuple[str, bytes], body: str = "I am away.") -> str:
    """The id of an arrival that becomes an event, or is parked, or a message."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Message-ID"] = "ann@example.org", "complaints@bank.example", "<2@example.org>"
    mail.set_content(body)
    for name, content in parts:
        mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    raw = head.encode() + mail.as_bytes()
    await desk.intake.accept(Arrival("email", "email:complaints@bank.example", external_id(raw), mail_time(desk), raw))
    while await desk.intake.read_due():
        pass
    [id] = [row.id for row in desk.rows(sa.select(arrivals.c.id))]
    return str(id)


@on_each_database
@pytest.mark.parametrize(
    "head",
    [
        "Subject: Automatic reply\r\nAuto-Submitted: auto-replied\r\n",
        "Return-Path: <>\r\nSubject: Undelivered Mail Returned to Sender\r\nAuto-Submitted: auto-replied\r\n",
        "List-Id: <x.lists.example>\r\nPrecedence: bulk\r\n",
    ],
)
async def test_a_virus_in_an_answer_of_a_machine_is_kept_back_like_an_attachment(
    open_desk: Any, clamd: Scanner, head: str
) -> None:
    desk = await open_desk(clamd=clamd.socket)
    path = f"/api/v1/arrivals/{await arrived(desk, head, ('away.doc', EICAR))}/original"
    assert desk.attached() == [], "no attachment of anything: nobody has scanned it yet"
    agent, admin = await desk.agent(), await desk.agent(Role.ADMIN)
    status, _, body = await agent.get(path)
    assert (status, json.loads(body)["signature"]) == (403, SIGNATURE)
    for said in ("?unscanned=yes", "?infected=yes"):
        assert (await agent.get(path + said))[0] == 403
    assert (await admin.get(path))[0] == 403
    assert (await admin.get(f"{path}?infected=yes"))[0] == 200
    who = desk.rows(sa.select(audit_events.c.actor).where(audit_events.c.action == "saved_infected"))
    assert who == [("agent:Admin",)]
    for one in (agent, admin):
        await one.session.close()


async def test_a_virus_in_a_mail_that_could_not_be_read_is_kept_back(open_desk: Any, clamd: Scanner) -> None:
    desk = await open_desk(clamd=clamd.socket)
    await arrived(desk, "", ("x.bin", EICAR))

    def park(tx: Any) -> None:
        tx.execute(sa.update(arrivals).values(state="parked", became=None, reason="nested too deeply"))
        tx.execute(sa.delete(rows))

    desk.store.write_now(park)
    [id] = [row.id for row in desk.rows(sa.select(arrivals.c.id))]
    agent = await desk.agent()
    assert (await agent.get(f"/api/v1/arrivals/{id}/original"))[0] == 403
    await agent.session.close()


async def test_a_virus_that_no_attachment_of_a_message_is_cut_from_is_kept_back(open_desk: Any, clamd: Scanner) -> None:
    desk = await open_desk(clamd=clamd.socket)
    id = await arrived(desk, "", body=f"You charged me 300 yuan. {EICAR.decode()}")
    agent = await desk.agent()
    [message] = [row for row in desk.said() if row.sender == "customer"]
    assert desk.attached() == []
    for path in (f"/api/v1/arrivals/{id}", f"/api/v1/conversations/{message.conversation_id}/messages/1"):
        assert (await agent.get(f"{path}/original"))[0] == 403
    await agent.session.close()


async def test_an_original_waits_for_a_scanner_that_is_away_unless_somebody_says_so(
    open_desk: Any, clamd: Scanner
) -> None:
    desk = await open_desk(clamd=clamd.socket)
    path = f"/api/v1/arrivals/{await arrived(desk, 'Auto-Submitted: auto-replied' + chr(10))}/original"
    agent = await desk.agent()
    clamd.stop()
    status, _, body = await agent.get(path)
    assert (status, json.loads(body)["code"]) == (409, "not_scanned")
    assert (await agent.get(f"{path}?unscanned=yes"))[0] == 200
    clamd.start()
    assert (await agent.get(path))[0] == 200
    await agent.session.close()


async def test_without_a_scanner_originals_are_given_as_before(desk: Any) -> None:
    path = f"/api/v1/arrivals/{await arrived(desk, 'Auto-Submitted: auto-replied' + chr(10), ('a', EICAR))}/original"
    agent = await desk.agent()
    assert (await agent.get(path))[0] == 200
    await agent.session.close()


@on_each_database
async def test_a_scanner_that_is_away_is_asked_again_and_meanwhile_nothing_passes_for_clean(
    open_desk: Any, clamd: Scanner
) -> None:
    desk = await open_desk(clamd=clamd.socket)
    clamd.stop()
    customer = await sent(desk, b"words")
    await desk.examine()
    [row] = desk.attached()
    assert (row.scan, row.scanned_at, row.examine_at is None) == ("unscanned", None, False)
    status, _, body = await customer.get(row.id)
    assert (status, json.loads(body)["code"]) == (409, "not_scanned")
    agent = await desk.agent()
    path = f"/api/v1/conversations/{customer.conversation}/attachments/{row.id}"
    assert (await agent.get(path))[0] == 409
    assert (await agent.get(f"{path}?unscanned=yes"))[2] == b"words"
    _, _, metrics = await desk.send("GET", "/metrics")
    assert b"\nqingting_attachments_unscanned 1.0" in metrics
    clamd.start()
    desk.examiner._away_until = 0.0
    due = sa.update(rows).values(examine_at=mail_time(desk))
    desk.store.write_now(lambda tx: tx.execute(due))
    await desk.examine()
    assert desk.attached()[0].scan == "clean"
    assert (await customer.get(row.id))[2] == b"words"
    _, _, metrics = await desk.send("GET", "/metrics")
    assert b"\nqingting_attachments_unscanned 0.0" in metrics
    await agent.session.close()


async def test_a_file_that_the_scanner_does_not_take_says_so_and_is_not_asked_again(
    open_desk: Any, clamd: Scanner
) -> None:
    desk = await open_desk(clamd=clamd.socket)
    await sent(desk, bytes(LARGEST + 1), "large.dat")
    await desk.examine()
    [row] = desk.attached()
    assert (row.scan, row.examine_at) == ("failed", None)
    assert "size limit" in row.signature


@on_each_database
async def test_what_came_before_there_was_a_scanner_is_scanned_once_there_is(open_desk: Any, clamd: Scanner) -> None:
    before = await open_desk()
    await sent(before, b"words")
    await sent(before, EICAR + b" ", "a.dat")
    await before.examine()
    assert {row.scan for row in before.attached()} == {None}
    after = await open_desk(clamd=clamd.socket)
    await after.examine()
    assert [row.scan for row in after.attached()] == ["clean", "infected"]


async def test_the_loop_of_a_gateway_examines_what_comes(open_desk: Any, clamd: Scanner) -> None:
    desk = await open_desk(clamd=clamd.socket)
    examiner = Examiner(desk.gateway)
    examiner.start()
    await sent(desk, b"words")
    await desk.until(lambda: desk.attached()[0].scan == Scan.CLEAN)
    await examiner.stop()


async def test_the_console_is_told_when_something_was_found_out(open_desk: Any, clamd: Scanner) -> None:
    desk = await open_desk(clamd=clamd.socket)
    customer = await sent(desk, b"words")
    agent = await desk.agent()
    path = f"/api/v1/conversations/{customer.conversation}"
    before = json.loads((await agent.get(path))[2])
    await desk.examine()
    after = json.loads((await agent.get(path))[2])
    assert after["version"] > before["version"]
    assert [file["scan"] for file in after["messages"][1]["attachments"]] == ["clean"]
    await agent.session.close()
