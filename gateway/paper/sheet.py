"""A document of A4 pages: headings, paragraphs, rows of a name and a value, lines to sign on.

    sheet = Sheet(title="…", language=Language.EN, head="Example Bank", foot=lambda page, pages: f"{page} / {pages}", made_at=now)
    sheet.heading("What we recorded")
    sheet.row("Name", "Jiang Min")
    content = sheet.finished("… {codes}")

Three fonts are tried for each character. One that none of them has is printed as 〓, the mark that Chinese printers put for a
missing type, and its code point is told at the end of the document, so that a name with a rare character can still be told. So is
what comes after very many different characters: each costs time and room in the file, and a text may be made of nothing else.

Not here: what stands on a page (receipt.py, letter.py, record.py).
"""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from fpdf import FPDF
from fpdf.fonts import TTFFont

from case_store.records import Language
from gateway.paper import breaking

logging.getLogger("fontTools").setLevel(logging.WARNING)  # it tells of every table of every subset

FONTS: Final = {"latin": "NotoSans-Regular", "han": "DroidSansFallbackFull", "symbols": "DejaVuSans"}
MISSING: Final = "〓"
MOST_CODES: Final = 40  # of characters that are told at the end
MOST_DIFFERENT: Final = 8_000  # characters beside the house's own; a library of Chinese novels has fewer
MARGIN: Final = 20.0  # millimetres, as everything here
WIDTH: Final = 210.0 - 2 * MARGIN
BOTTOM: Final = 297.0 - 19.0
LABEL: Final = 38.0
LEADING: Final = 1.42  # of a line to its letters: Chinese needs more than English
INK: Final = (26, 35, 41)
MUTED: Final = (85, 98, 107)
ACCENT: Final = (15, 92, 99)
RULE: Final = (200, 208, 213)
_POINT: Final = 25.4 / 72
_ALWAYS: Final = frozenset(map(chr, range(0x20, 0x7F))) | {"…", "•"}  # what numbers, dates and codes are told with

Foot = Callable[[int, str], str]
"""The line at the foot of a page, by its number and what stands for the number of all pages."""


class Sheet:
    """One document under way."""

    def __init__(
        self,
        *,
        title: str,
        language: Language,
        head: str,
        foot: Foot,
        made_at: datetime,
        own: frozenset[str] = frozenset(),
    ) -> None:
        """`own` are characters of the house's words, printed whatever else the document holds."""
        self._pdf = _document(title, language, head, made_at)
        self._own = own | _ALWAYS
        self._different: set[str] = set()
        self._pdf.at_foot = self._feet
        self._head = head
        self._foot = foot
        self._widths: dict[str, float] = {}
        self._substituted: dict[str, None] = {}
        self._page(first=True)

    # text -----------------------------------------------------------------------------------------------------

    def heading(self, text: str, size: float = 11.5) -> None:
        """A heading stays with what follows it."""
        self.gap(2.5)
        self._room_for(size * _POINT * 1.5 + 14)
        self.paragraph(text, size=size, colour=ACCENT)
        self._rule()
        self.gap(1)

    def title(self, text: str) -> None:
        self.paragraph(text, size=18, leading=1.3)
        self.gap(1)

    def paragraph(
        self,
        text: str,
        *,
        size: float = 10.5,
        colour: tuple[int, int, int] = INK,
        left: float = 0.0,
        width: float | None = None,
        leading: float = LEADING,
    ) -> None:
        """Text over as many lines and pages as it takes."""
        wide = WIDTH - left if width is None else width
        for line in self._lines(text, size, wide):
            self._line(line, size, colour, MARGIN + left, leading)

    def row(self, label: str, value: str) -> None:
        """A name and its value side by side."""
        size, leading = 10.5, LEADING
        names, values = self._lines(label, 9.5, LABEL - 3), self._lines(value, size, WIDTH - LABEL)
        for at in range(max(len(names), len(values))):
            self._room_for(size * _POINT * leading)
            y = self._pdf.y
            if at < len(names):
                self._write(names[at], 9.5, MUTED, MARGIN, size * _POINT * leading)
                self._pdf.y = y
            if at < len(values):
                self._write(values[at], size, INK, MARGIN + LABEL, size * _POINT * leading)
            self._pdf.y = y + size * _POINT * leading
        self.gap(0.5)

    def lead(self, label: str, value: str) -> None:
        """What a reader looks for first: large, on a line of its own."""
        self.paragraph(label, size=9.5, colour=MUTED)
        self.paragraph(value, size=16, colour=ACCENT, leading=1.3)
        self.gap(2)

    def point(self, text: str) -> None:
        """One entry of a list."""
        self._room_for(10.5 * _POINT * LEADING)
        y = self._pdf.y
        self._write("•", 10.5, ACCENT, MARGIN, 10.5 * _POINT * LEADING)
        self._pdf.y = y
        self.paragraph(text, left=5)
        self.gap(0.3)

    def note(self, text: str, *, left: float = 0.0) -> None:
        self.paragraph(text, size=9, colour=MUTED, left=left)

    def framed(self, text: str) -> None:
        """What must not be overlooked."""
        lines = self._lines(text, 10.5, WIDTH - 8)
        self._room_for(min(len(lines), 6) * 10.5 * _POINT * LEADING + 6)
        self.gap(2)
        top, page = self._pdf.y, self._pdf.page
        self.gap(2)
        self.paragraph(text, left=4, width=WIDTH - 8)
        self.gap(2)
        if self._pdf.page == page:  # a frame that runs over a page's end has no sides to draw
            self._pdf.set_draw_color(*ACCENT)
            self._pdf.rect(MARGIN, top, WIDTH, self._pdf.y - top)
        self.gap(2)

    def signatures(self, labels: Sequence[str]) -> None:
        """A line to sign on for each label, side by side, never torn from one another."""
        self._room_for(22)
        self.gap(13)
        y, wide = self._pdf.y, (WIDTH - 8 * (max(len(labels), 2) - 1)) / max(len(labels), 2)
        self._pdf.set_draw_color(*INK)
        lowest = y
        for number, label in enumerate(labels):
            x = MARGIN + number * (wide + 8)
            self._pdf.line(x, y, x + wide, y)
            self._pdf.y = y + 1
            for line in self._lines(label, 9, wide):
                self._write(line, 9, MUTED, x, 9 * _POINT * 1.4)
                self._pdf.y += 9 * _POINT * 1.4
            lowest = max(lowest, self._pdf.y)
        self._pdf.y = lowest

    def window(self, sender: str, recipient: str) -> None:
        """An address where the window of an envelope shows it (DIN 5008 form B: 20 mm from the left, 45 mm from above)."""
        self._pdf.y = 45.0
        for line in self._lines(sender, 7, 80)[:1]:
            self._write(line, 7, MUTED, 25.0, 4)
        self._pdf.y = 50.0
        for line in self._lines(recipient, 10.5, 80)[:7]:
            self._write(line, 10.5, INK, 25.0, 5.4)
            self._pdf.y += 5.4
        self._pdf.y = 95.0

    def gap(self, height: float) -> None:
        self._pdf.y += height

    # the whole ------------------------------------------------------------------------------------------------

    def finished(self, substituted: str) -> bytes:
        """The document. `substituted` tells which characters 〓 stands for, at `{codes}`, where there are any."""
        if self._substituted:
            codes = [f"U+{ord(character):04X}" for character in self._substituted]
            shown = codes[:MOST_CODES] + (["…"] if len(codes) > MOST_CODES else [])
            self.gap(3)
            self.note(substituted.replace("{codes}", " ".join(shown)))
        try:
            return bytes(self._pdf.output())
        finally:
            self._pdf.close_fonts()

    def _feet(self) -> None:
        self._pdf.y = 297.0 - 14.0
        text = self._foot(self._pdf.page_no(), self._pdf.str_alias_nb_pages or "")
        self._write(self._shown(text), 8, MUTED, MARGIN, 4)

    # lines ----------------------------------------------------------------------------------------------------

    def _page(self, *, first: bool = False) -> None:
        self._pdf.add_page()
        self._pdf.y = 12.0
        self._write(self._shown(self._head), 13 if first else 9, ACCENT if first else MUTED, MARGIN, 7 if first else 5)
        self._pdf.y = 20.0 if first else 17.0
        self._rule()
        self._pdf.y += 4.0

    def _rule(self) -> None:
        self._pdf.set_draw_color(*RULE)
        self._pdf.line(MARGIN, self._pdf.y, MARGIN + WIDTH, self._pdf.y)

    def _room_for(self, height: float) -> None:
        if self._pdf.y + height > BOTTOM:
            self._page()

    def _line(self, text: str, size: float, colour: tuple[int, int, int], left: float, leading: float) -> None:
        height = size * _POINT * leading
        self._room_for(height)
        self._write(text, size, colour, left, height)
        self._pdf.y += height

    def _write(self, text: str, size: float, colour: tuple[int, int, int], left: float, height: float) -> None:
        """One line at the left; where the next one goes is left to the caller."""
        self._pdf.set_font("latin", size=size)
        # told again for each line: fpdf2 selects a font inside a saved state when the line needs another font too, and
        # takes it for selected afterwards, which leaves the next line without one
        self._pdf.current_font_is_set_on_page = False
        self._pdf.set_text_color(*colour)
        self._pdf.x = left
        y = self._pdf.y
        if text:
            self._pdf.cell(0, height, text)
        self._pdf.y = y

    def _lines(self, text: str, size: float, width: float) -> list[str]:
        return list(breaking.lines(self._shown(text), width, lambda character: self._width(character) * size))

    def _width(self, character: str) -> float:
        """Of one character, in millimetres at a size of one point."""
        known = self._widths.get(character)
        if known is None:
            at = ord(character)  # asking fpdf2 takes fifty times as long: it looks for runs of scripts
            font = next((one for one in self._pdf.truetype if at in one.cmap), None)
            known = self._widths[character] = 0.0 if font is None else font.cw[at] * 0.001 * _POINT
        return known

    def _shown(self, text: str) -> str:
        """The text in characters that can be printed; what only steers a screen is left out."""
        shown = []
        for character in _LINE_ENDS.sub("\n", text).replace("\t", "    "):
            known = character == "\n" or ord(character) in _known()
            if known and self._has_room_for(character):
                shown.append(character)
            elif known or (unicodedata.category(character) not in _UNSEEN and not _is_variation(character)):
                self._substituted[character] = None
                shown.append(MISSING)
        return "".join(shown)

    def _has_room_for(self, character: str) -> bool:
        if character in self._own or character in self._different:
            return True
        if len(self._different) >= MOST_DIFFERENT:
            return False
        self._different.add(character)
        return True


_UNSEEN: Final = ("Cc", "Cf", "Cs")
_LINE_ENDS: Final = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")


def _is_variation(character: str) -> bool:
    """Chooses between shapes of the character before it."""
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


@cache
def _known() -> frozenset[int]:
    """Code points that one of the fonts has; those that only steer a screen are none even where a font has them."""
    document = _document("", Language.EN, "", datetime.now(UTC))
    points = {point for font in document.truetype for point in font.cmap}
    document.close_fonts()
    return frozenset(
        point for point in points if unicodedata.category(chr(point)) not in _UNSEEN and not _is_variation(chr(point))
    )


def _path(name: str) -> Path:
    return Path(str(files("gateway.paper").joinpath("fonts", f"{name}.ttf")))


class _Document(FPDF):
    """Lets a sheet write the foot of each page as it is turned."""

    at_foot: Callable[[], None] | None = None

    def footer(self) -> None:
        if self.at_foot is not None:
            self.at_foot()

    @property
    def truetype(self) -> list[TTFFont]:
        return [font for font in self.fonts.values() if isinstance(font, TTFFont)]

    def close_fonts(self) -> None:
        """Each document opens the files of its fonts, and leaves them open."""
        for font in self.truetype:
            font.close()


def _document(title: str, language: Language, author: str, made_at: datetime) -> _Document:
    pdf = _Document(format="A4")
    for family, name in FONTS.items():
        pdf.add_font(family, fname=_path(name))
    for font in pdf.truetype:
        font.ttfont.recalcBBoxes = (
            False  # they are as the font says; working them out anew takes two thirds of the time
        )
    pdf.set_fallback_fonts([family for family in FONTS if family != "latin"])
    pdf.set_auto_page_break(False)  # pages are turned between lines, with heads and what belongs together in mind
    pdf.set_margins(MARGIN, MARGIN)
    pdf.c_margin = 0.0
    pdf.set_title(title)
    pdf.set_lang(language.value)
    pdf.set_author(author)
    pdf.set_creator("Qingting")
    pdf.set_creation_date(made_at)
    return pdf
