"""What a text begins with before it says anything: "您好，请问", "Dear Sir".

Not here: farewells and salutations of letters (facts.py).
"""

from __future__ import annotations

import re
from typing import Final

from dialogue.understanding.plain import Plain

GREETING: Final = re.compile(
    r"^\s*(?:(?:你好|您好|你哋好|早晨|早上好|下午好|晚上好|早安|午安|喂|hi|hello|hey|good (?:morning|afternoon|evening)|dear [\w ]{1,40}|to whom it may concern|尊敬的[^,，:：\n]{0,20}|敬启者|还?在吗|有人吗|有人在吗|有人(?:在)?(?:没有?|么|嘛)|有没有人|还?在不在|唔该|请问)(?:there|sir|madam|team|呀|啊|啦|哦)?[\s,，。.!！~～:：?？、]*)+",
    re.IGNORECASE,
)


def without_greeting(read: Plain) -> Plain:
    """The text from where it says something."""
    greeting = GREETING.match(read.plain)
    at = greeting.end() if greeting else 0
    return Plain(read.own[at:], read.plain[at:]) if at < len(read.plain) else read
