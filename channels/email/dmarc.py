"""What a domain publishes about mail in its name (DMARC, RFC 7489), and which domains belong together.

Not here: whether a mail keeps to it (authenticity.py).
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Final

from channels.email.lookups import Answers, key_of

POLICIES: Final = ("none", "quarantine", "reject")
_VERSION: Final = "v=DMARC1"


class NotKnown(Exception):
    """What the domain publishes could not be found out now."""


@dataclass(frozen=True, slots=True)
class Policy:
    """`policy` is none, quarantine or reject; `domain` where it was published."""

    policy: str
    domain: str
    strict_dkim: bool = False
    strict_spf: bool = False


def questions(domain: str) -> list[str]:
    """What has to be looked up to know the policy of `domain`."""
    return [key_of("TXT", f"_dmarc.{domain}"), key_of("TXT", f"_dmarc.{organisation(domain)}")]


def policy_of(domain: str, answers: Answers) -> Policy | None:
    """What the domain, or the organisation it belongs to, publishes; None if nothing. Raises NotKnown."""
    own = _published(domain, answers)
    if own is not None:
        return _policy(own, domain, own.get("p"))
    above = organisation(domain)
    theirs = _published(above, answers) if above != domain else None
    return None if theirs is None else _policy(theirs, above, theirs.get("sp") or theirs.get("p"))


def aligned(claimed: str, shown: str, strict: bool = False) -> bool:
    """Does `claimed` (of a signature, of an envelope) speak for `shown` (in From)?"""
    if not claimed or not shown:
        return False
    return claimed == shown or (not strict and organisation(claimed) == organisation(shown))


@lru_cache(maxsize=4_096)
def organisation(domain: str) -> str:
    """The domain that one owner registered: `bank.example` for `mail.bank.example` (public suffix list)."""
    registered = str(_suffixes().get_sld(domain) or domain)
    if "." in registered:
        return registered
    # an ending that the list does not know counts as one label (its rule `*`); the library takes the ending itself
    return ".".join(domain.split(".")[-2:])


@cache
def _suffixes() -> Any:
    from publicsuffix2 import PublicSuffixList  # type: ignore[import-untyped]

    # the library's own list is years old
    with files("authheaders").joinpath("public_suffix_list.txt").open(encoding="utf-8") as known:
        return PublicSuffixList(known)


def _published(domain: str, answers: Answers) -> dict[str, str] | None:
    """The tags of the one record of this domain; several count as none (6.6.3)."""
    records = answers.get(key_of("TXT", f"_dmarc.{domain}"))
    if records is None:
        raise NotKnown(domain)
    ours = [record for record in records if record.startswith(_VERSION)]
    if len(ours) != 1:
        return None
    from authheaders import dmarc_lookup  # type: ignore[import-untyped]

    tags: dict[str, str] | None = None
    with contextlib.suppress(dmarc_lookup.DMARCException):
        tags = dmarc_lookup.answer_to_dict(ours[0])
    return tags


def _policy(tags: dict[str, str], domain: str, said: str | None) -> Policy | None:
    if said not in POLICIES:
        # 6.6.3: whoever wants reports meant at least to watch
        if "rua" not in tags:
            return None
        said = "none"
    return Policy(said, domain, strict_dkim=tags.get("adkim") == "s", strict_spf=tags.get("aspf") == "s")
