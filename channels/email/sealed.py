"""Mails that only their recipient's key opens, and invitations: what no machine should make a complaint of.

Nothing is decrypted here. What is sealed is kept and named, and a person is told so.

Not here: what a person is told (gateway).
"""

from __future__ import annotations

import re
from typing import Final

from channels.email.headers import file_name, parameter
from channels.email.mime import Part

SMIME_TYPES: Final = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_ARMOUR = re.compile(
    r"^-----BEGIN PGP MESSAGE-----$.*?(?:^-----END PGP MESSAGE-----[ \t]*$|\Z)", re.MULTILINE | re.DOTALL
)


def sealed_by(root: Part) -> str | None:
    """How the mail, or a part of it, is sealed: `smime`, `smime_signed` (the text stands inside the signature), `pgp`."""
    if root.media_type == "multipart/encrypted":
        return "smime" if "pkcs7" in (parameter(root, "protocol") or "") else "pgp"
    for leaf in root.leaves():
        if leaf.media_type in SMIME_TYPES or (file_name(leaf) or "").lower().endswith(".p7m"):
            kind = (parameter(leaf, "smime-type") or "").lower()
            return "smime_signed" if kind == "signed-data" else None if kind == "certs-only" else "smime"
        if leaf.media_type == "application/pgp-encrypted":
            return "pgp"
    return None


def without_armour(text: str) -> tuple[str, str]:
    """The text without a message sealed by PGP in it, and that message; empty if there is none."""
    if "-----BEGIN PGP MESSAGE-----" not in text:
        return text, ""
    found = _ARMOUR.search(text)
    if found is None:
        return text, ""
    return (text[: found.start()] + text[found.end() :]).strip("\n"), found.group()


def invitation(root: Part) -> str | None:
    """The method (REQUEST, REPLY, CANCEL …, RFC 5546) of a mail that is an invitation, not one that has a calendar attached."""
    for part in _alternatives(root):
        if part.media_type == "text/calendar":
            method = (parameter(part, "method") or "").upper()
            if method.isalpha() and len(method) <= 20 and not _attached(part):
                return method
    return None


def _alternatives(root: Part) -> list[Part]:
    """The body in each of its forms: not what lies beside it."""
    here = root
    while here.media_type in ("multipart/mixed", "multipart/related") and here.children:
        here = here.children[0]
    return here.children if here.media_type == "multipart/alternative" else [here]


def _attached(part: Part) -> bool:
    return str(part.head.get("content-disposition", "")).strip().lower().startswith("attachment")
