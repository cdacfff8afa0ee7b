"""Customers: how their files are read, what they take a message to ask, what they say next, in which language a sentence is."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from dialogue.script import Variant
from gateway.simulation.customer import Talker
from gateway.simulation.days import UnknownDay, day_of, written
from gateway.simulation.reading import asked, is_readback
from gateway.simulation.sheet import CustomersUnreadable, Sheet, on_day, read_customers
from gateway.simulation.tongue import sympathies, wrong_sentences
from tests.dialogue.sympathies import ways

TODAY = date(2026, 11, 27)  # a Friday
HERE = Path(__file__).parent
ONE = {"id": "x", "who": "somebody", "language": "en", "tempers": ["plain"], "opens": "you took my money"}


def sheet(**fields: Any) -> Sheet:
    return Sheet.model_validate(ONE | fields)


# days ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "day", "english", "chinese"),
    [
        ("today", "2026-11-27", "27 November", "11月27日"),
        ("yesterday", "2026-11-26", "26 November", "11月26日"),
        ("3 days ago", "2026-11-24", "24 November", "11月24日"),
        ("2 weeks ago", "2026-11-13", "13 November", "11月13日"),
        ("friday", "2026-11-20", "20 November", "11月20日"),
        ("thursday", "2026-11-26", "26 November", "11月26日"),
        ("last friday", "2026-11-20", "20 November", "11月20日"),
        ("last monday", "2026-11-16", "16 November", "11月16日"),
        ("this month", "2026-11", "November", "11月"),
        ("last month 15", "2026-10-15", "15 October", "10月15日"),
        ("11 months ago", "2025-12", "December 2025", "2025年12月"),
        ("last year", "2025", "2025", "2025年"),
        ("last year 3", "2025-03", "March 2025", "2025年3月"),
        ("2026-10-12", "2026-10-12", "12 October", "10月12日"),
    ],
)
def test_days_move_with_the_day_on_which_the_customer_is_played(
    words: str, day: str, english: str, chinese: str
) -> None:
    assert day_of(words, TODAY) == day
    assert (written(words, TODAY, "en"), written(words, TODAY, "zh-Hant")) == (english, chinese)


@pytest.mark.parametrize(
    "words", ["soon", "", "last month 31 days", "last year 13", "2026-13", "2026-02-30", "this month 31"]
)
def test_what_is_no_day_is_refused(words: str) -> None:
    with pytest.raises(UnknownDay):
        day_of(words, TODAY)


# files -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"oppens": "hello"}, "oppens"),
        ({"language": "de"}, "language"),
        ({"tempers": []}, "tempers"),
        ({"tempers": ["grumpy"]}, "tempers"),
        ({"tells": ["colour"]}, "tells"),
        ({"says": {"colour": "blue"}}, "'colour' is no fact"),
        ({"sheet": {"amount": "85 quid"}}, "85.00 GBP"),
        ({"sheet": {"contact": "07700 900456"}}, "+447700900456"),
        ({"sheet": {"occurred_on": "the other day"}}, "names no day"),
        ({"sheet": {"colour": "blue"}}, "no such fact"),
        ({"sheet": {"name": "Tom"}, "declines": ["name"]}, "at once"),
        ({"moves": [{"at": "teatime", "says": "hello"}]}, "teatime"),
        ({"opens": "it was {the other day}"}, "names no day"),
    ],
)
def test_a_customer_that_cant_be_played_is_refused_by_file_and_name(
    tmp_path: Path, fields: dict[str, Any], told: str
) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(yaml.safe_dump([ONE | fields], allow_unicode=True))
    with pytest.raises(CustomersUnreadable, match=r"mine\.yaml, x") as refused:
        read_customers(tmp_path)
    assert told in str(refused.value)


def test_two_customers_of_one_name_are_refused(tmp_path: Path) -> None:
    for name in ("one.yaml", "two.yaml"):
        (tmp_path / name).write_text(yaml.safe_dump([ONE]))
    with pytest.raises(CustomersUnreadable, match=r"two\.yaml, x: the same id stands in one\.yaml"):
        read_customers(tmp_path)


def test_no_yes_and_numbers_that_begin_with_nought_are_words(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        "- {id: x, who: she, language: en, tempers: [terse], opens: no, says: {confirm: YES, contact: 0912345678}}"
    )
    [(_, read)] = read_customers(tmp_path)
    assert (read.opens, read.says["confirm"], read.says["contact"]) == (("no",), ("YES",), ("0912345678",))


def test_the_examples_of_the_readme_can_be_played() -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", (HERE / "README.md").read_text("utf-8"), re.DOTALL)
    examples = [one for block in blocks for one in yaml.load(block, Loader=yaml.BaseLoader)]
    assert len(examples) == 6
    for one in examples:
        on_day(Sheet.model_validate(one), TODAY)


def test_every_customer_can_be_played_on_any_day_of_a_year() -> None:
    customers = read_customers(HERE / "customers")
    for _, one in customers:
        for month in range(1, 13):
            on_day(one, date(2027, month, 28))


# what is asked ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("When was that, and how much did they take?", {"occurred_on", "amount"}),
        ("May I have your full name, and a phone number where we can reach you?", {"name", "contact"}),
        ("Which branch was it?", {"about"}),
        ("What would you like us to do?", {"desired_outcome"}),
        ("I am sorry to hear that. What happened exactly?", {"what_happened"}),
        ("Is everything right? Then I will register it.", {"confirm"}),
        ("Are you safe where you are?", {"other"}),
        ("Noted: £64, yesterday.", set()),
        ("Please call 12356 if you need someone to talk to.", set()),
        ("Please keep your reference number.", set()),
        ("Please add the following:\n• your name\n• the date of the payment", {"name", "occurred_on"}),
        ("您什么时候办的？大概多少钱？", {"occurred_on", "amount"}),
        ("您贵姓？方便的话留个手机号。", {"name", "contact"}),
        ("是哪个网点的事？", {"about"}),
        ("您希望我们怎么处理？", {"desired_outcome"}),
        ("以上对不对？", {"confirm"}),
        ("您现在身边有人吗？", {"other"}),
        ("如果您有危险，请拨打 120。", set()),
        ("邊間分行？幾時嘅事？", {"about", "occurred_on"}),
        ("你想點樣解決？", {"desired_outcome"}),
        ("請問怎麼稱呼？留個電話好嗎？", {"name", "contact"}),
        ("睇下啱唔啱？", {"confirm"}),
    ],
)
def test_what_a_person_takes_a_message_to_ask(text: str, facts: set[str]) -> None:
    assert asked(text) == facts


def test_the_customers_own_words_said_back_are_no_question() -> None:
    assert asked("Noted: when was it, anyway?. How much was it?", ["when was it, anyway?"]) == {"amount"}
    assert asked("「請問電話是多少？」記下了。") == set()


def test_a_read_back_is_laid_out_line_by_line() -> None:
    assert is_readback("Please check:\n• Name: Ann\n• Amount: £3")
    assert not is_readback("Noted: Ann, £3.")


# language and sympathy -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "text", "wrong"),
    [
        ("zh-Hans", "您好，请说。这个里程、后台和公里数都对。", 0),
        ("zh-Hans", "您好。請說。", 1),
        ("zh-Hans", "已登记。Your complaint is registered.", 1),
        ("zh-Hans", "编号 C20261127-000004-9，金额 USD 300，APP 里能查。", 0),
        ("zh-Hant", "您好，請說。后來在臺中、台北的分行裡。", 0),
        ("zh-Hant", "呢件事係邊間分行？你哋嗰度冇著燈，佢咗喺。", 0),
        ("zh-Hant", "请说。已登記。", 1),
        ("en", "Noted. Thank you.", 0),
        ("en", "Noted. 登记好了。", 1),
    ],
)
def test_a_sentence_in_another_language_or_script_is_found(language: str, text: str, wrong: int) -> None:
    assert len(wrong_sentences(text, language, "")) == wrong


def test_the_customers_own_characters_may_be_said_back() -> None:
    assert wrong_sentences("Noted: 陆家嘴 branch.", "en", "your 陆家嘴 branch") == []
    assert wrong_sentences("记下了：structured note 的 RM。", "zh-Hans", "structured note RM") == []


@pytest.mark.parametrize(
    ("text", "sorry"),
    [
        ("I am sorry that this happened.", True),
        ("That must have been upsetting.", True),
        ("换了谁都会生气。", True),
        ("等咗咁耐，邊個都會嬲。", True),
        ("您着急是应该的。", True),
        ("I am sorry, I did not understand that.", False),
        ("抱歉，这一句我没有看懂。", False),
        ("Thank you. Noted.", False),
        ("记下了。这是什么时候的事？", False),
        ("• What happened: I was worried sick", False),
        ("How would you like us to put this right: a refund, an apology, or an explanation first?", False),
        ("We apologise for the wait.", True),
    ],
)
def test_sympathy_is_told_from_politeness(text: str, sorry: bool) -> None:
    assert bool(sympathies(text, "")) is sorry


@pytest.mark.parametrize("way", ways(), ids=lambda way: way.text)
def test_whatever_the_script_says_for_sympathy_counts_as_sympathy(way: Variant) -> None:
    """A scorer that does not know the words would find fault with the house for its own deafness."""
    text = way.text.replace("{amount}", "300").replace("{wait}", "three weeks")
    assert sympathies(text, "")


def test_sympathy_that_the_customer_said_is_not_the_houses() -> None:
    assert sympathies("Noted: “I was so worried”.", "I was so worried") == []


# what they say next ----------------------------------------------------------------------------------------------


def test_a_customer_answers_what_was_asked_from_the_sheet_and_says_when_they_dont_know() -> None:
    talker = Talker(sheet(says={"amount": "64 quid", "name+contact": "Gaz, 07700 900118"}))
    assert talker.answer(frozenset({"amount", "occurred_on"})) == _reply(
        "I don't know, 64 quid", {"amount", "occurred_on"}
    )
    assert talker.answer(frozenset({"name", "contact"})) == _reply("Gaz, 07700 900118", {"name", "contact"})


def _reply(line: str, settled: set[str]) -> Any:
    from gateway.simulation.customer import Reply

    return Reply((line,), frozenset(settled), frozenset(settled))


def test_who_asks_back_has_not_answered() -> None:
    talker = Talker(sheet(says={"name": [{"not_yet": "who reads it?"}, "Gaz"]}))
    first, second = talker.answer(frozenset({"name"})), talker.answer(frozenset({"name"}))
    assert first is not None
    assert second is not None
    assert (first.lines, first.tells) == (("who reads it?",), frozenset())
    assert (second.lines, second.tells) == (("Gaz",), {"name"})


def test_who_is_asked_for_what_they_told_says_it_again() -> None:
    reply = Talker(sheet()).answer(frozenset({"what_happened"}))
    assert reply is not None
    assert reply.lines == ("as I said: you took my money",)


def test_a_burst_is_a_line_at_a_time() -> None:
    reply = Talker(sheet(tempers=["bursts"], says={"amount": "64\nno, 46"})).answer(frozenset({"amount"}))
    assert reply is not None
    assert reply.lines == ("64", "no, 46")


def test_moves_come_at_their_moment_once_and_correct_the_sheet() -> None:
    talker = Talker(
        sheet(
            moves=[
                {"at": "readback", "says": "it was 46", "corrects": {"amount": "46.00 GBP"}},
                {"at": "filed", "says": "thanks"},
            ]
        )
    )
    right = talker.answer(frozenset({"confirm"}))
    assert right is not None
    assert (right.lines, right.corrects) == (("it was 46",), {"amount": ("46.00 GBP",)})
    agreed = talker.answer(frozenset({"confirm"}))
    assert agreed is not None
    assert agreed.lines == ("yes, that's right",)
    after = talker.after_filing()
    assert after is not None
    assert after.lines == ("thanks",)
    assert talker.after_filing() is None


def test_who_is_attentive_puts_right_what_is_read_back_wrong_once() -> None:
    known = {"amount": "46.00 GBP", "name": "Gaz"}
    talker = Talker(sheet(attentive=True, tells=["amount", "name"], sheet=known, says={"amount": "46 quid"}))
    wrong, right = "Please check:\n• Amount: £64\n• Name: Gaz", "Please check:\n• Amount: £46\n• Name: Gaz"
    objects = talker.answer(frozenset({"confirm"}), wrong)
    assert objects is not None
    assert (objects.lines, objects.corrects) == (
        ("the amount is wrong, it should be: 46 quid",),
        {"amount": ("46.00 GBP",)},
    )
    for text in (wrong, right):
        agrees = talker.answer(frozenset({"confirm"}), text)
        assert agrees is not None
        assert agrees.lines == ("yes, that's right",)


def test_the_wish_for_a_person_is_where_the_last_move_says_it() -> None:
    talker = Talker(sheet(ends="person", moves=[{"at": "answer 2", "says": "a human, please"}]))
    assert talker.first().wish is False
    first, second = talker.answer(frozenset({"amount"})), talker.answer(frozenset({"amount"}))
    assert first is not None
    assert second is not None
    assert (first.wish, second.wish) == (False, True)


def test_who_is_asked_nothing_says_nothing() -> None:
    assert Talker(sheet()).answer(frozenset()) is None
