"""What an engine is: something that answers one turn."""

from __future__ import annotations

from typing import Protocol

from dialogue.turn import BotTurn, CustomerTurn


class Engine(Protocol):
    name: str

    def turn(self, turn: CustomerTurn) -> BotTurn:
        """Answers what the customer said. Pure: the same turn gives the same answer."""
        ...
