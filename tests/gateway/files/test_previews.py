"""Previews: pixels of our own making, and bombs that take a process and nothing else."""

from __future__ import annotations

import io
import time
from collections.abc import AsyncIterator

import pytest
from PIL import Image, ImageFile

from gateway import previews
from gateway.previews import EDGE, LONGEST, NoPicture, Pictures, first_lines
from tests.pictures import bomb, picture, with_exif


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
async def test_an_image_is_encoded_anew_and_small(pictures: Pictures, kind: str) -> None:
    drawn = Image.open(io.BytesIO(await pictures.preview(picture(kind))))
    assert (drawn.format, drawn.size) == ("WEBP", (EDGE, 320))


async def test_a_small_image_is_not_made_larger(pictures: Pictures) -> None:
    assert Image.open(io.BytesIO(await pictures.preview(picture("PNG", (30, 20))))).size == (30, 20)


async def test_a_photo_is_turned_upright_and_says_nothing_of_where_it_was_taken(pictures: Pictures) -> None:
    original = with_exif()
    assert b"CameraMaker4711" in original
    drawn = await pictures.preview(original)
    image = Image.open(io.BytesIO(drawn))
    assert image.size == (320, EDGE)
    assert dict(image.getexif()) == {}
    assert b"CameraMaker4711" not in drawn


async def test_only_the_first_of_many_frames_is_drawn(pictures: Pictures) -> None:
    out = io.BytesIO()
    frames = [Image.new("RGB", (40, 40), color) for color in ("red", "blue", "green")]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    drawn = Image.open(io.BytesIO(await pictures.preview(out.getvalue())))
    assert getattr(drawn, "n_frames", 1) == 1
    red, _, blue = drawn.convert("RGB").getpixel((5, 5))  # type: ignore[misc]
    assert red > 200 > blue


async def test_transparency_stays(pictures: Pictures) -> None:
    out = io.BytesIO()
    Image.new("RGBA", (40, 40), (255, 0, 0, 0)).save(out, "PNG")
    drawn = Image.open(io.BytesIO(await pictures.preview(out.getvalue())))
    assert drawn.convert("RGBA").getpixel((5, 5))[3] == 0  # type: ignore[index]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a/*\x00\x00\x00*/=1;alert(1)",
        b"\x89PNG\r\n\x1a\n" + b"\x00" * 50,
        picture("PNG")[:2000],
        picture("JPEG")[:300],
        b"%PDF-1.7",
        picture("TIFF"),  # Pillow reads many kinds: only four are let near it
        b"P6 4000 4000 255\n" + b"x" * 1000,
    ],
    ids=["nothing", "polyglot", "stump", "cut png", "cut jpeg", "pdf", "tiff", "ppm"],
)
async def test_what_is_no_image_has_no_preview(pictures: Pictures, content: bytes) -> None:
    with pytest.raises(NoPicture):
        await pictures.preview(content)


async def test_a_bomb_of_pixels_is_not_unpacked(pictures: Pictures) -> None:
    with pytest.raises(NoPicture, match="pixels"):
        await pictures.preview(bomb())
    assert await pictures.preview(picture("PNG", (30, 20)))


def test_a_bomb_of_pixels_is_told_from_its_head(monkeypatch: pytest.MonkeyPatch) -> None:
    """In this process, where the decoder can be watched: it is never asked for a pixel."""
    decoded: list[str] = []
    load = ImageFile.ImageFile.load

    def watched(image: ImageFile.ImageFile) -> object:
        decoded.append(str(image.format))
        return load(image)

    monkeypatch.setattr(ImageFile.ImageFile, "load", watched)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", Image.MAX_IMAGE_PIXELS)  # which is set for the whole process
    previews.draw(picture("PNG", (30, 20)))
    assert decoded, "an honest image is decoded"
    decoded.clear()
    with pytest.raises(NoPicture, match="pixels"):
        previews.draw(bomb())
    assert decoded == []


@pytest.fixture
async def short_lived() -> AsyncIterator[Pictures]:
    made = Pictures(seconds=30, memory=60 << 20)
    yield made
    await made.stop()


async def test_what_takes_too_much_memory_takes_its_process_and_nothing_else(short_lived: Pictures) -> None:
    out = io.BytesIO()
    Image.new("RGB", (7_000, 7_000)).save(
        out, "PNG", compress_level=1
    )  # within the pixels, above this process's memory
    with pytest.raises(NoPicture, match=r"memory|died|decoded"):
        await short_lived.preview(out.getvalue())
    assert await short_lived.preview(picture("PNG", (30, 20)))


async def test_what_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Pictures(seconds=0.05)
    monkeypatch.setattr(previews, "draw", time.sleep)
    with pytest.raises(NoPicture, match="seconds"):
        await made.preview(5)  # type: ignore[arg-type] - what sleeps in the other process is told for how long
    await made.stop()


# the first lines ------------------------------------------------------------------------------------------------

MAIL = (
    b"From: =?utf-8?B?5rGf5pWP?= <a@example.com>\r\nTo: b@example.com\r\nSubject: fee\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: text/plain; charset="utf-8"\r\n\r\nYou charged me.\r\n\r\n\r\nTwice.\r\n'
)


@pytest.mark.parametrize(
    ("content", "media_type", "lines"),
    [
        ("十一月二日扣款\n\n  1800 元\t两次".encode(), "text/plain", "十一月二日扣款\n1800 元 两次"),
        (
            ("我要投诉，银行扣了我的年费，请退还给我，谢谢。" * 9).encode("gb18030"),
            "text/plain",
            "我要投诉，银行扣了我的年费",
        ),
        (b"day,sum\n2026-11-02,1800\n", "text/csv", "day,sum\n2026-11-02,1800"),
        (
            MAIL,
            "message/rfc822",
            "From: 江敏 <a@example.com>\nTo: b@example.com\nSubject: fee\nYou charged me.\nTwice.",
        ),
        (b"a\x00\x1b[31mb\xe2\x80\xae\n", "text/plain", "a[31mb"),  # no control, nothing that turns the line around
        (b"From: =?utf-8?q?a=00b?= <c@example.com>\r\n\r\nNUL", "message/rfc822", "From: ab <c@example.com>\nNUL"),
        (b"", "text/plain", None),
        (b"\n \n", "text/plain", None),
    ],
)
async def test_the_first_lines_of_what_can_be_read(
    pictures: Pictures, content: bytes, media_type: str, lines: str | None
) -> None:
    read = await pictures.excerpt(content, media_type)
    assert read == lines if lines is None or len(lines) > 20 else (read or "").startswith(lines)


@pytest.mark.parametrize(
    "header",
    [
        b"From: =?utf-8?b?4pyT?= <a@[b>",
        b"Content-Disposition: attachment; filename*=utf-8''%; filename=\"",
        b"To: <@,:;@",
    ],
)
async def test_a_mail_that_its_reader_stumbles_over_has_no_first_lines_and_stops_nothing(
    pictures: Pictures, header: bytes
) -> None:
    try:
        lines = await pictures.excerpt(header + b"\r\n\r\nwords", "message/rfc822")
    except NoPicture:
        lines = None
    assert lines is None
    assert await pictures.excerpt(MAIL, "message/rfc822")


async def test_of_a_long_text_only_the_beginning_is_shown(pictures: Pictures) -> None:
    read = await pictures.excerpt("长文。\n".encode() * 500_000, "text/plain")
    assert read is not None
    assert len(read) <= previews.LONGEST + 1
    assert read.count("\n") < previews.LINES


@pytest.mark.parametrize("number", ["6222021234567894", "6222 0212 3456 7894", "11010519491231002X", "A123456789"])
@pytest.mark.parametrize("before", range(LONGEST - 19, LONGEST + 1))
def test_no_number_is_cut_through_where_it_could_not_be_masked(number: str, before: int) -> None:
    text = first_lines(f"{'字' * before}{number}，以及更多{'字' * 40}".encode(), "text/plain")
    assert text is not None
    assert text.startswith("字" * before)
    assert text.removesuffix("…")[before:].rstrip("，以及更多字") in ("", "A", number)
    assert text.endswith("…")


async def test_the_first_page_of_a_pdf_is_drawn(pictures: Pictures) -> None:
    from fpdf import FPDF

    paper = FPDF(unit="pt", format=(200, 400))
    for _ in range(3):
        paper.add_page()
        paper.set_font("Helvetica")
        paper.cell(text="statement")
    drawn = await pictures.preview(bytes(paper.output()), previews.PDF)
    with Image.open(io.BytesIO(drawn)) as image:
        assert (image.format, image.size) == ("WEBP", (240, 480))
    for broken in (b"%PDF-1.7\n", b""):
        with pytest.raises(previews.NoPicture):
            await pictures.preview(broken, previews.PDF)
