"""What a file is, by its content; and whether a customer's file of that kind is taken.

Taken is whatever may be evidence, also what we can't name: it is kept, never opened by us and only ever saved. Refused are
programs, and what a browser or an operating system would run: executables, scripts, pages, SVG. The name decides only where
the content can't: a text that is called `.js` is a script, since whoever opens it runs it.

Looks at a few kilobytes from both ends and takes nothing apart, so no archive can make it work: what a zip holds is read from
the names that stand at its ends. puremagic names what we have no rule for.

Not here: names (file_names.py), viruses (clamd.py), pictures of images (previews.py).
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO, Final

import puremagic

from gateway.file_names import ending_of, endings_of

WINDOW: Final = 64 * 1024
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
UNKNOWN: Final = "application/octet-stream"
TEXT: Final = "text/plain"
MAIL: Final = "message/rfc822"


class Refusal(StrEnum):
    EXECUTABLE = "executable"
    SCRIPT = "script"
    MARKUP = "markup"  # HTML, SVG and other pages


@dataclass(frozen=True, slots=True)
class Looked:
    """`media_type` is by content alone. `notes`: mismatch, double_extension, macros, encrypted."""

    media_type: str
    refusal: Refusal | None = None
    notes: tuple[str, ...] = ()


ENDINGS: Final[Mapping[str, tuple[str, ...]]] = {  # the usual one first
    "image/jpeg": ("jpg", "jpeg", "jpe", "jfif"),
    "image/png": ("png",),
    "image/gif": ("gif",),
    "image/webp": ("webp",),
    "image/bmp": ("bmp", "dib"),
    "image/tiff": ("tif", "tiff"),
    "image/heic": ("heic", "heif"),
    "image/avif": ("avif",),
    "application/pdf": ("pdf",),
    "application/rtf": ("rtf", "doc"),
    "application/msword": ("doc", "dot", "wps"),
    "application/vnd.ms-excel": ("xls", "xlt", "et"),
    "application/vnd.ms-powerpoint": ("ppt", "pps", "dps"),
    "application/vnd.ms-outlook": ("msg",),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ("docx", "docm", "dotx"),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ("xlsx", "xlsm", "xltx"),
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ("pptx", "pptm", "ppsx"),
    "application/vnd.oasis.opendocument.text": ("odt",),
    "application/vnd.oasis.opendocument.spreadsheet": ("ods",),
    "application/vnd.oasis.opendocument.presentation": ("odp",),
    "application/zip": ("zip",),
    "application/vnd.rar": ("rar",),
    "application/x-7z-compressed": ("7z",),
    "audio/mpeg": ("mp3",),
    "audio/wav": ("wav",),
    "audio/amr": ("amr",),
    "audio/mp4": ("m4a", "mp4"),
    "audio/ogg": ("ogg", "oga", "opus"),
    "audio/flac": ("flac",),
    "audio/aac": ("aac",),
    "audio/silk": ("silk", "slk", "amr"),
    "video/mp4": ("mp4", "m4v", "m4a"),
    "video/quicktime": ("mov", "qt"),
    "video/3gpp": ("3gp", "3g2"),
    "video/webm": ("webm", "mkv"),
    "video/x-msvideo": ("avi",),
    "video/x-ms-asf": ("wmv", "wma", "asf"),
    "application/xml": ("xml", "ofd", "xbrl"),
    MAIL: ("eml",),
    TEXT: (
        "txt",
        "csv",
        "tsv",
        "log",
        "md",
        "json",
        "yaml",
        "yml",
        "ics",
        "vcf",
        "ofx",
        "qif",
        "srt",
        "vtt",
        "tex",
        "ini",
    ),
}

_RUN_BY_NAME: Final = frozenset(
    [
        "js",
        "jse",
        "mjs",
        "vbs",
        "vbe",
        "wsf",
        "wsh",
        "hta",
        "bat",
        "cmd",
        "ps1",
        "psm1",
        "psd1",
        "sh",
        "bash",
        "zsh",
        "ksh",
        "csh",
        "fish",
        "py",
        "pyw",
        "pyc",
        "pl",
        "rb",
        "php",
        "phtml",
        "jsp",
        "asp",
        "aspx",
        "cgi",
        "lua",
        "tcl",
        "reg",
        "inf",
        "url",
        "scf",
        "desktop",
        "command",
        "applescript",
        "scpt",
        "workflow",
        "xsl",
        "xslt",
        "mht",
        "mhtml",
        "settingcontent-ms",
        "jnlp",
        "ahk",
        "au3",
    ]
)
_PAGE_BY_NAME: Final = frozenset(["htm", "html", "xhtml", "xht", "shtml", "svg", "svgz"])
_PROGRAM_BY_NAME: Final = frozenset(
    [
        "exe",
        "com",
        "scr",
        "dll",
        "ocx",
        "sys",
        "drv",
        "pif",
        "cpl",
        "msi",
        "msp",
        "mst",
        "lnk",
        "apk",
        "ipa",
        "app",
        "deb",
        "rpm",
        "dmg",
        "pkg",
        "jar",
        "class",
        "dex",
        "so",
        "dylib",
        "chm",
        "hlp",
        "gadget",
        "elf",
        "run",
        "appimage",
    ]
)

_PROGRAMS: Final = re.compile(
    rb"\x7fELF|\xca\xfe\xba\xbe|\xfe\xed\xfa[\xce\xcf]|[\xce\xcf]\xfa\xed\xfe|dex\n\d{3}\x00|\x00asm|ITSF|[CFZ]WS[\x01-\x40]"
    rb"|L\x00\x00\x00\x01\x14\x02\x00|!<arch>\n|\xed\xab\xee\xdb"
)
_INSTALLER: Final = b"\x84\x10\x0c\x00\x00\x00\x00\x00\xc0\x00\x00\x00\x00\x00\x00F"  # the class of a Windows installer
_SHEBANG: Final = re.compile(rb"#![ \t]*/")
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_PAGE_BEGINS: Final = re.compile(
    r"<(!doctype\s+(html|svg)|html|head|body|script|style|title|iframe|svg|h[1-6]|div|font|table|a|b|br|p|img|meta|link|form|math|"
    r"object|embed|frameset|base|!--|\?php|%)(?=[\s/>!@=]|-)",
    re.IGNORECASE,
)
_PAGE_INSIDE: Final = re.compile(
    r"<(script|svg|html|iframe|object|embed)(?=[\s/>])|http://www\.w3\.org/1999/xhtml|http://www\.w3\.org/2000/svg|<\?xml-stylesheet",
    re.IGNORECASE,
)
_SCRIPT_INSIDE: Final = re.compile(
    r"\A\s*(@echo off|on error resume next|windows registry editor|\[internetshortcut\]|\[desktop entry\]|<\?php)",
    re.IGNORECASE,
)
_MAIL_HEADERS: Final = re.compile(r"\A(?:From [^\n]*\n)?(?:[!-9;-~]+:[^\n]*\n(?:[ \t][^\n]*\n)*){2,}", re.MULTILINE)
_MAIL_HEADER: Final = re.compile(
    r"^(from|received|return-path|message-id|delivered-to|mime-version):", re.IGNORECASE | re.MULTILINE
)

_BEGINNINGS: Final = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"{\\rtf", "application/rtf"),
    (b"#!AMR", "audio/amr"),
    (b"#!SILK", "audio/silk"),
    (b"\x02#!SILK", "audio/silk"),
    (b"ID3", "audio/mpeg"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
    (b"\x1aE\xdf\xa3", "video/webm"),
    (b"0&\xb2u\x8ef\xcf\x11", "video/x-ms-asf"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"7z\xbc\xaf'\x1c", "application/x-7z-compressed"),
)
_RIFF: Final = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
_BRANDS: Final = (
    (re.compile(rb"hei[cfmsx]|hev[cmsx]|mif1|msf1"), "image/heic"),
    (re.compile(rb"avi[fs]"), "image/avif"),
    (re.compile(rb"M4[AB] "), "audio/mp4"),
    (re.compile(rb"qt  "), "video/quicktime"),
    (re.compile(rb"3g[2egprs]."), "video/3gpp"),
)
_OFFICE: Final = "application/vnd.openxmlformats-officedocument."
_IN_ZIP: Final = (
    (b"word/document", f"{_OFFICE}wordprocessingml.document"),
    (b"xl/workbook", f"{_OFFICE}spreadsheetml.sheet"),
    (b"ppt/presentation", f"{_OFFICE}presentationml.presentation"),
)
_IN_OLE: Final = (
    ("WordDocument", "application/msword"),
    ("Workbook", "application/vnd.ms-excel"),
    ("Book", "application/vnd.ms-excel"),
    ("PowerPoint Document", "application/vnd.ms-powerpoint"),
    ("__properties_version1.0", "application/vnd.ms-outlook"),
)


def look_at(file: BinaryIO, name: str) -> Looked:
    """What this is, from its first and last `WINDOW` bytes. `name` is what the customer calls it."""
    file.seek(0)
    head = file.read(WINDOW)
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - WINDOW))
    tail = file.read(WINDOW)
    if not head:
        return _noted(TEXT, name, ())
    if head.startswith(_OLE):
        return _ole(head + _ole_directory(file, head), name)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip(head + tail, name)
    return _plain(head, name)


def _plain(head: bytes, name: str) -> Looked:
    if _PROGRAMS.match(head) or (head.startswith(b"MZ") and (_CONTROL.search(head[:256]) or len(head) < 64)):
        return Looked("application/x-executable", Refusal.EXECUTABLE)
    known = _by_beginning(head)
    if known is not None:
        return _noted(known, name, ())
    if _SHEBANG.match(head):
        return Looked("text/x-script", Refusal.SCRIPT)
    text = _as_text(head)
    if text is not None:
        return _text(text, name)
    return _unnamed(head, name)


def _by_beginning(head: bytes) -> str | None:
    for beginning, media_type in _BEGINNINGS:
        if head.startswith(beginning):
            return media_type
    if head.startswith(b"RIFF"):
        return _RIFF.get(head[8:12])
    if head[4:8] == b"ftyp":
        return next((known for brand, known in _BRANDS if brand.match(head[8:12])), "video/mp4")
    if _is_pdf(head):
        return "application/pdf"
    if len(head) > 26 and head.startswith(b"BM") and head[6:10] == b"\x00\x00\x00\x00":
        return "image/bmp"
    if len(head) > 3 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0:
        return "audio/aac"
    if len(head) > 3 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2:  # layer III
        return "audio/mpeg"
    return None


def _is_pdf(head: bytes) -> bool:
    """Some programs write a few bytes before the mark; a page with the mark in it is a page."""
    at = head.find(b"%PDF-", 0, 1024)
    return at == 0 or (at > 0 and not _PAGE_BEGINS.search(head[:at].decode("latin-1")))


def _as_text(head: bytes) -> str | None:
    """The beginning as text, in whichever charset; None for what is none."""
    for mark, charset in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"), (b"\xef\xbb\xbf", "utf-8")):
        if head.startswith(mark):
            return head[len(mark) :].decode(charset, "replace")
    if _CONTROL.search(head):
        return None
    return head.decode(
        "utf-8", "replace"
    )  # only ASCII matters below, and that is the same in every charset we may meet


def _text(text: str, name: str) -> Looked:
    begins = text.lstrip("\ufeff \t\r\n\x0c\x0b")
    if _PAGE_BEGINS.match(begins):
        return Looked("text/html", Refusal.MARKUP)
    if begins[:5].lower() == "<?xml":
        page = _PAGE_INSIDE.search(begins)
        return Looked("image/svg+xml", Refusal.MARKUP) if page else _noted("application/xml", name, ())
    unix = text.replace("\r\n", "\n")
    if _MAIL_HEADERS.match(unix) and _MAIL_HEADER.search(unix[:8192]):
        return _noted(MAIL, name, ())  # its HTML is cleaned when it is read, and never shown raw
    if _SCRIPT_INSIDE.match(begins):
        return Looked("text/x-script", Refusal.SCRIPT)
    if _PAGE_INSIDE.search(begins):
        return Looked("text/html", Refusal.MARKUP)
    return _noted(TEXT, name, ())


def _unnamed(head: bytes, name: str) -> Looked:
    try:
        found = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return _noted(UNKNOWN, name, ())
    told = next((one.mime_type for one in found if one.confidence >= 0.4 and "/" in (one.mime_type or "")), UNKNOWN)
    if told.startswith(("text/html", "image/svg", "application/xhtml")):
        return Looked(told, Refusal.MARKUP)
    if "executable" in told or "msdownload" in told or "java-archive" in told:
        return Looked(told, Refusal.EXECUTABLE)
    return _noted(told[:100], name, ())


def _zip(ends: bytes, name: str) -> Looked:
    if b"META-INF/MANIFEST.MF" in ends or b"AndroidManifest.xml" in ends or b".app/Info.plist" in ends:
        return Looked("application/java-archive", Refusal.EXECUTABLE)
    notes = ["macros"] if b"vbaProject.bin" in ends else []
    if len(ends) > 7 and ends[6] & 1:
        notes.append("encrypted")
    declared = re.match(rb"PK\x03\x04.{26}mimetype(application/[\w.+-]+)", ends, re.DOTALL)
    if declared:
        kind = declared[1].removesuffix(b"PK").decode()
        return _noted(kind if kind in ENDINGS else "application/zip", name, notes)
    known = next((media_type for part, media_type in _IN_ZIP if part in ends), "application/zip")
    return _noted(known, name, notes)


def _ole_directory(file: BinaryIO, head: bytes) -> bytes:
    """The sector with the names of the streams, wherever it lies."""
    if len(head) < 76:
        return b""
    shift = int.from_bytes(head[30:32], "little")
    if shift not in (9, 12):
        return b""
    file.seek((int.from_bytes(head[48:52], "little") + 1) << shift)
    return file.read(8192)


def _ole(content: bytes, name: str) -> Looked:
    if _INSTALLER in content:
        return Looked("application/x-msi", Refusal.EXECUTABLE)
    notes = ("macros",) if "_VBA_PROJECT".encode("utf-16-le") in content else ()
    kind = next((kind for stream, kind in _IN_OLE if stream.encode("utf-16-le") in content), UNKNOWN)
    if "EncryptedPackage".encode("utf-16-le") in content:
        return _noted(UNKNOWN, name, ("encrypted",))
    return _noted(kind, name, notes)


def _noted(media_type: str, name: str, notes: tuple[str, ...] | list[str]) -> Looked:
    """Judges by the name where the content says nothing, and notes where the two differ."""
    ending, found = ending_of(name), list(notes)
    by_name = _refused_by_name(ending) if media_type in (TEXT, MAIL, UNKNOWN, "application/xml") else None
    if by_name is not None and not (media_type == UNKNOWN and by_name is not Refusal.EXECUTABLE):
        return Looked(media_type, by_name)
    fitting = ENDINGS.get(media_type)
    if ending and fitting is not None and ending not in fitting and not _close_enough(media_type, ending):
        found.append("mismatch")
    if len([one for one in endings_of(name)[-2:] if one in _ALL_ENDINGS]) == 2:
        found.append("double_extension")
    return Looked(media_type, None, tuple(found))


def _refused_by_name(ending: str) -> Refusal | None:
    if ending in _RUN_BY_NAME:
        return Refusal.SCRIPT
    if ending in _PAGE_BY_NAME:
        return Refusal.MARKUP
    return Refusal.EXECUTABLE if ending in _PROGRAM_BY_NAME else None


def _close_enough(media_type: str, ending: str) -> bool:
    """A text may be called anything that is no other kind's name; so may a mail."""
    return media_type in (TEXT, MAIL, "application/xml") and ending not in _ALL_ENDINGS


_ALL_ENDINGS: Final = (
    frozenset(ending for endings in ENDINGS.values() for ending in endings)
    | _RUN_BY_NAME
    | _PAGE_BY_NAME
    | _PROGRAM_BY_NAME
)


def saved_as(name: str, media_type: str | None) -> str:
    """The name to save under: with the ending of what it is, where it has another's."""
    fitting = ENDINGS.get(media_type or "")
    if fitting is None:
        return name
    ending = ending_of(name)
    if ending in fitting or (ending and _close_enough(media_type or "", ending)):
        return name
    return f"{name}.{fitting[0]}"
