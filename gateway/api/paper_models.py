"""What goes into requests about complaints that are handed in: entries, proxies, groups, withdrawals, calls and letters."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, StrictBool, StringConstraints

from case_store.papers import MOST_REPRESENTATIVES, Party
from gateway.api.models import LONGEST_TEXT, Body, Contact, Intake, Passage, ShortLine, ShownName

LONGEST_ADDRESS: Final = 500


def _blank_is_none(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip() else value


def _few_enough(group: list[Representative]) -> list[Representative]:
    if len(group) > MOST_REPRESENTATIVES:
        raise ValueError(
            f"a group of complainants names at most {MOST_REPRESENTATIVES} representatives, not {len(group)}: "
            "the others count as members"
        )
    return group


_Blank: Final = BeforeValidator(_blank_is_none)
PostalAddress = Annotated[
    Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_ADDRESS)] | None, _Blank
]
SomeContact = Annotated[Contact | None, _Blank]
SomeDay = Annotated[date | None, _Blank]
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_TEXT)]
Moment = Annotated[AwareDatetime | None, _Blank]


class ProxyNamed(Body):
    """Somebody who speaks for the complainant. Told no facts until their mandate is there."""

    name: ShownName
    relation: Annotated[ShortLine, Field(description="to the complainant: daughter, lawyer …")] = None
    contact: SomeContact = None
    postal_address: PostalAddress = None
    valid_until: Annotated[SomeDay, Field(description="last day of the mandate")] = None

    def party(self) -> Party:
        return Party(self.name, self.relation, self.contact, self.postal_address, self.valid_until)


class Representative(Body):
    """One of at most five who speak for a group."""

    name: ShownName
    contact: SomeContact = None

    def party(self) -> Party:
        return Party(self.name, contact=self.contact)


Group = Annotated[list[Representative], AfterValidator(_few_enough)]
Members = Annotated[Annotated[int, Field(ge=2, le=1_000_000)] | None, _Blank]


class Entry(Intake):
    """A complaint by letter, in person or noted by phone. As multipart it brings files: `file` (a scan, a photo) and `mandate`."""

    handed_in_by: Annotated[ShortLine, Field(description="who brought it, if not the complainant")] = None
    postal_address: Annotated[PostalAddress, Field(description="the complainant's, for letters")] = None
    proxy: ProxyNamed | None = None
    members: Annotated[Members, Field(description="how many complain together")] = None
    representatives: Annotated[Group, Field(description="at most five speak for a group", default_factory=list)]


class PapersChange(Body):
    """Fields to set; those not named stay. `representatives` is the whole list."""

    postal_address: PostalAddress = None
    handed_in_by: ShortLine = None
    members: Members = None
    representatives: Annotated[Group, Field(default_factory=list)]


class FilesAdded(Body):
    """What is handed in later. As multipart it brings `file` parts."""

    note: Annotated[Note, Field(description="what was handed in, in the customer's words or the clerk's")] = ""
    channel: Literal["letter", "counter", "phone"] = "counter"
    handed_in_by: ShortLine = None


class MandateCame(Body):
    """A proxy's mandate, brought as the part `mandate` of a multipart body; also one that takes the place of the former."""

    valid_until: SomeDay = None
    note: Note = ""


class Withdrawn(Body):
    """The complaint is taken back: the procedure ends on the day that was received."""

    received_on: date
    way: Literal["counter", "letter", "phone", "email", "otherwise"]
    who: Annotated[ShortLine, Field(description="who said so, if not the complainant")] = None
    by_proxy: Annotated[StrictBool, Field(description="said by the proxy: takes their mandate")] = False
    note: Passage = None


class NotReached(Body):
    """A call that reached nobody."""

    note: Note = ""
    at: Annotated[Moment, Field(description="when it was tried, now if not named")] = None
    next_at: Annotated[Moment, Field(description="when to try again; a time is found if not named")] = None


class ReceiptGiven(Body):
    """The receipt is in the customer's hands."""

    how: Literal["handed_over", "posted"] = "handed_over"
    at: Moment = None
    note: Note = ""
