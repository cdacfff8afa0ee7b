"""Any bytes become a call or BadTranscript, soon; and what is written comes back as it was."""

import json
from datetime import timedelta

import pytest
import srt
import webvtt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels.phone.call import BadTranscript, Call
from channels.phone.formats import FORMATS, LARGEST, MOST_UTTERANCES, read_transcript
from tests.growth import grows_no_faster

WORDS = st.lists(
    st.sampled_from(["my", "card", "is", "lost", "我的", "卡", "不見了", "35,000", "[PII]", "naïve", "—"]),
    min_size=1,
    max_size=8,
).map(lambda words: " ".join(["so", *words]))
SPEAKERS = st.sampled_from(["Agent", "Customer", "客服", "客户", "SPEAKER_00"])
TURNS = st.lists(st.tuples(SPEAKERS, WORDS, st.integers(0, 5000), st.integers(0, 5000)), min_size=1, max_size=8)
# keys and values that readers ask for, put together in wrong ways
KEYS = st.sampled_from(
    [
        "segments",
        "words",
        "text",
        "word",
        "start",
        "end",
        "speaker",
        "Transcript",
        "Content",
        "BeginOffsetMillis",
        "Participants",
        "transcripts",
        "phrases",
        "startTimeMs",
        "participantPurpose",
        "results",
        "channels",
        "alternatives",
        "transcript",
        "utterances",
        "items",
        "events",
        "TranscriptionEvent",
        "TranscriptionData",
        "Track",
        "Timestamp",
        "SequenceId",
        "sentences",
        "media_channel",
        "audio_url",
        "status",
        "SpeechSegments",
        "ConversationAnalytics",
        "SpeakerLabels",
        "speaker_role",
        "start_ms",
        "transcription",
        "offsets",
        "language",
        "duration",
        "participants",
        "confidence",
        "avg_logprob",
    ]
)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["", "x", "abc", "1.5", "00:00:01,5", "inf", "nan", "\ud800"])
)
TREES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5), max_leaves=25
)
LINES = st.lists(
    st.sampled_from(
        ["WEBVTT", "", "1", "00:00:01.000 --> 00:00:02.000", "00:00:01,000 --> 00:00:02,5", "0:00:01.000,0:00:02.000", "-->", "NOTE", "Agent: hi",
         "客户：喂", "[00:01]", "[00:01 - 00:02] A: x", "<v Bob>hi", "Call ID: 1", "{", "[", "]", "CallSid=1&TranscriptionEvent=x", "\ufeff", "::", "： ：", "99:99:99"]
    )
    | st.text(max_size=20),
    max_size=12,
).map("\n".join)  # fmt: skip


def check(raw: bytes, **more: str) -> None:
    """A call that keeps its promises, or a refusal that says something."""
    try:
        call = read_transcript(raw, **more)
    except BadTranscript:
        return
    assert call.utterances
    starts = [one.start for one in call.utterances if one.start is not None]
    assert starts == sorted(starts)
    for one in call.utterances:
        assert one.text.strip()
        assert one.confidence is None or 0 <= one.confidence <= 1
        assert one.end is None or one.start is None or one.end >= one.start
        one.text.encode()  # nothing that a database refuses
        assert "\0" not in one.text + one.label


@given(st.binary(max_size=400), st.sampled_from(["", ".srt", ".vtt", ".sbv", ".json"]))
def test_any_bytes(raw, ending):
    check(raw, name=f"x{ending}")


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(TREES)
def test_any_json(tree):
    check(json.dumps(tree).encode())


@given(LINES, st.sampled_from(["utf-8", "utf-16", "gb18030", "big5"]), st.sampled_from(["", *FORMATS]))
def test_any_lines(text, codec, format):
    check(text.encode(codec, "replace"), format=format)


def timed(turns):
    """(speaker, words, start, end) in milliseconds, one after another."""
    at = 0
    for speaker, words, pause, length in turns:
        yield speaker, words, at + pause, at + pause + length
        at += pause


def stamp(milliseconds, separator="."):
    return f"{milliseconds // 3600000:02}:{milliseconds // 60000 % 60:02}:{milliseconds // 1000 % 60:02}{separator}{milliseconds % 1000:03}"


def came_back(call: Call) -> list[tuple[str, str, int | None, int | None]]:
    return [
        (one.label, one.text, None if one.start is None else round(one.start * 1000), None if one.end is None else round(one.end * 1000))
        for one in call.utterances
    ]  # fmt: skip


@given(TURNS)
def test_webvtt_comes_back(turns):
    cues = list(timed(turns))
    written = webvtt.WebVTT()
    for speaker, words, start, end in cues:
        written.captions.append(webvtt.Caption(stamp(start), stamp(end), f"<v {speaker}>{words}"))
    assert came_back(read_transcript(written.content.encode())) == cues


@given(TURNS)
def test_subrip_comes_back(turns):
    cues = list(timed(turns))
    subtitles = [
        srt.Subtitle(number, timedelta(milliseconds=start), timedelta(milliseconds=end), f"[{speaker}]: {words}")
        for number, (speaker, words, start, end) in enumerate(cues, 1)
    ]
    back = came_back(read_transcript(srt.compose(subtitles, reindex=False).encode()))
    if len(cues) > 1 or cues[0][0] != "SPEAKER_00":
        labels = [cue[0] for cue in cues]
        named = {label for label in labels if label != "SPEAKER_00" or labels.count(label) > 1}
        if named == set(labels):
            assert back == cues
    assert [(cue[2], cue[3]) for cue in back] == [(cue[2], cue[3]) for cue in cues]


@given(TURNS)
def test_sbv_comes_back(turns):
    cues = list(timed(turns))
    text = "\n\n".join(f"{stamp(start)},{stamp(end)}\n{words}" for _, words, start, end in cues)
    assert came_back(read_transcript(text.encode())) == [("", *cue[1:]) for cue in cues]


@given(TURNS, st.sampled_from(["utf-8", "utf-16"]))
def test_plain_text_comes_back(turns, codec):
    cues = list(timed(turns))
    text = "\n".join(f"[{stamp(start)}] {speaker}: {words}" for speaker, words, start, _ in cues)
    assert came_back(read_transcript(text.encode(codec), format="text")) == [(*cue[:3], None) for cue in cues]


@pytest.mark.parametrize(
    "sample",
    [
        "sample.vtt",
        "one_caption.vtt",
        "using_identifiers.vtt",
        "comments.vtt",
        "youtube_dl.vtt",
        "metadata_headers_multiline.vtt",
    ],
)
def test_webvtt_py_reads_the_same(shared_data, sample):
    path = shared_data / "transcripts/webvtt-srt" / sample
    theirs = [(cue.start_time.in_milliseconds(), " ".join(cue.text.split())) for cue in webvtt.read(path)]
    ours = [
        (round(one.start * 1000), " ".join(one.text.split())) for one in read_transcript(path.read_bytes()).utterances
    ]
    assert ours == theirs


@pytest.mark.parametrize("sample", ["sample.srt", "one_caption.srt", "invalid_timeframe.srt"])
def test_the_srt_library_reads_the_same(shared_data, sample):
    path = shared_data / "transcripts/webvtt-srt" / sample
    theirs = [(cue.start.total_seconds(), cue.content) for cue in srt.parse(path.read_text())]
    assert [(one.start, one.text) for one in read_transcript(path.read_bytes()).utterances] == theirs


MALICE = {
    "blanks": lambda size: b" " * size,
    "open brackets": lambda size: b"[" * size,
    "open braces": lambda size: b"{" * size,
    "empty lists": lambda size: b"[" + b"[]," * (size // 3) + b"[]]",
    "a voice before any time": lambda size: b"WEBVTT\n\n" + b"<v " * (size // 3),
    "a voice within a voice": lambda size: b"WEBVTT\n\n00:01.000 --> 00:02.000\n" + b"<v " * (size // 3),
    "an entity without its end": lambda size: b"WEBVTT\n\n00:01.000 --> 00:02.000\n" + b"&amp" * (size // 4),
    "a font within a font": lambda size: b"1\n00:00:01,000 --> 00:00:02,000\n" + b"<font " * (size // 6),
    "an override within another": lambda size: b"1\n00:00:01,000 --> 00:00:02,000\n" + b"{\\" * (size // 2),
    "paragraphs without a time": lambda size: b"1\n00:00:01,000 --> 00:00:02,000\n" + b"x\n\n" * (size // 3),
    "numbers before the first time": lambda size: b"1\n" * (size // 2) + b"00:00:01,000 --> 00:00:02,000\n",
    "one long number": lambda size: b"1" * size + b" --> ",
    "half a time": lambda size: b"0:00:01.000,0:00:02.000\n" + b"1:" * (size // 2),
    "lines of one letter": lambda size: b"Agent: hi\n" + b"x\n" * (size // 2),
    "blanks after a turn": lambda size: b"Agent: hi\n" + b" " * size,
    "times within a turn": lambda size: b"Agent: hi\nAgent: " + b"1:1" * (size // 3),
    "times without words": lambda size: b"[00:01] " * (size // 8),
    "what an agent says, again and again": lambda size: b"Agent: " + b"how may I your this is " * (size // 23),
    "the same in Chinese": lambda size: "客服：".encode() + "请您提供您的".encode() * (size // 18),
    "no letters": lambda size: b"\xff" * size,
    "GB 18030": lambda size: b"\xc4\xe3" * (size // 2),
    "zeros": lambda size: b"\x00" * size,
    "half of a pair": lambda size: b"\xff\xfe" + b"\x00\xd8" * (size // 2),
    "fields of a form": lambda size: b"TranscriptionEvent=x&" * (size // 21),
    "half of a pair in JSON": lambda size: b'{"segments": [' + b'{"text": "' + b"\\ud800" * (size // 6) + b'"}]}',
    "a number without an end": lambda size: b"[" + b"9" * size + b"]",
}


@pytest.mark.parametrize("malice", MALICE.values(), ids=MALICE)
def test_malice_takes_no_longer_than_its_length(malice):
    def read(size):
        raw = malice(size)
        check(raw)
        check(raw, name="x.srt")

    grows_no_faster(read, 400_000)


def test_a_file_that_is_too_large_is_not_looked_at():
    with pytest.raises(BadTranscript, match="35,000,001 bytes, expected no more than 35,000,000"):
        read_transcript(bytes(LARGEST + 1))


def test_more_utterances_than_any_call_has_are_refused():
    with pytest.raises(BadTranscript, match="more than 100,000 utterances"):
        read_transcript(json.dumps({"segments": [{"text": "x"}] * (MOST_UTTERANCES + 1)}).encode())


def test_more_lines_than_any_call_has_are_not_read():
    with pytest.raises(BadTranscript, match="more than 1,000,000 lines"):
        read_transcript(b"Agent: hi\n" * 1_000_002)


def test_more_values_than_any_call_has_are_not_read():
    with pytest.raises(BadTranscript, match="more than 6,000,000 values"):
        read_transcript(b"[" + b"[]," * 3_500_000 + b"[]]")
