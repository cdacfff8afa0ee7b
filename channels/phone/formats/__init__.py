"""From the bytes of a transcript to a call.

detect.py                which format it is; the list of formats
text.py                  from bytes to text, whatever the encoding
tree.py times.py         JSON that knows its paths; times as they are written
captions.py reading.py   what the caption formats share; what every reader hands over; words to utterances
speakers.py              who is the customer and who the agent, with speakers.toml
amazon.py amazon_transcribe.py assemblyai.py aws_pca.py deepgram.py genesys.py harper_valley.py
plain.py sbv.py subrip.py twilio.py webvtt.py whisper.py        a format each

Everything is linear in the size of the file and bounded, and nothing but BadTranscript is raised; a caller may still want to
read large files in a process that it can kill, because Python holds its lock while it reads JSON.

Not here: storing, files and folders, what the call is about (gateway, dialogue).
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

import phonenumbers

from channels.email.charset import clean
from channels.phone.call import BadTranscript, Call, Utterance
from channels.phone.formats import detect
from channels.phone.formats.detect import FORMATS
from channels.phone.formats.reading import MOST_UTTERANCES, Reading, bounded, shown
from channels.phone.formats.speakers import language_tag, tell
from channels.phone.formats.text import text_of

__all__ = ["FORMATS", "LARGEST", "LONGEST_TEXT", "MOST_UTTERANCES", "read_transcript"]

LARGEST: Final = 35_000_000  # bytes
LONGEST_TEXT: Final = 500_000  # characters of one utterance: an hour without a break has 60,000
_BREAK: Final = re.compile(r"\s*\n\s*")
_WIDE: Final = re.compile("[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\u3000-\u303f]")


def read_transcript(
    raw: bytes,
    *,
    format: str | None = None,
    name: str | None = None,
    media_type: str | None = None,
    language: str | None = None,
) -> Call:
    """The call that a transcript holds.

    `format` is one of FORMATS (or another name of it) and must fit; without it the format is found out. `name` and
    `media_type` are never trusted, only asked what an unreadable file was meant to be. `language`, a tag of BCP 47, stands
    before the file's own.

    Utterances are in the order of their beginnings, those without a time behind the one that they follow in the file.
    Raises BadTranscript with the line or the JSON path, what is wrong there and what would be right.
    """
    if len(raw) > LARGEST:
        raise BadTranscript(f"the file has {len(raw):,} bytes, expected no more than {LARGEST:,}")
    wanted = detect.canonical(format) if format else None
    spoken = _language(language)
    text = text_of(raw)
    if not text.strip():
        raise BadTranscript("the file is empty, expected a transcript", 1)
    found, reading = detect.read(text, wanted, name or "", media_type or "")
    utterances = _in_order(_tidied(reading))
    told = tell(utterances, reading.roles, reading.why)
    return Call(
        format=found,
        utterances=told.utterances,
        call_id=_short(reading.call_id),
        started_at=reading.started_at,
        duration=reading.duration,
        language=spoken or (language_tag(reading.language) if reading.language else None),
        customer_number=_e164(reading.customer_number),
        agent_name=_short(reading.agent_name) or _short(told.agent_name),
        why_speakers=told.why,
    )


def _language(given: str | None) -> str | None:
    if not given:
        return None
    tag = language_tag(given)
    if tag is None:
        raise BadTranscript(f"the language is {shown(given)}, expected a tag like zh-Hans, zh-Hant-HK or en")
    return tag


def _tidied(reading: Reading) -> list[Utterance]:
    """Those that say something, as one line each."""
    utterances = []
    for utterance in bounded(reading.utterances):
        text = _one_line(clean(utterance.text))
        if len(text) > LONGEST_TEXT:
            raise BadTranscript(
                f"an utterance has {len(text):,} characters and begins with {shown(text)}, expected no more than {LONGEST_TEXT:,}"
            )
        if text:
            utterances.append(replace(utterance, text=text, label=clean(utterance.label).strip()))
    if not any(char.isalnum() for utterance in utterances for char in utterance.text):
        raise BadTranscript("nothing is said in the file, expected at least one utterance with words", 1)
    return utterances


def _one_line(text: str) -> str:
    """Lines joined by a space, except between Chinese characters."""
    lines = [line.strip() for line in _BREAK.split(text)] if "\n" in text else [text.strip()]
    whole = ""
    pieces: list[str] = []
    for line in lines:
        if whole and line and not (_WIDE.match(whole[-1]) and _WIDE.match(line[0])):
            pieces.append(" ")
        pieces.append(line)
        whole = line or whole
    return "".join(pieces)


def _in_order(utterances: list[Utterance]) -> list[Utterance]:
    """By when they begin. One without a time stays behind the one before it."""
    keys, last = [], 0.0
    for utterance in utterances:
        last = utterance.start if utterance.start is not None else last
        keys.append(last)
    order = sorted(range(len(utterances)), key=keys.__getitem__)
    return [utterances[position] for position in order]


def _e164(number: str | None) -> str | None:
    """The number if it is one with its country, else None."""
    if not number or len(number) > 60:
        return None
    written = re.sub(r"[\s().-]", "", number.removeprefix("tel:").split(";", 1)[0])
    if not re.fullmatch(r"\+\d{7,15}", written, re.ASCII):
        return None
    try:
        parsed = phonenumbers.parse(written)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _short(value: str | None) -> str | None:
    return clean(value).strip()[:200] or None if value else None
