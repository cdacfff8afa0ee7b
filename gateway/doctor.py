"""What `qingting doctor` looks at, and what it advises. Every check answers lines: how it stands, what was found, what to do.

A check never changes anything and never raises: what keeps it from looking is itself a finding. It reads the store beside a
running gateway.

Not here: printing (commands/examining.py), the figures that are watched all the time (`/metrics`).
"""

from __future__ import annotations

import os
import shutil
import smtplib
import ssl
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from case_store import arrivals, audit, checkpoints, overview, people, schema
from case_store.audit import GENESIS, Head
from case_store.files import FilesError
from case_store.records import Language, Role
from case_store.store import Store, StoreError, Transaction
from case_store.tables_cases import cases
from case_store.tables_conversations import conversations
from case_store.tables_house import audit_events, house
from case_store.tables_outbox import deliveries
from gateway import file_checks
from gateway.config import Settings, SettingsError
from gateway.config_loading import load_settings
from gateway.findings import Check, Line, Patient, State, fail, ok, warn
from gateway.kept_secrets import house_secret
from gateway.lock import holder_of
from gateway.mailbox_check import mailbox_answers, mailbox_taken
from gateway.places import folder_of_files, signing_key_path
from gateway.policy import Policy, PolicyError, load_policy
from gateway.rasa_check import rasa_answers
from gateway.rules_check import rules, rules_of
from gateway.sign_in_check import sign_in_answers
from gateway.tokens import Tokens
from gateway.translator_check import translator_answers
from gateway.working_hours import WorkingDays

__all__ = ["Line", "Patient", "State", "examine"]

LITTLE_ROOM: Final = 2 << 30
NO_ROOM: Final = 256 << 20
SKEW: Final = timedelta(seconds=5)  # leases last half a minute
CHAINS: Final = 200  # of each kind, the last changed, where not all are read
RELAY_PATIENCE: Final = 5.0


def examine(*, deep: bool = False) -> Iterator[Line]:
    """All lines, in the order of what rests on what: without settings there is no store to look at."""
    try:
        settings = load_settings()
    except SettingsError as error:
        for problem in error.problems:
            yield fail("settings", problem, "correct it; docs/operating.md has the table of settings")
        return
    yield ok("settings", f"data in {settings.data_dir}, database {settings.database.render_as_string()}")
    try:
        policy = load_policy(settings.policy)
    except PolicyError as error:
        for problem in error.problems:
            yield fail("policy", problem, "correct the file that QINGTING_POLICY names")
        return
    source = settings.policy or "built in"
    yield ok("policy", f"version {policy.version} ({source}), institution {policy.institution.name[settings.locale]}")
    yield from _without_store(settings)
    yield from _with_store(settings, policy, deep)


def _without_store(settings: Settings) -> Iterator[Line]:
    yield from data_directory(settings)
    yield from secret(settings)
    yield from disk_space(settings)
    yield from ways_out(settings)
    yield from mailbox_answers(settings)
    yield from whose_mail(settings)
    yield from rasa_answers(settings)
    yield from translator_answers(settings)
    yield from sign_in_answers(settings)
    yield from addresses(settings)
    yield from file_checks.scanner(settings)


def _with_store(settings: Settings, policy: Policy, deep: bool) -> Iterator[Line]:
    path = settings.database.database
    if settings.database.get_backend_name() == "sqlite" and not (path and Path(path).exists()):
        yield from calendar(policy, datetime.now(settings.timezone).year)
        yield warn("store", "there is none yet", "it is made at the first start: qingting serve")
        return
    store = Store(settings.database, readers=1)
    try:
        try:
            schema.check(store)
        except StoreError as error:
            yield fail(
                "store",
                str(error),
                "see that the database runs and QINGTING_DATABASE_URL names it; then start the gateway",
            )
            return
        yield ok("store", f"{settings.database.get_backend_name()}, schema {schema.HEAD}")
        counts, force = rules_of(settings, store)
        yield from rules(settings, force, counts)
        yield from calendar(counts, datetime.now(settings.timezone).year)
        patient = Patient(settings, counts, store, deep, datetime.now(UTC))
        for check in CHECKS:
            try:
                yield from check(patient)
            except (StoreError, OSError, FilesError) as error:
                yield fail(
                    check.__name__.replace("_", " "), f"can't be looked at: {error}", "see that the database runs"
                )
    finally:
        store.close()


# what needs no store ---------------------------------------------------------------------------------------------


def data_directory(settings: Settings) -> Iterator[Line]:
    folder = settings.data_dir
    if not folder.is_dir():
        yield warn("data directory", f"{folder} is not there yet", "it is made at the first start: qingting serve")
        return
    if not os.access(folder, os.W_OK | os.X_OK):
        yield fail("data directory", f"{folder} can't be written to", f"give it to user {os.geteuid()}")
        return
    if folder.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield warn("data directory", f"{folder} is open to other users of this machine", f"chmod 700 {folder}")
    holder = holder_of(folder)
    if holder is None:
        yield warn("gateway", "none runs on this data directory", "start it: qingting serve")
    else:
        yield ok(
            "gateway",
            f"process {holder.get('pid', '?')} on node {holder.get('node', '?')}, {holder.get('http', 'starting')}",
        )


def secret(settings: Settings) -> Iterator[Line]:
    if settings.secret is not None:
        yield ok("secret", "set by QINGTING_SECRET")
        return
    path = settings.data_dir / "secret"
    for kept in (path, signing_key_path(settings.data_dir)):
        if kept.exists() and kept.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            yield fail(
                "secret",
                f"{kept} can be read by other users of this machine",
                f"chmod 600 {kept}; think of replacing it",
            )
            return
    if not path.exists():
        yield warn("secret", "there is none yet", "it is made at the first start; keep a copy apart from the backups")
    else:
        yield ok("secret", f"{path}, readable by its owner alone; keep a copy apart from the backups")


def disk_space(settings: Settings) -> Iterator[Line]:
    places = {"data": settings.data_dir, "files": folder_of_files(settings)}
    seen = set()
    for name, folder in places.items():
        there = next(each for each in (folder, *folder.absolute().parents) if each.exists())
        if there.stat().st_dev in seen:
            continue
        seen.add(there.stat().st_dev)
        free = shutil.disk_usage(there).free
        found = f"{free / (1 << 30):.1f} GiB free for {name}"
        do = "make room: with a full disk mail and chat are refused, and nothing that was accepted is lost"
        yield (
            fail("disk", found, do)
            if free < NO_ROOM
            else warn("disk", found, do)
            if free < LITTLE_ROOM
            else ok("disk", found)
        )


def ways_out(settings: Settings) -> Iterator[Line]:
    relay = settings.smtp_relay
    if relay is None:
        folder = settings.data_dir / "outgoing"
        there = folder if folder.is_dir() else settings.data_dir
        if there.is_dir() and not os.access(there, os.W_OK | os.X_OK):
            yield fail("mail out", f"{there} can't be written to", f"give it to user {os.geteuid()}")
        else:
            yield warn(
                "mail out", f"each mail becomes a file in {folder}", "set QINGTING_SMTP_RELAY for real customers"
            )
        return
    if relay.security == "none":
        yield warn("mail out", f"goes to {relay.host} unencrypted", "use smtp+starttls:// or smtps://")
    try:
        _greet(relay)
    except ssl.SSLError as error:
        yield fail(
            "mail out",
            f"{relay.host}:{relay.port} has no certificate that counts: {error.reason}",
            "correct the relay's certificate or its host name in QINGTING_SMTP_RELAY",
        )
    except (OSError, smtplib.SMTPException) as error:
        yield fail(
            "mail out",
            f"{relay.host}:{relay.port} does not answer: {type(error).__name__}",
            "see that the relay runs; mail waits meanwhile and is tried for five days",
        )
    else:
        yield ok("mail out", f"{relay.host}:{relay.port} answers ({relay.security})")


def _greet(relay: Any) -> None:
    context = ssl.create_default_context()
    if relay.security == "tls":
        with smtplib.SMTP_SSL(relay.host, relay.port, timeout=RELAY_PATIENCE, context=context) as smtp:
            smtp.ehlo()
        return
    with smtplib.SMTP(relay.host, relay.port, timeout=RELAY_PATIENCE) as smtp:
        smtp.ehlo()
        if relay.security == "starttls":
            smtp.starttls(context=context)
            smtp.ehlo()


def whose_mail(settings: Settings) -> Iterator[Line]:
    from gateway import mail_checks  # its libraries take a while to load

    for check, looked in (("senders", mail_checks.senders), ("signature", mail_checks.signature)):
        yield from (Line(check, State(finding.state), finding.found, finding.do) for finding in looked(settings))


def addresses(settings: Settings) -> Iterator[Line]:
    public = settings.public_url or ""
    if not public.startswith("https://") and settings.http.host not in ("127.0.0.1", "::1", "localhost"):
        yield warn(
            "web",
            f"{settings.http} is open to a network without TLS",
            "put a reverse proxy with TLS before it and set QINGTING_PUBLIC_URL to its https:// address",
        )
    elif not public:
        yield warn(
            "web",
            "QINGTING_PUBLIC_URL is not set: links in mails point to this machine",
            "set it to the address that customers use",
        )
    else:
        yield ok("web", public)
    if settings.complaints_address.endswith("@localhost"):
        yield warn(
            "mailbox", f"{settings.complaints_address} can't be reached from outside", "set QINGTING_COMPLAINTS_ADDRESS"
        )
    else:
        yield ok("mailbox", settings.complaints_address)


def calendar(policy: Policy, year: int) -> Iterator[Line]:
    days = WorkingDays(policy.calendar)
    gaps = [str(each) for each in (year, year + 1) if not days.is_complete(each)]
    if gaps:
        yield warn(
            "calendar",
            f"the swapped working days of {', '.join(gaps)} are not known: dates that fall there may move",
            "when they are published, add them under [calendar.overrides] in the policy, or update the software",
        )
    else:
        yield ok("calendar", f"{policy.calendar.country}, {year} and {year + 1} complete")


# what reads the store --------------------------------------------------------------------------------------------


def same_secret(patient: Patient) -> Iterator[Line]:
    known = patient.store.read_now(
        lambda tx: tx.execute(sa.select(house.c.value).where(house.c.key == "secret")).scalar_one_or_none()
    )
    settings = patient.settings
    if known is None or (settings.secret is None and not (settings.data_dir / "secret").exists()):
        return
    if Tokens(house_secret(settings)).fingerprint() != known:
        yield fail(
            "secret",
            "is not the one that this database was begun with: the gateway will not start",
            "put back the file `secret`, or set QINGTING_SECRET to what it was",
        )


def invented(patient: Patient) -> Iterator[Line]:
    marked = sa.select(house.c.value).where(house.c.key == "demo")
    if patient.store.read_now(lambda tx: tx.execute(marked).first()) is not None:
        yield warn(
            "demo", "this store holds the demo's invented cases", "take another data directory for real customers"
        )


def clock(patient: Patient) -> Iterator[Line]:
    skew = abs(patient.store.read_now(lambda tx: tx.now) - datetime.now(UTC))
    if skew > SKEW:
        yield fail(
            "clock", f"database and this machine differ by {skew.total_seconds():.0f} s", "let both keep time by NTP"
        )
    else:
        yield ok("clock", "database and this machine agree")


def admins(patient: Patient) -> Iterator[Line]:
    active = [agent for agent in patient.store.read_now(people.all_agents) if agent.active]
    if not any(agent.role is Role.ADMIN for agent in active):
        yield fail("agents", "no active admin", "qingting agent add NAME --role admin, or qingting agent open NAME")
    else:
        yield ok("agents", f"{len(active)} active")


def by_turn(patient: Patient) -> Iterator[Line]:
    """Whether anybody could be given what the policy wants given."""
    assignment = patient.policy.assignment
    if not assignment.on:
        return
    active = [agent for agent in patient.store.read_now(people.all_agents) if agent.answers]
    skills = {skill for agent in active for skill in agent.skills}
    lacking = [skill for skill in assignment.skills() if skill not in skills]
    unspoken = [tag for tag in Language if all(agent.languages and tag not in agent.languages for agent in active)]
    if lacking or unspoken:
        yield warn(
            "by turn",
            f"nobody has or speaks: {', '.join([*lacking, *unspoken])}; what needs it stays in the queue",
            "qingting agent work NAME --skills …, --languages …; or correct [assignment] in the policy",
        )
    else:
        yield ok(
            "by turn", f"{len(active)} may be given conversations, {assignment.most} at once where nothing else is said"
        )


def waiting_arrivals(patient: Patient) -> Iterator[Line]:
    counted, oldest = patient.store.read_now(lambda tx: (arrivals.counts(tx), arrivals.oldest_waiting(tx)))
    waited = patient.now - oldest if oldest else timedelta(0)
    found = f"{counted['waiting'] + counted['fetching']} wait to be read, {counted['read']} were"
    if waited > timedelta(minutes=1):
        late = fail if waited > timedelta(minutes=10) else warn
        yield late(
            "arrivals",
            f"{found}; the oldest for {_span(waited)}",
            "see that a gateway runs, and its log for `reading_`",
        )
    else:
        yield ok("arrivals", found)
    if counted["parked"]:
        yield warn(
            "parked",
            f"{counted['parked']} could not be read",
            "qingting parked list; look at each, then qingting parked replay",
        )


def unsent(patient: Patient) -> Iterator[Line]:
    def read(tx: Transaction) -> tuple[int, datetime | None, int]:
        d = deliveries.c
        due = sa.select(sa.func.count().label("many"), sa.func.min(d.created_at).label("oldest")).where(
            d.due_at <= tx.now
        )
        counted = tx.execute(due).one()
        bad = sa.select(sa.func.count()).where(
            d.state.in_(("failed", "unsure")), d.created_at > tx.now - timedelta(days=7)
        )
        return counted.many, counted.oldest, tx.execute(bad).scalar_one()

    waiting, oldest, failed = patient.store.read_now(read)
    waited = patient.now - oldest if oldest else timedelta(0)
    if waited > timedelta(minutes=10):
        late = fail if waited > timedelta(hours=4) else warn
        yield late(
            "deliveries",
            f"{waiting} wait to leave, the oldest for {_span(waited)}",
            "see `mail out` above, and the gateway's log",
        )
    else:
        yield ok("deliveries", f"{waiting} wait to leave")
    if failed:
        yield warn(
            "deliveries",
            f"{failed} of the last week could not be delivered",
            "each shows on its case with the peer's words; an agent has a task",
        )


def people_waiting(patient: Patient) -> Iterator[Line]:
    figures = patient.store.read_now(overview.figures)
    overdue, waiting = int(figures["cases_overdue"]), int(figures["conversations_waiting"])
    if overdue:
        yield warn("cases", f"{overdue} are overdue", "the console lists them by date; the supervisor is told daily")
    else:
        yield ok("cases", f"none overdue, {int(figures['deadlines_at_risk'])} due within two days")
    if waiting:
        span = _span(timedelta(seconds=figures["longest_wait_seconds"]))
        yield warn(
            "queue", f"{waiting} customers wait for a person, the longest for {span}", "take them over in the console"
        )
    else:
        yield ok("queue", "nobody waits for a person")


def chains(patient: Patient) -> Iterator[Line]:
    if patient.deep:
        path = signing_key_path(patient.settings.data_dir)
        keys = [checkpoints.signing_key(path).public_key()] if path.exists() else []
        findings = checkpoints.verify(patient.store, keys)
        broken = [problem.message for problem in findings.problems]
        found = f"{findings.events} events in {findings.chains} chains, {findings.checkpoints} checkpoints"
    else:
        broken, count = patient.store.read_now(_recent_chains)
        found = f"{count} chains that changed last; all of them with --deep"
    if broken:
        yield fail(
            "audit",
            f"{len(broken)} chains are not as they were written: {broken[0]}",
            "do not write over it: take a backup, find out who had access; qingting audit verify names them all",
        )
    else:
        yield ok("audit", found)


def _recent_chains(tx: Transaction) -> tuple[list[str], int]:
    """The house's chain and those that changed last, each read to its head."""
    heads: dict[str, Head] = {}
    for table, kind in ((cases, "case"), (conversations, "conversation")):
        c = table.c
        rows = tx.execute(sa.select(c.id, c.audit_number, c.audit_hash).order_by(c.updated_at.desc()).limit(CHAINS))
        heads |= {f"{kind}:{row.id}": Head(row.audit_number, row.audit_hash or GENESIS) for row in rows}
    told = tx.execute(sa.select(house.c.value).where(house.c.key == "audit_head")).scalar_one_or_none()
    if told is not None:
        number, _, hash = told.partition(" ")
        heads[audit.HOUSE] = Head(int(number), hash)
    return [chain for chain, head in heads.items() if _end_of(tx, chain) != head], len(heads)


def _end_of(tx: Transaction, chain: str) -> Head | None:
    """The head that the chain's events lead to; None if one does not follow."""
    at = Head(0, GENESIS)
    rows = tx.execute(sa.select(audit_events).where(audit_events.c.chain == chain).order_by(audit_events.c.number))
    for row in rows:
        follows = audit.hash_of(at.hash, chain, at.number + 1, row.at, row.actor, row.action, row.digest)
        told = row.detail is None or (row.salt is not None and audit.digest_of(row.salt, row.detail) == row.digest)
        if row.number != at.number + 1 or row.hash != follows or not told:
            return None
        at = Head(row.number, row.hash)
    return at


def telegram(patient: Patient) -> Iterator[Line]:
    if patient.settings.telegram_token is not None:
        from gateway.telegram import findings

        found = findings(patient.store, patient.settings, patient.now)
        yield from (Line("telegram", State(state), what, do) for state, what, do in found)


def _span(span: timedelta) -> str:
    minutes = int(span.total_seconds()) // 60
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} days"


def kept_files(patient: Patient) -> Iterator[Line]:
    yield from file_checks.kept_files(patient.settings, patient.store, deep=patient.deep)


def attachments_examined(patient: Patient) -> Iterator[Line]:
    yield from file_checks.attachments_examined(patient.settings, patient.store)


CHECKS: Final[tuple[Check, ...]] = (
    invented,
    same_secret,
    clock,
    admins,
    by_turn,
    mailbox_taken,
    waiting_arrivals,
    unsent,
    people_waiting,
    telegram,
    chains,
    kept_files,
    attachments_examined,
)
