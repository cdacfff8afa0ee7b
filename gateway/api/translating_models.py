"""What goes into requests for translations."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from gateway.api.models import Body, LanguageTag, Locale, Words


class Translate(Body):
    """A stored message by its id, or the words of a draft."""

    message: Annotated[
        Annotated[str, StringConstraints(pattern=r"^\d{1,9}$")] | None,
        Field(description="id of a message of the conversation"),
    ] = None
    text: Annotated[Words | None, Field(description="an answer that is being written")] = None
    to: LanguageTag
    writer: Annotated[
        Locale, Field(description="the language of whoever writes the draft, where its words leave doubt")
    ] = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Translate:
        if (self.message is None) == (self.text is None):
            raise ValueError("has a message or a text, one of them")
        return self
