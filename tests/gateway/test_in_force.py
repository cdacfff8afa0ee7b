"""Rules that change while the gateway runs: which count, under which name, in every process, and each unit of work under one."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from case_store import cases, documents
from case_store.documents import CALENDAR, POLICY, Author, Origin, Subject, Written, template
from case_store.files import Files
from case_store.records import Language
from case_store.store import Store, Transaction
from gateway import filing, texts
from gateway.config import Settings
from gateway.context import Gateway
from gateway.house_calendar import HouseCalendar, OwnDay
from gateway.in_force import LONGEST_NAME, InForce, named
from gateway.notifications import Notices
from gateway.own_texts import Document, Wording, built_in
from gateway.policy import DayKind, load_policy
from gateway.policy_text import self_contained, set_entry
from gateway.promises import Promises
from gateway.service import email_channel, follow_rules, phone_channel
from gateway.texts import Occasion
from gateway.tokens import Tokens
from gateway.wakeups import Wakeups
from tests.browser.console_house import House as Running

LI = Author("1", "Li Na", "agent:Li Na")
OWN_FILE = 'version = "bank-1"\n\n[waiting]\nlimit_minutes = 7\n'


class House:
    """Processes on one database, each with its own file."""

    def __init__(self, folder: Path, store_url: str) -> None:
        self.folder, self.url = folder, store_url
        self.opened: list[Gateway] = []

    async def process(self, file: str | None = None) -> Gateway:
        path = None
        if file is not None:
            path = self.folder / f"policy-{len(self.opened)}.toml"
            path.write_text(file)
        settings, store, wakeups = Settings(data_dir=self.folder, policy=path), Store(self.url), Wakeups()
        store.on_wake = wakeups.publish
        files = Files(self.folder / "files")
        gateway = Gateway(settings, load_policy(path), store, files, Tokens(b"k" * 32), wakeups)
        store.around = gateway.rules.held
        gateway.in_force = InForce(gateway)
        await gateway.in_force.begin()
        self.opened.append(gateway)
        return gateway

    def write(self, subject: Subject, content: str, **more: Any) -> documents.Version:
        store = self.opened[0].store
        based_on = max((one.number for one in store.read_now(documents.versions, subject)), default=0)
        suffix = {POLICY: "v", CALENDAR: "c"}.get(subject, "t")
        written = Written(content, "why", based_on, **more)
        label = f"{subject.name if suffix == 't' else 'bank'}+{suffix}"

        def unit(tx: Transaction) -> documents.Version:
            return documents.add(tx, subject, written, lambda n: f"{label}{n}", LI, approved=True)

        return store.write_now(unit)


@pytest.fixture
async def house(tmp_path: Path, store_url: str) -> AsyncIterator[House]:
    made = House(tmp_path, store_url)
    yield made
    for gateway in made.opened:
        gateway.store.close()


def tell(loop: asyncio.AbstractEventLoop, event: asyncio.Event) -> None:
    loop.call_soon_threadsafe(event.set)


def hotline(text: str, number: str) -> str:
    return set_entry(text, "institution.hotline", number)


async def look(gateway: Gateway) -> Gateway:
    assert gateway.in_force is not None
    await gateway.in_force.look()
    return gateway


def days_off(*days: str, years: tuple[int, ...] = ()) -> str:
    off = {date.fromisoformat(day): OwnDay(kind=DayKind.OFF, note="team day") for day in days}
    return HouseCalendar(days=off, complete_years=frozenset(years)).document()


def filed_text(**changed: str) -> str:
    """The wording of a filed case, with sentences of the house's own in each language."""
    own = {
        language: Wording(subject=text.subject, body=text.body + changed.get(language.value, ""))
        for language, text in built_in(Occasion.CASE_FILED).items()
    }
    return Document(texts=own).model_dump_json()


def told(gateway: Gateway) -> str:
    values = {"reference": "C1", "feedback_due": date(2026, 12, 2), "next_authorities": "A"}
    return gateway.store.read_now(lambda tx: texts.render(Occasion.CASE_FILED, Language.EN, **values)).body


async def test_the_file_decides_until_the_console_does_and_again_once_that_is_said(house: House) -> None:
    gateway = await house.process(OWN_FILE)
    assert (gateway.policy.version, gateway.policy.waiting.limit_minutes) == ("bank-1", 7)
    house.write(POLICY, OWN_FILE.replace("7", "9"))
    await look(gateway)
    assert (gateway.policy.version, gateway.policy.waiting.limit_minutes) == ("bank+v1", 9)
    house.write(POLICY, "", origin=Origin.FOLLOW)
    await look(gateway)
    assert (gateway.policy.version, gateway.policy.waiting.limit_minutes) == ("bank-1", 7)


async def test_every_process_takes_it_up_and_a_new_one_begins_with_it(house: House) -> None:
    first, second = await house.process(OWN_FILE), await house.process(OWN_FILE)
    house.write(POLICY, hotline(OWN_FILE, "95599"))
    for gateway in (await look(first), await look(second), await house.process(OWN_FILE)):
        assert gateway.policy.institution.hotline == "95599"
        assert Promises(gateway.rules, gateway.settings).house.hotline == "95599"


async def test_it_is_taken_up_by_itself_and_at_once(house: House) -> None:
    gateway = await house.process()
    assert gateway.in_force is not None
    taken = asyncio.Event()
    here = asyncio.get_running_loop()
    gateway.rules.follow(lambda edition: tell(here, taken))
    gateway.in_force.start()
    text = hotline(self_contained(None), "95599")
    written = Written(text, "", 0)
    await gateway.store.write(lambda tx: documents.add(tx, POLICY, written, lambda n: f"x+v{n}", LI, approved=True))
    async with asyncio.timeout(20):
        await taken.wait()
    await gateway.in_force.stop()
    assert gateway.policy.institution.hotline == "95599"


async def test_a_unit_of_work_sees_one_policy_and_one_wording_whatever_is_put_in_force_meanwhile(house: House) -> None:
    gateway = await house.process(OWN_FILE)
    promises = Promises(gateway.rules, gateway.settings)
    before = told(gateway)
    house.write(POLICY, OWN_FILE.replace("7", "9"))
    house.write(template("case_filed"), filed_text(en="\nOur branches close at 17:00."))

    def unit(tx: Transaction, change: Callable[[], None]) -> list[Any]:
        seen = [promises.policy.waiting.limit_minutes]
        change()  # by the thread that looks every second, in the midst of this unit
        seen += [promises.policy.waiting.limit_minutes, gateway.policy.version, promises.hours is promises.hours]
        values = {"reference": "C1", "feedback_due": date(2026, 12, 2), "next_authorities": "A"}
        return [*seen, texts.render(Occasion.CASE_FILED, Language.EN, **values).body]

    here = asyncio.get_running_loop()

    def change() -> None:
        asyncio.run_coroutine_threadsafe(look(gateway), here).result(20)

    assert await gateway.store.read(unit, change) == [7, 7, "bank-1", True, before]
    assert promises.policy.waiting.limit_minutes == 9
    assert told(gateway).endswith("Our branches close at 17:00.")


async def test_a_date_is_named_after_policy_and_calendar(house: House) -> None:
    gateway = await house.process(OWN_FILE)
    promises = Promises(gateway.rules, gateway.settings)
    monday = date(2026, 12, 7)
    assert promises.days.is_working(monday)
    house.write(CALENDAR, days_off("2026-12-07", years=(2027,)))
    await look(gateway)
    assert not promises.days.is_working(monday)
    assert promises.days.is_complete(2027)
    assert gateway.policy.version == "bank-1+c1"
    house.write(POLICY, OWN_FILE)
    await look(gateway)
    assert gateway.policy.version == "bank+v1+c1"


@pytest.mark.parametrize(
    ("stem", "suffix"), [("bank-1", "+c2"), ("b" * 40, "+c2"), (f"{'b' * 30}+f12345678", "+c2"), ("b" * 39, "+c12345")]
)
def test_a_long_name_is_cut_so_that_it_stays_unlike_any_other(stem: str, suffix: str) -> None:
    made = named(stem, suffix)
    assert len(made) <= LONGEST_NAME
    assert made.endswith(suffix)
    assert made != named(stem[:-1] + "x", suffix)


async def test_a_file_that_has_changed_is_told_and_the_console_wins(house: House) -> None:
    first = await house.process(OWN_FILE)
    assert first.in_force is not None
    house.write(POLICY, OWN_FILE.replace("7", "9"), file_digest=first.in_force.file.digest)
    await look(first)
    assert not first.in_force.file_differs
    changed = await house.process('version = "bank-2"\n')
    assert changed.in_force is not None
    assert changed.policy.waiting.limit_minutes == 9
    assert changed.in_force.file_differs
    assert any("says something else" in line for line in changed.in_force.told())


async def test_a_file_that_changes_under_the_same_name_is_named_apart(house: House) -> None:
    await house.process(OWN_FILE)
    changed = await house.process(OWN_FILE.replace("7", "8"))
    assert changed.policy.version.startswith("bank-1+f")
    assert changed.in_force is not None
    assert any("still calls itself bank-1" in line for line in changed.in_force.told())


async def test_a_version_that_can_not_be_used_is_passed_over_for_the_one_before(house: House) -> None:
    gateway = await house.process(OWN_FILE)
    house.write(POLICY, OWN_FILE.replace("7", "9"))
    house.write(POLICY, "version = 'x'\nnonsense = 1\n")
    house.write(CALENDAR, "{}}")
    house.write(template("case_filed"), '{"texts": {}, "more": 1}')
    for one in (await look(gateway), await house.process(OWN_FILE)):
        assert (one.policy.version, one.policy.waiting.limit_minutes) == ("bank+v1", 9)
        assert one.in_force is not None
        assert len(one.in_force.standing.unusable) == 3
        assert any("nonsense" in line for line in one.in_force.told())


@pytest.mark.parametrize(
    "content",
    [
        '{"texts": {"en": {"subject": "s", "body": "b"}}}',  # two languages are missing
        '{"texts": {"en": {"subject": "s", "body": "{% for x in y %}{% endfor %}"}}}',
        "not json",
        filed_text(en="{{ no_such_place }}"),
        filed_text(en="{% if reference %}"),
        filed_text(en="{{ reference.upper() }}"),
    ],
)
async def test_a_broken_text_never_keeps_a_customer_from_being_told(house: House, content: str) -> None:
    gateway = await house.process()
    expected = told(gateway)
    house.write(template("case_filed"), content)
    await look(gateway)
    assert told(gateway) == expected
    assert gateway.in_force is not None
    assert len(gateway.in_force.standing.unusable) == 1


async def test_a_text_that_fails_when_it_is_filled_is_told_by_the_built_in_words(house: House) -> None:
    gateway = await house.process()
    expected = told(gateway)
    house.write(template("case_filed"), filed_text(en="{{ reference | day }}"))  # fits no check of places
    await look(gateway)
    assert told(gateway) == expected
    assert Occasion.CASE_FILED in gateway.rules.now.texts.broken


async def test_a_text_of_an_occasion_that_is_gone_stops_nothing(house: House) -> None:
    gateway = await house.process()
    house.write(template("no_such_occasion"), filed_text())
    house.write(template("case_filed"), filed_text(en="\nOur own."))
    await look(gateway)
    assert told(gateway).endswith("Our own.")


async def test_days_of_an_overrides_file_stand_in_the_text_that_the_console_begins_with(tmp_path: Path) -> None:
    (tmp_path / "days.toml").write_text('"2027-02-06" = "work"\n"2027-02-08" = "off"\n')
    path = tmp_path / "policy.toml"
    path.write_text('version = "b"\n[calendar]\ncountry = "CN"\noverrides_file = "days.toml"  # beside\n')
    text = self_contained(path)
    (tmp_path / "whole.toml").write_text(text)
    assert load_policy(tmp_path / "whole.toml").calendar.overrides == load_policy(path).calendar.overrides
    assert re.search(r'overrides_file = "" +# beside$', text, re.MULTILINE)


async def test_what_begins_later_is_taken_up_when_its_moment_comes(house: House) -> None:
    gateway = await house.process(OWN_FILE)
    begins = gateway.store.read_now(lambda tx: tx.now) + timedelta(milliseconds=300)
    house.write(POLICY, OWN_FILE.replace("7", "9"), effective_from=begins)
    assert gateway.in_force is not None
    taken = asyncio.Event()
    here = asyncio.get_running_loop()
    gateway.rules.follow(lambda edition: tell(here, taken))
    gateway.in_force.start()
    async with asyncio.timeout(20):
        await taken.wait()
    await gateway.in_force.stop()
    assert gateway.policy.waiting.limit_minutes == 9


def test_a_gateway_that_runs_judges_reckons_and_signs_by_what_was_put_in_force(tmp_path: Path) -> None:
    """The whole service: the assistant's judgement and the date that is promised name the version, mails bear the new name."""
    running = Running(tmp_path / "var")
    try:
        gateway = running.gateway
        assert gateway.in_force is not None
        said = "我要投诉，你们多收了我6000元手续费，我叫江敏，电话13900001111"
        assert judged(running, said) == "default-2026-1"
        text = set_entry(self_contained(None), "clocks.feedback.count", 3)
        text = set_entry(text, "institution.name.en", "Our Bank")
        written = Written(text, "", 0)
        running.write(documents.add, POLICY, written, lambda n: f"default-2026-1+v{n}", LI, approved=True)
        running.do(gateway.in_force.look())
        assert judged(running, said) == "default-2026-1+v1"
        email, phone = email_channel(gateway), phone_channel(gateway)
        email.composer.call_house("Old Bank")
        follow_rules(gateway.rules.latest, email, phone, None)
        assert email.composer.institution("en") == "Our Bank"
    finally:
        running.close()


def judged(running: Running, said: str) -> str:
    """By which version a complaint is judged that a customer makes now; filed, it is promised a day by the same."""
    gateway, seat = running.gateway, running.chat(said)
    id = running.case_of(seat)
    notices = Notices(Promises(gateway.rules, gateway.settings), gateway.settings, gateway.tokens)
    running.write(filing.file_case, notices, id, incomplete=False, actor="bot", notify=False)
    record = running.do(gateway.store.read(cases.get, id))
    assert record.judgement is not None
    assert record.due_policy == record.judgement.policy_version
    return str(record.due_policy)
