"""Every transcript among the shared samples is read right or refused for the right reason."""

from pathlib import Path

import pytest

from channels.phone.call import BadTranscript, Speaker
from channels.phone.formats import read_transcript

UNKNOWN = {Speaker.UNKNOWN}
BOTH = {Speaker.AGENT, Speaker.CUSTOMER}
CUSTOMER = {Speaker.CUSTOMER}

# file, format, utterances, first words, last words, first start, last end, speakers
READ = [
    ("aws-pca/testfile.json", "aws-pca", 12, "MM.", "tell you the meeting I'd be?", 0.04, 28.96, BOTH),
    ("deepgram-captions/assemblyai_transcription.json", "assemblyai", 1, "Yeah. As much as", "we have today.", 0.17, 25.14, UNKNOWN),
    ("deepgram-captions/assemblyai_utterances.json", "assemblyai", 1, "Yeah. As much as", "we have today.", 0.17, 25.14, UNKNOWN),
    ("deepgram-captions/dg_speakers.json", "deepgram", 22, "And,", "Copy.", 3.04, 163.105, UNKNOWN),
    ("deepgram-captions/dg_speakers_no_utterances.json", "deepgram", 19, "And,", "Copy.", 3.04, 163.105, UNKNOWN),
    ("deepgram-captions/dg_transcription.json", "deepgram", 2, "Yeah. As as much as,", "that we have today.", 0.08, 25.439999, UNKNOWN),
    ("deepgram-captions/dg_utterances.json", "deepgram", 6, "Yeah. As as much as,", "that we have today.", 0.08, 25.439999, UNKNOWN),
    ("deepgram-captions/dg_whisper_transcription.json", "deepgram", 3, "yeah as much as it's", "that we have today", 0.06, 25.56, UNKNOWN),
    ("deepgram-captions/whisper_timestamped.json", "whisper", 4, "Yeah, as much as it's", "that we have today.", 0.12, 25.32, UNKNOWN),
    ("harper-valley/0002f70f7386445b.transcript.json", "harper-valley", 18, "hello this is harper valley national bank", "[noise]", 1.669, 50.61, BOTH),
    ("vendor-docs/aws_call_analytics_redacted.json", "contact-lens", 3, "Hey Mr [PII]?", "Yeah, this is [PII].", 6.04, 18.46, BOTH),
    ("vendor-docs/genesys_transcript_shape.json", "genesys", 3, "Hi, I'm calling about my bill.", "this is taking forever", 0.5, None, BOTH),
    ("vendor-docs/twilio_transcription_events.json", "twilio", 1, "hello there", "hello there", 0.0, None, CUSTOMER),
    ("webvtt-srt/captions_with_bom.vtt", "webvtt", 4, "Caption text #1", "Caption text #4", 0.5, 21.58, UNKNOWN),
    ("webvtt-srt/comments.vtt", "webvtt", 3, "- Ta en kopp varmt te. - Det är inte varmt.", "- Ta en kopp", 135.0, 150.0, UNKNOWN),
    ("webvtt-srt/cue_tags.vtt", "webvtt", 3, "When the moon hits your eye", "That's amore", 16.5, 21.5, UNKNOWN),
    ("webvtt-srt/invalid_timeframe.srt", "srt", 5, "Caption text #1", "Caption text #5", 0.5, 23.88, UNKNOWN),  # a dot is common
    ("webvtt-srt/invalid_timeframe_in_cue_text.vtt", "webvtt", 3, "Caption text #1", "Caption text #3", 0.5, 16.32, UNKNOWN),
    ("webvtt-srt/metadata_headers.vtt", "webvtt", 2, "Caption text #1", "Caption text #2", 0.5, 11.89, UNKNOWN),
    ("webvtt-srt/metadata_headers_multiline.vtt", "webvtt", 2, "Caption text #1", "Caption text #2", 0.5, 11.89, UNKNOWN),
    ("webvtt-srt/missing_caption_text.srt", "srt", 4, "Caption text #1", "Caption text #5", 0.5, 23.88, UNKNOWN),
    ("webvtt-srt/missing_caption_text.vtt", "webvtt", 4, "Caption text #1", "Caption text #5", 0.5, 23.88, UNKNOWN),
    ("webvtt-srt/one_caption.srt", "srt", 1, "Caption text #1", "Caption text #1", 0.5, 7.0, UNKNOWN),
    ("webvtt-srt/one_caption.vtt", "webvtt", 1, "Caption text #1", "Caption text #1", 0.5, 7.0, UNKNOWN),
    ("webvtt-srt/missing_caption_text.sbv", "sbv", 4, "Caption text #1", "Caption text #5", 0.378, 17.484, UNKNOWN),
    ("webvtt-srt/sample.sbv", "sbv", 5, "Caption text #1", "Caption text #5", 0.378, 17.484, UNKNOWN),
    ("webvtt-srt/sample.srt", "srt", 5, "Caption text #1", "Caption text #5", 0.5, 23.88, UNKNOWN),
    ("webvtt-srt/sample.vtt", "webvtt", 16, "Caption text #1", "Caption text #16", 0.5, 64.3, UNKNOWN),
    ("webvtt-srt/styles.vtt", "webvtt", 1, "- Hello world.", "- Hello world.", 0.0, 10.0, UNKNOWN),
    ("webvtt-srt/two_captions.sbv", "sbv", 2, "Caption text #1", "Caption text #2 (line 1) Caption text #2 (line 2)", 0.378, 12.305, UNKNOWN),
    ("webvtt-srt/using_identifiers.vtt", "webvtt", 6, "Caption text #1", "Caption text #6", 0.5, 27.28, UNKNOWN),
    ("webvtt-srt/youtube_dl.vtt", "webvtt", 4, "yeah", "this will happen is I'm telling", 286.07, 305.4, UNKNOWN),
]  # fmt: skip

# file, line, what the reason says
REFUSED = [
    ("harper-valley/0002f70f7386445b.metadata.json", None, 'a JSON object with the keys "agent", "caller"'),
    ("webvtt-srt/empty.vtt", 1, "the file is empty"),
    ("webvtt-srt/invalid.vtt", 1, 'begins with "00:00:00.500 --> 00:00:07.000", expected WEBVTT'),
    ("webvtt-srt/invalid_format.sbv", 1, '"some text" is no time line'),
    ("webvtt-srt/invalid_format1.srt", 1, 'cue "1" has no time line'),
    ("webvtt-srt/invalid_format2.srt", 1, '"some text" has no time line'),
    ("webvtt-srt/invalid_format3.srt", 2, 'after its number, found "some text"'),
    ("webvtt-srt/invalid_format4.srt", 1, '"some text" is no cue\'s number'),
    ("webvtt-srt/invalid_timeframe.sbv", 7, '"0:00:13.f89" is no time'),
    ("webvtt-srt/invalid_timeframe.vtt", 6, '"00:00:1d.890" is no time'),
    ("webvtt-srt/missing_timeframe.sbv", 4, '"Caption text #2" is no time line'),
    ("webvtt-srt/missing_timeframe.srt", 6, 'found "Caption text #2"'),
    ("webvtt-srt/missing_timeframe.vtt", 6, '"Caption text #2" has no time line'),
    ("webvtt-srt/no_captions.vtt", 1, "nothing is said"),
]


@pytest.mark.parametrize(("file", "format", "count", "first", "last", "start", "end", "speakers"), READ)
def test_a_sample_is_read(shared_data, file, format, count, first, last, start, end, speakers):
    path = shared_data / "transcripts" / file
    call = read_transcript(path.read_bytes(), name=path.name)
    assert (call.format, len(call.utterances)) == (format, count)
    assert call.utterances[0].text.startswith(first)
    assert call.utterances[-1].text.endswith(last)
    assert (call.utterances[0].start, call.utterances[-1].end) == (start, end)
    assert {utterance.speaker for utterance in call.utterances} == speakers
    assert call.why_speakers
    assert read_transcript(path.read_bytes(), format=format) == call


@pytest.mark.parametrize(("file", "line", "reason"), REFUSED)
def test_a_broken_sample_is_refused(shared_data, file, line, reason):
    path = shared_data / "transcripts" / file
    with pytest.raises(BadTranscript) as refused:
        read_transcript(path.read_bytes(), name=path.name)
    assert refused.value.line == line
    assert reason in refused.value.reason


def test_no_sample_is_left_out(shared_data):
    folder: Path = shared_data / "transcripts"
    there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and path.name != "LICENSE"}
    assert there == {row[0] for row in READ} | {row[0] for row in REFUSED}


@pytest.mark.parametrize(
    ("file", "field", "value"),
    [
        ("aws-pca/testfile.json", "language", "en-US"),
        ("aws-pca/testfile.json", "duration", 28.67),
        ("vendor-docs/aws_call_analytics_redacted.json", "duration", 279.06),
        ("vendor-docs/genesys_transcript_shape.json", "customer_number", "+61400000000"),
        ("vendor-docs/genesys_transcript_shape.json", "call_id", "conv-1"),
        ("vendor-docs/twilio_transcription_events.json", "call_id", "CAtrans"),
        ("webvtt-srt/metadata_headers.vtt", "language", "en"),
        ("deepgram-captions/dg_speakers.json", "duration", 169.802),
        ("deepgram-captions/whisper_timestamped.json", "language", "en"),
    ],
)
def test_what_a_sample_says_about_its_call(shared_data, file, field, value):
    assert getattr(read_transcript((shared_data / "transcripts" / file).read_bytes()), field) == value


def test_who_speaks_when_in_a_bank_call(shared_data):
    raw = (shared_data / "transcripts/harper-valley/0002f70f7386445b.transcript.json").read_bytes()
    said = [(u.speaker, u.text, u.start) for u in read_transcript(raw).utterances]
    assert said[1] == (Speaker.AGENT, "my name is elizabeth", 4.839)
    assert said[5] == (Speaker.CUSTOMER, "i lost my debit card", 17.42)
