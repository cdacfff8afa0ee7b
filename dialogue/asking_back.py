"""Answers that are none: a question put in return, a sound, "whatever you think". What is asked back is answered; nothing goes on record.

"What has a figure to do with it?", 你们系统里查不到吗, "where were we". It counts only where nothing is told with it: words that hold a
day, a sum, a name, a wish or something that happened are an answer, question mark or none.

Not here: questions that stand for themselves whatever was asked (signals.toml: how it stands, how long it takes), enquiries of
those who complain of nothing (understanding/kinds.py), what is answered (the script).
"""

from __future__ import annotations

import re
from dataclasses import replace
from enum import StrEnum
from typing import Final

from case_store.records import Facts
from dialogue.understanding.abouts import about_in
from dialogue.understanding.facts import tells_of_an_event
from dialogue.understanding.found import Understanding
from dialogue.understanding.terms import fold
from dialogue.understanding.wishes import wish_in

LONGEST_HAN: Final = 45
LONGEST_LATIN: Final = 130
"""Characters: a longer text tells, whatever it ends with."""

_OWN: Final = ("occurred_on", "amount", "name", "contact")  # facts that are never read from a question by chance

_QUESTION: Final = re.compile(
    r"[?？]\W*\Z|(?:吗|么|呢|嘛|咩|㗎)\W*\Z|\A\W*(?:我|你们?|你哋|那|咁|这|呢|登记)?[^,，。\n]{0,4}(?:是不是|系咪|是否|会不会|会唔会|能不能|使唔使|要不要|可唔可以|可不可以)|(?:之后|以后|然后|跟住)(?:点|怎么?|呢)?\W*\Z|(?:怎么办|怎么样|怎样|做什么|干什么|干嘛|为什么|点解|点做|点算|会点|做咩)\W*\Z"
    r"|\A\W*(?:sorry,? |and |so |but |well,? |ok,? )*(?:why\b|(?:what|who|how|where|when)(?:'s|'ll| (?:is|are|was|were|has|have|do|does|did|can|could|will|would|should|gets|sees|happens))\b"
    r"|(?:do|does|is|are|can|could|will|would) (?:you|i|it|that|this|there|they|the|my)\b)[^.!]*\Z",
    re.IGNORECASE,
)
_WHERE_WE_WERE: Final = re.compile(
    r"(?:说|讲|谈|聊|进行|问)(?:到|紧)(?:哪|边度|什么|咩)|(?:你|您)?(?:刚才|刚刚|头先|上面)?(?:问|说|讲|打)(?:了|的|咗|嘅)?(?:是)?(?:我)?(?:什么|啥|咩|哪)(?:来着|嚟)?(?!时候|钱)|有讲到哪"
    r"|\bwhere (?:were|are|was) (?:we|i)\b|\bwhat (?:did|do|was|were) you (?:\w+ )?(?:want|ask|asking|need|say)\b|\bwhat was (?:it|the question|that)\b",
    re.IGNORECASE,
)
_WHAT_NEXT: Final = re.compile(
    r"(?:之后|以后|然后|接下来|完了|咗)[^,。!?\n]{0,6}(?:会|点|怎|谁|要|做|系)|(?:之后|以后|然后|跟住)\W*\Z|(?:你们|你哋|贵行|银行)?(?:一般|通常|打算|准备|会|可以|能)(?:会|都)?(?:怎么|怎样|点|如何|给|做)(?:样)?(?:办|做|处理|解决|算|搞)?|谁来?看|边个(?:睇|跟)|有人(?:看|处理|管)"
    r"|\bwhat (?:happens|comes|is) (?:\w+ )?(?:next|then|after|now)\b|\bwhat (?:are|can|could|will|would|do) you (?:\w+ )?(?:able|do|offer|suggest|usually|normally)\b|\bwhat are you able\b|\bwho (?:will |is going to )?(?:reads?|looks?|deals?|handles?)\b|\bhappens after\b",
    re.IGNORECASE,
)


_WISHES: Final = re.compile(
    r"退|赔|补|还我|还给|给我|畀返|俾返|恢复|取消|\b(?:refund\w*|pay me|give me|money back|put (?:it|this) right|cancel|compensat\w*)\b",
    re.IGNORECASE,
)
_NEED: Final = re.compile(
    r"[问要需必]|一定|非得|关系|相关|关事|有关|用来?|用途|查不?到|记录|系统|资料|信息|隐私|实名|推[销广]|告诉|泄露|[给俾畀]|知道"
    r"|\b(?:need\w*|matter\w*|necessary|require\w*|why|use[ds]?|see|share\w*|record\w*|know|relevan\w*|do with|have (?:that|it|this|to)|in front of you|private|privacy|spam|sell)\b",
    re.IGNORECASE,
)


_HOW_SHOULD_I_KNOW: Final = re.compile(
    r"(?:我|俺|人家)(?:又|都)?(?:怎么|哪儿?|哪里|点|边)(?:会|能|可能|还)?(?:都|得)?(?:知|记|晓|说得|讲得|算|计|清楚|数)"
    r"|\bhow (?:should|would|could|can|on earth would|am) i\b(?: supposed to)? (?:know|remember|tell)|\byou(?:'ve| have) got me there\b",
    re.IGNORECASE,
)
_INDIFFERENT: Final = re.compile(
    r"(?:\W|随便你们?|随便|随你们?|都行|都可以|都得|都好|哪个都|怎么都|点都|看着办|你们?(?:定|决定|话事|觉得呢?|看)|无所谓|冇所谓|没差|冇差|写个就行|吧|啦|呀|啊|了|嘅|的)+"
    r"|\W*(?:(?:i'm|i am|im|it's|its|whatever|anything|either|any|doesn't matter|don't mind|not (?:fussed|bothered)|i don't mind|up to you|you (?:choose|decide|think|like|say)|as you like|no preference|easy|works|is fine|will do|mate|love|really)\W*)+",
    re.IGNORECASE,
)


_PONDERS: Final = re.compile(
    r"\W*?(?:h+m+|m+h*m+|u+m+|u+h+|e+r+m*|嗯+|唔+|[哦喔噢]+|呃+|额+|等等|等一下|等阵|稍等|让我想想|讓我想想|let me (?:see|think|check|look)|(?:just )?(?:a|one) (?:moment|sec(?:ond)?|minute)|hang on|hold on|wait|[\u2600-\u27bf\U0001f300-\U0001faff\ufe0f\u200d]++)\W*+",
    re.IGNORECASE,
)


_GIVES_UP: Final = re.compile(
    r"不要送出|先不(?:要|用)?送|(?:不|别|唔)(?:用|要|想|使|好)?(?:再)?(?:登记|报|弄|搞|提交)(?:了|啦|喇|好了|吧)*(?=\W|\Z)|还是(?:不要|唔好|别)(?:好)?(?:了|啦|喇)(?:吧)?|当(?:没|冇)(?:这回|这|呢)?(?:件)?事"
    r"|\b(?:(?:it's|it is|that's|is) )?not worth (?:it|the (?:bother|hassle|trouble|effort|time))\b|\b(?:let's|let us|we'll|i'll|just) (?:just )?(?:leave|forget|drop) (?:it|this|that)(?: be| there| at that)?\b(?! (?:to|with|in|on|open))",
    re.IGNORECASE,
)
_HAS_ENOUGH: Final = re.compile(
    r"\W*(?:(?:哎呀?|唉|那|就|都|还是|真的|啊|嗯|呃|好|对|是的?|系呀?|yes|yeah|ok|okay|oh|no|ah|right|just|so)\W*)*(?:算了|算啦|算数啦|算喇|罢了|不(?:搞|弄|说|报|要|用)了|唔(?:搞|要|使)(?:啦|喇)|don'?t bother|forget (?:it|about it)|never ?mind|leave it|drop it|scrap (?:it|that))(?:吧|啦|呀|then|now|please|谢谢|多谢|唔该|thanks|thank you|\W)*",
    re.IGNORECASE,
)


_WHICH: Final = re.compile(
    r"还是|定系|定(?=[^,。!?\n]{1,8}(?:$|\W))|什么意思|啥意思|咩意思|乜意思|唔明|不懂|不明白|哪[个一天次种笔]|边[个日次样笔](?!会|睇)|大概|约数|精确|准确|算不算|计唔计|含不含|连埋|包不包"
    r"|什么(?:叫|是)|啥叫|乜嘢叫|即系|是指|指的|(?:得唔得|行不行|可不可以|可以吗|行吗|可以不)\W*$|全名|真名|昵称"
    r"|\bor\b|\bmean(?:s|ing)?\b|\bwhich\b|\brough\w*\b|\bexact\w*\b|\bincluding?\b|\bcount\b|\bunderstand\b|\bexplain\b|\bplain english\b|\b(?:full|first|real|last|maiden) name\b|\b(?:enough|ok|okay|all right|alright|do|instead)\?$",
    re.IGNORECASE,
)
_WHAT_TO_ASK: Final = re.compile(
    r"要求什么|要求咩|要求啲|要求些|提什么|选项|咩拣|一般|通常|别人|其他人|人哋|建议|能给|做到|有用吗|有冇用|就(?:给|会)"
    r"|\b(?:usually|normally|options?|suggest|offer\w*|ask for|difference|actually do)\b",
    re.IGNORECASE,
)
_WHO: Final = re.compile(
    r"谁|边个|保密|泄露|外泄|骚扰|打给|打嚟|打来|干什么|干嘛|干吗|做咩|做乜|做什么|为什么|点解"
    r"|\b(?:who|secure|calls?|ring|have to|must|compulsory|for)\b",
    re.IGNORECASE,
)


class Asked(StrEnum):
    """What is asked back about."""

    NEED = "need"  # what the answer is needed for, who sees it, whether it isn't known already
    NEXT = "next"  # what the house will do
    PLACE = "place"  # where the conversation stood
    OTHER = "other"


def asked_back(heard: Understanding) -> Asked | None:
    """What the customer asks about instead of answering; None if they tell something as well, or ask nothing."""
    folded = fold(heard.text)
    text = folded.folded.strip()
    place = _WHERE_WE_WERE.search(text)
    if not text or len(text) > (LONGEST_HAN if folded.han else LONGEST_LATIN):
        return None
    if (not place and not _QUESTION.search(text)) or leaves_it_open(text):
        return None
    if any(getattr(heard.facts, fact) is not None or fact in heard.words for fact in _OWN):
        return None
    if _WISHES.search(text) or wish_in(heard.text) is not None or (not place and tells_of_an_event(heard.text)):
        return None
    if place:
        return Asked.PLACE
    if about_in(heard.text) is not None and not folded.folded.rstrip().endswith("?"):
        return None
    if _WHAT_NEXT.search(text):
        return Asked.NEXT
    return Asked.NEED if _NEED.search(text) else Asked.OTHER


def what_is_asked(text: str) -> Asked:
    """What a question back is about: where they were, what is meant, what comes next, what it is for."""
    folded = fold(text).folded
    if _WHERE_WE_WERE.search(folded):
        return Asked.PLACE
    if _WHAT_NEXT.search(folded):
        return Asked.NEXT
    if _WHICH.search(folded):
        return Asked.OTHER
    if _WHAT_TO_ASK.search(folded):
        return Asked.NEXT
    return Asked.NEED if _NEED.search(folded) or _WHO.search(folded) else Asked.OTHER


def leaves_it_open(text: str) -> bool:
    """Whether it says that anything will do, or asks how they should know: there is nothing more to be had by asking again."""
    folded = fold(text).folded
    return _INDIFFERENT.fullmatch(folded) is not None or _HOW_SHOULD_I_KNOW.search(folded) is not None


def gives_up(text: str, *, read_back: bool) -> bool:
    """Whether they have had enough of the complaint itself, so that they are asked whether to take it back.

    A bare "forget it" means the complaint only where it is `read_back`; before, it means the question.
    """
    folded = fold(text)
    if len(folded.folded) > (LONGEST_HAN if folded.han else LONGEST_LATIN):
        return False
    return _GIVES_UP.search(folded.folded) is not None or (
        read_back and _HAS_ENOUGH.fullmatch(folded.folded) is not None
    )


def ponders(text: str) -> bool:
    """Whether it is a sound of thinking or of listening, and no word: "mm", 等一下."""
    return len(text) <= LONGEST_LATIN and _PONDERS.fullmatch(text) is not None


def without_answers(heard: Understanding) -> Understanding:
    """What was heard, with nothing taken from the question for an answer."""
    return replace(heard, facts=Facts(), words={})
