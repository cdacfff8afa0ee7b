"""What no list knows a word of and the wording tells all the same: questions, insults, withdrawals, kind and feeling.

None of these sentences was learned from. Beside each signal stands a story that holds its words and means something else.
"""

import pytest

from dialogue.understanding import classifier
from dialogue.understanding.emotion import emotion_in, feeling_in
from dialogue.understanding.found import Emotion, Signal
from dialogue.understanding.kinds import kind_of
from dialogue.understanding.signals import danger_in, keyword_in, signals_in
from dialogue.understanding.terms import fold

ASKED = (
    Signal.ASKS_WHY,
    Signal.ASKS_STATUS,
    Signal.ASKS_DATA_HELD,
    Signal.ASKS_HOW_LONG,
    Signal.ABUSE,
    Signal.WITHDRAWS,
    Signal.ANOTHER_COMPLAINT,
)


@pytest.mark.parametrize(
    ("signal", "said"),
    [
        (Signal.ASKS_WHY, "你們要我的生日有什麼用途"),
        (Signal.ASKS_WHY, "what use is my postcode to you"),
        (Signal.ASKS_STATUS, "想知道我之前那個申訴審到哪個階段了"),
        (Signal.ASKS_STATUS, "has anyone decided anything on my complaint yet"),
        (Signal.ASKS_DATA_HELD, "麻烦把我的个人资料从你们系统里清除"),
        (Signal.ASKS_DATA_HELD, "please remove my details from your records"),
        (Signal.ASKS_HOW_LONG, "這樣處理大約要幾個禮拜"),
        (Signal.ASKS_HOW_LONG, "roughly how many weeks will a decision take"),
        (Signal.ABUSE, "你們是一群沒用的飯桶"),
        (Signal.ABUSE, "you lot are a bunch of thieving clowns"),
        (Signal.WITHDRAWS, "钱已经退了，我不投诉了，单子关掉吧"),
        (Signal.WITHDRAWS, "I was wrong about it, please scrap my complaint"),
        (Signal.ANOTHER_COMPLAINT, "除了這件，另外一張卡的事也要一起申訴"),
        (Signal.ANOTHER_COMPLAINT, "I have a second, unrelated complaint about my mortgage"),
    ],
)
def test_a_question_is_heard_by_its_wording(signal: Signal, said: str) -> None:
    assert signal in signals_in(said)


@pytest.mark.parametrize(
    "said",
    [
        "为什么我的工资卡一早被锁了，房租都交不了",
        "I'd like to know why my card was blocked on Friday",
        "排队排了两个多小时，柜员也不知道还要排到什么时候才轮到我，后来干脆关了窗口",
        "It took the branch seven weeks to send me a new card",
        "柜员把我的身份证复印件给了装修公司",
        "The man at the desk called my mother an idiot in front of everybody",
        "我要把那份保险取消，钱退回来",
        "上个月那笔也扣错了，同样是年费",
        "The status of the transfer has been pending for nine days and the shop won't wait",
    ],
)
def test_a_story_that_holds_such_words_asks_nothing(said: str) -> None:
    assert not set(ASKED) & set(signals_in(said))


@pytest.mark.parametrize("said", ["一了百了，销户吧", "乾脆解約，一了百了"])
def test_an_account_that_is_done_with_is_no_danger(said: str) -> None:
    assert danger_in(said) is None


@pytest.mark.parametrize(
    ("said", "wants"),
    [
        ("打俾我啦，佢聽唔到嘅，6123 4567", False),
        ("打给我吧，13800001234", False),
        ("叫你们经理打给我，13800001234", True),
        ("打俾我啦", True),
    ],
)
def test_a_number_that_was_asked_for_is_an_answer_and_no_wish_for_a_person(said: str, wants: bool) -> None:
    assert (Signal.WANTS_PERSON in signals_in(said, asked=("name", "contact"))) is wants


@pytest.mark.parametrize(
    "said",
    [
        "定期到期了柜台给我自动转成了半年，我要的是一年期的那种，你们给改回去",
        "your app only lets me send two hundred a day, every other bank lets me send thousands, raise it",
    ],
)
def test_what_is_told_without_a_word_of_complaint_is_a_complaint(said: str) -> None:
    assert kind_of(said).value == "complaint"


@pytest.mark.parametrize(
    "said",
    [
        "请问下周六你们网点开不开门，大概几点下班呢",
        "Could you tell me whether you offer a savings account for children?",
    ],
)
def test_an_enquiry_stays_one(said: str) -> None:
    assert kind_of(said).value == "enquiry"


def test_a_feeling_that_no_word_states_is_told_by_the_wording_of_a_long_text() -> None:
    said = "我媽昨天去你們分行，行員當著全部人的面叫她老太婆不要擋路，她回家飯都沒吃，你們是怎麼教員工的，叫那個人來跟她道歉"
    found = feeling_in(said)
    assert found.emotion is Emotion.ANGRY
    assert found.words in said


@pytest.mark.parametrize(
    "said", ["我叫江河，手机13812344321", "10月28号，一千二百块", "The branch in Leeds", "I repaid it on 28 October"]
)
def test_a_plain_answer_is_calm(said: str) -> None:
    assert emotion_in(said) is Emotion.CALM


@pytest.mark.parametrize(
    "said", ["你们乱收年费。凭什么乱收年费？退钱！", "You took £30. You took £30 again. Put it back."]
)
def test_heads_that_are_read_together_tell_what_each_tells_alone(said: str) -> None:
    model, text = classifier.model(), fold(said).folded
    heads = model.about_heads
    parts = [heads.totals(classifier.pieces_of(text[start:end])) for start, end in classifier.sentences(text)]
    together = heads.evidences(heads.together(parts))
    for name, head in {**model.categories, **model.scopes, **model.kinds, **model.feelings}.items():
        assert together[name] == pytest.approx(head.evidence(classifier.pieces_of(text)))


@pytest.mark.parametrize("said", ["幫我delete返嗰次enquiry record", "請把那筆查詢紀錄刪除"])
def test_an_answer_to_what_is_wished_asks_for_nothing_that_is_held_unless_a_list_says_so(said: str) -> None:
    assert Signal.ASKS_DATA_HELD not in signals_in(said, asked=("desired_outcome",))
    assert Signal.ASKS_DATA_HELD in signals_in("你们保存了我哪些信息", asked=("desired_outcome",))


def test_the_lists_alone_can_be_asked() -> None:
    assert keyword_in("我要撤回投诉", Signal.WITHDRAWS)
    assert keyword_in("钱已经退了", Signal.WITHDRAWS) is None


def test_a_text_weighs_the_same_however_often_its_sentences_were_looked_at() -> None:
    """What is remembered of a sentence is not changed by the sentences beside it."""
    text = fold("The branch closed my account. Nobody wrote to me. I want to speak to a manager about the fee of £40.")
    classifier.forget()
    first = (classifier.categories_of(text), classifier.is_sure(text, "wants_person", None))
    for remembered in (classifier._about, classifier._strongest, classifier._evidences_of):
        remembered.cache_clear()
    assert (classifier.categories_of(text), classifier.is_sure(text, "wants_person", None)) == first
