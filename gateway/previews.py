"""Small pictures of images, of our own making: decoded and encoded again, in a process that can be killed.

What is shown of a customer's image is never the customer's bytes: the first frame is turned upright, shrunk and encoded anew,
so neither what hides in the file nor what stands in its EXIF (where, when, by whom) comes along. A bomb takes the process
and not the gateway: pixels, memory and time are bounded, and what can't be pictured is simply saved without a picture.

A PDF has no preview: of the libraries that are here none draws one.

Not here: when (examiner.py), whether it is shown (attachments.py).
"""

from __future__ import annotations

import asyncio
import io
import multiprocessing
import warnings
from concurrent.futures import TimeoutError as TookTooLong
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING, Final

from pebble import ProcessExpired, ProcessPool

from channels.email.workers import limit_memory

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

EDGE: Final = 480  # pixels of the longer side
MOST_PIXELS: Final = 60_000_000  # a camera's largest; a bomb claims thousands of millions
MEMORY: Final = 512 << 20  # beyond what an idle process holds
SECONDS: Final = 10.0
PICTURES_PER_PROCESS: Final = 200
MEDIA_TYPE: Final = "image/webp"
PICTURED: Final = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})
_FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF")


class NoPicture(Exception):
    """This can't be pictured: broken, too large, or not what it says. For a person."""


class Pictures:
    """A process that makes previews, begun when it is first needed."""

    def __init__(self, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        self._seconds = seconds
        self._memory = memory
        self._pool: ProcessPool | None = None

    async def preview(self, content: bytes) -> bytes:
        """A WebP of at most EDGE pixels. Raises NoPicture."""
        future = self._running().schedule(draw, args=(content,), timeout=self._seconds)
        try:
            drawn: bytes = await asyncio.wrap_future(future)
        except TookTooLong as error:
            raise NoPicture(f"drawing took more than {self._seconds:g} seconds") from error
        except MemoryError as error:
            raise NoPicture("drawing took too much memory") from error
        except (ProcessExpired, BrokenProcessPool) as error:
            raise NoPicture("the drawing process died") from error
        return drawn

    async def stop(self) -> None:
        pool, self._pool = self._pool, None
        if pool is not None:
            await asyncio.to_thread(_end, pool)

    def _running(self) -> ProcessPool:
        if self._pool is None:
            # forkserver: a fork of the gateway would carry its threads' locks and its sockets
            context = multiprocessing.get_context("forkserver")
            context.set_forkserver_preload(["channels.email.read", "gateway.previews"])
            self._pool = ProcessPool(
                max_workers=1,
                max_tasks=PICTURES_PER_PROCESS,
                initializer=limit_memory,
                initargs=(self._memory,),
                context=context,
            )
        return self._pool


def _end(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]
    pool.join()


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
