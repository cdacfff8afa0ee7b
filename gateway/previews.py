"""Small pictures of images, of our own making: decoded and encoded again, in a process that can be killed.

What is shown of a customer's image is never the customer's bytes: the first frame is turned upright, shrunk and encoded anew,
so neither what hides in the file nor what stands in its EXIF (where, when, by whom) comes along. A bomb takes the process
and not the gateway: pixels, memory and time are bounded, and what can't be pictured is simply saved without a picture.

A PDF has no preview: of the libraries that are here none draws one.

Not here: when (examiner.py), whether it is shown (attachments.py).
"""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING, Final

from channels.workers import GaveUp, Workers

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

EDGE: Final = 480  # pixels of the longer side
MOST_PIXELS: Final = 60_000_000  # a camera's largest; a bomb claims thousands of millions
MEMORY: Final = 512 << 20  # beyond what an idle process holds
SECONDS: Final = 10.0
MEDIA_TYPE: Final = "image/webp"
PICTURED: Final = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})
_FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF")


class NoPicture(Exception):
    """This can't be pictured: broken, too large, or not what it says. For a person."""


class Pictures:
    """A process that makes previews, begun when it is first needed."""

    def __init__(self, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        self._workers = Workers(["channels.email.read", "gateway.previews"], "previews", 1, seconds, memory)

    async def preview(self, content: bytes) -> bytes:
        """A WebP of at most EDGE pixels. Raises NoPicture."""
        try:
            drawn: bytes = await self._workers.run(draw, content)
        except GaveUp as error:
            raise NoPicture(str(error)) from error
        return drawn

    async def stop(self) -> None:
        await self._workers.stop()


def draw(content: bytes) -> bytes:
    """Runs in the process that may be killed."""
    from PIL import Image, ImageOps, UnidentifiedImageError  # here: the gateway itself never decodes an image

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)  # the limit itself, not twice the limit
        try:
            with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
                image.draft("RGB", (EDGE, EDGE))  # a JPEG is decoded at the size that is needed
                upright = ImageOps.exif_transpose(image)
                upright.thumbnail((EDGE, EDGE))
                plain = upright.convert("RGBA" if _has_holes(upright) else "RGB")
                return _encoded(plain)
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise NoPicture(f"it has more than {MOST_PIXELS:,} pixels") from error
        except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, KeyError, IndexError) as error:
            raise NoPicture(f"it can't be decoded: {type(error).__name__}") from error


def _has_holes(image: Picture) -> bool:
    return image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info


def _encoded(image: Picture) -> bytes:
    """Pixels alone: no EXIF, no profile, no text, no second frame."""
    image.info = {}
    out = io.BytesIO()
    image.save(out, "WEBP", quality=78, method=4)
    return out.getvalue()


def may_be_pictured(media_type: str | None) -> bool:
    return media_type in PICTURED
