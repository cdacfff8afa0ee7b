"""What lies inside a part that is a mail or a bag of files of its own: a forwarded mail, Outlook's winmail.dat.

The part itself is kept as it came. What is inside is shown as well: its text, folded below what the sender wrote, and its files,
each under the number of the part it lies in (`2/1.3` the third part in the first of the mail that is part 2, `4#2` the second
file of the winmail.dat that is part 4). What can't be opened remains a file like any other.

Not here: what is body and what attachment (body.py).
"""

from __future__ import annotations

import logging
import mimetypes
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from channels.email import html
from channels.email.body import Body, body_of
from channels.email.charset import clean, decode
from channels.email.headers import file_name, safe_name, text_of
from channels.email.mime import Part, Unreadable, parse
from channels.message import Attachment

MOST_OPENED: Final = 20
DEEPEST: Final = 3  # a forward of a forward of a forward
MOST_FILES: Final = 500
LONGEST_TEXT: Final = 200_000
SHOWN_HEADERS: Final = ("from", "date", "to", "subject")
TNEF_TYPES: Final = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
TNEF_BEGIN: Final = struct.pack("<I", 0x223E9F78)
MOST_TNEF_OBJECTS: Final = 2_000
LARGEST_TNEF: Final = 40 << 20


@dataclass(slots=True)
class Inside:
    """Texts in order, and files, of everything that was opened."""

    texts: list[str] = field(default_factory=list)
    files: list[Attachment] = field(default_factory=list)
    opened: int = 0
    bags: bool = True

    def text(self) -> str:
        return "\n\n".join(text for text in self.texts if text.strip())[:LONGEST_TEXT]


def look_inside(body: Body, bags: bool = True) -> Inside:
    """Opens the mails and, with `bags`, the bags of files among the attachments."""
    inside = Inside(bags=bags)
    _open(body, "", 1, inside)
    return inside


def _open(body: Body, above: str, depth: int, inside: Inside) -> None:
    for part, _ in body.files:
        if inside.opened >= MOST_OPENED or len(inside.files) >= MOST_FILES:
            return
        if part.media_type == "message/rfc822":
            inside.opened += 1
            _open_mail(part, f"{above}{part.number}", depth, inside)
        elif inside.bags and _is_tnef(part):
            inside.opened += 1
            _open_tnef(part, f"{above}{part.number}", body, inside)


def _open_mail(part: Part, number: str, depth: int, inside: Inside) -> None:
    try:
        root = parse(part.content())
    except Unreadable:
        return
    within = body_of(root)
    fields = root.fields()
    head = [
        f"{name.capitalize()}: {text_of(fields[name][0], within.hint)}"
        for name in SHOWN_HEADERS
        if fields.get(name) and fields[name][0].strip()
    ]
    inside.texts.append("\n".join([*head, "", within.text().strip("\n")]).strip("\n"))
    files = [
        one for one in within.attachments() if not one.media_type.startswith("message/")
    ]  # opened below, or no file
    for attachment in files[: MOST_FILES - len(inside.files)]:
        inside.files.append(_numbered(attachment, f"{number}/{attachment.part}"))
    if depth < DEEPEST:
        _open(within, f"{number}/", depth + 1, inside)


def _numbered(attachment: Attachment, number: str) -> Attachment:
    return Attachment(
        attachment.name, attachment.media_type, attachment.content, number, attachment.content_id, attachment.inline
    )


def _is_tnef(part: Part) -> bool:
    return part.media_type in TNEF_TYPES or (file_name(part) or "").lower() == "winmail.dat"


def _open_tnef(part: Part, number: str, body: Body, inside: Inside) -> None:
    bag = _tnef(part.content())
    if bag is None:
        return
    if not body.text().strip():  # what Outlook wrote for Outlook alone
        inside.texts.append(_tnef_text(bag, body.hint))
    for index, found in enumerate(_tnef_files(bag), 1):
        if len(inside.files) >= MOST_FILES:
            return
        name, content = found
        name = name or f"part-{number.replace('/', '.')}.{index}.bin"
        media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        inside.files.append(Attachment(name, media_type, content, f"{number}#{index}"))


def _tnef(raw: bytes) -> Any | None:
    """The opened bag; None for what is none, is broken or too much."""
    if not raw.startswith(TNEF_BEGIN) or len(raw) > LARGEST_TNEF or _objects(raw) > MOST_TNEF_OBJECTS:
        return None
    from tnefparse import TNEF  # type: ignore[import-untyped]

    logging.getLogger("tnefparse").setLevel(logging.CRITICAL)  # it logs what customers sent
    try:
        return TNEF(raw, do_checksum=False)
    except MemoryError:
        raise
    except Exception:  # the library checks little: whatever it stumbles over, the file is kept unopened
        return None


def _objects(raw: bytes) -> int:
    """How many objects it is made of: the library copies all that is left for each of them."""
    count, at = 0, 6
    while at + 12 < len(raw) and count <= MOST_TNEF_OBJECTS:
        (size,) = struct.unpack_from("<I", raw, at + 5)
        at += size + 11
        count += 1
    return count


def _tnef_text(bag: Any, hint: str | None) -> str:
    if bag.htmlbody:
        return html.text_of(_as_text(bag.htmlbody, hint))
    return _as_text(bag.body, hint) if bag.body else ""


def _as_text(value: Any, hint: str | None) -> str:
    if isinstance(value, bytes):
        value = decode(value.rstrip(b"\0"), None, hint)
    return clean(str(value))


def _tnef_files(bag: Any) -> Iterator[tuple[str | None, bytes]]:
    for found in bag.attachments:
        content = found.data
        if not isinstance(content, bytes):
            continue
        try:
            name = found.long_filename()
        except (UnicodeError, AttributeError):
            name = found._name  # bytes in a charset that it does not name
        said = decode(name.rstrip(b"\0")) if isinstance(name, bytes) else str(name)
        yield safe_name(clean(said).replace("\n", " ")), content
