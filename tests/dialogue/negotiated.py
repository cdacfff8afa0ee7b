"""A conversation about one filed case whose offer waits, with the house's part played plainly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from case_store.records import Status
from dialogue.turn import (
    Act,
    AnswerOffer,
    BotTurn,
    CaseGlance,
    ChooseOption,
    ConfirmSettlement,
    Offer,
    OfferedOption,
)

BY = date(2026, 11, 30)
UNTIL = date(2026, 12, 4)
WORDS = {
    "zh-Hans": [
        ("全额退回手续费", "360 元退回您原来的银行卡"),
        ("退回一半并免一年年费", "180 元退回您的银行卡，年费免到明年十一月，不影响您的征信记录"),
        ("书面说明收费依据", "由分行把计算方法寄给您"),
    ],
    "zh-Hant": [
        ("全額退回手續費", "360 元退回您原來的銀行卡"),
        ("退回一半並免一年年費", "180 元退回您的銀行卡，年費免到明年十一月，不影響您的信用記錄"),
        ("書面說明收費依據", "由分行把計算方法寄給您"),
    ],
    "en": [
        ("Full refund of the fee", "360 yuan goes back to your card"),
        (
            "Half back and no annual fee for a year",
            "180 yuan goes back to your card; your credit record is not affected",
        ),
        ("A written explanation", "the branch posts you how the fee was worked out"),
    ],
}
FILED = "C20261123-000420-4"


def an_offer(language: str = "zh-Hans", **given: Any) -> Offer:
    count = given.pop("count", 3)
    options = tuple(OfferedOption(title, meaning, 5, BY) for title, meaning in WORDS[language][:count])
    return replace(Offer("a" * 32, FILED, 1, options, UNTIL), **given)


class Negotiation:
    """A conversation with one filed case whose offer waits; the house's part is played plainly."""

    def __init__(
        self, talk: Callable[..., Any], language: str = "zh-Hans", offers: tuple[Offer, ...] = (), **given: Any
    ):
        filed = CaseGlance(FILED, Status.FILED, date(2026, 12, 2))
        self.conversation = talk(locale=language, cases=(filed,), **given)
        self.conversation.state |= {"phase": "filed", "language": language}
        self.offers = offers or (an_offer(language),)

    def say(self, said: str | list[str], choice: str | None = None, **more: Any) -> BotTurn:
        turn = self.conversation.next_turn(said, choice)
        answer: BotTurn = self.conversation.take(replace(turn, offers=self.offers, **more))
        for act in answer.acts:
            self._do(act)
        return answer

    def _do(self, act: Act) -> None:
        match act:
            case ChooseOption(offer=id, option=number):
                self._change(id, chosen=number)
            case ConfirmSettlement(offer=id):
                self._change(id, state="agreed", chosen=None)
            case AnswerOffer(offer=id, kind="declined"):
                self._change(id, state="declined", chosen=None)
            case AnswerOffer(offer=id):
                self._change(id, chosen=None) if act.kind != "question" else None
            case _:
                pass

    def _change(self, id: str, **values: Any) -> None:
        self.offers = tuple(replace(one, **values) if one.id == id else one for one in self.offers)

    @property
    def text(self) -> str:
        return str(self.conversation.text)


def only(answer: BotTurn, kind: type) -> Any:
    found = [act for act in answer.acts if isinstance(act, kind)]
    assert len(found) == 1, answer
    return found[0]
