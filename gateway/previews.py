"""Small pictures of images, and the first lines of what can be read: of our own making, in a process that can be killed.

What is shown of a customer's image is never the customer's bytes: the first frame is turned upright, shrunk and encoded anew,
so neither what hides in the file nor what stands in its EXIF (where, when, by whom) comes along. A bomb takes the process
and not the gateway: pixels, memory and time are bounded, and what can't be pictured is simply saved without a picture.

Of a text and of a mail the first lines are read, as plain text. Of a PDF the first page is drawn.

Not here: when (examiner.py), whether it is shown (attachments.py).
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from channels.workers import GaveUp, Workers

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

EDGE: Final = 480  # pixels of the longer side
MOST_PIXELS: Final = 60_000_000  # a camera's largest; a bomb claims thousands of millions
MEMORY: Final = 512 << 20  # beyond what an idle process holds
SECONDS: Final = 10.0
MEDIA_TYPE: Final = "image/webp"
PICTURED: Final = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})
PDF: Final = "application/pdf"
READ: Final = frozenset({"text/plain", "text/csv", "message/rfc822"})
LINES: Final = 12  # of an excerpt
LONGEST: Final = 800  # characters of an excerpt
READ_OF: Final = 64 << 10  # bytes of a text that are looked at
_FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF")


class NoPicture(Exception):
    """This can't be pictured: broken, too large, or not what it says. For a person."""


class Pictures:
    """A process that makes previews, begun when it is first needed."""

    def __init__(self, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        self._workers = Workers(["channels.email.read", "gateway.previews"], "previews", 1, seconds, memory)

    async def preview(self, content: bytes, media_type: str | None = None) -> bytes:
        """A WebP of at most EDGE pixels. Raises NoPicture."""
        drawn: bytes = await self._made(draw_page if media_type == PDF else draw, content)
        return drawn

    async def excerpt(self, content: bytes, media_type: str | None) -> str | None:
        """The first lines of a text or of a mail, if it has any. Raises NoPicture."""
        head = content[: 4 * READ_OF]  # no more is read of it
        read: str | None = await self._made(first_lines, head, media_type)
        return read

    async def _made(self, make: Callable[..., Any], *told: Any) -> Any:
        """Whatever goes wrong in there is a fault of the file: what its readers raise is in nobody's hands."""
        try:
            return await self._workers.run(make, *told)
        except NoPicture:
            raise
        except GaveUp as error:
            raise NoPicture(str(error)) from error
        except Exception as error:
            raise NoPicture(f"it can't be read: {type(error).__name__}") from error

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


def draw_page(content: bytes) -> bytes:
    """The first page of a PDF. Runs in the process that may be killed."""
    import pypdfium2  # type: ignore[import-untyped, unused-ignore]

    try:
        document = pypdfium2.PdfDocument(content)
        page = document[0]
        width, height = page.get_size()
        scale = EDGE / max(width, height, 1.0)
        if not 0 < scale * min(width, height) <= EDGE:
            raise NoPicture("its first page has no size")
        return _encoded(page.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB"))
    except (pypdfium2.PdfiumError, IndexError, ValueError) as error:
        raise NoPicture(f"it can't be drawn: {type(error).__name__}") from error


def first_lines(content: bytes, media_type: str | None) -> str | None:
    """Runs in the process that may be killed."""
    text = _of_mail(content) if media_type == "message/rfc822" else _decoded(content)
    text = "".join(char for char in text if char.isprintable() or char in "\n\t ")
    lines = [re.sub(r"[^\S\n]+", " ", line).strip() for line in text.splitlines()]
    told = "\n".join([line for line in lines if line][:LINES])
    return f"{_cut(told)}…" if len(told) > LONGEST else told or None


_RUN: Final = re.compile(r"[A-Za-z]{0,2}[0-9０-９][0-9０-９Xx ().、·‐-―－-]*$")


def _cut(text: str) -> str:
    """Cut before a number that might go on behind the cut: of half a number nobody could tell that it is one, and it would stand unmasked."""
    return _RUN.sub("", text[:LONGEST]).rstrip()


def _decoded(content: bytes) -> str:
    from charset_normalizer import from_bytes

    head = content[:READ_OF]
    try:
        # the cut may have gone through a character
        text = head.decode("utf-8-sig", "ignore" if len(content) > READ_OF else "strict")
    except UnicodeDecodeError:
        best = from_bytes(head).best()
        text = "" if best is None else str(best)
    return text


def _of_mail(content: bytes) -> str:
    """From whom, about what, and how its plain text begins."""
    from email import message_from_bytes
    from email.policy import default

    mail = message_from_bytes(content, policy=default)
    told = [f"{name}: {mail[name]}" for name in ("From", "To", "Date", "Subject") if mail[name]]
    body = mail.get_body(("plain",))
    try:
        text = "" if body is None else str(body.get_content())
    except (LookupError, KeyError, ValueError):
        text = ""
    return "\n".join([*told, text])


def _has_holes(image: Picture) -> bool:
    return image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info


def _encoded(image: Picture) -> bytes:
    """Pixels alone: no EXIF, no profile, no text, no second frame."""
    image.info = {}
    out = io.BytesIO()
    image.save(out, "WEBP", quality=78, method=4)
    return out.getvalue()


def may_be_pictured(media_type: str | None) -> bool:
    return media_type in PICTURED or media_type == PDF


def may_be_read(media_type: str | None) -> bool:
    return media_type in READ
