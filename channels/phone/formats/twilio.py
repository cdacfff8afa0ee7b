"""Twilio: real-time transcription events, recording transcriptions, and sentences of Voice Intelligence.

Events come as a list, in an object with `events`, one a line as JSON, or one a line as the form that was posted. Only final
words count, and an event that was posted twice counts once. What an event has is the moment it was sent, so times are counted
from the first event. Source: Twilio's documentation, "<Transcription>" and "Transcript Sentence subresource".
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qsl

from channels.phone.call import Speaker
from channels.phone.formats.reading import Reading, average, said
from channels.phone.formats.speakers import role_of
from channels.phone.formats.tree import Node, span

NAME: Final = "twilio"
EXPECTED: Final = "events with TranscriptionEvent and TranscriptionData, or sentences with media_channel and transcript"
# Twilio hears the telephone that it is connected to on the inbound track
TRACKS: Final = {"inbound_track": Speaker.CUSTOMER, "outbound_track": Speaker.AGENT}
MOST_FIELDS: Final = 100
EVENT_KEYS: Final = ("TranscriptionEvent", "TranscriptionText", "TranscriptionData")


def fits(root: Any) -> bool:
    if isinstance(root, dict):
        if isinstance(root.get("events"), list):
            root = root["events"]
        elif isinstance(root.get("sentences"), list):
            return any(isinstance(part, dict) and "transcript" in part for part in root["sentences"][:100])
        else:
            root = [root]
    return isinstance(root, list) and any(
        isinstance(event, dict) and any(key in event for key in EVENT_KEYS) for event in root[:1000]
    )


def forms(text: str) -> Node | None:
    """Posted forms, one a line, as a list of events; None if the text is not made so."""
    events = []
    for line in text.split("\n"):
        if not line.strip():
            continue
        if "=" not in line or line.count("&") >= MOST_FIELDS:
            return None
        events.append(dict(parse_qsl(line.strip(), max_num_fields=MOST_FIELDS)))
        if not any(key in events[-1] for key in EVENT_KEYS):
            return None
    return Node(events) if events else None


def read(root: Node) -> Reading:
    if isinstance(root.value, dict) and root["sentences"]:
        return _sentences(root)
    if isinstance(root.value, dict) and not root["events"]:
        root = Node([root.value])
    return _events(list(root["events"] if isinstance(root.value, dict) else root))


def _events(events: list[Node]) -> Reading:
    reading = Reading(why="Twilio's inbound track is the customer's telephone, the outbound track the house")
    reading.call_id = next((event["CallSid"].text() for event in events if event["CallSid"]), None)
    reading.language = next((event["LanguageCode"].text() for event in events if event["LanguageCode"]), None)
    reading.customer_number = _caller(events)
    moments = [event["Timestamp"].moment() for event in events if event["Timestamp"]]
    reading.started_at = next(iter(moments), None)
    seen: set[str] = set()
    content = [event for event in events if _is_content(event)]
    for event in sorted(content, key=lambda event: event["SequenceId"].number() or 0.0):
        sequence = event["SequenceId"].label()
        if sequence and sequence in seen:
            continue
        seen.add(sequence)
        _add(reading, event)
    return reading


def _is_content(event: Node) -> bool:
    if event["TranscriptionEvent"].text() not in {"", "transcription-content"}:
        return False
    if not event["TranscriptionData"] and not event["TranscriptionText"]:
        return False
    return str(event["Final"].value).lower() != "false"


def _add(reading: Reading, event: Node) -> None:
    label = event["Track"].text()
    if label in TRACKS:
        reading.roles[label] = TRACKS[label]
    start = _since(reading.started_at, event["Timestamp"])
    if event["TranscriptionText"]:
        reading.utterances.append(said(event["TranscriptionText"].text(), start, label=label))
        return
    data = _data(event["TranscriptionData"])
    reading.utterances.append(said(data["transcript"].words(), start, None, data["confidence"].confidence(), label))


def _data(node: Node) -> Node:
    """What was said, which Twilio packs as JSON into a text."""
    if isinstance(node.value, dict):
        return node
    try:
        inner = json.loads(node.words())
    except (ValueError, RecursionError):
        node.wrong("JSON with transcript and confidence")
    if not isinstance(inner, dict):
        node.wrong("JSON with transcript and confidence")
    return Node(inner, node, "JSON")


def _since(began: datetime | None, node: Node) -> float | None:
    at = node.moment()
    if began is None or at is None or (began.tzinfo is None) != (at.tzinfo is None):
        return None
    return max(0.0, (at - began).total_seconds())


def _caller(events: list[Node]) -> str | None:
    for event in events:
        called = event["Direction"].text().startswith("outbound")
        number = event["To" if called else "From"].text()
        if number:
            return number
    return None


def _sentences(root: Node) -> Reading:
    reading = Reading(
        call_id=root.first("call_sid", "CallSid").text() or None,
        language=root["language_code"].text() or None,
        why="the transcript names each channel's participant",
    )
    for person in root["channel"]["participants"] if isinstance(root["channel"].value, dict) else ():
        role = role_of(person["role"].text())
        if role is not None:
            reading.roles[f"channel {person['channel_participant'].label()}"] = role
        if role is Speaker.AGENT:
            reading.agent_name = person["full_name"].text() or None
        if role is Speaker.CUSTOMER:
            reading.customer_number = person["media_participant_id"].text() or None
    for part in sorted(root["sentences"], key=lambda part: part["sentence_index"].number() or 0.0):
        start, end = span(part["start_time"], part["end_time"])
        confidence = part["confidence"].confidence()
        if confidence is None:
            confidence = average(word["confidence"].confidence() for word in part["words"])
        label = f"channel {part['media_channel'].label()}" if part["media_channel"] else ""
        reading.utterances.append(said(part["transcript"].words(), start, end, confidence, label))
    return reading
