"""Amazon Contact Lens, and Call Analytics of Amazon Transcribe, which write the same turns.

Contact Lens names participants by id and their roles apart; Call Analytics names the role in each turn. The real-time
analysis wraps each turn in a segment. Source: the Amazon Connect administrator guide, "Contact Lens output file", and the
Amazon Transcribe developer guide, "Post-call analytics output".
"""

from __future__ import annotations

from typing import Any, Final

from channels.phone.call import Speaker
from channels.phone.formats.reading import Reading, average, said
from channels.phone.formats.tree import Node, span

NAME: Final = "contact-lens"
EXPECTED: Final = "an object with Transcript, a list of turns with Content and ParticipantRole or ParticipantId"
ROLES: Final = {
    "AGENT": Speaker.AGENT,
    "SUPERVISOR": Speaker.AGENT,
    "CUSTOMER": Speaker.CUSTOMER,
    "SYSTEM": Speaker.SYSTEM,
    "CUSTOM_BOT": Speaker.SYSTEM,
}


def fits(root: Any) -> bool:
    if not isinstance(root, dict):
        return False
    segments = root.get("Segments")
    return isinstance(root.get("Transcript"), list) or (
        isinstance(segments, list) and any(isinstance(part, dict) and "Transcript" in part for part in segments[:1000])
    )


def read(root: Node) -> Reading:
    state = root.first("JobStatus", "Status")
    if state.text().upper() in {"FAILED", "IN_PROGRESS", "QUEUED"}:
        state.wrong("COMPLETED")
    reading = Reading(
        call_id=root["CustomerMetadata"]["ContactId"].text() or root["ContactId"].text() or None,
        language=root["LanguageCode"].text() or None,
        duration=root["ConversationCharacteristics"]["TotalConversationDurationMillis"].seconds(0.001),
        why="the transcript names each participant's role",
    )
    names = {
        person["ParticipantId"].label(): person["ParticipantRole"].text()
        for person in root["Participants"]
        if person["ParticipantId"]
    }
    for turn in _turns(root):
        label = turn["ParticipantRole"].text() or turn["ParticipantId"].label()
        role = (turn["ParticipantRole"].text() or names.get(label, label)).upper()
        if role in ROLES:
            reading.roles[label] = ROLES[role]
        start, end = span(turn["BeginOffsetMillis"], turn["EndOffsetMillis"], 0.001)
        confidence = average(item["Confidence"].confidence() for item in turn["Items"])
        reading.utterances.append(said(turn["Content"].words(), start, end, confidence, label))
    return reading


def _turns(root: Node) -> list[Node]:
    if root["Transcript"]:
        return list(root["Transcript"])
    return [segment["Transcript"] for segment in root["Segments"] if segment["Transcript"]]
