"""No conversation goes round: laws that hold whatever a customer writes, and the answers that used to bring one to nothing.

The lines below are people's, of every temper; a law is tried with any sequence of them and of any other text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from case_store.records import FACT_NAMES, Language
from dialogue.checking import MOST_CHECKS
from dialogue.embedded import embedded_engine
from dialogue.form import MOST_ASKED, MOST_IN_A_ROW
from dialogue.sympathy import is_sympathy
from dialogue.turn import BotTurn, CallPerson, FileCase, WithdrawCase
from gateway.simulation.tongue import wrong_sentences
from tests.dialogue.conftest import Conversation

Talk = Callable[..., Any]

MOST_TURNS: Final = 40
"""Of a customer, whatever they write, until somebody has their complaint: registered, withdrawn, or with a person."""

HANS: Final = (
    "你好", "在吗", "我要投诉", "你们上周三多扣了我200块年费", "信用卡被盗刷了", "柜员把我的身份证扔在地上", "嗯", "好", "哦", "呃那个",
    "都行", "随便你们", "我不是说了吗", "我怎么会记得", "不记得了", "不方便说", "不告诉你", "为什么要问这个？", "你们系统里查不到吗？",
    "这合理吗？", "说到哪了", "what for?", "why do you need that", "ok", "不对", "不对不对，是我爱人的卡", "不是200，是260", "其实是上周四",
    "对", "就这么着吧姑娘", "算了", "我不投诉了", "不撤", "我要退款", "道歉就行", "我叫江敏", "13900001111", "没有电话", "我都气死了",
    "我妈刚走，我哪有心思管这些", "家里等米下锅", "要多久？", "现在到哪一步了", "谢谢", "？", "……", "1", "昨天", "三百", "东湖支行",
    "那天下雨，我打着伞去的，排队的人从门里排到门外，我就在那儿站了一上午", "等一下", "哈哈", "👍", "你们这群废物", "/restart",
    "另外我还有一件事要投诉", "你们的利率是多少", "我要告到银保监会",
)  # fmt: skip
HANT: Final = (
    "你好", "喂", "我要客訴", "上禮拜三信義分行多扣我三百元手續費", "你哋張卡年費亂收錢", "嗯", "喔", "好", "係", "都可以", "隨便啦", "你覺得呢",
    "我剛剛就講過了", "唔記得", "諗唔起", "唔想講", "點解要問？", "你哋冇記錄㗎咩？", "登記咗之後會點？", "講到邊", "不對，是我太太的",
    "不是三百，是三百六", "對", "係咁上下啦", "算了", "不想投訴了", "退錢", "要道歉", "林怡君", "0912345678", "冇電話", "我好嬲",
    "why", "is that necessary?", "等陣", "？", "昨天", "八百", "信義分行", "那天我帶孫子去看牙醫，回來路上順便去領錢，櫃台叫我等，我就等了一個鐘頭",
    "要幾耐", "多謝", "哈哈", "/start", "仆街",
)  # fmt: skip
EN: Final = (
    "hello", "anyone there?", "I want to complain", "you took £40 off me twice last Tuesday", "my card was stolen", "mm", "ok", "k", "yeah",
    "whatever you think", "I'm easy", "I already told you", "how should I know", "can't remember", "rather not say", "why?",
    "what has that to do with it?", "where were we", "what happens after that?", "is that fair?", "no", "that's wrong",
    "ah no, it was my husband's card", "not 40, 45", "it was Wednesday actually", "yes", "now you've got it", "forget it",
    "I don't want to complain any more", "refund me", "an apology", "Joan Birch", "joan@example.org", "no phone", "I am furious",
    "my wife died in March", "how long will it take", "thanks", "?", "...", "yesterday", "90 quid", "Leeds branch",
    "it was raining and I had the dog with me and the queue went out of the door and I stood there all morning", "hang on", "lol", "👍",
    "you useless idiots", "/restart", "another thing I want to complain about", "what is your interest rate", "I'll go to the ombudsman",
)  # fmt: skip
LINES: Final = {Language.HANS: HANS, Language.HANT: HANT, Language.EN: EN}

_ENGINE: Final = embedded_engine()
_SLOW: Final = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def is_end(turn: BotTurn) -> bool:
    return any(isinstance(act, FileCase | WithdrawCase | CallPerson) for act in turn.acts)


def customers(language: Language) -> st.SearchStrategy[list[str]]:
    """Lines of one language in any order, other text between them, and people who say the same over and over."""
    line = st.sampled_from(LINES[language])
    anything = st.one_of(line, line, line, st.text(min_size=1, max_size=60))
    mixed = st.lists(anything, min_size=MOST_TURNS, max_size=MOST_TURNS)
    few = st.lists(line, min_size=1, max_size=4).map(lambda lines: (lines * MOST_TURNS)[:MOST_TURNS])
    told = st.tuples(line, few).map(lambda both: [both[0], *both[1]][:MOST_TURNS])
    return st.one_of(mixed, few, told)


def talks_to_the_end(lines: Sequence[str], language: Language) -> Conversation:
    """The conversation up to its end, and every law on the way there."""
    heard = Conversation(_ENGINE, locale=language)
    times: Counter[str] = Counter()
    row: Counter[str] = Counter()
    for line in lines:
        turn = heard.say(line)
        assert turn.says, f"silence after {line!r}"
        if is_end(turn):
            return heard
        asked = [fact for said in turn.says for fact in said.asks if fact in FACT_NAMES]
        told = heard.draft.words.keys() | {fact for fact in FACT_NAMES if getattr(turn.draft.facts, fact) is not None}
        settled = told | turn.draft.declined | set(turn.state.get("skipped", []))
        assert not settled & set(asked), f"{asked} was answered already, before {line!r}"
        times.update(asked)
        row = Counter({fact: (row[fact] if not heard_something(heard) else 0) + 1 for fact in asked})
        for fact in asked:
            assert times[fact] <= MOST_ASKED, f"{fact} is asked for {times[fact]} times"
            assert row[fact] <= (MOST_ASKED if fact == "what_happened" else MOST_IN_A_ROW), (
                f"{fact} again after {line!r}"
            )
        times["confirm"] += sum("confirm" in said.asks and "withdraw" not in said.response for said in turn.says)
        assert times["confirm"] <= MOST_CHECKS
    raise AssertionError(f"no end after {len(lines)} turns")


def heard_something(heard: Conversation) -> bool:
    """Whether the last turn brought anything to the record."""
    now, before = heard.turns[-1].draft, heard.turns[-2].draft if len(heard.turns) > 1 else None
    return before is None or now != before


@pytest.mark.parametrize("language", list(LINES))
@_SLOW
@given(data=st.data())
def test_every_conversation_comes_to_an_end(language: Language, data: st.DataObject) -> None:
    talks_to_the_end(data.draw(customers(language)), language)


@pytest.mark.parametrize("language", list(LINES))
def test_who_says_the_same_for_ever_reaches_an_end_too(language: Language) -> None:
    story = LINES[language][3]
    for line in LINES[language]:
        talks_to_the_end([story, *[line] * MOST_TURNS], language)
        if line not in ("谢谢", "多謝", "thanks"):
            talks_to_the_end([line] * MOST_TURNS, language)


@pytest.mark.parametrize("language", list(LINES))
@_SLOW
@given(data=st.data())
def test_lines_in_bursts_come_to_an_end_as_well(language: Language, data: st.DataObject) -> None:
    lines = data.draw(customers(language))
    size = data.draw(st.integers(2, 4))
    talks_to_the_end([*("\n".join(lines[at : at + size]) for at in range(0, MOST_TURNS, size)), *lines], language)


@pytest.mark.parametrize("language", list(LINES))
@_SLOW
@given(data=st.data())
def test_every_sentence_is_in_the_customers_script(language: Language, data: st.DataObject) -> None:
    """Also after a few words of another language, and whatever is asked back."""
    lines = data.draw(st.lists(st.sampled_from(LINES[language]), min_size=12, max_size=12, unique=True))
    heard = Conversation(_ENGINE, locale=language)
    heard.say(LINES[language][3])
    said = LINES[language][3]
    for line in lines:
        said += f"\n{line}"
        turn = heard.say(line)
        for message in turn.says:
            assert not wrong_sentences(message.text, language.value, said), f"after {line!r}"
        if is_end(turn):
            return


DISTRESS: Final = {
    Language.HANS: ("我都气死了", "我天天睡不着觉", "太让人失望了，你们", "我急得不行", "我心里难受得很，那天我在柜台站了一上午没人理"),
    Language.HANT: ("我好嬲", "我每天都睡不著", "真的太失望了", "我急到不行", "我心裡很難過，那天在櫃台站了一個上午沒人理"),
    Language.EN: ("I am furious", "I can't sleep for worry", "so disappointed in you", "I am upset and scared", "I'm so worried, I stood there all morning and nobody came"),
}  # fmt: skip


@pytest.mark.parametrize("language", list(DISTRESS))
@_SLOW
@given(data=st.data())
def test_distress_hears_sympathy_once(language: Language, data: st.DataObject) -> None:
    lines = data.draw(st.lists(st.sampled_from(DISTRESS[language]), min_size=1, max_size=8))
    heard = Conversation(_ENGINE, locale=language)
    sorry = 0
    for line in [f"{LINES[language][3]}, {DISTRESS[language][0]}", *lines]:
        turn = heard.say(line)
        sorry += any(is_sympathy(name) for said in turn.says for name in said.response.split("+"))
        assert sorry == 1, f"after {line!r}"
        if is_end(turn):
            return


@pytest.mark.parametrize(
    ("language", "story", "answers", "ends"),
    [
        # agreement in whatever words
        ("en", "I'm Jo Lee, jo@example.org. Yesterday Leeds branch charged me £6. I want it refunded.", ["she says that's how it was"], "FileCase"),
        # neither yes nor no, twice
        ("en", "I'm Jo Lee, jo@example.org. Yesterday Leeds branch charged me £6. I want it refunded.", ["the dog needs her walk", "she pulls"], "FileCase"),
        # "no", and never what
        ("en", "I'm Jo Lee, jo@example.org. Yesterday Leeds branch charged me £6. I want it refunded.", ["no", "no", "no"], "CallPerson"),
        # the whole of it no longer wanted
        ("zh-Hans", "我叫江敏，13900001111，昨天东湖支行多收我20元，要求退还", ["算了", "嗯"], "WithdrawCase"),
        ("zh-Hant", "我叫林怡君，0912345678，昨天信義分行多收我300元，請退還", ["還是不要好了", "對"], "WithdrawCase"),
    ],
)  # fmt: skip
def test_how_a_read_back_ends(language: str, story: str, answers: list[str], ends: str, talk: Talk) -> None:
    heard = talk(locale=language)
    assert heard.say(story).says[-1].asks == ("confirm",)
    for answer in answers[:-1]:
        assert not is_end(heard.say(answer))
    assert [type(act).__name__ for act in heard.say(answers[-1]).acts] == [ends]


@pytest.mark.parametrize(
    ("language", "story", "said", "kept"),
    [
        ("zh-Hans", "你们柜员把我的身份证扔在地上，要求她道歉，跟钱没关系", "清明前后吧", "清明前后"),
        ("zh-Hans", "你们柜员把我的身份证扔在地上，要求她道歉，跟钱没关系", "我外甥结婚前两天", "我外甥结婚前两天"),
        ("en", "Your cashier threw my passport on the floor and I want an apology, it is not about money", "round about the spring fair", "round about the spring fair"),
    ],
)  # fmt: skip
def test_a_day_that_cannot_be_read_is_kept_as_it_was_said(
    language: str, story: str, said: str, kept: str, talk: Talk
) -> None:
    heard = talk(locale=language)
    heard.say(story)
    assert heard.asks == ("occurred_on",)
    heard.say(said)
    assert heard.draft.words.get("occurred_on") == kept
    assert "occurred_on" not in heard.asks


def test_a_year_said_in_passing_leaves_the_day_as_it_is(talk: Talk) -> None:
    heard = talk()
    heard.say("我叫江敏，13900001111，上周三东湖支行多收我20元，要求退还")
    day = heard.facts.occurred_on
    heard.say("我孙子今年考上大学")
    assert heard.facts.occurred_on == day


@pytest.mark.parametrize(
    ("language", "said", "wish"),
    [("en", "idk\njust\ngive it back pls", "just give it back pls"), ("zh-Hans", "不知道\n把钱还我吧", "把钱还我吧"), ("zh-Hant", "唔知呀，退返錢囉", "退返錢囉")],
)  # fmt: skip
def test_what_is_wanted_after_all(language: str, said: str, wish: str, talk: Talk) -> None:
    heard = talk(locale=language)
    heard.say(
        "Your Leeds branch took £40 off me twice last Tuesday" if language == "en" else LINES[Language(language)][3]
    )
    assert heard.asks == ("desired_outcome",)
    heard.say(said)
    assert heard.facts.desired_outcome == wish
