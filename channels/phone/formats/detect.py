"""Which format a transcript is in, by what is in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from channels.phone.call import BadTranscript
from channels.phone.formats import (
    amazon,
    amazon_transcribe,
    assemblyai,
    aws_pca,
    deepgram,
    genesys,
    harper_valley,
    plain,
    sbv,
    subrip,
    tree,
    twilio,
    webvtt,
    whisper,
)
from channels.phone.formats.reading import Reading, shown

HEAD: Final = 400  # lines that aren't empty, by which a text's format is told
MOST_LINES: Final = 1_000_000
LONGEST_HEAD_LINE: Final = 2_000


class JsonFormat(NamedTuple):
    name: str
    fits: Callable[[Any], bool]
    read: Callable[[tree.Node], Reading]
    expected: str


class TextFormat(NamedTuple):
    name: str
    fits: Callable[[list[str]], bool]
    read: Callable[[str], Reading]


# The order decides where a file would fit two
JSON_FORMATS: Final[tuple[JsonFormat, ...]] = tuple(
    JsonFormat(module.NAME, module.fits, module.read, module.EXPECTED)
    for module in (
        aws_pca, amazon, genesys, deepgram, amazon_transcribe, twilio, whisper, assemblyai, harper_valley,
    )
)  # fmt: skip
TEXT_FORMATS: Final[tuple[TextFormat, ...]] = tuple(
    TextFormat(module.NAME, module.fits, module.read) for module in (webvtt, subrip, sbv, plain)
)
FORMATS: Final = tuple(sorted([*(entry.name for entry in JSON_FORMATS), *(entry.name for entry in TEXT_FORMATS)]))
# Other names of the same, as people and their files call them
ALIASES: Final = {
    "amazon-connect": "contact-lens",
    "amazon-contact-lens": "contact-lens",
    "aws-contact-lens": "contact-lens",
    "call-analytics": "contact-lens",
    "transcribe-call-analytics": "contact-lens",
    "amazon-pca": "aws-pca",
    "pca": "aws-pca",
    "aws-transcribe": "amazon-transcribe",
    "transcribe": "amazon-transcribe",
    "genesys-cloud": "genesys",
    "whisperx": "whisper",
    "openai": "whisper",
    "vtt": "webvtt",
    "subrip": "srt",
    "plain": "text",
    "plain-text": "text",
    "txt": "text",
}
_JSON: Final = re.compile(r'\s*(?:\{|\[\s*(?:[{\["\]]|-?\d[\d.eE+-]*\s*[,\]]|true\b|false\b|null\b|$))')
_HINTS: Final = {"vtt": webvtt.NAME, "srt": subrip.NAME, "sbv": sbv.NAME, "subrip": subrip.NAME}


def canonical(name: str) -> str:
    """The name of a format in FORMATS. Raises BadTranscript for a name that is none."""
    wanted = name.strip().lower().replace("_", "-").replace(" ", "-")
    wanted = ALIASES.get(wanted, wanted)
    if wanted not in FORMATS:
        raise BadTranscript(f"the format {shown(name)} is not known, expected one of {', '.join(FORMATS)}")
    return wanted


def read(text: str, wanted: str | None, name: str, media_type: str) -> tuple[str, Reading]:
    """The format's name and what was read. `name` and `media_type` help only where the text shows nothing."""
    if _JSON.match(text):
        return _read_json(tree.parse(text), wanted)
    posted = twilio.forms(text) if "TranscriptionEvent=" in text[:4000] or "TranscriptionText=" in text[:4000] else None
    if posted is not None:
        return _read_json(posted, wanted)
    return _read_text(text, wanted, name, media_type)


def _read_json(root: tree.Node, wanted: str | None) -> tuple[str, Reading]:
    fitting = next((entry for entry in JSON_FORMATS if entry.fits(root.value)), None)
    if wanted is not None:
        asked = next((entry for entry in JSON_FORMATS if entry.name == wanted), None)
        if asked is not None and asked.fits(root.value):
            return asked.name, asked.read(root)
        seen = f"looks like {fitting.name}" if fitting else f"is {_keys(root.value)}"
        expected = f": expected {asked.expected}" if asked else ""
        raise BadTranscript(f"the format was said to be {wanted}, but the file {seen}{expected}")
    if fitting is None:
        raise BadTranscript(
            f"the file is {_keys(root.value)}, which is no known transcript: expected the output of one of "
            + ", ".join(entry.name for entry in JSON_FORMATS)
        )
    return fitting.name, fitting.read(root)


def _read_text(text: str, wanted: str | None, name: str, media_type: str) -> tuple[str, Reading]:
    if text.count("\n") > MOST_LINES:
        raise BadTranscript(f"the file has more than {MOST_LINES:,} lines, expected the transcript of one call")
    head = _head(text)
    fitting = _fitting(head)
    if wanted is not None:
        asked = next((entry for entry in TEXT_FORMATS if entry.name == wanted), None)
        # a format that nothing contradicts may say for itself what it misses
        if asked is not None and (fitting is None or asked.name == fitting.name or asked.fits(head)):
            return asked.name, asked.read(text)
        seen = f"looks like {fitting.name}" if fitting else f"begins with {shown(head[0])}"
        raise BadTranscript(f"the format was said to be {wanted}, but the file {seen}", 1)
    if fitting is None:
        hint = next(
            (_HINTS[key] for key in _HINTS if name.lower().endswith(f".{key}") or key in media_type.lower()), None
        )
        if hint is not None:
            asked = next(entry for entry in TEXT_FORMATS if entry.name == hint)
            return asked.name, asked.read(text)
        raise BadTranscript(
            f"the file begins with {shown(head[0])}, which no known transcript does: expected JSON of a recogniser, captions "
            f"(WebVTT, SubRip, SBV), or text with speakers' names like {plain.EXPECTED}",
            1,
        )
    return fitting.name, fitting.read(text)


def _fitting(head: list[str]) -> TextFormat | None:
    of = {entry.name: entry for entry in TEXT_FORMATS}
    if webvtt.fits(head):
        return of[webvtt.NAME]
    if subrip.fits(head):
        return of[subrip.NAME if subrip.is_numbered(head) else webvtt.NAME]
    return next((entry for entry in (of[sbv.NAME], of[plain.NAME]) if entry.fits(head)), None)


def _head(text: str) -> list[str]:
    """The first lines that aren't empty, cut where they are very long."""
    lines: list[str] = []
    at = 0
    while at < len(text) and len(lines) < HEAD:
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        line = text[at : min(end, at + LONGEST_HEAD_LINE)]
        if line.strip():
            lines.append(line)
        at = end + 1
    return lines


def _keys(value: Any) -> str:
    if isinstance(value, list):
        return (
            f"a JSON list that begins with {_keys(value[0]) if isinstance(value[0], dict) else shown(value[0])}"
            if value
            else "an empty JSON list"
        )
    if isinstance(value, dict):
        names = ", ".join(shown(key) for key in list(value)[:8])
        return f"a JSON object with the keys {names}" if names else "an empty JSON object"
    return shown(value)
