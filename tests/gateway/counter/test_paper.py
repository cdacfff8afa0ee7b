"""What is printed: readable and complete in three languages, fonts embedded, whatever characters customers write."""

from __future__ import annotations

import asyncio
import re
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from importlib.resources import files
from io import BytesIO
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from case_store.case_record import CaseRecord
from case_store.papers import HandedIn, Papers, Party
from case_store.recipients import Recipient
from case_store.records import (
    Category,
    ChannelName,
    Disposition,
    Facts,
    Language,
    Money,
    PartialDate,
    Risk,
    Status,
)
from dialogue.wording import faults
from gateway.paper import breaking
from gateway.paper.letter import letter
from gateway.paper.receipt import MOST_OF_A_FACT, Printing, receipt
from gateway.paper.record import MOST_WORDS, Message, Talk, WholeCase, record
from gateway.paper.sheet import MOST_DIFFERENT, Sheet, _known
from gateway.paper.words import Words, catalogue
from gateway.policy import load_policy
from tests.gateway.counter.desk import PHOTO, form, text_of
from tests.growth import grows_no_faster

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 23, 6, 5, tzinfo=UTC)
REFERENCE = "C20261123-000421-4"


def case(language: Language, **change: Any) -> CaseRecord:
    facts = Facts(
        name="江敏",
        contact="+8613900001111",
        occurred_on=PartialDate("2026-11-15"),
        about="滨江支行",
        what_happened="上周买的理财亏了两万多 I want my money back",
        amount=Money(Decimal("23000"), "CNY"),
    )
    given: dict[str, Any] = {
        "id": "c1",
        "version": 3,
        "reference": REFERENCE,
        "status": Status.FILED,
        "outcome": None,
        "incomplete": False,
        "category": Category.PRODUCT,
        "risk": Risk.GENERAL,
        "disposition": Disposition.INVESTIGATE,
        "channel": "letter",
        "account": "letter",
        "language": language.value,
        "facts": facts,
        "words": {"amount": "两万多"},
        "evidence": {},
        "declined": (),
        "judgement": None,
        "corrected": (),
        "customer": "江敏",
        "received_at": NOW - timedelta(days=3, hours=4),
        "entered_at": NOW,
        "registered_at": NOW,
        "feedback_due": date(2026, 12, 2),
        "feedback_due_at": NOW,
        "due_policy": "p",
        "calendar_gap": False,
        "basis": None,
        "next_steps": None,
        "assignee": None,
        "possible_duplicate_of": None,
        "created_at": NOW,
        "updated_at": NOW,
    }
    return CaseRecord(**{**given, **change})


PAPERS = Papers(
    taken_by="林悦",
    taken_post="客户关系经理",
    handed_in_by="江小敏",
    members=12,
    proxy=Party("江小敏", "女儿", "xiaomin@example.com", None, date(2027, 3, 31)),
    representatives=(Party("江敏"), Party("陳大文")),
    files=(HandedIn("a", "v", "来信第1页.jpg", "image/jpeg", 1_234_567, "0" * 64, "scan", NOW),),
)


def printing(language: Language) -> Printing:
    return Printing(load_policy(None).house(), SHANGHAI, language, NOW, "林悦")


def squeezed(text: str) -> str:
    return "".join(text.split())


def leaves(words: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    for name, value in words.items():
        if isinstance(value, Mapping):
            yield from leaves(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", str(value)


# words ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", Language)
def test_every_language_says_the_same_by_chapter_five(language: Language) -> None:
    import re

    mine, english = dict(leaves(catalogue(language))), dict(leaves(catalogue(Language.EN)))
    assert mine.keys() == english.keys()
    for key, text in mine.items():
        assert faults(text, language) == [], key
        assert set(re.findall(r"\{(\w+)\}", text)) == set(re.findall(r"\{(\w+)\}", english[key])), key
    assert catalogue(language)["channel"].keys() >= {name.value for name in ChannelName}


@pytest.mark.parametrize(
    ("language", "moment", "money", "span"),
    [
        (Language.HANS, "2026年11月23日（星期一）14:05", "23,000.00人民币", "3天 4小时"),
        (Language.HANT, "2026年11月23日（星期一）14:05", "23,000.00 人民幣", "3 日 4 小時"),
        (Language.EN, "Monday 23 November 2026 at 14:05", "23,000.00 Chinese yuan", "3 days 4 hours"),
    ],
)
def test_times_sums_and_spans_in_the_manner_of_the_language(
    language: Language, moment: str, money: str, span: str
) -> None:
    words = Words(language, SHANGHAI)
    assert words.moment(NOW) == moment
    assert words.money(Money(Decimal("23000"), "CNY")) == money
    assert words.span(timedelta(days=3, hours=4, minutes=59)) == span


@pytest.mark.parametrize(
    ("span", "told"),
    [
        (timedelta(days=1, hours=1), "1 day 1 hour"),
        (timedelta(days=2, minutes=40), "2 days"),
        (timedelta(hours=5, minutes=1), "5 hours 1 minute"),
        (timedelta(minutes=59, seconds=59), "59 minutes"),
        (timedelta(0), "0 minutes"),
        (timedelta(hours=-1), "0 minutes"),  # a clock that was put right meanwhile
    ],
)
def test_a_span_is_told_in_its_two_largest_parts(span: timedelta, told: str) -> None:
    assert Words(Language.EN, SHANGHAI).span(span) == told


def test_no_reason_of_a_judgement_is_printed_as_a_code() -> None:
    import re

    from gateway.console.wording import catalogue as console

    folder = files("dialogue")
    sources = [folder.joinpath("triage.py"), folder.joinpath("understanding", "kinds.py")]
    codes = {code for source in sources for code in re.findall(r'Opinion\([^,"]+, "(\w+)"', source.read_text("utf-8"))}
    assert "words_of_complaint" in codes
    assert codes <= console(Language.EN)["reasons"].keys()


def test_what_customers_write_is_no_place_for_words() -> None:
    words = Words(Language.EN, SHANGHAI)
    assert words("receipt.proxy_as", name="{relation}", relation="{name}") == "{relation} ({name})"


# the receipt ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", Language)
def test_a_receipt_says_all_that_a_complainant_takes_home(language: Language) -> None:
    pdf = receipt(case(language, mandate="here"), PAPERS, printing(language))
    shown, words, house = text_of(pdf), Words(language, SHANGHAI), load_policy(None).house()
    expected = [
        house.name[language],
        REFERENCE,
        words.moment(NOW - timedelta(days=3, hours=4)),
        words.moment(NOW),
        words.span(timedelta(days=3, hours=4)),
        "林悦",
        "客户关系经理",
        "江小敏",
        words.day(date(2027, 3, 31)),
        words("receipt.group_of", members=12, names=words("comma").join(["江敏", "陳大文"])),
        "江敏",
        "13900001111",
        "上周买的理财亏了两万多 I want my money back",
        words("said_as", value=words.money(Money(Decimal("23000"), "CNY")), words="两万多"),
        "来信第1页.jpg",
        words("receipt.due", due=words.day(date(2026, 12, 2))),
        house.next_authorities[language],
        words("receipt.privacy", version=house.privacy_notice_version),
        house.privacy_notice[language],
        words("receipt.sign_complainant"),
        words("receipt.sign_clerk"),
        words("page", page=1, pages=len(PdfReader(BytesIO(pdf)).pages)),
    ]
    for text in expected:
        assert squeezed(text) in shown, text
    assert "〓" not in shown
    assert "None" not in shown


@pytest.mark.parametrize("mandate", ["missing", "ended"])
@pytest.mark.parametrize("language", Language)
def test_a_receipt_for_a_proxy_without_a_mandate_holds_no_facts(language: Language, mandate: str) -> None:
    record = case(language, mandate=mandate)
    late = HandedIn("b", "v", "对账单.pdf", "application/pdf", 10, "1" * 64, "scan", NOW + timedelta(days=1))
    mailed = HandedIn("c", "v", "附件.pdf", "application/pdf", 10, "2" * 64, None, NOW)
    papers = Papers(taken_by="林悦", proxy=PAPERS.proxy, files=(*PAPERS.files, late, mailed))
    shown = text_of(receipt(record, papers, printing(language)))
    words = Words(language, SHANGHAI)
    assert squeezed(words("receipt.held_back", reference=REFERENCE)) in shown
    assert squeezed(words("receipt.mandate_missing")) in shown
    for fact in ("13900001111", "滨江支行", "上周买的理财", "23,000", "对账单", "附件"):
        assert fact not in shown
    assert "来信第1页.jpg" in shown  # what they handed in themselves


def test_a_withdrawn_complaint_says_when_the_procedure_ended() -> None:
    from case_store.papers import Withdrawal

    papers = Papers(withdrawals=(Withdrawal(date(2026, 11, 24), "counter"),))
    shown = text_of(receipt(case(Language.EN, status=Status.WITHDRAWN), papers, printing(Language.EN)))
    assert squeezed("withdrawn on Tuesday 24 November 2026") in shown
    assert squeezed("You will have our answer") not in shown


# fonts and characters -------------------------------------------------------------------------------------------


def fonts_of(pdf: bytes) -> dict[str, DictionaryObject]:
    found: dict[str, DictionaryObject] = {}
    for page in PdfReader(BytesIO(pdf)).pages:
        for font in page["/Resources"]["/Font"].values():  # type: ignore[index]
            descendant = font.get_object()["/DescendantFonts"][0].get_object()
            descriptor = descendant["/FontDescriptor"]
            found[str(descendant["/BaseFont"])] = descriptor.get_object()
            assert "/ToUnicode" in font.get_object()
    return found


@pytest.mark.parametrize("language", Language)
def test_fonts_are_embedded_as_truetype_and_only_what_is_used(language: Language) -> None:
    pdf = receipt(case(language), PAPERS, printing(language))
    fonts = fonts_of(pdf)
    assert any("DroidSansFallback" in name for name in fonts)
    assert any("NotoSans" in name for name in fonts)
    for name, descriptor in fonts.items():
        assert "/FontFile2" in descriptor, name
    assert len(pdf) < 120_000


def test_each_font_is_shipped_beside_its_license_and_few_megabytes() -> None:
    folder = files("gateway.paper").joinpath("fonts")
    names = {entry.name for entry in folder.iterdir()}
    fonts = {name.removesuffix(".ttf") for name in names if name.endswith(".ttf")}
    assert fonts == {name.removesuffix(".LICENSE.txt") for name in names if name.endswith(".LICENSE.txt")}
    assert sum(len(folder.joinpath(name).read_bytes()) for name in names) < 6_000_000


@pytest.mark.parametrize(
    ("written", "shown", "codes"),
    [
        ("江㐂", "江㐂", []),
        ("𠮷野", "〓野", ["U+20BB7"]),
        ("太差了🙂😀", None, []),
        ("👨‍👩‍👧", "〓〓〓", ["U+1F468", "U+1F469", "U+1F467"]),
        ("葛\U000e0100飾", "葛飾", []),  # a variation of a character is the character
        ("a\u202egpj.exe", "agpj.exe", []),
        ("a\x00b\x07c", "abc", []),
        ("啲嘅咗佢哋㗎", "啲嘅咗佢哋㗎", []),
        ("滙豐裏綫鷄", "滙豐裏綫鷄", []),
        ("①②→★☐ € £ ¥ ‰ № ℃", "①②→★☐€£¥‰№℃", []),
        ("Nguyễn Đức Łódź Çağrı Ærø", "NguyễnĐứcŁódźÇağrıÆrø", []),
        ("Москва Αθήνα", "МоскваΑθήνα", []),
    ],
)
def test_a_character_that_can_not_be_printed_is_shown_as_missing_and_told(
    written: str, shown: str | None, codes: list[str]
) -> None:
    facts = Facts(name=written, what_happened="x")
    text = text_of(receipt(case(Language.EN, facts=facts, words={}), Papers(), printing(Language.EN)))
    if shown is not None:
        assert f"Name{shown}Contact" in text
    for code in codes:
        assert code in text
    assert ("can'tbeprintedhere" in text) is ("〓" in text)


def test_any_text_at_all_is_printed_without_falling_over() -> None:
    every = "".join(chr(point) for point in range(1, 0x30000, 37) if not 0xD800 <= point <= 0xDFFF)
    facts = Facts(name="n" * 200, what_happened=every + "a" * 5000 + "\n" * 300 + "！" * 500 + " " * 900)
    pdf = receipt(case(Language.HANT, facts=facts), PAPERS, printing(Language.HANT))
    assert 2 < len(PdfReader(BytesIO(pdf)).pages) < 40


def different(count: int) -> str:
    """So many characters that the fonts have, none of them twice."""
    return "".join(islice((chr(point) for point in range(0x3400, 0xD7A4) if point in _known()), count))


WHOLE = 50_000  # characters of the longest complaint
HOSTILE = {
    "nothing twice": different(20_000),
    "short lines": "a\n" * (WHOLE // 2),
    "lines of other kinds": "a\u2028\r" * (WHOLE // 3),
    "scripts that change": "a字" * (WHOLE // 2),
    "directions that change": "a\u0634" * (WHOLE // 2),
    "marks upon marks": "a" + "\u0301" * WHOLE,
    "no place to break": "。" * WHOLE,
}


OWN = 30_000  # plain characters' worth of work of the house's words, at the head and foot of each page too


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_text_made_to_keep_the_printers_busy_costs_little(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work is counted as it is bounded: by what was written on the pages. Without bounds it was up to fifteen times as much."""
    written: list[str] = []
    write = Sheet._write

    def watched(sheet: Sheet, line: str, *more: Any) -> None:
        written.append(line)
        assert len(sheet._different) <= MOST_DIFFERENT
        write(sheet, line, *more)

    monkeypatch.setattr(Sheet, "_write", watched)
    facts = Facts(name="江敏", what_happened=text)
    talks = [Talk("webchat", NOW, [Message("customer", None, NOW, text[:8_000])] * 40, 1, "0" * 64)]
    whole = WholeCase(case(Language.HANT, facts=facts), PAPERS, (), talks, (), 1, "0" * 64)
    pdf = record(whole, printing(Language.HANT))
    _, fact = breaking.fitting(text, MOST_OF_A_FACT)
    assert work_of("".join(written)) <= MOST_WORDS + fact + OWN < work_of(text[:8_000]) * 40 + fact
    assert len(pdf) < 2_000_000
    assert len(PdfReader(BytesIO(pdf)).pages) < 600


def work_of(text: str) -> int:
    return breaking.fitting(text, sys.maxsize)[1]


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_lines_are_broken_in_time_that_grows_as_the_text_does(text: str) -> None:
    wide = {character: 0.0 if character == "\u0301" else 1.0 for character in set(text)}
    grows_no_faster(lambda size: list(breaking.lines(text[:size], 60.0, wide.__getitem__)), len(text))


def test_one_line_of_nothing_but_marks_is_written_in_time_that_grows_as_it_does() -> None:
    marks = HOSTILE["marks upon marks"]

    def printed(size: int) -> bytes:
        facts = Facts(name="江敏", what_happened=marks[:size])
        return receipt(case(Language.HANT, facts=facts), PAPERS, printing(Language.HANT))

    grows_no_faster(printed, WHOLE)


def test_what_comes_after_very_many_different_characters_is_told_and_the_houses_words_are_whole() -> None:
    hostile = different(MOST_DIFFERENT + 3_000)  # some of them are the house's own
    facts = Facts(name="江敏", what_happened=hostile)
    text = text_of(receipt(case(Language.HANS, facts=facts), PAPERS, printing(Language.HANS)))
    words = Words(Language.HANS, SHANGHAI)
    assert "〓" in text
    assert re.search(r"U\+[0-9A-F]{4}.*…", text), "some are told, and that there are more"
    for told in ("receipt.next", "receipt.sign_complainant", "receipt.check"):
        assert squeezed(words(told)) in text
    assert squeezed(printing(Language.HANS).house.privacy_notice[Language.HANS])[:60] in text


def test_a_longest_honest_complaint_is_printed_whole() -> None:
    honest = ("上周三（2026年11月18日）下午3点我在滨江支行用尾号4412的卡买了XY-7理财，年化 4.5%。" * 1000)[:WHOLE]
    shown, _ = breaking.fitting(honest, MOST_OF_A_FACT)
    assert shown == honest


@pytest.mark.parametrize(
    ("text", "room", "fits"),
    [
        ("abcdef", 3, "abc"),
        ("abcdef", 6, "abcdef"),
        ("a\nb", 22, "a\n"),
        ("a\nb", 21, "a"),
        ("a字a", 6, "a字"),
        ("a a 字字", 8, "a a "),
        ("", 0, ""),
    ],
)
def test_how_much_of_a_text_fits_into_so_much_work(text: str, room: int, fits: str) -> None:
    assert breaking.fitting(text, room)[0] == fits


# lines ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("我要投诉这家银行", 4, ["我要投诉", "这家银行"]),
        ("我要投诉，这家银行", 4, ["我要投", "诉，这家", "银行"]),  # no line begins with a comma
        ("我说（我要）投诉", 3, ["我说", "（我", "要）投", "诉"]),  # nor ends with an opening bracket
        ("I want money back", 8, ["I want", "money", "back"]),
        ("收了 fee 三百", 6, ["收了 fee", "三百"]),
        ("aaaaaaaaaaaa b", 5, ["aaaaa", "aaaaa", "aa b"]),
        ("", 5, [""]),
        ("一\n\n二", 5, ["一", "", "二"]),
        ("“保本”的", 3, ["“保", "本”的"]),
    ],
)
def test_where_lines_break(text: str, width: int, lines: list[str]) -> None:
    assert list(breaking.lines(text, width, lambda character: 1)) == lines


def test_no_line_is_wider_than_its_column_and_nothing_is_lost() -> None:
    sheet = Sheet(title="t", language=Language.HANS, head="h", foot=lambda page, pages: "", made_at=NOW)
    text = "上周三下午我在滨江支行买了一款理财产品，年化 4.5%，“和存款一样”。https://example.com/" + "a" * 200
    lines = sheet._lines(text, 10.5, 60)
    assert squeezed("".join(lines)) == squeezed(text)
    for line in lines:
        assert sum(sheet._width(character) for character in line.rstrip()) * 10.5 <= 60.01
    sheet.finished("")


# letters and the record, by the API -----------------------------------------------------------------------------


@pytest.mark.parametrize("language", Language)
def test_a_letter_has_its_address_where_the_window_shows_it(language: Language) -> None:
    to = Recipient("c1", 1, REFERENCE, "江敏", language.value, (), "上海市浦东新区\n世纪大道 100 号 12 楼")
    pdf = letter("第一段。\n第二段。", to, printing(language))
    [page] = PdfReader(BytesIO(pdf)).pages
    placed: dict[str, tuple[float, float]] = {}

    def see(text: str, _: Any, matrix: Any, *__: Any) -> None:
        if text.strip():
            placed.setdefault(text.strip(), (matrix[4], matrix[5]))

    page.extract_text(visitor_text=see)
    address = next(at for text, at in placed.items() if "世纪大道" in text)
    across, down = (value * 25.4 / 72 for value in (address[0], float(page.mediabox.height) - address[1]))
    assert 20 <= across <= 105
    assert 45 <= down <= 90
    shown = text_of(pdf)
    for text in (REFERENCE, "江敏", "第一段。第二段。", Words(language, SHANGHAI)("letter.sign")):
        assert squeezed(text) in shown


async def test_a_receipt_is_printed_in_the_customers_language_and_stands_in_the_trail(counter: Any) -> None:
    made = await counter.enter(locale="zh-Hant")
    status, pdf = await counter.get(f"/cases/{made.reference}/receipt.pdf")
    assert status == 200
    assert "投訴登記回執" in text_of(pdf)
    told = counter.detail(made.id, "receipt_printed")
    assert (told["language"], told["privacy_notice"]) == ("zh-Hant", "2026-1")
    import hashlib

    assert told["sha256"] == hashlib.sha256(pdf).hexdigest()
    _, english = await counter.get(f"/cases/{made.reference}/receipt.pdf?language=en")
    assert "Receiptforyourcomplaint" in text_of(english)
    assert (await counter.get(f"/cases/{made.reference}/receipt.pdf?language=fr"))[0] == 422
    assert (await counter.get("/cases/no-such-case/receipt.pdf"))[0] == 404


async def test_the_written_record_holds_the_whole_case_and_the_head_of_its_trail(counter: Any) -> None:
    made = await counter.enter(
        {"file": ("来信.jpg", PHOTO)}, proxy={"name": "江小敏", "relation": "女儿"}, postal_address="上海市\n世纪大道"
    )
    await counter.send(
        "PATCH", f"/cases/{made.id}", json={"category": "service", "status": "in_progress"}, headers={"If-Match": "*"}
    )
    await counter.post(f"/cases/{made.id}/files", data=form({"note": "补交合同"}, {"file": ("合同.pdf", b"%PDF-1.7")}))
    withdrawal = {"received_on": "2026-11-21", "way": "letter", "note": "已经和解"}
    await counter.post(f"/cases/{made.id}/withdrawal", withdrawal)
    events = counter.events(made.id)
    status, pdf = await counter.get(f"/cases/{made.id}/record.pdf")
    assert status == 200
    shown = text_of(pdf)
    [head] = counter.rows(_head(made.id))
    kept = (await counter.get(f"/cases/{made.id}/papers"))[1]["files"]
    for text in (
        made.reference,
        "投诉处理记录",
        "江敏",
        "上周在滨江支行买的理财亏了两万三千元",
        "江小敏（女儿）",
        "世纪大道",
        "补交合同",
        "2026年11月21日（星期六），书面来信，江敏",
        "已经和解",
        "林悦录入。来信.jpg",
        "已登记为",
        "状态：办理中",
        "由林悦于",  # who has corrected it, and when
        "各项内容的依据",
        *(file["sha256"] for file in kept),
        "default-2026-1",
    ):
        assert squeezed(text) in shown, text
    printed_at = counter.detail(made.id, "record_printed")["audit_number"]
    assert printed_at == len(events)
    assert f"共{printed_at}条" in shown
    assert next(event for event in counter.rows(_event(made.id, printed_at))).hash in shown
    assert head.audit_number == printed_at + 1  # that it was printed is the next event
    _, english = await counter.get(f"/cases/{made.id}/record.pdf?language=en")
    assert "Recordofacomplaint" in text_of(english)


def _head(case_id: str) -> Any:
    import sqlalchemy as sa

    from case_store.tables_cases import cases

    return sa.select(cases.c.audit_number, cases.c.audit_hash).where(cases.c.id == case_id)


def _event(case_id: str, number: int) -> Any:
    import sqlalchemy as sa

    from case_store.tables_house import audit_events

    return sa.select(audit_events.c.hash).where(
        audit_events.c.chain == f"case:{case_id}", audit_events.c.number == number
    )


async def test_what_is_printed_may_be_shown_by_a_browser_and_kept_by_none(sqlite_counter: Any) -> None:
    made = await sqlite_counter.enter()
    url = f"{sqlite_counter.url}/api/v1/cases/{made.id}/receipt.pdf"
    async with sqlite_counter.session.get(url, headers=sqlite_counter.headers) as answer:
        assert answer.headers["Content-Type"] == "application/pdf"
        assert answer.headers["Content-Disposition"].startswith(f'inline; filename="{made.reference}.pdf"')
        assert "sandbox" not in answer.headers["Content-Security-Policy"]  # a browser's reader would not open in one
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"


async def test_a_letter_of_a_task_is_printed_and_told_by_nothing_but_its_record(sqlite_counter: Any) -> None:
    made = await sqlite_counter.enter(postal_address="上海市\n世纪大道 100 号")
    [task] = await sqlite_counter.tasks("letter")
    status, pdf = await sqlite_counter.get(f"/tasks/{task['id']}/letter.pdf")
    assert status == 200
    assert squeezed(task["words"]) in text_of(pdf)
    assert "世纪大道100号" in text_of(pdf)
    assert sqlite_counter.actions(made.id)[-1] == "letter_printed"
    assert "told" not in sqlite_counter.actions(made.id)
    assert (await sqlite_counter.get("/tasks/no-such-task/letter.pdf"))[0] == 404


async def test_one_who_prints_again_and_again_leaves_a_printer_to_the_others(
    sqlite_counter: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed: list[str] = []
    at_once: list[int] = []

    def slow(record: Any, known: Any, printing: Any) -> bytes:
        printed.append(printing.by)
        at_once.append(printed.count(printing.by))
        time.sleep(0.05)
        printed.remove(printing.by)
        return b"%PDF"

    monkeypatch.setattr("gateway.paper.receipt.receipt", slow)
    made = await sqlite_counter.enter()
    url = f"{sqlite_counter.url}/api/v1/cases/{made.id}/receipt.pdf"

    async def asked() -> int:
        async with sqlite_counter.session.get(url, headers=sqlite_counter.headers) as answer:
            return int(answer.status)

    assert await asyncio.gather(*(asked() for _ in range(6))) == [200] * 6
    assert at_once == [1] * 6
