"""The shapes of answers, as JSON schemas for the API's description. They promise what the contract does and show what is more."""

from __future__ import annotations

from typing import Any, Final

from case_store.offers import AnswerKind, OfferState
from case_store.records import Category, ChannelName, Disposition, Language, Outcome, Owner, Risk, Role, Sender, Status
from case_store.views import View
from gateway.choosing import Lack

_TEXT: Final[dict[str, Any]] = {"type": "string"}
_MAYBE: Final[dict[str, Any]] = {"type": ["string", "null"]}
_WHEN: Final[dict[str, Any]] = {"type": "string", "format": "date-time"}
_MAYBE_WHEN: Final[dict[str, Any]] = {"type": ["string", "null"], "format": "date-time"}
_MAYBE_DAY: Final[dict[str, Any]] = {"type": ["string", "null"], "format": "date"}
_YES: Final[dict[str, Any]] = {"type": "boolean"}
_NUMBER: Final[dict[str, Any]] = {"type": "integer"}
_MAYBE_NUMBER: Final[dict[str, Any]] = {"type": ["integer", "null"]}
_TEXTS: Final[dict[str, Any]] = {"type": "array", "items": _TEXT}
_ANY: Final[dict[str, Any]] = {}


def _one_of(kind: Any) -> dict[str, Any]:
    return {"type": "string", "enum": [member.value for member in kind]}


def _object(**members: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(members), "properties": members}


def _listed(name: str) -> dict[str, Any]:
    return _object(items={"type": "array", "items": _ref(name)}, next_cursor=_MAYBE)


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _maybe(schema: dict[str, Any]) -> dict[str, Any]:
    return {"oneOf": [schema, {"type": "null"}]}


_AGENT: Final = {
    "id": _TEXT,
    "username": _TEXT,
    "name": _TEXT,
    "post": _TEXT,
    "contact": _TEXT,
    "role": _one_of(Role),
    "language": _MAYBE,
    "active": _YES,
    "languages": {**_TEXTS, "description": "they answer in; none: in all"},
    "skills": _TEXTS,
    "most": {**_MAYBE_NUMBER, "description": "conversations at once; null: as the policy says"},
    "created_at": _WHEN,
}
_PARTY: Final = _object(name=_TEXT, relation=_MAYBE, contact=_MAYBE, postal_address=_MAYBE, valid_until=_MAYBE_DAY)
_KEY: Final = {"id": _TEXT, "name": _TEXT, "scopes": _TEXTS, "created_at": _WHEN, "revoked_at": _MAYBE_WHEN}
_CONVERSATION: Final = {
    "id": _TEXT,
    "version": _NUMBER,
    "epoch": {**_NUMBER, "description": "is raised whenever its owner changes"},
    "channel": _one_of(ChannelName),
    "owner": _one_of(Owner),
    "snoozed_until": _MAYBE_WHEN,
    "given_at": {**_MAYBE_WHEN, "description": "when it was given to its agent by turn, until they have looked at it"},
    "unassigned": {**_MAYBE, "description": "why nobody is given it by turn: nobody_available, nobody_speaks …"},
    "agent": _MAYBE,
    "agent_name": _MAYBE,
    "waiting_since": _MAYBE_WHEN,
    "waiting_reason": _MAYBE,
    "urgent": _YES,
    "reference": _MAYBE,
    "references": _TEXTS,
    "case": _MAYBE,
    "risk": _MAYBE,
    "cases": _TEXTS,
    "customer": _MAYBE,
    "language": _one_of(Language),
    "last_message": _TEXT,
    "seen_message": _TEXT,
    "unreachable": _YES,
    "messages": {"type": "array", "items": _ref("Message")},
    "call": _maybe(_ref("CallDetail")),
}
_CALL: Final = {
    "call": _TEXT,
    "line": _TEXT,
    "state": {"type": "string", "enum": ["live", "ended"]},
    "started_at": _MAYBE_WHEN,
    "ended_at": _MAYBE_WHEN,
    "duration": {"type": ["number", "null"]},
    "format": _MAYBE,
    "customer_number": _MAYBE,
    "agent": _MAYBE,
    "why_speakers": _TEXT,
    "speakers": {"type": "object", "additionalProperties": _TEXT},
    "consent": {"type": "string", "enum": ["yes", "no", "unknown"]},
    "consent_basis": _MAYBE,
    "recording": _maybe(_object(media_type=_TEXT, size=_NUMBER)),
    "heard": {"type": "object"},
}
_OPTION: Final = _object(title=_TEXT, meaning=_TEXT, days=_NUMBER)
_OFFER: Final = {
    "id": _TEXT,
    "case": _TEXT,
    "round": _NUMBER,
    "state": _one_of(OfferState),
    "options": {"type": "array", "items": _OPTION},
    "solution": _MAYBE,
    "by_bot": _YES,
    "offered_by": _TEXT,
    "offered_at": _WHEN,
    "expires_on": {"type": "string", "format": "date"},
    "chosen": {"type": ["integer", "null"]},
    "closed_at": _MAYBE_WHEN,
    "answers": {
        "type": "array",
        "items": _object(
            kind=_one_of(AnswerKind),
            option={"type": ["integer", "null"]},
            words=_TEXT,
            way=_MAYBE,
            recorded_by=_TEXT,
            at=_WHEN,
        ),
    },
}
_SETTLEMENT: Final = {
    "id": _TEXT,
    "case": _TEXT,
    "offer": _TEXT,
    "round": _NUMBER,
    "option": _OPTION,
    "option_number": _NUMBER,
    "parties": {"type": "object"},
    "facts": _ref("Facts"),
    "language": _one_of(Language),
    "due_on": {"type": "string", "format": "date"},
    "due_at": _WHEN,
    "calendar_gap": _YES,
    "policy_version": _TEXT,
    "confirmed_at": _WHEN,
    "words": _TEXT,
    "conversation": _MAYBE,
    "message": _MAYBE,
    "way": _TEXT,
    "recorded_by": _TEXT,
    "performed_on": _MAYBE_DAY,
    "performed_at": _MAYBE_WHEN,
    "performed_by": _MAYBE,
    "note": _MAYBE,
    "overdue": _YES,
    "overdue_at": _MAYBE_WHEN,
}
_DELIVERY: Final = {  # `task` and what follows only where a person was to tell it
    "type": "object",
    "required": ["state", "error"],
    "properties": {"state": _TEXT, "error": _MAYBE, "task": _TEXT, "kind": _TEXT, "how": _MAYBE, "at": _MAYBE_WHEN},
}
_WORDS: Final = {"type": "object", "additionalProperties": _TEXT}  # the customer's words, by fact
_OPINIONS: Final = {"type": "array", "items": _ref("Opinion")}
_RECEIPT: Final = {
    "reference": _MAYBE,
    "status": _one_of(Status),
    "received_at": _WHEN,
    "registered_at": _MAYBE_WHEN,
    "feedback_due": _MAYBE_DAY,
}

ANSWERS: Final[dict[str, Any]] = {
    "Problem": _object(type=_TEXT, title=_TEXT, status=_NUMBER, code=_TEXT, detail=_TEXT),
    "Receipt": _object(**_RECEIPT),
    "CallReceipt": _object(
        **_RECEIPT, call=_TEXT, conversation=_TEXT, kind=_MAYBE, incomplete=_YES, recording=_YES, consent=_TEXT
    ),
    "CallDetail": _object(**_CALL),
    "Call": _object(**_CALL, conversation=_TEXT, case=_MAYBE, reference=_MAYBE),
    "Heard": _object(
        call=_TEXT, conversation=_TEXT, stored=_NUMBER, repeated=_NUMBER, corrected=_NUMBER, interim=_NUMBER
    ),
    "CaseStatus": _object(reference=_TEXT, status=_one_of(Status), next_step=_TEXT, feedback_due=_MAYBE_DAY),
    "Agent": _object(**_AGENT),
    "Agents": _listed("Agent"),
    "SignedIn": _object(agent=_ref("Agent"), csrf_token=_TEXT),
    "Me": _object(
        scopes=_TEXTS,
        csrf_token=_MAYBE,
        by_turn=_YES,
        takes=_YES,
        translator={**_MAYBE, "description": "the service that translates for agents; null: translation is off"},
    ),
    "Availability": _object(takes=_YES),
    "Colleague": _object(
        **_AGENT,
        available=_YES,
        load=_NUMBER,
        limit={**_MAYBE_NUMBER, "description": "null: nothing is given by turn here"},
        lacks={"type": "array", "items": _one_of(Lack)},
    ),
    "Colleagues": _listed("Colleague"),
    "Key": _object(**_KEY),
    "Keys": _listed("Key"),
    "KeyMade": _object(**_KEY, key=_TEXT),
    "Verdict": {  # on the sender of a mail; what else it holds says what it rests on
        "type": "object",
        "required": ["result"],
        "properties": {
            "result": {"type": "string", "enum": ["pass", "fail", "none", "temperror", "local", "off"]},
            "why": _TEXT,
        },
    },
    "ChannelEvent": _object(
        id=_TEXT,
        kind=_TEXT,
        at=_WHEN,
        case=_MAYBE,
        conversation=_MAYBE,
        arrival=_MAYBE,
        sender=_MAYBE,
        address=_MAYBE,
        subject=_MAYBE,
        status=_MAYBE,
        proved=_YES,
        text=_TEXT,
    ),
    "ChannelEvents": _listed("ChannelEvent"),
    "Notice": _object(
        id=_TEXT,
        occasion=_TEXT,
        channel=_TEXT,
        address=_TEXT,
        state=_TEXT,
        error=_MAYBE,
        attempts=_NUMBER,
        created_at=_WHEN,
        sent_at=_MAYBE_WHEN,
        next_attempt_at=_MAYBE_WHEN,
    ),
    "Notices": _listed("Notice"),
    "VouchedFor": _object(address=_TEXT, proof=_TEXT),
    "Message": _object(
        id=_TEXT,
        sender=_one_of(Sender),
        name=_MAYBE,
        text=_TEXT,
        at=_WHEN,
        asks=_TEXTS,
        choices={"type": "array", "items": _object(label=_TEXT, value=_TEXT)},
        case=_MAYBE,
        verdict=_maybe(_ref("Verdict")),
        delivery=_maybe(_DELIVERY),
        utterance=_maybe({"type": "object"}),
        attachments={"type": "array", "items": _ref("Attachment")},
    ),
    "Attachment": _object(
        id=_TEXT,
        name=_TEXT,
        media_type=_TEXT,
        size=_NUMBER,
        preview=_YES,
        purpose=_MAYBE,
        sniffed_type=_MAYBE,
        notes=_TEXTS,
        scan=_MAYBE,
        signature=_MAYBE,
        scanned_at=_MAYBE_WHEN,
    ),
    "Attachments": _listed("Attachment"),
    "Upload": _object(
        id=_TEXT,
        name=_TEXT,
        size=_NUMBER,
        offset=_NUMBER,
        state={"type": "string", "enum": ["open", "whole", "refused", "used"]},
        media_type=_MAYBE,
        expires_at=_WHEN,
    ),
    "Conversation": _object(**_CONVERSATION),
    "TakenOver": _object(**_CONVERSATION, on_their_way=_TEXTS),
    "Conversations": _listed("Conversation"),
    "Facts": _object(
        name=_MAYBE,
        contact=_MAYBE,
        occurred_on=_MAYBE,
        about=_MAYBE,
        what_happened=_MAYBE,
        amount=_maybe(_object(value=_TEXT, currency=_TEXT)),
        desired_outcome=_MAYBE,
    ),
    "Opinion": _object(value=_TEXT, reason=_TEXT, evidence=_TEXT),
    "Judgement": _object(
        kind=_ref("Opinion"),
        category=_ref("Opinion"),
        scope=_ref("Opinion"),
        risk=_ref("Opinion"),
        disposition=_ref("Opinion"),
        policy_version=_TEXT,
        referral=_MAYBE,
        doubts=_OPINIONS,
        alarms=_OPINIONS,
        emotion=_maybe(_ref("Opinion")),
        intents=_OPINIONS,
    ),
    "Case": _object(
        id=_TEXT,
        version=_NUMBER,
        reference=_MAYBE,
        conversations=_TEXTS,
        status=_one_of(Status),
        outcome=_maybe(_one_of(Outcome)),
        incomplete=_YES,
        category=_one_of(Category),
        risk=_one_of(Risk),
        disposition=_one_of(Disposition),
        channel=_one_of(ChannelName),
        language=_one_of(Language),
        facts=_ref("Facts"),
        words=_WORDS,
        evidence=_WORDS,
        judgement=_maybe(_ref("Judgement")),
        corrected=_TEXTS,
        contacts=_TEXTS,
        declined=_TEXTS,
        received_at=_WHEN,
        registered_at=_MAYBE_WHEN,
        feedback_due=_MAYBE_DAY,
        assignee=_MAYBE,
        possible_duplicate_of=_MAYBE,
        merged_into=_MAYBE,
        merged_from=_TEXTS,
        mandate=_MAYBE,
        updated_at=_WHEN,
    ),
    "Cases": _listed("Case"),
    "MergeLookedAt": _object(
        case=_ref("Case"),
        into=_ref("Case"),
        feedback_due=_MAYBE_DAY,
        risk=_one_of(Risk),
        refused=_maybe(_object(code=_TEXT, detail=_TEXT, into=_MAYBE)),
        standing=_maybe(_object(by=_TEXT, at=_WHEN, reason=_TEXT, status_before=_one_of(Status))),
    ),
    "Note": _object(
        id=_TEXT,
        conversation=_TEXT,
        after=_TEXT,
        author=_TEXT,
        author_name=_TEXT,
        text=_TEXT,
        at=_WHEN,
        mentions=_TEXTS,
    ),
    "Notes": _listed("Note"),
    "Mention": _object(note=_ref("Note"), customer=_MAYBE, seen_at=_MAYBE_WHEN),
    "Mentions": _listed("Mention"),
    "Followers": _object(
        following={**_YES, "description": "whether the caller does"},
        followers={"type": "array", "items": _object(username=_TEXT, name=_TEXT)},
    ),
    "FollowedCase": _object(
        case=_TEXT,
        reference=_MAYBE,
        customer=_MAYBE,
        status=_one_of(Status),
        conversations=_TEXTS,
        since=_WHEN,
        news={
            **_maybe(_object(action=_TEXT, at=_WHEN, actor=_TEXT, detail={"type": ["object", "null"]})),
            "description": "the latest that the caller has not seen",
        },
    ),
    "FollowedCases": _listed("FollowedCase"),
    "BulkDone": _object(
        id=_TEXT,
        done=_TEXTS,
        refused={"type": "array", "items": _object(id=_TEXT, code=_TEXT, detail=_TEXT)},
        undo_until={**_MAYBE_WHEN, "description": "null: there is nothing to undo"},
    ),
    "SavedView": _object(
        id=_TEXT,
        name=_TEXT,
        chosen=_object(),
        shared=_YES,
        owner_name={**_MAYBE, "description": "null: one's own"},
    ),
    "Views": _object(
        items={"type": "array", "items": _ref("SavedView")},
        next_cursor=_MAYBE,
        counts=_object(
            **{view.value: _NUMBER for view in View}, waiting=_NUMBER, own_conversations=_NUMBER, parked=_NUMBER
        ),
    ),
    "MessagePreview": _object(
        text=_TEXT,
        ways={
            "type": "array",
            "items": _object(
                way={
                    **_TEXT,
                    "description": "a channel; call_back, letter: a person tells it; nobody: it reaches nobody",
                },
                to=_MAYBE,
                **{"from": _MAYBE},
                subject=_MAYBE,
                text=_TEXT,
                otherwise={**_MAYBE, "description": "where it goes if nobody looks at it in the chat"},
            ),
        },
    ),
    "Translation": _object(
        text=_TEXT,
        **{"from": {**_MAYBE, "description": "the language that was told to the service; null: it found out itself"}},
        to=_one_of(Language),
        by={**_TEXT, "description": "the service, as host and port"},
        lost={**_TEXTS, "description": "figures, months, reference numbers and gaps that the translation lacks"},
    ),
    "CannedReply": _object(
        **dict.fromkeys(("id", "name", "changed_by"), _TEXT),
        **dict.fromkeys(("shortcut", "category", "channel"), _MAYBE),
        **dict.fromkeys(("created_at", "updated_at"), _WHEN),
        version=_NUMBER,
        texts={"type": "object", "additionalProperties": _TEXT},
        then=_maybe(_ref("MacroThen")),
        shared=_YES,
    ),
    "CannedReplies": _listed("CannedReply"),
    "CannedPreviews": _object(items={"type": "array", "items": _object(language=_TEXT, text=_TEXT, problems=_TEXTS)}),
    "CannedFilled": _object(text=_TEXT, language=_one_of(Language), missing=_TEXTS, then=_maybe({"type": "object"})),
    "Proof": _object(
        about=_TEXT,
        value=_ANY,
        judged=_MAYBE,
        reason=_MAYBE,
        words=_MAYBE,
        source={"type": "string", "enum": ["said", "form", "sender", "agent", "unknown"]},
        places={
            "type": "array",
            "items": _object(
                conversation=_TEXT,
                message=_TEXT,
                part={"type": "string", "enum": ["text", "subject"]},
                start=_NUMBER,
                end=_NUMBER,
            ),
        },
        corrected=_maybe(
            _object(kind={"type": "string", "enum": ["corrected", "confirmed"]}, by=_TEXT, at=_WHEN, before=_ANY)
        ),
    ),
    "Evidence": _listed("Proof"),
    "Alike": _object(about=_TEXT, here=_MAYBE, there=_MAYBE),
    "Duplicate": _object(
        case=_TEXT,
        reference=_MAYBE,
        merged_into=_MAYBE,
        status=_one_of(Status),
        outcome=_maybe(_one_of(Outcome)),
        channel=_one_of(ChannelName),
        received_at=_WHEN,
        customer=_MAYBE,
        state={"type": "string", "enum": ["suggested", "same", "different"]},
        strength={"type": "string", "enum": ["likely", "possible", "none"]},
        agrees={"type": "array", "items": _ref("Alike")},
        differs={"type": "array", "items": _ref("Alike")},
        suggested_at=_MAYBE_WHEN,
        decided_by=_MAYBE,
        decided_at=_MAYBE_WHEN,
        reason=_MAYBE,
    ),
    "Duplicates": _listed("Duplicate"),
    "Hint": _object(code=_TEXT, words=_TEXT, start=_NUMBER, end=_NUMBER, why=_TEXT, better=_TEXT),
    "Hints": _listed("Hint"),
    "Event": _object(id=_TEXT, at=_WHEN, actor=_TEXT, action=_TEXT, detail=_ANY),
    "Timeline": _listed("Event"),
    "Papers": _object(
        case=_TEXT,
        reference=_MAYBE,
        taken_by=_MAYBE,
        taken_post=_MAYBE,
        handed_in_by=_MAYBE,
        postal_address=_MAYBE,
        mandate=_MAYBE,
        proxy=_maybe(_PARTY),
        members={"type": ["integer", "null"]},
        representatives={"type": "array", "items": _PARTY},
        withdrawals={
            "type": "array",
            "items": _object(
                received_on=_TEXT, way=_TEXT, who=_MAYBE, note=_MAYBE, recorded_by=_TEXT, recorded_at=_MAYBE_WHEN
            ),
        },
        files={
            "type": "array",
            "items": _object(
                id=_TEXT,
                conversation=_TEXT,
                name=_TEXT,
                media_type=_TEXT,
                size=_NUMBER,
                sha256=_TEXT,
                purpose=_MAYBE,
                at=_WHEN,
            ),
        },
    ),
    "Task": _object(
        id=_TEXT,
        kind=_TEXT,
        case=_MAYBE,
        reference=_MAYBE,
        conversation=_MAYBE,
        words=_TEXT,
        created_at=_WHEN,
        detail=_ANY,
        due_at=_MAYBE_WHEN,
        next_at=_MAYBE_WHEN,
        tries=_NUMBER,
        overdue=_YES,
        to=_maybe(
            _object(name=_MAYBE, language=_TEXT, phones=_TEXTS, postal_address=_MAYBE, proxy=_MAYBE, reach=_MAYBE)
        ),
    ),
    "Offer": _object(**_OFFER),
    "OfferPreview": _object(text=_TEXT, language=_one_of(Language), faults=_TEXTS),
    "Settlement": _object(**_SETTLEMENT),
    "Negotiation": _object(
        case=_TEXT,
        reference=_MAYBE,
        language=_one_of(Language),
        offers={"type": "array", "items": _ref("Offer")},
        settlements={"type": "array", "items": _ref("Settlement")},
        valid_until={"type": "string", "format": "date"},
        ready={
            "type": "array",
            "items": _object(
                key=_TEXT, name=_TEXT, names={"type": "object"}, options={"type": "array", "items": _OPTION}
            ),
        },
    ),
    "ReceiptGiven": _object(reference=_TEXT, told=_YES),
    "NotReached": _object(id=_TEXT, tries=_NUMBER, counts=_YES, next_at=_MAYBE_WHEN, letter=_MAYBE),
    "Tasks": _listed("Task"),
    "TaskDone": _object(id=_TEXT, done=_YES),
    "ParkedArrival": _object(
        id=_TEXT,
        channel=_TEXT,
        account=_TEXT,
        received_at=_WHEN,
        size=_NUMBER,
        reason=_MAYBE,
        why=_TEXT,
        sender=_MAYBE,
        subject=_MAYBE,
    ),
    "ArrivalState": _object(id=_TEXT, state=_TEXT, why=_MAYBE, conversation=_MAYBE),
    "ArrivalStates": _listed("ArrivalState"),
    "ParkedArrivals": _listed("ParkedArrival"),
    "Replayed": _object(replayed=_NUMBER),
    "Customer": _object(
        identities={
            "type": "array",
            "items": _object(address=_TEXT, proof=_TEXT, joined_by=_TEXT, at=_WHEN),
        },
        cases={
            "type": "array",
            "items": _object(id=_TEXT, reference=_MAYBE, status=_one_of(Status), channel=_TEXT, received_at=_WHEN),
        },
        strangers={
            "type": "array",
            "items": _object(conversation=_TEXT, sender=_MAYBE, subject=_MAYBE, at=_WHEN),
        },
    ),
    "State": _object(status=_TEXT),
    "Health": {
        **_object(status=_TEXT),
        "properties": {"status": _TEXT, "practice": {"type": "boolean", "description": "only in a house for practice"}},
    },
}
