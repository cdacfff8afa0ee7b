"""What goes into requests about webhooks."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field, StrictBool, StringConstraints

from case_store.happenings import TYPES
from gateway.api.models import Body
from gateway.webhooks.addresses import LONGEST
from gateway.webhooks.names import name_of

NAMES = tuple(name_of(type) for type in TYPES)

Url = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST),
    Field(description="https://…; addresses inside the house have to be allowed by QINGTING_WEBHOOK_NETWORKS"),
]
Description = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]


def _known(name: str) -> str:
    if name not in NAMES:
        raise ValueError(f"is one of {', '.join(NAMES)}")
    return name


EventName = Annotated[str, AfterValidator(_known), Field(json_schema_extra={"enum": list(NAMES)})]
EventNames = Annotated[list[EventName], Field(max_length=len(NAMES), description="which events; none: all")]


class WebhookAdded(Body):
    url: Url
    description: Description = ""
    types: EventNames = Field(default_factory=list)
    active: StrictBool = True


class WebhookChange(Body):
    url: Url | None = None
    description: Description | None = None
    types: EventNames | None = None
    active: StrictBool | None = None


class SendSince(Body):
    since: Annotated[AwareDatetime, Field(description="events of the last 30 days at most")]

    @property
    def moment(self) -> datetime:
        return self.since
