"""Amazon's post-call analytics solution (PCA): its own result file with SpeechSegments.

Source: aws-samples/amazon-transcribe-post-call-analytics, docs/output_json_structure.md.
"""

from __future__ import annotations

from datetime import UTC
from typing import Any, Final

from channels.phone.formats import times
from channels.phone.formats.reading import Reading, average, said
from channels.phone.formats.speakers import role_of
from channels.phone.formats.tree import Node, span

NAME: Final = "aws-pca"
EXPECTED: Final = "an object with SpeechSegments and ConversationAnalytics"
ABSENT: Final = {"", "None", "none", "null", "N/A"}


def fits(root: Any) -> bool:
    return isinstance(root, dict) and "SpeechSegments" in root


def read(root: Node) -> Reading:
    about = root["ConversationAnalytics"]
    started_at = times.moment(about["ConversationTime"].text())
    if started_at is not None and started_at.tzinfo is None:
        started_at = started_at.replace(tzinfo=UTC)  # the solution writes UTC without saying so
    reading = Reading(
        call_id=_given(about["GUID"]),
        agent_name=_given(about["Agent"]),
        started_at=started_at,
        language=_given(about["LanguageCode"]),
        duration=about["Duration"].seconds(),
        customer_number=_given(about["Cust"]),
        why="the transcript's SpeakerLabels",
    )
    for entry in about["SpeakerLabels"]:
        role = role_of(entry["DisplayText"].text())
        if role is not None:
            reading.roles[entry["Speaker"].label()] = role
    for segment in root["SpeechSegments"]:
        start, end = span(segment["SegmentStartTime"], segment["SegmentEndTime"])
        confidence = average(word["Confidence"].confidence() for word in segment["WordConfidence"])
        text = segment["DisplayText"].text() or segment["OriginalText"].words()
        reading.utterances.append(said(text, start, end, confidence, segment["SegmentSpeaker"].label()))
    return reading


def _given(node: Node) -> str | None:
    value = node.label()
    return None if value in ABSENT else value
