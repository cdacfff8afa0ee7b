"""Files that no row names go after a day; whatever a row names stays, whoever dies when."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from case_store import duties
from case_store.all_tables import metadata
from case_store.files import MENTIONING, NAMING, Files
from case_store.store import Store
from case_store.tables_arrivals import uploads
from case_store.tables_house import duties as duty_rows
from gateway import clockwork as clockwork_room
from gateway.clockwork import Clockwork
from gateway.config import Settings
from gateway.context import Gateway
from gateway.notifications import Notices
from gateway.policy import load_policy
from gateway.promises import Promises
from gateway.sweeping import MARK, NAME, Sweep
from gateway.tokens import Tokens
from gateway.wakeups import Wakeups
from tests.logged import logged
from tests.naming import NAMED, attach

TWO_DAYS = 48 * 3600


@pytest.fixture
def gateway(store: Store, tmp_path: Path) -> Gateway:
    settings = Settings(data_dir=tmp_path / "var")
    return Gateway(settings, load_policy(None), store, Files(tmp_path / "files"), Tokens(b"k" * 32), Wakeups())


def age(files: Files, *digests: str, seconds: float = TWO_DAYS) -> None:
    then = time.time() - seconds
    for digest in digests:
        os.utime(files.path_of(digest), (then, then))


def tomorrow(store: Store) -> None:
    """The last sweep was a day ago, and whoever did it is gone."""

    def unit(tx: object) -> None:
        held = duties.look(tx, NAME)  # type: ignore[arg-type]
        assert held is not None
        memory = {**held[1], "swept_at": "2026-01-01T00:00:00+00:00"}
        tx.execute(sa.update(duty_rows).where(duty_rows.c.name == NAME).values(memory=memory, until=tx.now))  # type: ignore[attr-defined]

    store.write_now(unit)


KILLED = """
import os, signal, sys
from case_store.files import Files
from case_store.store import Store
from tests.naming import attach

store, files = Store(sys.argv[1]), Files(sys.argv[2])
digest = files.put(b"evidence")

def unit(tx):
    attach(tx, digest)
    print(digest, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)  # written, and not committed

store.write_now(unit)
"""


def put_and_die(gateway: Gateway) -> str:
    """A process that keeps a file, names it in a row, and is killed before that is committed."""
    url, folder = gateway.store.url.render_as_string(hide_password=False), str(gateway.files.folder)
    program = [sys.executable, "-c", KILLED, url, folder]
    ran = subprocess.run(program, capture_output=True, text=True, cwd=Path(__file__).resolve().parents[2])
    assert ran.returncode == -signal.SIGKILL, ran.stderr
    return ran.stdout.strip()


async def test_what_a_kill_between_put_and_commit_left_goes_after_a_day(gateway: Gateway, store: Store) -> None:
    digest = await asyncio.to_thread(put_and_die, gateway)
    assert gateway.files.exists(digest)
    assert await Sweep(gateway).run() == 0  # young: its transaction might be under way
    assert gateway.files.get(digest) == b"evidence"
    age(gateway.files, digest)
    tomorrow(store)
    assert await Sweep(gateway).run() == 1
    assert list(gateway.files.digests()) == []


@pytest.mark.parametrize("by", NAMED)
@pytest.mark.parametrize("beside", [0, 30])
async def test_no_file_that_any_row_names_is_ever_swept(gateway: Gateway, store: Store, by: str, beside: int) -> None:
    named = gateway.files.put(b"evidence")
    store.write_now(NAMED[by], named)
    unnamed = [gateway.files.put(b"%d" % number) for number in range(beside)]
    age(gateway.files, named, *unnamed)
    assert await Sweep(gateway).run() == beside
    assert list(gateway.files.digests()) == [named]


def test_every_column_that_can_hold_a_digest_is_asked_or_known_to_name_no_file() -> None:
    """A new column that names files belongs into NAMING or MENTIONING, or the sweep takes its files."""
    naming = {str(column) for column in (*NAMING, *MENTIONING, uploads.c.digest)}
    no_files = {
        *("calls.erasing", "uploads.network", "uploads.pieces", "files.digest", "audit_checkpoints.key_id"),
        *(f"audit_events.{name}" for name in ("detail", "digest", "hash")),
        *(
            "conversations.audit_hash",
            "reading_days.audit_hash",
            "cases.audit_hash",
            "codes.digest",
            "api_keys.digest",
            "idempotency.request",
        ),
        *("agent_sessions.digest", "agent_sessions.csrf", "duties.memory", "api_keys.scopes", "codes.tries"),
        *("conversations.state", "conversations.edited", "calls.speakers", "calls.heard", "attachments.notes"),
        *(f"messages.{name}" for name in ("asks", "choices", "edits", "utterance")),
        *(f"cases.{name}" for name in ("facts", "words", "evidence", "declined", "judgement", "corrected")),
        *("offers.options", "settlements.option", "settlements.parties", "settlements.facts"),
        *("uploads.notes", "deliveries.payload", "timers.payload", "tasks.detail", "channel_events.detail"),
        *("saved_views.chosen", "case_followers.seen_messages"),
        *("canned_replies.texts", "canned_replies.then"),
        *("agents.languages", "agents.skills"),
        *("agent_sessions.network", "recovery_codes.digest"),
        "bulk_actions.before",
        *("provider_sessions.digest", "spent_words.digest", "webhooks.types"),
        *("recovery_codes.digest", "agent_sessions.network"),
        *("cases.merged_from", "case_merges.before"),
        *("quality_samples.chosen", "quality_samples.left_out", "quality_sheets.measured", "quality_sheets.grades"),
        *("quality_editions.criteria", "quality_editions.grades", "surges.examples", "emergencies.cases"),
        "drafts.beside",  # names uploads by their signed ids: uploads have rows of their own
        *("house_documents.digest", "house_documents.file_digest"),
        "erasures.files",  # what is to go, not what has to stay
        *(f"erasure_orders.{name}" for name in ("contacts", "contact_digest", "subjects", "counts", "cases")),
    }
    able = {
        str(column)
        for table in metadata.tables.values()
        for column in table.c
        if isinstance(column.type, sa.JSON) or (isinstance(column.type, sa.String) and column.type.length == 64)
    }
    assert able - naming - no_files == set()


async def test_one_process_sweeps_once_a_day(gateway: Gateway, store: Store) -> None:
    assert await Sweep(gateway).run() == 0
    digest = gateway.files.put(b"x")
    age(gateway.files, digest)
    assert await Sweep(gateway).run() == 0  # it was done today
    tomorrow(store)
    held = store.write_now(duties.take, NAME, "another node", Sweep(gateway)._duty._lasting)
    assert held is not None
    assert await Sweep(gateway).run() == 0  # another is at it
    tomorrow(store)
    assert await Sweep(gateway).run() == 1


async def test_a_folder_that_belongs_to_another_database_is_never_swept(
    gateway: Gateway, empty_urls: Callable[[str], str]
) -> None:
    """The settings name a new, empty database beside the files of the old one: there every file is nobody's."""
    from case_store import schema

    named = gateway.files.put(b"evidence")
    gateway.store.write_now(attach, named)
    await Sweep(gateway).run()
    age(gateway.files, named)
    url = empty_urls("sqlite")
    schema.upgrade(url)
    other = Store(url)
    wrong = Gateway(gateway.settings, gateway.policy, other, gateway.files, gateway.tokens, gateway.wakeups)
    assert await Sweep(wrong).run() == 0
    assert gateway.files.get(named) == b"evidence"
    (gateway.files.folder / MARK).unlink()  # as the log says, where nobody else names these files
    tomorrow(other)
    assert await Sweep(wrong).run() == 1
    other.close()


async def test_the_clockwork_has_it_done(gateway: Gateway, store: Store) -> None:
    digest = gateway.files.put(b"x")
    age(gateway.files, digest)
    notices = Notices(Promises(gateway.policy, gateway.settings), gateway.settings, gateway.tokens)
    clockwork = Clockwork(gateway, notices, Ed25519PrivateKey.generate())
    with logged(clockwork_room) as told:
        await clockwork.tick()
        await clockwork.stop()
    assert not gateway.files.exists(digest)
    assert [one for one in told if one["event"] == "clockwork_failed"] == []  # nor has anything else failed beside it
