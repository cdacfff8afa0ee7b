"""The HTML of a mail, masked: a number is found as it is read, over emphasis, entities and line ends, and its digits are hidden where they stand.

What comes in was cleaned when it was read (channels/email/html.py) and is well formed. Text that stands in one block is looked at as one; what is
broken by `<br>` or stands in two cells of a table is not. Attributes that are shown or followed are masked one by one.

Not here: which answers are masked (masks.py), what a number is (gateway/masking.py).
"""

from __future__ import annotations

from html import escape
from html.parser import HTMLParser
from typing import Final

from gateway.masking import Kind, masked, pieces

_WITHIN_A_LINE: Final = frozenset(
    [
        "a",
        "abbr",
        "b",
        "bdi",
        "bdo",
        "cite",
        "code",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "img",
        "ins",
        "kbd",
        "mark",
        "q",
        "rp",
        "rt",
        "ruby",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "time",
        "tt",
        "u",
        "var",
        "wbr",
    ]
)
_BLANKS: Final = frozenset(" \t\n\r\f")
_UNSEEN: Final = frozenset("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff")
_LEFT: Final = frozenset(["src", "dir", "lang", "width", "height", "colspan", "rowspan", "start", "rel", "target"])


def masked_frame(html: str, kinds: frozenset[Kind]) -> str:
    reader = _Masker(kinds)
    reader.feed(html)
    reader.close()
    return reader.whole()


class _Masker(HTMLParser):
    def __init__(self, kinds: frozenset[Kind]) -> None:
        super().__init__(convert_charrefs=True)
        self._kinds = kinds
        self._parts: list[str] = []
        self._texts: list[int] = []  # which of the parts are texts of the block that is being read

    def handle_data(self, data: str) -> None:
        self._texts.append(len(self._parts))
        self._parts.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _WITHIN_A_LINE:
            self._end_block()
        self._parts.append(self._tag(tag, attrs))

    handle_startendtag = handle_starttag

    def handle_endtag(self, tag: str) -> None:
        if tag not in _WITHIN_A_LINE:
            self._end_block()
        self._parts.append(f"</{tag}>")

    def handle_decl(self, decl: str) -> None:
        self._parts.append(f"<!{decl}>")

    def _tag(self, tag: str, attrs: list[tuple[str, str | None]]) -> str:
        written = self.get_starttag_text() or f"<{tag}>"
        shown = [(name, value and (value if name in _LEFT else masked(value, self._kinds))) for name, value in attrs]
        if shown == attrs:
            return written
        told = (name if value is None else f'{name}="{escape(value)}"' for name, value in shown)
        return f"<{' '.join([tag, *told])}>"

    def _end_block(self) -> None:
        """Hides what is personal in the texts of a block, and has them written as HTML again."""
        chars = [[*self._parts[at]] for at in self._texts]
        read: list[str] = []
        places: list[tuple[int, int]] = []  # of each character that is read
        for text, own in enumerate(chars):
            for at, char in enumerate(own):
                blank = char in _BLANKS
                if char in _UNSEEN or (blank and read and read[-1] == " "):
                    continue
                read.append(" " if blank else char)
                places.append((text, at))
        for piece in pieces("".join(read), self._kinds):
            length = piece.end - piece.start
            shown = [*piece.shown] if len(piece.shown) == length else [piece.shown, *[""] * (length - 1)]
            for (text, at), char in zip(places[piece.start : piece.end], shown, strict=True):
                if char != " ":  # as it was written
                    chars[text][at] = char
        for at, own in zip(self._texts, chars, strict=True):
            self._parts[at] = escape("".join(own), quote=False)
        self._texts.clear()

    def whole(self) -> str:
        self._end_block()
        return "".join(self._parts)
