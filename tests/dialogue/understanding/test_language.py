import pytest

from case_store.records import Language
from dialogue.understanding.language import Dialect, dialect_of, language_of, to_simplified, writes_cantonese

HANS, HANT, EN = Language.HANS, Language.HANT, Language.EN


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ("我要投诉", HANS),
        ("我上周在你们滨江支行买的那个理财", HANS),
        ("还没收到回复", HANS),
        ("钱没了怎么办", HANS),
        ("我在HSBC的Premier账户被乱扣费用", HANS),
        ("请用English回复我的投诉", HANS),
        ("对，但是电话错了", HANS),
        ("我要退錢", HANT),
        ("客服態度很差", HANT),
        ("理專說這個跟定存一樣", HANT),
        ("你哋張卡年費喺度亂收錢", HANT),
        ("港紙呀，退錢就得", HANT),
        ("唔想畀", HANT),
        ("你哋点解唔覆我", HANT),  # Cantonese typed in Simplified
        ("我的Visa card被盜刷，請幫忙處理", HANT),
        ("我在台中的後面那家分行排隊", HANT),
        ("台面里干了后再说吧，这个没用", HANS),
        ("他们说后台系统发生故障", HANS),
        ("I lost my money", EN),
        ("refund please", EN),
        ("I repaid my mortgage on 28 October", EN),
        ("why was my card declined?", EN),
        ("I spoke to 陳大文 at your 旺角 branch about my loan", EN),
        ("My name is Daniel Reyes and you took £1,460", EN),
        ("Early repayment fee – unacceptable", EN),
        ("THE BRANCH NEVER CALLED ME", EN),
        ("app down again. third friday running", EN),
        ("honestly whats the point in me being here anymore", EN),
        ("轉真人", HANT),
        ("转真人", HANS),
        ("投诉", HANS),
        ("write to me at 我的@bank.example about the fee you took", EN),
        *((said, None) for said in (
            "", "  ", "你好", "谢谢", "謝謝", "对", "對", "不是", "没问题", "係呀", "冇問題", "ok", "OK 👍", "yes", "No.", "Thank you", "thanks", "hello", "that's right", "👍", "……", "？！", "35000", "13900001111",
            "江敏", "刘建国", "陳大文", "欧阳娜娜", "Daniel Reyes", "Daniel Reyes, 07700 900123", "a.wong@mail.example", "C20261123-000421-4", "https://bank.example/the/fee/you/took", "2026-11-15", "后台", "台北", "HK$12,000",
            "Grace Day", "May Good", "Juan García López", "saya mahu wang saya balik", "Je veux mon argent", "Ich war in der Bank", "VISA",
        )),
    ],
)  # fmt: skip
def test_language_only_where_the_words_are_certain(said: str, language: Language | None) -> None:
    assert language_of(said) is language


@pytest.mark.parametrize(
    "characters",
    [
        "后",
        "里",
        "台",
        "干",
        "面",
        "著",
        "只",
        "征",
        "准",
        "了",
        "余",
        "才",
        "斗",
        "松",
        "几",
        "丑",
        "折",
        "范",
        "周",
        "游",
        "舍",
    ],
)
def test_characters_of_both_scripts_decide_nothing(characters: str) -> None:
    assert language_of(characters * 8) is None


@pytest.mark.parametrize(
    ("said", "dialect"),
    [
        ("你哋張卡年費喺度亂收錢", Dialect.HK),
        ("收咗我三千蚊", Dialect.HK),
        ("月結單上扣了港幣一千八", Dialect.HK),
        ("我喺旺角開嘅戶口", Dialect.HK),
        ("理專說這個跟定存一樣", Dialect.TW),
        ("新台幣三萬元不見了", Dialect.TW),
        ("臺灣的分行", Dialect.TW),
        ("我要退款，人民币三万", Dialect.MAINLAND),
        ("你们为什么扣我的钱", Dialect.MAINLAND),
        ("客服態度很差", None),
        ("I want it refunded", None),
        ("12,000 HKD was taken", Dialect.HK),
        ("你好", None),
    ],
)
def test_dialect(said: str, dialect: Dialect | None) -> None:
    assert dialect_of(said) is dialect


@pytest.mark.parametrize(
    ("text", "simplified"), [("你哋張卡亂收錢", "你哋张卡乱收钱"), ("refund", "refund"), ("后台", "后台"), ("", "")]
)
def test_to_simplified(text: str, simplified: str) -> None:
    assert to_simplified(text) == simplified


@pytest.mark.parametrize("text", ["a" * 100_000, "@" * 100_000, "x@" * 50_000, "投" * 100_000, "w." * 50_000])
def test_endless_texts_are_answered(text: str) -> None:
    assert language_of(text) in (None, HANS)


@pytest.mark.parametrize(
    ("said", "cantonese"),
    [
        ("啱", True),
        ("冇錯", True),
        ("佢話遲啲會還返", True),
        ("我要搵經理", True),
        ("攞返錢", True),
        ("關係到我的戶口", False),  # 係 and 戶口 are formal Chinese as well
        ("我想撤銷投訴", False),
        ("行員態度很差", False),
    ],
)
def test_who_writes_cantonese(said: str, cantonese: bool) -> None:
    assert writes_cantonese(said) is cantonese
