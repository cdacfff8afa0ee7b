"""What a file is, by its content; what is refused; and names that are safe to show and to save."""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import Path

import pytest
from PIL import Image

from gateway.file_names import endings_of, safe_name
from gateway.file_types import ENDINGS, Refusal, look_at, saved_as
from tests.growth import grows_no_faster
from tests.pictures import bomb, picture


def zipped(*names: str, stored_first: tuple[str, str] | None = None) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        if stored_first:
            archive.writestr(*stored_first, compress_type=zipfile.ZIP_STORED)
        for name in names:
            archive.writestr(name, "x" * 100)
    return out.getvalue()


def ole(*streams: str, clsid: bytes = bytes(16)) -> bytes:
    """The bones of a compound file: a header whose directory stands far from it, as in large ones."""
    head = bytearray(512)
    head[:8] = bytes.fromhex("d0cf11e0a1b11ae1")
    head[30:32] = (9).to_bytes(2, "little")
    head[48:52] = (400).to_bytes(4, "little")
    directory = b"".join(name.encode("utf-16-le").ljust(64, b"\0") + bytes(16) + clsid + bytes(32) for name in streams)
    return bytes(head).ljust(512 * 401, b"\0") + directory.ljust(512 * 400, b"\0")


TAKEN = {
    "image/png": picture("PNG", (9, 9)),
    "image/jpeg": picture("JPEG", (9, 9)),
    "image/gif": picture("GIF", (9, 9)),
    "image/webp": picture("WEBP", (9, 9)),
    "image/tiff": picture("TIFF", (9, 9)),
    "image/bmp": picture("BMP", (9, 9)),
    "image/heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
    "application/pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "application/rtf": b"{\\rtf1\\ansi x}",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": zipped(
        "[Content_Types].xml", "word/document.xml"
    ),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": zipped(
        "[Content_Types].xml", "xl/workbook.xml"
    ),
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": zipped("ppt/presentation.xml"),
    "application/vnd.oasis.opendocument.text": zipped(
        "content.xml", stored_first=("mimetype", "application/vnd.oasis.opendocument.text")
    ),
    "application/msword": ole("Root Entry", "WordDocument"),
    "application/vnd.ms-excel": ole("Root Entry", "Workbook"),
    "application/vnd.ms-powerpoint": ole("Root Entry", "PowerPoint Document"),
    "application/vnd.ms-outlook": ole("Root Entry", "__properties_version1.0"),
    "application/zip": zipped("a.jpg", "b.jpg"),
    "application/vnd.rar": b"Rar!\x1a\x07\x01\x00" + bytes(30),
    "application/x-7z-compressed": b"7z\xbc\xaf'\x1c\x00\x04" + bytes(30),
    "audio/mpeg": b"\xff\xfb\x90\x64" + bytes(400),
    "audio/wav": b"RIFF\x24\x00\x00\x00WAVEfmt ",
    "audio/amr": b"#!AMR\n\x04\x00",
    "audio/silk": b"\x02#!SILK_V3\x18\x00",
    "audio/ogg": b"OggS\x00\x02" + bytes(20),
    "audio/mp4": b"\0\0\0\x20ftypM4A \0\0\0\0",
    "video/mp4": b"\0\0\0\x20ftypisom\0\0\x02\0",
    "video/quicktime": b"\0\0\0\x14ftypqt  \0\0\0\0",
    "video/webm": b"\x1aE\xdf\xa3\x9fB\x86\x81\x01",
    "message/rfc822": b"Received: from mx.example.org\r\nFrom: a@example.org\r\nSubject: x\r\n\r\n<html><script>1</script>",
    "text/plain": "我在 10 月 28 日被多收了 300 元。\n".encode("gb18030"),
    "application/xml": b'<?xml version="1.0"?><invoice><sum>300</sum></invoice>',
    "application/octet-stream": bytes(range(256)) * 10,
}


@pytest.mark.parametrize("media_type", TAKEN)
def test_evidence_is_known_by_its_content_whatever_it_is_called(media_type: str) -> None:
    ending = ENDINGS.get(media_type, ("dat",))[0]
    for name in (f"proof.{ending}", "proof", "证据"):
        looked = look_at(io.BytesIO(TAKEN[media_type]), name)
        assert (looked.media_type, looked.refusal, looked.notes) == (media_type, None, ())


@pytest.mark.parametrize(
    ("name", "content", "refusal"),
    [
        ("a.pdf", b"MZ\x90\x00" + bytes(100), Refusal.EXECUTABLE),
        ("a.jpg", b"\x7fELF\x01" + bytes(100), Refusal.EXECUTABLE),
        ("a.jpg", b"\xcf\xfa\xed\xfe" + bytes(100), Refusal.EXECUTABLE),
        ("a.jpg", b"\xca\xfe\xba\xbe\x00\x00\x00\x34", Refusal.EXECUTABLE),
        ("a.jpg", b"dex\n035\x00", Refusal.EXECUTABLE),
        ("a.jpg", b"\x00asm\x01\x00\x00\x00", Refusal.EXECUTABLE),
        ("statement.pdf.lnk", b"L\x00\x00\x00\x01\x14\x02\x00" + bytes(60), Refusal.EXECUTABLE),
        ("a.zip", zipped("META-INF/MANIFEST.MF", "A.class"), Refusal.EXECUTABLE),
        ("a.zip", zipped("AndroidManifest.xml", "classes.dex"), Refusal.EXECUTABLE),
        (
            "a.doc",
            ole("Root Entry", clsid=b"\x84\x10\x0c\x00\x00\x00\x00\x00\xc0\x00\x00\x00\x00\x00\x00F"),
            Refusal.EXECUTABLE,
        ),
        ("a.com", b"\xb4\x09\xba\x01\x00\xcd\x21", Refusal.EXECUTABLE),
        ("a.txt", b"#!/usr/bin/env python\nprint(1)", Refusal.SCRIPT),
        ("a.txt", b"@echo off\r\ndel /q *", Refusal.SCRIPT),
        ("a.vbs", b'MsgBox "hello"', Refusal.SCRIPT),
        ("a.PS1", b"Get-Process", Refusal.SCRIPT),
        ("a.txt", b"[InternetShortcut]\nURL=https://example.org", Refusal.SCRIPT),
        ("a.png", b"<!DOCTYPE html><p>hello", Refusal.MARKUP),
        ("a.txt", b"\xef\xbb\xbf \r\n<HTML><body>", Refusal.MARKUP),
        ("a.txt", "<script>1</script>".encode("utf-16"), Refusal.MARKUP),
        ("a.txt", b"a quiet text\n" * 100 + b"<script src=//evil>", Refusal.MARKUP),
        ("a.png", b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>', Refusal.MARKUP),
        ("a.xml", b'<?xml version="1.0"?><s:svg xmlns:s="http://www.w3.org/2000/svg"/>', Refusal.MARKUP),
        ("a.xml", b'<?xml version="1.0"?><?xml-stylesheet href="x.xsl"?><a/>', Refusal.MARKUP),
        ("a.pdf", b"<html>%PDF-1.7 both</html>", Refusal.MARKUP),
        ("a.htm", b"plain words", Refusal.MARKUP),
    ],
)
def test_what_would_run_is_refused_whatever_it_is_called(name: str, content: bytes, refusal: Refusal) -> None:
    assert look_at(io.BytesIO(content), name).refusal is refusal


@pytest.mark.parametrize(
    ("name", "content", "notes"),
    [
        ("statement.pdf", picture("PNG", (9, 9)), ("mismatch",)),
        ("photo.jpg.exe", picture("JPEG", (9, 9)), ("mismatch", "double_extension")),
        ("statement.pdf.zip", zipped("a"), ("double_extension",)),
        ("photo.jpeg", picture("JPEG", (9, 9)), ()),
        ("budget.csv", b"a,b\n1,2\n", ()),
        ("notes.of-mine", b"words", ()),
        ("contract.docm", zipped("word/document.xml", "word/vbaProject.bin"), ("macros",)),
        ("contract.doc", ole("Root Entry", "WordDocument", "_VBA_PROJECT"), ("macros",)),
        ("notes.pdf", b"only words", ("mismatch",)),
        ("archive.tar.gz", b"\x1f\x8b\x08" + bytes(20), ()),
    ],
)
def test_where_name_and_content_differ_it_is_noted(name: str, content: bytes, notes: tuple[str, ...]) -> None:
    looked = look_at(io.BytesIO(content), name)
    assert (looked.refusal, looked.notes) == (None, notes)


@pytest.mark.parametrize(
    ("name", "media_type", "saved"),
    [
        ("photo.jpg.exe", "image/jpeg", "photo.jpg.exe.jpg"),
        ("statement.pdf", "image/png", "statement.pdf.png"),
        ("scan", "application/pdf", "scan.pdf"),
        ("Scan.PDF", "application/pdf", "Scan.PDF"),
        ("budget.csv", "text/plain", "budget.csv"),
        ("notes.of-mine", "text/plain", "notes.of-mine.txt"),
        ("anything.dat", "application/octet-stream", "anything.dat"),
    ],
)
def test_a_file_is_saved_with_the_ending_of_what_it_is(name: str, media_type: str, saved: str) -> None:
    assert saved_as(name, media_type) == saved


def test_a_gif_that_is_a_script_too_is_a_gif_to_everybody() -> None:
    polyglot = b"GIF89a/*\x00\x00\x00*/=1;alert(document.domain)//;"
    assert look_at(io.BytesIO(polyglot), "smile.gif").media_type == "image/gif"
    assert look_at(io.BytesIO(polyglot), "smile.js").media_type == "image/gif"
    assert saved_as("smile.js", "image/gif") == "smile.js.gif"


def test_a_zip_bomb_is_looked_at_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(100):
            archive.writestr(f"{number}.txt", bytes(1 << 20))  # a thousand times what it takes
    monkeypatch.delattr(zipfile, "ZipExtFile")  # nothing in it can be read
    assert look_at(out, "evidence.zip").media_type == "application/zip"


@pytest.mark.parametrize("piece", [b"<", b"<!--", b"a:\n", b"\r\n"])
def test_no_content_makes_the_look_slow(piece: bytes) -> None:
    grows_no_faster(lambda size: look_at(io.BytesIO(piece * (size // len(piece))), "a.txt"), 200_000)


def test_a_bomb_of_pixels_is_looked_at_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    def unpacked(*_: object, **__: object) -> None:
        raise AssertionError("it was decoded")

    for room, name in ((zlib, "decompress"), (zlib, "decompressobj"), (Image, "open")):
        monkeypatch.setattr(room, name, unpacked)
    assert look_at(io.BytesIO(bomb()), "a.txt").media_type == "image/png"


@pytest.mark.parametrize("length", [0, 1, 3, 7, 8, 60, 76, 511])
@pytest.mark.parametrize(
    "begins", [b"PK\x03\x04", bytes.fromhex("d0cf11e0a1b11ae1"), b"RIFF", b"MZ", b"\xff\xd8\xff", b"BM"]
)
def test_a_stump_is_looked_at_like_anything_else(begins: bytes, length: int) -> None:
    look_at(io.BytesIO((begins + b"\xff" * 600)[:length]), "a.bin")


def test_real_mails_and_transcripts_are_taken(shared_data: Path) -> None:
    for path in [*(shared_data / "mail" / "inbox").glob("*.eml"), *(shared_data / "mail" / "bounces").glob("*.eml")]:
        with path.open("rb") as file:
            assert look_at(file, path.name).refusal is None, path.name
    for path in (shared_data / "transcripts").rglob("*.*"):
        with path.open("rb") as file:
            assert look_at(file, path.name).refusal is None, path.name


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("对账单 2026.pdf", "对账单 2026.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\statement.pdf", "statement.pdf"),
        ("a\uff0fb\uff3cc.pdf", "c.pdf"),
        ("\u202egpj.exe", "gpj.exe"),
        ("safe\u2066\u2069.txt", "safe.txt"),
        ("ab\u200b\ufeffc.txt", "abc.txt"),
        ("a\r\nSet-Cookie: x.txt", "a Set-Cookie_ x.txt"),
        ("con", "_con"),
        ("LPT1.txt", "_LPT1.txt"),
        (".htaccess", "htaccess"),
        ("name. . .", "name"),
        ("a:b|c?.txt", "a_b_c_.txt"),
        ("e\u0301.txt", "\u00e9.txt"),
        ("/", "file"),
        ("\ud800", "file"),
    ],
)
def test_a_name_is_shown_in_one_honest_line(given: str, shown: str) -> None:
    assert safe_name(given) == shown


def test_every_ending_is_seen() -> None:
    assert endings_of("invoice.pdf.exe") == ("pdf", "exe")
    assert endings_of("invoice.pdf .scr") == ("pdf", "scr")
