"""Images for tests, drawn when they are needed: honest ones, and bombs."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

from PIL import Image


def picture(kind: str = "PNG", size: tuple[int, int] = (900, 600), **options: Any) -> bytes:
    """An image of a kind that Pillow writes."""
    out = io.BytesIO()
    Image.radial_gradient("L").resize(size).convert("RGB").save(out, kind, **options)
    return out.getvalue()


def with_exif(size: tuple[int, int] = (900, 600)) -> bytes:
    """A photo that lies on its side and says where and when it was taken."""
    exif = Image.Exif()
    exif[0x0112] = 6  # turn it a quarter
    exif[0x010F] = "CameraMaker4711"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (31.0, 14.0, 9.0)
    return picture("JPEG", size, exif=exif)


def bomb(side: int = 40_000) -> bytes:
    """A PNG of a few kilobytes that claims, and would unpack to, more pixels than any memory holds."""
    row = zlib.compressobj(9)
    packed = b"".join(row.compress(bytes(side // 8 + 1)) for _ in range(2_000)) + row.flush()
    header = struct.pack("!IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", packed) + _chunk(b"IEND", b"")


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack("!I", len(content)) + name + content + struct.pack("!I", zlib.crc32(name + content))
