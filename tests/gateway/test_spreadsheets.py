"""Files for spreadsheets, read back: what goes in comes out, and nothing is a formula."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from openpyxl.utils.escape import unescape

from gateway.spreadsheets import Sheet, as_csv, as_xlsx

ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "attack", ["=1+1", '=HYPERLINK("http://x")', "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1"]
)
def test_no_text_is_a_formula(attack: str) -> None:
    with as_csv(Sheet("a", ["head", attack], [[attack, 1]]), ZONE) as file:
        head, row = csv.reader(io.StringIO(file.read().decode("utf-8-sig"), newline=""))
    assert (head[1], row[0]) == (f"'{attack}", f"'{attack}")
    with as_xlsx([Sheet("a", ["head", attack], [[attack, 1]])], ZONE) as book:
        cell = openpyxl.load_workbook(book).active["A2"]
    assert cell.data_type in ("s", "inlineStr")
    assert unescape(cell.value) == attack


def test_no_number_of_a_card_or_a_document_leaves_in_a_file() -> None:
    row = ["卡6222021234567894", "11010519491231002X", "C20261123-000001-2", "13812345678"]
    shown = ["卡************7894", "110***********002X", "C20261123-000001-2", "13812345678"]
    with as_csv(Sheet("a", list("abcd"), [row]), ZONE) as file:
        _, read = csv.reader(io.StringIO(file.read().decode("utf-8-sig"), newline=""))
    with as_xlsx([Sheet("a", list("abcd"), [row])], ZONE) as book:
        cells = [cell.value for cell in openpyxl.load_workbook(book).active[2]]
    assert read == cells == shown


def test_csv_is_utf8_with_its_mark_and_crlf_and_reads_back() -> None:
    row = ["C20261123-000001-2", 'says "no", twice\nand so on', -3, 2.5, True, None, date(2026, 11, 23), NOON]
    with as_csv(Sheet("a", ["一", "b"], [row]), ZONE) as file:
        content = file.read()
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.endswith(b"\r\n")
    head, read = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    assert head == ["一", "b"]
    assert read == [row[0], row[1], "-3", "2.5", "true", "", "2026-11-23", "2026-11-23T12:00:00+08:00"]


def test_xlsx_keeps_dates_as_dates_numbers_as_numbers_and_freezes_its_head() -> None:
    rows = [["客户", 7, 0.5, False, None, date(2026, 11, 23), NOON]]
    with as_xlsx([Sheet("期间", list("abcdefg"), rows), Sheet("empty", ["a"], [])], ZONE) as file:
        book = openpyxl.load_workbook(file)
    page = book["期间"]
    values = [cell.value for cell in page[2]]
    expected = ["客户", 7, 0.5, False, None, datetime(2026, 11, 23), datetime(2026, 11, 23, 12)]
    assert values == expected
    assert (page["F2"].is_date, page["G2"].is_date, page.freeze_panes) == (True, True, "A2")
    assert book.sheetnames == ["期间", "empty"]
