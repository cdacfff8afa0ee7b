"""Previews: pixels of our own making, and bombs that take a process and nothing else."""

from __future__ import annotations

import io
import time
from collections.abc import AsyncIterator

import pytest
from PIL import Image

from gateway import previews
from gateway.previews import EDGE, NoPicture, Pictures
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
    started = time.perf_counter()
    with pytest.raises(NoPicture, match="pixels"):
        await pictures.preview(bomb())
    assert time.perf_counter() - started < 5
    assert await pictures.preview(picture("PNG", (30, 20)))


@pytest.fixture
async def short_lived() -> AsyncIterator[Pictures]:
    made = Pictures(seconds=1.0, memory=60 << 20)
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
