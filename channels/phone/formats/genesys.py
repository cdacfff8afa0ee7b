"""Genesys Cloud: phrases with the participant's purpose.

A phrase's time is counted from 1970 in files of the recording API and from the beginning of the call in its documentation;
both are read. Source: Genesys Cloud developer centre, "Transcripts" of Speech and Text Analytics.
"""

from __future__ import annotations

from typing import Any, Final

from channels.phone.call import Speaker
from channels.phone.formats import times
from channels.phone.formats.reading import Reading, average, said
from channels.phone.formats.tree import Node

NAME: Final = "genesys"
EXPECTED: Final = "an object with transcripts, each with phrases that have text and participantPurpose"
ROLES: Final = {
    "external": Speaker.CUSTOMER,
    "customer": Speaker.CUSTOMER,
    "internal": Speaker.AGENT,
    "agent": Speaker.AGENT,
    "user": Speaker.AGENT,
    "acd": Speaker.SYSTEM,
    "ivr": Speaker.SYSTEM,
    "workflow": Speaker.SYSTEM,
    "botflow": Speaker.SYSTEM,
    "voicemail": Speaker.SYSTEM,
}
SINCE_1970: Final = 100_000_000_000  # milliseconds: no call is three years long


def fits(root: Any) -> bool:
    if not isinstance(root, dict) or not isinstance(root.get("transcripts"), list):
        return False
    return any(isinstance(part, dict) and "phrases" in part for part in root["transcripts"])


def read(root: Node) -> Reading:
    phrases = [phrase for part in root["transcripts"] for phrase in part["phrases"]]
    began = _began(root, phrases)
    reading = Reading(
        call_id=root["conversationId"].text() or None,
        started_at=times.since_1970(began) if began else None,
        duration=_duration(root),
        language=next((part["language"].text() for part in root["transcripts"] if part["language"]), None),
        customer_number=_number(root),
        agent_name=_agent(root),
        why="the transcript names each participant's purpose",
    )
    for phrase in phrases:
        label = phrase["participantPurpose"].text() or phrase["channel"].label()
        if label.lower() in ROLES:
            reading.roles[label] = ROLES[label.lower()]
        start = _start(phrase, began)
        length = phrase["duration"]["milliseconds"].seconds(0.001)
        end = None if start is None or length is None else round(start + length, 6)
        confidence = phrase["confidence"].confidence()
        if confidence is None:
            confidence = average(word["confidence"].confidence() for word in phrase["words"])
        text = phrase["decoratedText"].text() or phrase["text"].words()
        reading.utterances.append(said(text, start, end, confidence, label))
    return reading


def _began(root: Node, phrases: list[Node]) -> float:
    """When the call began in milliseconds since 1970; 0 where times are counted from its beginning."""
    stated = [root["startTime"], *(part["startTime"] for part in root["transcripts"])]
    stated += [person["startTimeMs"] for person in root["participants"]]
    moments = [node.number() or 0.0 for node in (*stated, *(phrase["startTimeMs"] for phrase in phrases))]
    return min((moment for moment in moments if moment >= SINCE_1970), default=0.0)


def _start(phrase: Node, began: float) -> float | None:
    node = phrase["startTimeMs"]
    start = node.number()
    if start is not None and began and start >= SINCE_1970:
        return times.seconds(start - began, 0.001)
    return node.seconds(0.001) if node else phrase["offset"]["offsetMs"].seconds(0.001)


def _duration(root: Node) -> float | None:
    whole = root["duration"]["milliseconds"].seconds(0.001)
    if whole is not None:
        return whole
    starts = [person["startTimeMs"].number() for person in root["participants"]]
    ends = [person["endTimeMs"].number() for person in root["participants"]]
    known = [start for start in starts if start is not None], [end for end in ends if end is not None]
    return times.seconds(max(known[1]) - min(known[0]), 0.001) if all(known) else None


def _number(root: Node) -> str | None:
    for person in root["participants"]:
        if ROLES.get(person["participantPurpose"].text().lower()) is Speaker.CUSTOMER:
            called = person["initialDirection"].text().lower() == "outbound"
            return person["dnis" if called else "ani"].text() or None
    return None


def _agent(root: Node) -> str | None:
    for person in root["participants"]:
        if ROLES.get(person["participantPurpose"].text().lower()) is Speaker.AGENT:
            return person.first("participantName", "name").text() or None
    return None
