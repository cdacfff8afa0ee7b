"""What goes into requests about the own account and its sessions, beside models.py."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from gateway.api.models import Body, Username
from gateway.auth.passwords import LONGEST

Given = Annotated[str, StringConstraints(max_length=LONGEST)]
Code = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
Challenge = Annotated[str, StringConstraints(min_length=1, max_length=2_000)]


class SignIn(Body):
    """Name and password. Where the account has a second factor, its code as well: with them, or with the challenge that asks for it."""

    username: Annotated[str, StringConstraints(max_length=200)] | None = None
    password: Given | None = None
    challenge: Annotated[Challenge | None, Field(description="as `second_factor_required` has told it")] = None
    code: Annotated[Code | None, Field(description="of the app, or a recovery code")] = None

    @model_validator(mode="after")
    def _one_way_or_the_other(self) -> SignIn:
        if self.challenge is None:
            missing = [name for name in ("username", "password") if getattr(self, name) is None]
            if missing:
                raise ValueError(f"{' and '.join(missing)} missing: send username and password, or challenge and code")
        elif self.code is None or self.username is not None or self.password is not None:
            raise ValueError("a challenge is answered with the code and nothing else")
        return self


class Closed(Body):
    to: Annotated[Username | None, Field(description="who goes on with what they answer; null: the queue")] = None


class SecondFactorBegun(Body):
    password: Annotated[Given, Field(description="of the account, again")]
    code: Annotated[Code | None, Field(description="where there is a second factor already")] = None


class SecondFactorConfirmed(Body):
    code: Code


class SecondFactorProved(Body):
    password: Annotated[Given, Field(description="of the account, again")]
    code: Code
