"""Figures, and the cases behind them, as files: CSV with the API's own names for whoever reckons on, XLSX in words for whoever reads.

Nothing here says who complained or in which words. Each file that leaves is an entry of the house's chain: who had it, of what, how many rows. The
entry is committed before the first byte leaves.

Not here: the figures (figures.py), how a file is written (gateway/spreadsheets.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import IO, Any, Final

from aiohttp import hdrs, web

from case_store import audit
from case_store.audit import HOUSE, Entry
from case_store.records import Language
from case_store.store import Transaction
from gateway.api.figures import PERIOD, Question, figures_of, question_of, shown
from gateway.api.reading import read_choice
from gateway.api.routes import Query, Route
from gateway.auth.principals import PRINCIPAL, REPORTS
from gateway.console.wording import first_words, room_words
from gateway.context import GATEWAY
from gateway.figures import BY, Measure, Span
from gateway.hooks import PROMISES
from gateway.spreadsheets import Sheet, as_csv, as_xlsx

MOST_ROWS: Final = 100_000
_PIECE: Final = 65_536
_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
STOCKS: Final = ("open", "drafts")
AGENTS: Final = ("taken", "answered", "messages", "first_answers", "resolved", "overdue")
CASES: Final = (
    *("reference", "received_at", "registered_at", "resolved_at", "status", "outcome", "category", "risk"),
    *("disposition", "channel", "account", "language", "assignee", "incomplete", "feedback_due", "overdue", "reopened"),
    *("first_person_at", "first_person_worked_minutes", "handling_worked_minutes"),
)
"""The columns of cases."""


class Format(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"


async def export_figures(request: web.Request) -> web.StreamResponse:
    question, format, words = question_of(request), _format(request), Words(_language(request))
    if request.method == hdrs.METH_HEAD:
        return web.Response(headers={hdrs.CONTENT_TYPE: _TYPES[format]})
    figures = await figures_of(request, question)
    told = await asyncio.to_thread(shown, figures, question, request.app[PROMISES])
    sheets = [Sheet("figures", TIDY, _tidy(told))] if format is Format.CSV else words.workbook(told)
    return await _send(request, question, format, sheets, {"what": "figures"})


async def export_cases(request: web.Request) -> web.StreamResponse:
    question, format, words = question_of(request), _format(request), Words(_language(request))
    of = Measure(read_choice(request, "of", [one.value for one in Measure]) or Measure.RECEIVED)
    if request.method == hdrs.METH_HEAD:
        return web.Response(headers={hdrs.CONTENT_TYPE: _TYPES[format]})
    figures = await figures_of(request, question, MOST_ROWS)

    def made() -> tuple[list[Sheet], int]:
        rows: Sequence[Sequence[Any]] = [[row[name] for name in CASES] for row in figures.behind(of)]
        if format is Format.CSV:
            return [Sheet("cases", CASES, rows)], len(rows)
        return [words.cases(rows), words.about(shown(figures, question, request.app[PROMISES]))], len(rows)

    sheets, count = await asyncio.to_thread(made)  # of a hundred thousand it takes seconds
    return await _send(request, question, format, sheets, {"what": "cases", "of": of.value}, count)


def _format(request: web.Request) -> Format:
    return Format(read_choice(request, "format", [one.value for one in Format]) or Format.CSV)


def _language(request: web.Request) -> Language:
    chosen = read_choice(request, "words", [one.value for one in Language])
    return Language(chosen) if chosen else request.app[GATEWAY].settings.locale


async def _send(
    request: web.Request,
    question: Question,
    format: Format,
    sheets: Sequence[Sheet],
    what: Mapping[str, str],
    rows: int | None = None,
) -> web.StreamResponse:
    """Writes the file, keeps that it was had, then sends it."""
    zone = request.app[PROMISES].zone
    counted = [Sheet(one.name, one.head, list(one.rows)) for one in sheets]
    many = len(list(counted[0].rows)) if rows is None else rows
    write = (lambda: as_csv(counted[0], zone)) if format is Format.CSV else (lambda: as_xlsx(counted, zone))
    file = await asyncio.to_thread(write)
    try:
        detail = {**what, "format": format.value, **question.to_json(), "rows": many}
        entry = Entry(request[PRINCIPAL].actor, "exported", detail)
        await request.app[GATEWAY].store.write(_keep, entry)
        return await _stream(
            request, file, format, f"qingting-{what['what']}-{question.first}-{question.last}.{format}"
        )
    finally:
        file.close()


def _keep(tx: Transaction, entry: Entry) -> None:
    audit.append(tx, HOUSE, entry)


async def _stream(request: web.Request, file: IO[bytes], format: Format, name: str) -> web.StreamResponse:
    headers = {
        hdrs.CONTENT_TYPE: _TYPES[format],
        hdrs.CONTENT_DISPOSITION: f'attachment; filename="{name}"',
        hdrs.CACHE_CONTROL: "no-store",
    }
    response = web.StreamResponse(headers=headers)
    await response.prepare(request)
    while piece := await asyncio.to_thread(file.read, _PIECE):
        await response.write(piece)
    await response.write_eof()
    return response


# CSV: one number a row, by the names of the API -------------------------------------------------------------------

TIDY: Final = ("part", "value", "from", "to", "measure", "number")


def _tidy(told: Mapping[str, Any]) -> Iterable[Sequence[Any]]:
    period = (told["from"], told["to"])
    for row, days in ((told["total"], period), *((part, (part["from"], part["to"])) for part in told["parts"])):
        for name in (*Measure, *STOCKS):
            yield "all", "", *days, str(name), row[name]
        for name, number in _timed(row["times"]):
            yield "all", "", *days, name, number
    for by in BY:
        for row in told["by"][by]:
            for measure in Measure:
                yield by, row["value"], *period, str(measure), row[measure]
            for part, number in zip(told["parts"], row["parts"], strict=True):
                yield by, row["value"], part["from"], part["to"], "received", number
    for one in told["agents"]:
        for name in AGENTS:
            yield "agent", one["username"], *period, name, one[name]
        for name, number in _timed({"handling": one["handling"]}):
            yield "agent", one["username"], *period, name, number


def _timed(times: Mapping[str, Any]) -> Iterable[tuple[str, int | None]]:
    for span, one in times.items():
        for name in ("count", "missing", "within", "of"):
            yield f"{span}_{name}", one[name]
        for clock in ("wall", "worked"):
            for rank, seconds in one[clock].items():
                yield f"{span}_{clock}_{rank}_seconds", seconds


# XLSX: in words ---------------------------------------------------------------------------------------------------


class Words:
    """A workbook in the words of the console."""

    def __init__(self, language: Language) -> None:
        self._own: Mapping[str, Any] = room_words("supervise-figures", language)["supervise_figures"]
        self._first = first_words(language)

    def workbook(self, told: Mapping[str, Any]) -> list[Sheet]:
        own = self._own
        measures = [self._measure(name) for name in (*Measure, *STOCKS)]
        rows = [(part["from"], part["to"], *(part[name] for name in (*Measure, *STOCKS))) for part in told["parts"]]
        whole = (told["from"], told["to"], *(told["total"][name] for name in (*Measure, *STOCKS)))
        days = (own["first_day"], own["last_day"])
        return [
            Sheet(own["sheet_parts"], (*days, *measures), _dated([*rows, whole])),
            Sheet(own["sheet_by"], (own["by"], own["value"], *map(self._measure, Measure)), self._by(told)),
            Sheet(own["sheet_times"], (*days, own["span"], *self._time_heads()), _dated(self._times(told))),
            Sheet(
                own["sheet_agents"],
                (own["agent"], *(own[f"agent_{name}"] for name in AGENTS), *self._time_heads()),
                [(one["name"], *(one[name] for name in AGENTS), *_minutes(one["handling"])) for one in told["agents"]],
            ),
            self.about(told),
        ]

    def _measure(self, name: str) -> str:
        return str(self._own["measure"][str(name)])

    def _by(self, told: Mapping[str, Any]) -> list[Sequence[Any]]:
        return [
            (self._own["dimension"][by], self._value(by, row["value"]), *(row[measure] for measure in Measure))
            for by in BY
            for row in told["by"][by]
        ]

    def _value(self, by: str, value: str) -> str:
        if not value:
            return str(self._own["no_value"])
        group = {"channel": "channels", "language": "languages"}.get(by, by)
        return str((self._first.get(group) or {}).get(value, value))

    def _time_heads(self) -> list[str]:
        return [str(self._own[f"time_{name}"]) for name in _TIMES]

    def _times(self, told: Mapping[str, Any]) -> list[Sequence[Any]]:
        return [
            (row["from"], row["to"], self._own["spans"][span], *_minutes(row["times"][span]))
            for row in (*told["parts"], {**told["total"], "from": told["from"], "to": told["to"]})
            for span in Span
        ]

    def cases(self, rows: Iterable[Sequence[Any]]) -> Sheet:
        named = [str(self._own["column"][name]) for name in CASES]
        return Sheet(self._own["sheet_cases"], named, [self._case(row) for row in rows])

    def _case(self, row: Sequence[Any]) -> list[Any]:
        values = dict(zip(CASES, row, strict=True))
        for name in ("status", "outcome", "category", "risk", "disposition", "channel", "language"):
            values[name] = values[name] and self._value(name, values[name])
        return [values[name] for name in CASES]

    def about(self, told: Mapping[str, Any]) -> Sheet:
        """What was asked, when, and what each number counts: a figure has to be found again."""
        own = self._own
        asked = [
            (own["period"], f"{told['from']} – {told['to']}"),
            (own["asked_at"], told["asked_at"]),
            (own["zone"], told["zone"]),
            (own["policy"], told["policy_version"]),
            *((own["dimension"].get(name, name), self._value(name, value)) for name, value in told["narrowed"].items()),
        ]
        counted = [(own["measure"][name], text) for name, text in own["counts"].items() if name in own["measure"]]
        timed = [
            (own["spans"][name], text.replace("{hours}", str(told["first_answer_hours"])))
            for name, text in own["counts"].items()
            if name in own["spans"]
        ]
        return Sheet(own["sheet_about"], (own["what"], own["which"]), [*asked, *counted, *timed])


_TIMES: Final = ("count", "missing", "worked_median", "worked_p90", "wall_median", "wall_p90", "within", "of")


def _minutes(one: Mapping[str, Any]) -> list[int | float | None]:
    """In minutes, for a person."""
    clocks = [one[clock][rank] for clock in ("worked", "wall") for rank in ("median", "p90")]
    return [
        one["count"],
        one["missing"],
        *(c if c is None else round(c / 60, 1) for c in clocks),
        one["within"],
        one["of"],
    ]


def _dated(rows: Iterable[Sequence[Any]]) -> list[Sequence[Any]]:
    from datetime import date

    return [(date.fromisoformat(first), date.fromisoformat(last), *rest) for first, last, *rest in rows]


_FILE: Final = (
    Query("format", "csv, with the API's own names (default), or xlsx, in words", [one.value for one in Format]),
    Query("words", "the language of xlsx (default: the institution's)", [one.value for one in Language]),
)
_REFUSED: Final = {422: "a period that is none or too long, or that concerns too many cases"}

ROUTES: Final = (
    Route(
        "GET",
        "/api/v1/reports/figures/export",
        export_figures,
        REPORTS,
        "The figures on a period as a file; who had it is kept in the house's chain",
        query=(*PERIOD, *_FILE),
        answers=_REFUSED,
        media_type="text/csv",
        or_media_type=_TYPES[Format.XLSX],
    ),
    Route(
        "GET",
        "/api/v1/reports/cases/export",
        export_cases,
        REPORTS,
        f"The cases behind a number as a file, at most {MOST_ROWS:,}, without names, contacts or words of whoever complained; kept in the house's chain",
        query=(Query("of", "behind which number (default: received)", [one.value for one in Measure]), *PERIOD, *_FILE),
        answers=_REFUSED,
        media_type="text/csv",
        or_media_type=_TYPES[Format.XLSX],
    ),
)
