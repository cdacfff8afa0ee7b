"""HTML from strangers: made safe to show, and turned into text to read.

nh3 makes it safe: no script, no style, no form, nothing loaded from elsewhere (images only from the mail itself, by `cid:`).
Text is taken from what nh3 leaves, which is well formed: the standard parser takes quadratic time over some malformed input.

Not here: which part of a mail is read (read.py).
"""

from __future__ import annotations

import html as standard
import re
from html.parser import HTMLParser
from typing import Final

import nh3

# nh3's time and memory grow with depth times tags (a formatting element left open is opened again in each block);
# beyond this a page is read as text only. Newsletters have some 200,000.
HEAVIEST: Final = 3_000_000
WEIGHED_FROM: Final = 20_000  # shorter ones can't be heavy
LONGEST: Final = 4_000_000
MOST_ATTRIBUTES: Final = 400
CELL_GAP: Final = "  "

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,20})")
_LONG_TAG = re.compile(r"<[^>]{2048}[^>]*")
_ATTRIBUTE_GAP = re.compile(r"[\s/\"']+")
_DATA_URI = re.compile(r"data:[^\s\"'<>]*")
_ANY_TAG = re.compile(r"<[^<>]*>")
_DROPPED = re.compile(r"<(script|style|title|head)\b[^<>]*>[^<]*(?:<(?!/\1)[^<]*)*</\1\s*>", re.IGNORECASE)
_VOID: Final = frozenset({"br", "img", "hr", "meta", "link", "input", "col", "area", "base", "wbr", "source", "embed"})
_BREAKS = re.compile(r"\n{3,}")
_SPACES = re.compile(r"[ \t\n\r\f]+")

_TAGS: Final = {
    *[
        "a",
        "abbr",
        "b",
        "bdi",
        "bdo",
        "blockquote",
        "br",
        "caption",
        "center",
        "cite",
        "code",
        "col",
        "colgroup",
        "dd",
        "del",
        "details",
        "dfn",
        "div",
        "dl",
        "dt",
        "em",
        "figure",
    ],
    *[
        "figcaption",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "img",
        "ins",
        "kbd",
        "li",
        "mark",
        "ol",
        "p",
        "pre",
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
    ],
    *[
        "sub",
        "summary",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "time",
        "tr",
        "tt",
        "u",
        "ul",
        "var",
        "wbr",
    ],
}
_ATTRIBUTES: Final = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "ol": {"start"},
    "*": {"dir", "lang"},
}


def _only_own_images(tag: str, attribute: str, value: str) -> str | None:
    if tag == "img" and attribute == "src" and not value.strip().lower().startswith("cid:"):
        return None
    if tag == "a" and attribute == "href" and value.strip().lower().startswith("cid:"):
        return None
    return value


_CLEANER = nh3.Cleaner(
    tags=_TAGS,
    clean_content_tags={"script", "style", "title", "noembed", "template", "iframe", "object", "textarea", "select"},
    attributes=_ATTRIBUTES,
    attribute_filter=_only_own_images,
    link_rel="noopener noreferrer nofollow",
    url_schemes={"http", "https", "mailto", "tel", "cid"},
    url_relative="deny",
    set_tag_attribute_values={"a": {"target": "_blank"}},
)


def safe_html(html: str) -> str | None:
    """What may be shown; None for a page too heavy to be looked through."""
    if len(html) > LONGEST or (len(html) > WEIGHED_FROM and (_weight(html) > HEAVIEST or _crowded(html))):
        return None
    return _CLEANER.clean(html)


def text_of(html: str) -> str:
    """The text of a page, block by block, links with their addresses, quotations marked by `>`."""
    safe = safe_html(html)
    return _unmarked(html) if safe is None else text_of_safe(safe)


def text_of_safe(safe: str) -> str:
    """The text of what `safe_html` returned."""
    reader = _Reader()
    reader.feed(safe)
    reader.close()
    return reader.text()


def _weight(html: str) -> int:
    depth = deepest = tags = 0
    for closing, name in _TAG.findall(html):
        tags += 1
        if closing:
            depth = max(0, depth - 1)
        elif name.lower() not in _VOID:
            depth += 1
            deepest = max(deepest, depth)
    return deepest * tags


def _unmarked(html: str) -> str:
    """The words of a page too heavy for more."""
    text = standard.unescape(_ANY_TAG.sub("\n", _DROPPED.sub("", html[:LONGEST])))
    return _BREAKS.sub("\n\n", "\n".join(line.strip() for line in text.split("\n"))).strip()


def _crowded(html: str) -> bool:
    """Has some tag more attributes than any honest one? Each is compared with all others."""
    return any(len(_ATTRIBUTE_GAP.findall(_DATA_URI.sub("", tag))) > MOST_ATTRIBUTES for tag in _LONG_TAG.findall(html))


_BLOCKS: Final = frozenset(
    [
        "blockquote",
        "caption",
        "center",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "figure",
        "figcaption",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "li",
        "ol",
        "pre",
        "summary",
        "table",
        "tr",
        "ul",
    ]
)


class _Reader(HTMLParser):
    """Collects text line by line."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[str] = []
        self._line: list[str] = []
        self._quoted = 0
        self._verbatim = 0
        self._link: tuple[str, int] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self._end_line(keep_empty=True)
        elif tag == "p":
            self._end_block()
        elif tag in _BLOCKS:
            self._end_line()
            self._open_block(tag)
        elif tag in ("td", "th"):
            if self._line:
                self._line.append(CELL_GAP)
        elif tag == "a":
            self._link = (dict(attrs).get("href") or "", len(self._line))
        elif tag == "img":
            alternative = dict(attrs).get("alt")
            if alternative:
                self._line.append(f"[{alternative.strip()}]")

    def _open_block(self, tag: str) -> None:
        if tag == "blockquote":
            self._quoted += 1
        elif tag == "pre":
            self._verbatim += 1
        elif tag == "li":
            self._line.append("• ")
        elif tag in ("table", "h1", "h2", "h3"):
            self._end_block()
        elif tag == "hr":
            self._lines.append("> " * self._quoted + "----")

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._link is not None:
            self._close_link()
        elif tag == "p":
            self._end_block()
        elif tag in _BLOCKS:
            self._end_line()
            if tag == "blockquote":
                self._quoted = max(0, self._quoted - 1)
            elif tag == "pre":
                self._verbatim = max(0, self._verbatim - 1)
            elif tag in ("table", "ul", "ol", "h1", "h2", "h3"):
                self._end_block()

    def _close_link(self) -> None:
        href, since = self._link or ("", 0)
        self._link = None
        said = "".join(self._line[since:]).strip()
        address = href.removeprefix("mailto:").removeprefix("tel:")
        if address and address.rstrip("/") not in (said, f"http://{said}", f"https://{said}"):
            self._line.append(f" <{address}>" if said else f"<{address}>")

    def handle_data(self, data: str) -> None:
        if self._verbatim:
            first, *rest = data.split("\n")
            self._line.append(first)
            for line in rest:
                self._end_line(keep_empty=True)
                self._line.append(line)
            return
        data = _SPACES.sub(" ", data)
        if data == " " and not self._line:
            return
        self._line.append(data)

    def _end_line(self, keep_empty: bool = False) -> None:
        line = "".join(self._line)
        line = line.rstrip() if self._verbatim else line.strip()
        self._line.clear()
        if self._link is not None:
            self._link = (self._link[0], 0)
        if line or keep_empty:
            self._lines.append(("> " * self._quoted + line).rstrip() if self._quoted else line)

    def _end_block(self) -> None:
        self._end_line()
        if self._lines and self._lines[-1]:
            self._lines.append(">" * self._quoted if self._quoted else "")

    def text(self) -> str:
        self._end_line()
        text = "\n".join(self._lines).replace("\u00a0", " ")
        return _BREAKS.sub("\n\n", text).strip("\n")
