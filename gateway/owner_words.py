"""What a live customer is told when somebody else answers them.

Not here: how it reaches them (notifications.py, giving.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from case_store.conversations import Row
from case_store.records import ChannelName, Language, Owner
from gateway import messenger, texts
from gateway.hooks import Person
from gateway.promises import Promises
from gateway.texts import Occasion, Text


def owner_words(promises: Promises, before: Row, after: Row, person: Person, now: datetime) -> Text | None:
    """None where there is nothing to say, or nobody there: a mail customer learns it from the person's own words."""
    live = (ChannelName.WEBCHAT, *messenger.MESSENGERS)
    if after["channel"] not in live or before["owner"] == after["owner"] == Owner.AGENT:
        return None
    language = Language(after["language"])
    if after["owner"] == Owner.AGENT:
        shown = {"name": person.name, "post": person.post, "contact": person.contact}
        return texts.render(Occasion.PERSON_TOOK_OVER, language, **agent_values(shown))
    if before["owner"] == Owner.AGENT and after["owner"] == Owner.BOT:
        return texts.render(Occasion.HANDED_BACK, language)
    if after["owner"] == Owner.QUEUE:
        return texts.render(Occasion.WAITING_FOR_PERSON, language, person_at=promises.person_at(now))
    return None


def agent_values(agent: Mapping[str, Any] | None) -> dict[str, Any]:
    """How a text names an agent."""
    if agent is None:
        return {}
    return {
        "agent_name": agent["name"],
        "agent_post": agent["post"] or None,
        "agent_contact": agent["contact"] or None,
    }
