"""A wish said as an order, in English: "Refund it please.", "Give it back.", "so just unblock it".

An order counts where the customer gives it: at the head of a sentence or after a pause, never where somebody else is told or
asked to do something. Words that are noun and verb alike ("refund", "return") need something that they act upon.

What only tells of something past is no wish, whatever was asked.

Not here: wishes with a verb of wishing ("I want", "please …", 要求): wishes.py.
"""

from __future__ import annotations

import re
from typing import Final

from dialogue.understanding.plain import Span

_WHAT = r"(?: (?:it|this|that|them|these|those|me|us|my|our|the|all|every|everything|both|half|one|at least|in full|for this)\b| ?[£$€¥]?\d)"
_POLITE = r"(?: (?:please|pls|plz|now|lah?|leh|mate|will you|would you|obviously|asap|in full|immediately|today))"
_LEAD = r"(?:(?:ok(?:ay)?|so|now|then|just|also|right|well|yes|no|kindly|please|pls|plz|at least|first|for a start|you can|you could|can you|could you|you (?:should|must|need to|have to|ought to))[, ]+){0,6}"
_PLAIN_ORDERS = r"(?:refund|repay|reimburse|compensate|unblock|unfreeze|unlock|reverse|waive|reinstate|apologi[sz]e|reopen|write off)"
_ORDERS_WITH_OBJECT = (
    r"(?:return|cancel|close|remove|delete|correct|fix|release|restore|find|explain|accept|cash|finish|answer|allow|process|replace|"
    r"sort|pay|give|send|put|move|transfer|credit|let|tell|take|drop|leave|make|bring|change|clear|stop|keep|investigate|honou?r|settle|resolve|amend|update|train|sack|open)"
)
_ORDER: Final = re.compile(
    rf"(?:^\s*(?:and )?|(?<=[,;:\u2013-] )|(?<= and )|(?<= so )){_LEAD}(?P<order>"
    rf"{_PLAIN_ORDERS}(?:{_WHAT}|{_POLITE}|\W*$)"
    rf"|{_ORDERS_WITH_OBJECT}{_WHAT}"
    rf"|stop \w+ing\b)",
    re.IGNORECASE,
)
_WHO_SHOULD: Final = re.compile(
    r"(?:^\s*|(?<=[,;:] )|(?<= and ))(?P<order>(?:he|she|they|you|somebody|someone|(?:the|your|that) [\w ]{2,24}?) "
    r"(?:should|must|ought to|needs? to|has to|have to) "
    r"(?:be (?:sacked|fired|trained|retrained|removed|disciplined|made to|told)|apologi[sz]e|say (?:that )?(?:(?:he|she|they)(?:'s|'re| is| are) )?sorry|pay|give|return|refund|put))\b",
    re.IGNORECASE,
)
_BACK: Final = re.compile(
    r"(?:^\s*|(?<=[,;:] )|(?<= and ))(?:just |only |all i want is )?(?P<order>(?:(?:the|my|our|her|his|every|all|that)(?: \w+){0,2}? )?"
    r"(?:[£$€¥] ?\d[\d,.]*|(?:money|cash|fees?|charge|deposit|penny(?: of [\w ]{2,20})?|hundred|thousand|pounds|dollars|interest)|💰)"
    r"(?:,? back\b|,? please\W*$))",
    re.IGNORECASE,
)
_OTHERS: Final = re.compile(
    r"\b(?:told|tells?|said|says?|asked|asks|wants?|wanted|tried|trying|promised|refused|supposed|how|why|who|whether|if|when|while|before|after) [^.!?]*$",
    re.IGNORECASE,
)
_NO_ORDER: Final = re.compile(
    r"(?:find|see) (?:the |my |an? )?(?:attached|enclosed)|let (?:me|us) (?:know|speak|talk|explain|tell|start|see|be|think|check|ask|get)|let'?s|"
    r"(?:give|tell|leave) (?:me|it) (?:a (?:minute|moment|sec)|alone|to you)|tell me (?:how|about|if)|take (?:it|this|that|my time)(?: easy| from me| or leave|,)|"
    r"put me (?:through|on|down|in touch)|send (?:me|us) (?:someone|a (?:person|human))|(?:send|give|show) (?:me|us) (?:the |an? |your )?(?:form|link|number|address|e-?mail|website|details)\b|(?:give|bring|get|find) me (?:a |an |the |your |some )?(?:real |actual |live )?(?:human|person|manager|agent|supervisor)|"
    r"keep (?:it\W*$|the (?:rest|money|change|cash))|put (?:them|him|her|someone|somebody|me) (?:on|through)|tell (?:that|him|her|them|your|my) \w+|make (?:it|that|the (?:sum|amount))(?: was| is)? ?[£$€\d]|(?:drop|leave|close|stop|forget) (?:it|this|that)\b(?! account| card)|change (?:it|that|this|the (?:date|sum|amount|name|number))\b|correct(?:ion)?[:,]",
    re.IGNORECASE,
)
_STOP: Final = re.compile(
    r",? but |, (?:as|because|since|which|otherwise)\b| because |,? or (?:I|we|else)\b", re.IGNORECASE
)


_TELLS: Final = re.compile(
    r"\W*(?:and |but |also,? |then |so |plus,? |by the way,? )*"
    r"(?:the|your|that|a|one|my|our|his|her|he|she|they|it|i|we|nobody|no one|everyone|everybody|somebody|someone|another|there|all|both|you)\b"
    r"[^?!]*?\b(?:was|were|had|did|didn't|did not|wasn't|weren't|hadn't|said|told|took|went|left|kept|came|gave|got|made|knew|saw|heard|lost|sent|spoke|stood|sat|"
    r"ran|rang|wrote|thought|felt|began|never|\w{3,}(?<!ne)ed)\b",
    re.IGNORECASE,
)
_WISHES: Final = re.compile(
    r"\b(?:want(?:s|ed)?|need(?:s|ed)?|should|must|would (?:like|be)|i'd like|(?:can|could|will|would) (?:you|someone|somebody)|hope|wish|expect|please|pls|refund(?:ed)?|compensat\w+|back|apolog\w+|explanation|explained|"
    r"paid|returned|put right|fixed|sorted|corrected|removed|cancelled|canceled|reversed|sacked|fired|trained|fair|enough|happy|satisfied|so that|to be|never happens|no more)\b",
    re.IGNORECASE,
)


def only_tells(text: str) -> bool:
    """Whether an English sentence tells of something past and holds no word of wishing: "The cashier laughed as well"."""
    return _TELLS.match(text) is not None and _WISHES.search(text) is None


def order_in(text: str, start: int, end: int) -> Span | None:
    """Where the first order of a sentence stands, to the end of what it orders."""
    sentence = text[start:end]
    for pattern in (_ORDER, _WHO_SHOULD, _BACK):
        for match in pattern.finditer(sentence):
            begin = match.start("order")
            if _OTHERS.search(sentence[:begin]):
                break  # whatever follows is told of the same people
            if _NO_ORDER.match(sentence, begin):
                continue
            stop = _STOP.search(sentence, match.end())
            return start + begin, start + (stop.start() if stop else len(sentence))
    return None
