"""Reference numbers: `C`, the day of registration, a hyphen, six or more digits, a hyphen and a check digit.

`C20261123-000421-4`. The check digit is ISO 7064 MOD 11,10 over all digits before it. Numbers are unique for ever, may have
gaps and do not restart each day.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Final

import sqlalchemy as sa

from case_store.store import Transaction
from case_store.tables_cases import reference_numbers

_WRITTEN: Final = re.compile(r"C?(\d{8})(\d{6,12})(\d)")
_IN_TEXT: Final = re.compile(
    r"(?<![A-Za-z0-9])[Cc][ \t]*(\d{8})[ \t]*[-‐-―]?[ \t]*(\d{6,12})[ \t]*[-‐-―]?[ \t]*(\d)(?!\d)"
)


class MistypedReference(ValueError):
    """Looks like a reference number, but its check digit is wrong: a typing error."""


def check_digit(digits: str) -> str:
    """ISO 7064 MOD 11,10 over `digits`."""
    product = 10
    for digit in digits:
        total = (product + int(digit)) % 10 or 10
        product = total * 2 % 11
    return str((11 - product) % 10)


def reference_of(day: date, number: int) -> str:
    body = f"{day:%Y%m%d}", f"{number:06d}"
    return f"C{body[0]}-{body[1]}-{check_digit(body[0] + body[1])}"


def next_reference(tx: Transaction, day: date, case_id: str) -> str:
    """A number nobody has had before, for the case registered on `day` (in the institution's zone)."""
    given = tx.execute(
        sa.insert(reference_numbers).values(case_id=case_id).returning(reference_numbers.c.number)
    ).scalar_one()
    return reference_of(day, given)


def parse_reference(written: str) -> str | None:
    """The reference number meant by what somebody typed, forgiving case, blanks, full-width digits and missing hyphens.

    None if it isn't one at all. Raises MistypedReference if its check digit is wrong.
    """
    squeezed = re.sub(r"[\s\-‐-―_.]", "", unicodedata.normalize("NFKC", written)).upper()
    match = _WRITTEN.fullmatch(squeezed)
    if match is None:
        return None
    day, number, digit = match.groups()
    return _checked(day, number, digit)


def references_in(text: str) -> list[str]:
    """All valid reference numbers that a text mentions, in order."""
    found = []
    for day, number, digit in _IN_TEXT.findall(unicodedata.normalize("NFKC", text[:20_000])):
        if check_digit(day + number) == digit:
            reference = f"C{day}-{number}-{digit}"
            if reference not in found:
                found.append(reference)
    return found


def _checked(day: str, number: str, digit: str) -> str:
    if check_digit(day + number) != digit:
        raise MistypedReference(f"C{day}-{number}-{digit} has a wrong check digit: please look at it again")
    return f"C{day}-{number}-{digit}"
