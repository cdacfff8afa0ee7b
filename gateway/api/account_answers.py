"""The shapes of answers about accounts, their sessions and second factors, beside those of answers.py."""

from __future__ import annotations

from typing import Any, Final

from gateway.api.answers import AGENT
from gateway.api.schema import MAYBE, MAYBE_DAY, MAYBE_WHEN, NUMBER, TEXT, TEXTS, WHEN, YES, listed, maybe, shape

ACCOUNTS: Final[dict[str, Any]] = {
    "AgentWork": shape(
        conversations=NUMBER, cases=NUMBER, sessions=NUMBER, second_factor=YES, must_change_password=YES
    ),
    "AgentClosed": shape(**AGENT, handed_over=shape(conversations=NUMBER, cases=NUMBER)),
    "AgentMade": {
        **shape(**AGENT),
        "properties": AGENT | {"one_time_password": {**TEXT, "description": "where none was sent; shown this once"}},
    },
    "OneTimePassword": shape(one_time_password=TEXT),
    "SecondFactor": shape(
        on=YES,
        since=MAYBE_WHEN,
        recovery_codes_left=NUMBER,
        wanted={**YES, "description": "the policy wants one of this role"},
        needed_from={**MAYBE_DAY, "description": "from when nothing goes on without; null: at once, if it is wanted"},
        reset_at={**MAYBE_WHEN, "description": "when somebody else has taken it away"},
        reset_by=MAYBE,
    ),
    "SecondFactorBegun": shape(
        secret={**TEXT, "description": "base32, for who can't read the picture; shown this once"},
        uri=TEXT,
        qr=shape(size=NUMBER, path={**TEXT, "description": "of an SVG of that many squares each way"}),
    ),
    "RecoveryCodes": shape(recovery_codes={**TEXTS, "description": "each good once; shown this once"}),
    "Session": shape(
        id=TEXT,
        here={**YES, "description": "the one that asks"},
        network={**MAYBE, "description": "from where it was opened"},
        browser=MAYBE,
        system=MAYBE,
        how={**TEXT, "description": "what let its agent in"},
        since=WHEN,
        last_used={**WHEN, "description": "to the minute"},
        expires_at=WHEN,
    ),
    "Sessions": listed("Session"),
    "SessionsEnded": shape(ended=NUMBER),
    "Me": shape(
        scopes=TEXTS,
        csrf_token=MAYBE,
        by_turn=YES,
        takes=YES,
        teams={"type": "array", "items": shape(name=TEXT, title=TEXT, mine=YES)},
        translator={**MAYBE, "description": "the service that translates for agents; null: translation is off"},
        held={
            **MAYBE,
            "description": "what has to be done before anything else: `password` to be changed, `second_factor` to be set up",
        },
        second_factor=maybe({"$ref": "#/components/schemas/SecondFactor"}),
    ),
}
