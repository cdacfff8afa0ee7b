"""Quality samples and score sheets (handbook chapter 8): drawn and scored by supervisors, read by whoever may read reports, and by the
agent whose case it was once it is handed in.

Nobody scores what they handled or wrote in themselves, and nobody but those named sees a sheet: to everybody else it is not there.
Measures and results stand in quality_reports.py.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import partial
from typing import Any, Final, TypeVar

import sqlalchemy as sa
from aiohttp import web

from case_store import drawing, quality
from case_store.cases import LostUpdate
from case_store.drawing import PoolTooLarge, Wish
from case_store.idempotency import Answer
from case_store.quality import HANDED_IN, HandedIn, NoSuchSheet, OneOfTheirs, ReasonNeeded, Reviewer, Scored, Stated
from case_store.store import Transaction
from case_store.tables_cases import case_conversations
from gateway import scoring
from gateway.api import shapes
from gateway.api.cases import changed_meanwhile, unmasked_field
from gateway.api.doing import answer_of, do, json_response
from gateway.api.masks import sees_masks
from gateway.api.paging import PAGING, by, page_of, paged
from gateway.api.quality_models import Graded, SampleDrawn, SheetHandedIn, SheetSaved, StatementMade
from gateway.api.reading import if_match, read_json, validated
from gateway.api.routes import SIGNED_IN, Route
from gateway.auth.principals import PRINCIPAL, REPORTS, SUPERVISE, Principal
from gateway.context import GATEWAY
from gateway.figures import midnight
from gateway.policy import Policy
from gateway.problems import Problem, forbidden, invalid, invalid_field, not_found
from gateway.quality_policy import Criterion, Scale

T = TypeVar("T")
Row = Mapping[Any, Any]


# samples ---------------------------------------------------------------------------------------------------------


async def draw(request: web.Request) -> web.Response:
    read, body = await read_json(request)
    asked, gateway, principal = validated(SampleDrawn, read), request.app[GATEWAY], request[PRINCIPAL]
    most = gateway.policy.quality.most
    if asked.count > most:
        raise invalid_field("count", f"is at most {most} by the policy, not {asked.count}")
    zone = gateway.settings.timezone
    wish = Wish(
        since=midnight(asked.first_day, zone),
        until=midnight(asked.last_day + timedelta(days=1), zone),
        **asked.model_dump(mode="json", include={"count", "agent", "channel", "category"}),
    )
    found = await gateway.store.read(drawing.finished, wish)
    seed = secrets.token_hex(16)  # nobody chooses it: who may draw must not draw until the favourites come

    def effect(tx: Transaction) -> Any:
        quarter = _quarter(tx.now.astimezone(zone).date())
        by = {"by": principal.id, "name": principal.name, "actor": principal.actor}
        try:
            id, _ = drawing.draw(tx, wish, found, seed=seed, quarter=quarter, **by)
        except PoolTooLarge:
            told = f"more than {drawing.LARGEST_POOL} cases were finished in this period: take a shorter one"
            raise invalid_field("last_day", told) from None
        return answer_of(_sample(next(one for one in quality.samples(tx) if one["id"] == id)), 201)

    return await do(request, body, effect)


def _quarter(day: date) -> str:
    return f"{day.year}-Q{(day.month + 2) // 3}"


async def list_samples(request: web.Request) -> web.Response:
    return await paged(request, quality.samples, _sample, by("at"))


def _sample(row: Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "at": row["at"].isoformat(),
        "by": row["drawn_by_name"],
        "quarter": row["quarter"],
        "chosen": dict(row["chosen"]),
        "seed": row["seed"],
        "pool_size": row["pool_size"],
        "left_out": dict(row["left_out"]),
        "sheets": row["sheets"],
        "handed_in": row["handed_in"],
    }


async def check_sample(request: web.Request) -> web.Response:
    """Whoever audits sees the draw made again: nothing is changed."""
    found = await request.app[GATEWAY].store.read(drawing.check, request.match_info["id"])
    if found is None:
        raise not_found("no sample has this id")
    return json_response(
        {
            "same": found.same,
            "chained": found.chained,
            "seed": found.seed,
            "pool_size": found.pool_size,
            "pool_sha256": found.pool_sha256,
            "again": list(found.again),
            "drawn": list(found.drawn),
        }
    )


async def list_sheets(request: web.Request) -> web.Response:
    principal = request[PRINCIPAL]
    found = await request.app[GATEWAY].store.read(quality.sheets_of, request.match_info["id"])
    shown = [one for one in found if _may_see(principal, one)]
    return json_response(shapes.whole([_glance(one, principal) for one in shown]))


async def get_criteria(request: web.Request) -> web.Response:
    policy = request.app[GATEWAY].policy
    about = {"policy_version": policy.version, "least": policy.quality.least, "most": policy.quality.most}
    return json_response({**about, "criteria": [criterion_shape(one) for one in policy.quality.criteria]})


# one sheet -------------------------------------------------------------------------------------------------------


def _may_see(principal: Principal, row: Row) -> bool:
    """A draft about their own work is for nobody to see, whatever else they may read."""
    if row["handler"] == principal.id:
        return bool(row["state"] == HANDED_IN)
    return principal.may(REPORTS)


async def list_own(request: web.Request) -> web.Response:
    principal = request[PRINCIPAL]
    page = page_of(request, partial(quality.of_handler, handler=principal.id), by("handed_in_at"))
    found, unseen = await request.app[GATEWAY].store.read(lambda tx: (page(tx), quality.unseen(tx, principal.id)))
    return json_response({**found.shown(lambda one: _glance(one, principal)), "unseen": unseen})


async def get_sheet(request: web.Request) -> web.Response:
    principal, policy = request[PRINCIPAL], request.app[GATEWAY].policy

    def read(tx: Transaction) -> dict[str, Any]:
        row = _known(tx, request.match_info["id"], principal)
        return _whole(tx, row, principal, policy)

    shown = await request.app[GATEWAY].store.read(read)
    return json_response(shown, headers={"ETag": f'"{shown["version"]}"'})


def _known(tx: Transaction, id: str, principal: Principal) -> Row:
    try:
        row = quality.sheet(tx, id)
    except NoSuchSheet:
        raise _none() from None
    if not _may_see(principal, row):
        raise _none()
    return row


def _none() -> Problem:
    return not_found("no score sheet that you may read has this id")


def _glance(row: Row, principal: Principal) -> dict[str, Any]:
    at = {name: row[name] and row[name].isoformat() for name in ("handed_in_at", "seen_at", "stated_at")}
    plain = ("id", "version", "reference", "handler_name", "channel", "category", "state", "reviewer_name")
    return {
        **{name: row[name] for name in (*plain, "edition", "statement")},
        **at,
        "sample": row["sample_id"],
        "case": row["case_id"],
        "handler": row["handler_username"],
        "score": row["score"] if row["state"] == HANDED_IN else None,
        "mine": row["handler"] == principal.id,
    }


def _whole(tx: Transaction, row: Row, principal: Principal, policy: Policy) -> dict[str, Any]:
    kept = quality.editions(tx, row["id"])
    last = kept[-1] if kept else None
    link = case_conversations.c
    linked = sa.select(link.conversation_id).where(link.case_id == row["case_id"]).order_by(link.at)
    criteria = [Criterion.model_validate(one) for one in last["criteria"]] if last else policy.quality.criteria
    measured = {
        id: {"grade": grade} for id, grade in scoring.measured(policy.quality.criteria, row["measured"]).items()
    }
    return {
        **_glance(row, principal),
        "measured": dict(row["measured"]),
        "grades": dict(row["grades"]) if last else {**row["grades"], **measured},
        "remark": row["remark"],
        "criteria": [criterion_shape(one) for one in criteria],
        "policy_version": last["policy_version"] if last else policy.version,
        "conversations": list(tx.execute(linked).scalars()),
        "editions": [_edition(one) for one in kept],
    }


def criterion_shape(one: Criterion) -> dict[str, Any]:
    return {**one.model_dump(mode="json"), "grades": list(one.grades)}


def _edition(row: Row) -> dict[str, Any]:
    plain = ("edition", "score", "by", "reason", "remark", "policy_version")
    return {**{name: row[name] for name in plain}, "at": row["at"].isoformat(), "grades": dict(row["grades"])}


async def save_sheet(request: web.Request) -> web.Response:
    version = if_match(request)
    read, body = await read_json(request)
    asked, policy, principal = validated(SheetSaved, read), request.app[GATEWAY].policy, request[PRINCIPAL]
    grades = _grades(asked.grades, policy)
    id = request.match_info["id"]

    def effect(tx: Transaction) -> Answer:
        scored = Scored(*_with_numbers(tx, request, grades, asked.remark))
        row = quality.save(tx, id, scored, version=version, by=_reviewer(principal))
        return answer_of(_whole(tx, row, principal, policy))

    return await do(request, body, _told(effect), versioned=True)


async def hand_in(request: web.Request) -> web.Response:
    read, body = await read_json(request)
    asked, policy, principal = validated(SheetHandedIn, read), request.app[GATEWAY].policy, request[PRINCIPAL]
    criteria, id = policy.quality.criteria, request.match_info["id"]
    grades = _grades(asked.grades, policy)
    missing = scoring.missing(criteria, {name for name, one in grades.items() if "grade" in one})
    if missing:
        told = "has no grade yet; what does not apply is graded `na`"
        raise invalid([{"field": f"grades.{name}", "detail": told} for name in missing])

    def effect(tx: Transaction) -> Any:
        measured = scoring.measured(criteria, _measured(tx, id))
        told, remark = _with_numbers(tx, request, grades, asked.remark)
        graded = {**told, **{name: {"grade": grade} for name, grade in measured.items()}}
        scored = Scored(
            graded,
            remark,
            scoring.score(criteria, {name: one["grade"] for name, one in graded.items()}),
            [one.model_dump(mode="json") for one in criteria],
            policy.version,
        )
        by = _reviewer(principal)
        row = quality.hand_in(tx, id, scored, version=asked.version, by=by, reason=asked.reason)
        return answer_of(_whole(tx, row, principal, policy), 201)

    return await do(request, body, _told(effect))


def _measured(tx: Transaction, id: str) -> Mapping[str, Any]:
    return dict(quality.sheet(tx, id)["measured"])


def _with_numbers(
    tx: Transaction, request: web.Request, grades: Mapping[str, Mapping[str, str]], remark: str
) -> tuple[dict[str, dict[str, str]], str]:
    """Remarks with the numbers that stood masked where they were read: a sheet is sent back whole."""
    if not sees_masks(request):
        return {name: dict(one) for name, one in grades.items()}, remark
    row = quality.sheet(tx, request.match_info["id"])
    kept = {
        name: {
            key: unmasked_field(f"grades.{name}.remark", (row["grades"].get(name) or {}).get(key), told, quoting=True)
            if key == "remark"
            else told
            for key, told in one.items()
        }
        for name, one in grades.items()
    }
    return kept, unmasked_field("remark", row["remark"], remark, quoting=True)


def _reviewer(principal: Principal) -> Reviewer:
    return Reviewer(principal.id, principal.name, principal.actor)


def _grades(asked: Mapping[str, Graded], policy: Policy) -> dict[str, dict[str, str]]:
    """As they are kept. Raises 422 for a criterion that the policy does not have, and for a grade that its scale does not have."""
    known = {one.id: one for one in policy.quality.criteria if one.scale is not Scale.MEASURED}
    wrong, kept = [], {}
    for name, one in asked.items():
        if name not in known:
            told = f"there is no such criterion that a person grades; there are {', '.join(known)}"
            wrong.append({"field": f"grades.{name}", "detail": told})
        elif one.grade is not None and one.grade not in known[name].grades:
            told = f"is one of {', '.join(known[name].grades)}, not {one.grade!r}"
            wrong.append({"field": f"grades.{name}.grade", "detail": told})
        else:
            kept[name] = {key: value for key, value in (("grade", one.grade), ("remark", one.remark)) if value}
    if wrong:
        raise invalid(wrong)
    return kept


async def see_sheet(request: web.Request) -> web.Response:
    _, body = await read_json(request, required=False)
    principal, id = request[PRINCIPAL], request.match_info["id"]
    seen = _told(lambda tx: answer_of(_glance(quality.see(tx, id, principal.id), principal)))
    return await do(request, body, seen)


async def make_statement(request: web.Request) -> web.Response:
    read, body = await read_json(request)
    asked, principal, id = validated(StatementMade, read), request[PRINCIPAL], request.match_info["id"]

    def effect(tx: Transaction) -> Any:
        row = quality.state(tx, id, asked.text, handler=principal.id, actor=principal.actor)
        return answer_of(_glance(row, principal), 201)

    return await do(request, body, _told(effect))


def _told(effect: Callable[[Transaction], T]) -> Callable[[Transaction], T]:
    """The effect, with what the sheets refuse told as a problem."""

    def guarded(tx: Transaction) -> T:
        try:
            return effect(tx)
        except NoSuchSheet:
            raise _none() from None
        except OneOfTheirs:
            told = "you have handled this case, or written in it: a colleague scores it"
            raise forbidden("own_work", told) from None
        except HandedIn:
            told = "it was handed in: hand in another edition with the reason for it"
            raise Problem(409, "handed_in", told) from None
        except ReasonNeeded:
            raise invalid_field(
                "reason", "is required: it was handed in before, and every other edition says why"
            ) from None
        except Stated:
            raise Problem(409, "stated", "a statement is made once, and stands there") from None
        except LostUpdate as error:
            raise changed_meanwhile(error) from None

    return guarded


_NOT_THERE: Final = {404: "no score sheet that the caller may read has this id"}
_WRITING: Final = {
    403: "the caller has handled the case, or written in it",
    **_NOT_THERE,
    412: "somebody changed it meanwhile",
    422: "an unknown criterion, a grade that its scale does not have, or one that is missing",
}

ROUTES: Final = (
    Route(
        "GET",
        "/api/v1/quality/criteria",
        get_criteria,
        SIGNED_IN,
        "By which criteria finished cases are scored now, what each grade means, and how many sheets an average takes",
        answer="QualityCriteria",
    ),
    Route(
        "GET",
        "/api/v1/quality/samples",
        list_samples,
        REPORTS,
        "Quality samples, the last drawn first",
        query=PAGING,
        answer="QualitySamples",
    ),
    Route(
        "POST",
        "/api/v1/quality/samples",
        draw,
        SUPERVISE,
        "Draws finished cases that people handled, by chance that can be reckoned again; none twice in a quarter, none of one's own",
        body=SampleDrawn,
        status=201,
        answers={422: "a wrong period, or more than the policy allows"},
        answer="QualitySample",
    ),
    Route(
        "GET",
        "/api/v1/quality/samples/{id}/sheets",
        list_sheets,
        REPORTS,
        "The score sheets of a sample, in the order in which their cases were drawn",
        answer="QualityGlances",
    ),
    Route(
        "GET",
        "/api/v1/quality/samples/{id}/check",
        check_sample,
        REPORTS,
        "The draw made again from its seed and pool, beside what the chain of the house tells",
        answers={404: "no such sample"},
        answer="QualityChecked",
    ),
    Route(
        "GET",
        "/api/v1/quality/mine",
        list_own,
        SIGNED_IN,
        "Score sheets about one's own cases that were handed in, the last first",
        query=PAGING,
        answer="QualityOwn",
    ),
    Route(
        "GET",
        "/api/v1/quality/sheets/{id}",
        get_sheet,
        SIGNED_IN,
        "One score sheet: with `reports:read` anybody's, else one's own once it is handed in",
        answers=_NOT_THERE,
        answer="QualitySheet",
    ),
    Route(
        "PATCH",
        "/api/v1/quality/sheets/{id}",
        save_sheet,
        SUPERVISE,
        "Keeps a draft of a score sheet; needs `If-Match`",
        body=SheetSaved,
        answers={**_WRITING, 409: "it was handed in", 428: "If-Match is missing"},
        answer="QualitySheet",
    ),
    Route(
        "POST",
        "/api/v1/quality/sheets/{id}/hand-in",
        hand_in,
        SUPERVISE,
        "Hands a score sheet in: fixed from then on, and before whoever handled the case. Another edition says why",
        body=SheetHandedIn,
        status=201,
        answers=_WRITING,
        answer="QualitySheet",
    ),
    Route(
        "POST",
        "/api/v1/quality/sheets/{id}/seen",
        see_sheet,
        SIGNED_IN,
        "Whoever handled the case has the sheet before them",
        answers=_NOT_THERE,
        answer="QualityGlance",
    ),
    Route(
        "POST",
        "/api/v1/quality/sheets/{id}/statement",
        make_statement,
        SIGNED_IN,
        "What whoever handled the case has to say to the sheet, once",
        body=StatementMade,
        status=201,
        answers={**_NOT_THERE, 409: "it has a statement"},
        answer="QualityGlance",
    ),
)
