"""From bytes to text, whatever the mail says its charset is.

A declared charset is read as the superset that mailers really write (gb2312 as GB 18030, iso-8859-1 as Windows-1252). If
it doesn't fit, or none is declared, cheap tries come first (UTF-8, then GB 18030, Big5 and their like, judged by how many
of the commonest characters come out), charset-normalizer last.

Not here: transfer encodings (mime.py) and encoded words (headers.py).
"""

from __future__ import annotations

import codecs
import re
from functools import lru_cache
from typing import Final

from charset_normalizer import from_bytes

SUPERSETS: Final = {
    "gb2312": ("gb18030",),
    "gb_2312-80": ("gb18030",),
    "gbk": ("gb18030",),
    "x-gbk": ("gb18030",),
    "cp936": ("gb18030",),
    "euc-cn": ("gb18030",),
    "gb18030": ("gb18030",),
    "hz-gb-2312": ("hz",),
    "hz": ("hz",),
    "big5": ("cp950", "big5hkscs"),
    "x-x-big5": ("cp950", "big5hkscs"),
    "cp950": ("cp950", "big5hkscs"),
    "big5-hkscs": ("big5hkscs", "cp950"),
    "big5hkscs": ("big5hkscs", "cp950"),
    "iso-8859-1": ("cp1252",),
    "latin1": ("cp1252",),
    "windows-1252": ("cp1252",),
    "ks_c_5601-1987": ("cp949",),
    "ks_c_5601": ("cp949",),
    "euc-kr": ("cp949",),
    "shift_jis": ("cp932", "shift_jisx0213"),
    "shift-jis": ("cp932", "shift_jisx0213"),
    "x-sjis": ("cp932",),
    "iso-2022-jp": ("iso2022_jp", "iso2022_jp_2", "iso2022_jp_ext"),
    "iso-2022-cn": ("gb18030",),
    "utf8": ("utf-8",),
    "unicode-1-1-utf-7": ("utf-7",),
}
# Not charsets of mail: transforms, host-dependent, or of quadratic cost.
REFUSED: Final = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"})
# Single-byte charsets fit any bytes: declared in error, they would turn Chinese into accents.
SINGLE_BYTE: Final = frozenset({"cp1252", "latin-1", "ascii", "us-ascii"})
COMMON: Final = frozenset(
    "的一是了我不人在他有这個个上们来到时大地为子中你说生国年着就那和要她出也得里后自以会家可下而过天去能对小多然于心学么之都好看起发当没成只如事把还用第样道想作种开美总从无情己面最女但现前些所同日手又行意动方期它头经长儿回位分爱老因很给名法间斯知世什两次使身者被高已亲其进此话常与活正感"
    "這們來時為說國著裡後會過對學麼發當沒還樣種開總從無現動頭經長兒愛給間兩進話與"
    "请您投诉处理退款客服银行请商品订单问题電話投訴處理請銀行訂單問題貴公司帳單退費"
    "のにはをたがでてとしれさいなるもすまかりこあ"
    "，。、：；！？的"
)
SAMPLE: Final = 4_000
DETECTION_SAMPLE: Final = 16_384
DENSE: Final = 0.25  # this much above 0x7F is no Western text


@lru_cache(maxsize=256)
def codecs_for(declared: str) -> tuple[str, ...]:
    """The Python codecs to try for a declared charset, best first; none if there is no such charset."""
    name = declared.strip().strip("\"'").lower()
    if name in SUPERSETS:
        return SUPERSETS[name]
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError, UnicodeError):
        return ()
    if found.name in REFUSED or not getattr(found, "_is_text_encoding", True):
        return ()
    return SUPERSETS.get(found.name.replace("_", "-"), (found.name,))


def decode(raw: bytes, declared: str | None = None, hint: str | None = None) -> str:
    """The text of `raw`. `declared` is what its own label says, `hint` the charset of something near by."""
    names = codecs_for(declared) if declared else ()
    if raw.isascii():
        return _seven_bit(raw, names)
    if not names or names[0] in SINGLE_BYTE:
        return _undeclared(raw, hint, names)
    for name in names:
        text = _strictly(raw, name)
        if text is not None:
            return text
    return _undeclared(raw, declared if hint is None else hint, names)


def clean(text: str) -> str:
    """Newlines as \\n, no control characters, nothing that a database or UTF-8 refuses."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.isascii():
        text = text.encode("utf-8", "replace").decode("utf-8")
        text = text.removeprefix("\ufeff")
    return _CONTROLS.sub("", text)


_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f]+")


def _seven_bit(raw: bytes, names: tuple[str, ...]) -> str:
    if b"\x1b" in raw and not any(name.startswith("iso2022") for name in names):
        names = (*names, "iso2022_jp", "iso2022_kr")
    for name in names:
        if name in SINGLE_BYTE or name == "utf-8":
            break
        text = _strictly(raw, name)
        if text is not None:
            return text
    else:
        if names and b"\x1b" in raw:
            return raw.decode(names[0], "replace")
    return raw.decode("ascii")


def _undeclared(raw: bytes, hint: str | None, names: tuple[str, ...]) -> str:
    text = _strictly(raw, "utf-8")
    if text is not None:
        return text
    sample = raw[:SAMPLE]
    high = sum(byte > 0x7F for byte in sample)
    if high > DENSE * max(1, len(sample) - sample.count(b" ")) or not names or names[0] not in SINGLE_BYTE:
        text = _east_asian(raw, hint)
        if text is not None:
            return text
    if names and names[0] in SINGLE_BYTE:
        return _western(raw)
    return _detected(raw, names)


def _east_asian(raw: bytes, hint: str | None) -> str | None:
    """The multi-byte reading that gives the commonest characters, if any gives enough of them."""
    candidates = ["gb18030", "cp950", "cp932", "euc_jp", "cp949"]
    hinted = codecs_for(hint) if hint else ()
    candidates = [*hinted[:1], *(name for name in candidates if name not in hinted)]
    best, best_share = None, 0.08
    for rank, name in enumerate(candidates):
        text = _strictly(raw, name)
        if text is None and rank < 2:
            text = _nearly(raw, name)
        if text is None:
            continue
        wide = [char for char in text[:SAMPLE] if char > "\u2000"]
        share = sum(char in COMMON for char in wide) / max(1, len(wide)) + (0.05 if hinted and rank == 0 else 0.0)
        if share > best_share:
            best, best_share = text, share
    return best


def _detected(raw: bytes, names: tuple[str, ...]) -> str:
    found = from_bytes(raw[:DETECTION_SAMPLE]).best()
    if found is not None:
        text = _strictly(raw, found.encoding)
        if text is not None:
            return text
    return raw.decode(names[0] if names else "utf-8", "replace")


def _nearly(raw: bytes, name: str) -> str | None:
    """A reading with a few broken characters, as cut or mixed mails have them."""
    text = raw.decode(name, "replace")
    return text if text.count("\ufffd") <= len(text) // 50 else None


def _western(raw: bytes) -> str:
    return _strictly(raw, "cp1252") or raw.decode("latin-1")


def _strictly(raw: bytes, name: str) -> str | None:
    try:
        return raw.decode(name)
    except (UnicodeError, LookupError):
        return None
