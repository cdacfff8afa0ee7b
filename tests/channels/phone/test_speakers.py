"""Who is the customer and who the agent; and that nobody is guessed."""

import pytest

from channels.phone.call import Speaker
from channels.phone.formats import read_transcript
from channels.phone.formats.speakers import language_tag, role_of

A, C, S, U = Speaker.AGENT, Speaker.CUSTOMER, Speaker.SYSTEM, Speaker.UNKNOWN


@pytest.mark.parametrize(
    ("label", "role"),
    [
        ("AGENT", A), ("agent_1", A), ("Agent (Lisa)", A), ("Lisa, agent", A), ("Customer Service Representative", A),
        ("客服", A), ("客服小王", A), ("坐席001", A), ("座席", A), ("專員", A), ("话务员", A), ("客户经理", A), ("客户服务", A), ("客服专员", A),
        ("Customer", C), ("CALLER 2", C), ("Mr Lee (customer)", C), ("客户", C), ("客戶", C), ("来电人", C), ("來電者", C), ("客户张先生", C), ("ＣＵＳＴＯＭＥＲ", C),
        ("IVR", S), ("系统", S), ("語音導航", S), ("智能客服", S),
        ("Mr Lee", None), ("spk_0", None), ("SPEAKER_01", None), ("A", None), ("", None), ("说话人1", None), ("Reagent", None),
    ],
)  # fmt: skip
def test_roles_that_names_state(label, role):
    assert role_of(label) is role


def speakers(text):
    call = read_transcript(text.encode())
    return {one.label: one.speaker for one in call.utterances}, call


@pytest.mark.parametrize(
    ("text", "roles"),
    [
        ("A: Thank you for calling Harper Bank, how may I help you?\nB: I lost my debit card.\nA: Okay.", {"A": A, "B": C}),
        ("A: 喂\nB: 您好，很高兴为您服务，请问有什么可以帮您\nA: 我要投诉\nB: 好的", {"A": C, "B": A}),
        ("甲：您好，這裡是中央銀行客服中心，請問怎麼稱呼？\n乙：我想查一下\n甲：好", {"甲": A, "乙": C}),
        ("A: 你好\nB: 请您提供一下您的身份证号码\nA: 好\nB: 帮您查一下", {"A": C, "B": A}),
        ("A: For service press one, this call may be recorded.\nB: How may I help you? Thank you for calling.\nC: I'm calling about my bill\nA: x\nB: y\nC: z", {"A": S, "B": A, "C": C}),
        # one hint is not enough, and neither is one on both sides
        ("A: Can I have your name?\nB: Hello\nA: Yes", {"A": U, "B": U}),
        ("A: I want to complain\nB: Hello\nA: Yes", {"A": U, "B": U}),
        ("A: How may I help you?\nB: How can I help you?\nA: No, I.", {"A": U, "B": U}),
        ("A: Hello\nB: Hello\nA: Bye", {"A": U, "B": U}),
        ("A: How may I help you? Thank you for calling\nB: Hello\nC: Hello\nA: x\nB: y\nC: z", {"A": U, "B": U, "C": U}),
        # a name beside a role
        ("Agent: Hi\nMr Lee: Hello\nMr Lee: Yes", {"Agent": A, "Mr Lee": C}),
        ("Agent: Hi\nMr Lee: Hello\nMs Lee: Yes\nMr Lee: Yes\nMs Lee: No", {"Agent": A, "Mr Lee": U, "Ms Lee": U}),
    ],
)  # fmt: skip
def test_speakers_are_told_apart_only_where_it_is_certain(text, roles):
    found, call = speakers(text)
    assert found == roles
    assert ("not told apart" in call.why_speakers) == (U in roles.values())


def test_the_reason_names_the_words_that_told():
    _, call = speakers("A: How may I help you?\nB: I lost my debit card.\nA: Okay.")
    assert call.why_speakers == (
        "by what they say: “A” is the agent (“How may I help you”), “B” is the customer (“I lost my”)"
    )


def test_an_agent_s_name_is_the_label_of_the_one_who_is_the_agent():
    _, call = speakers("Lisa: How may I help you?\nTom: I lost my card.\nLisa: Okay.\nTom: x")
    assert call.agent_name == "Lisa"


@pytest.mark.parametrize(
    ("written", "tag"),
    [("en_us", "en-US"), ("zh-hant-hk", "zh-Hant-HK"), ("english", "en"), ("Cantonese", "yue"), ("ZH", "zh"), ("klingon!", None), ("", None)],
)  # fmt: skip
def test_tags_of_languages(written, tag):
    assert language_tag(written) == tag
