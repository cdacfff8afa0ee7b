"""DKIM signatures of a mail, verified by dkimpy over keys that were looked up before (RFC 6376, RFC 8301, RFC 8463).

What is stricter here than in the library, since a signature lets somebody into a case: From has to be signed, all of the body
has to be, SHA-1 and keys that say they are only for testing count for nothing, and times are compared with when the mail came,
not with when it is read. Before anything is computed sizes are bounded: the library's regular expressions and its arithmetic
take as long as a sender likes.

Not here: looking keys up (lookups.py), whose domain a signature has to be of (dmarc.py).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

from channels.email.lookups import Answers, key_of

MOST: Final = 8  # signatures looked at
LONGEST: Final = 4_096  # of one signature's header
LONGEST_HEAD: Final = 100_000
SMALLEST_KEY: Final = 1_024
LARGEST_KEY: Final = 4_096
LONGEST_EXPONENT: Final = 64
CLOCK_SKEW: Final = timedelta(hours=1)
ALGORITHMS: Final = frozenset({b"rsa-sha256", b"ed25519-sha256"})
_NAME = re.compile(r"[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9_])?", re.IGNORECASE)
_BLANKS = re.compile(rb"[ \t]{64}")
_BARE_LF = re.compile(rb"(?<!\r)\n")


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature as its header presents it. `index` counts from the top."""

    index: int
    domain: str
    selector: str
    tags: Mapping[bytes, bytes]

    @property
    def question(self) -> str:
        return key_of("TXT", f"{self.selector}._domainkey.{self.domain}")


def signatures_in(values: Sequence[str]) -> list[Signature]:
    """The signatures that these DKIM-Signature headers present, the broken ones left out."""
    from dkim.util import InvalidTagValueList, parse_tag_value  # type: ignore[import-untyped]

    found = []
    for index, value in enumerate(values[:MOST]):
        raw = value.encode("utf-8", "surrogateescape")
        if len(raw) > LONGEST or _BLANKS.search(raw):
            continue
        try:
            tags = parse_tag_value(raw)
            domain, selector = (tags[name].decode("ascii").lower() for name in (b"d", b"s"))
        except (InvalidTagValueList, KeyError, UnicodeError, IndexError):
            continue
        if _NAME.fullmatch(domain) and _NAME.fullmatch(selector):
            found.append(Signature(index, domain, selector, tags))
    return found


class SignedMail:
    """A mail whose signatures are to be verified. Parsed once for all of them."""

    def __init__(self, raw: bytes, body_at: int, received_at: datetime) -> None:
        self._received_at = received_at
        self._dkim: Any = None
        self._raw, self._body_at = raw, body_at
        self._broken = body_at > LONGEST_HEAD

    def verify(self, signature: Signature, answers: Answers) -> tuple[str, str]:
        """The result (pass, fail, temperror, permerror, policy) and, unless it passes, a word for why."""
        refused = self._refused(signature.tags)
        if refused:
            return refused
        records = answers.get(signature.question)
        if records is None:
            return "temperror", "key_not_found_now"
        key = next((record for record in records if record.strip()), None)
        if key is None:
            return "permerror", "no_key"
        refused = _refused_key(key)
        return refused or self._computed(signature, key)

    def _refused(self, tags: Mapping[bytes, bytes]) -> tuple[str, str] | None:
        """Why this signature counts for nothing, whatever its key says."""
        signed = [name.strip().lower() for name in tags.get(b"h", b"").split(b":")]
        if b"from" not in signed:
            return "permerror", "from_not_signed"
        if tags.get(b"a") not in ALGORITHMS:
            return "permerror", "algorithm"
        if self._broken:
            return "permerror", "head_too_long"
        try:
            if b"l" in tags and int(tags[b"l"]) < self._body_length():
                return "policy", "body_not_wholly_signed"
            expires = int(tags[b"x"]) if b"x" in tags else None
            signed_at = int(tags[b"t"]) if b"t" in tags else None
        except ValueError:
            return "permerror", "malformed"
        came, skew = self._received_at.timestamp(), CLOCK_SKEW.total_seconds()
        if expires is not None and expires < came - skew:
            return "fail", "expired"
        if signed_at is not None and signed_at > came + skew:
            return "fail", "signed_in_the_future"
        return None

    def _body_length(self) -> int:
        return len(self._raw) - self._body_at

    def _computed(self, signature: Signature, key: str) -> tuple[str, str]:
        from dkim import DKIMException  # type: ignore[import-untyped]

        if self._dkim is None:
            self._dkim = _mail_class()(self._raw, self._body_at)
        if self._dkim.unparsable:
            return "permerror", "malformed"
        # without what was judged above: the library would compare times with now
        try:
            good = self._dkim.verify_one(signature, key)
        except (DKIMException, ValueError, binascii.Error, IndexError, KeyError, TypeError) as error:
            body = "body hash" in str(error)
            return ("fail", "body_changed") if body else ("permerror", "malformed")
        return ("pass", "") if good else ("fail", "wrong_signature")


def _refused_key(record: str) -> tuple[str, str] | None:
    from dkim.util import InvalidTagValueList, parse_tag_value

    try:
        tags = parse_tag_value(record.encode("latin-1"))
    except (InvalidTagValueList, IndexError):
        return "permerror", "bad_key"
    if b"y" in [flag.strip() for flag in tags.get(b"t", b"").split(b":")]:
        return "policy", "testing"
    if not tags.get(b"p"):
        return "permerror", "key_revoked"
    if tags.get(b"k", b"rsa") == b"ed25519":
        return None
    from dkim.crypto import UnparsableKeyError, parse_public_key  # type: ignore[import-untyped]

    try:
        key = parse_public_key(base64.b64decode(tags[b"p"]))
        bits, exponent = key["modulus"].bit_length(), key["publicExponent"].bit_length()
    except (UnparsableKeyError, binascii.Error, ValueError, IndexError, TypeError, KeyError):
        return "permerror", "bad_key"
    if bits < SMALLEST_KEY:
        return "policy", "key_too_short"
    if bits > LARGEST_KEY or exponent > LONGEST_EXPONENT:
        return "policy", "key_too_long"
    return None


@cache
def _mail_class() -> Any:
    import dkim

    class Mail(dkim.DKIM):  # type: ignore[misc]
        """The library's verification over a mail that is held once: 35 MB become no list of half a million lines."""

        def __init__(self, raw: bytes, body_at: int) -> None:
            super().__init__()
            self.unparsable = False
            try:
                self.headers, _ = dkim.rfc822_parse(raw[:body_at].rstrip(b"\r\n") + b"\r\n\r\n")
            except (dkim.DKIMException, IndexError):
                self.unparsable = True
            body = raw[body_at:]
            self._as_came = body if body.count(b"\n") == body.count(b"\r\n") else _BARE_LF.sub(b"\r\n", body)
            self._relaxed: bytes | None = None

        def verify_one(self, signature: Signature, key: str) -> bool:
            tags = {name: value for name, value in signature.tags.items() if name not in (b"t", b"x", b"l")}
            dkim.validate_signature_fields(tags)
            names = [name.strip().lower() for name in tags[b"h"].split(b":")]
            headers = [header for header in self.headers if header[0].lower() == b"dkim-signature"]
            tags[b"c"], self.body = self._body_for(tags.get(b"c", b"simple/simple"))
            self.pk, self.keysize, self.ktag, self.seqtlsrpt = dkim.evaluate_pk(
                signature.question, key.encode("latin-1")
            )
            if not tags[b"a"].startswith(self.ktag):
                return False
            return bool(self.verify_sig_process(tags, names, headers[signature.index], None))

        def _body_for(self, policy: bytes) -> tuple[bytes, bytes]:
            """The body with what the library does slowly done already, and the policy that is left to do."""
            header, _, body = policy.partition(b"/")
            if body != b"relaxed":
                return policy, _one_end(self._as_came)
            if self._relaxed is None:
                self._relaxed = _one_end(_relaxed(self._as_came))
            return (header + b"/simple" if self._relaxed.strip(b"\r\n") else policy), self._relaxed

    return Mail


def _relaxed(body: bytes) -> bytes:
    """Runs of blanks as one, none at the ends of lines (RFC 6376, 3.4.4). The library's expressions take quadratic time."""
    body = body.replace(b"\t", b" ")
    while b"  " in body:  # each pass halves the runs
        body = body.replace(b"  ", b" ")
    return body.replace(b" \r\n", b"\r\n")


def _one_end(body: bytes) -> bytes:
    """The empty lines at the end as one line end."""
    kept = body.rstrip(b"\r\n")
    rest = body[len(kept) :]
    return kept + b"\r\n" if rest and not rest.replace(b"\r\n", b"") else body
