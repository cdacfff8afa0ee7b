"""Finding cases by words: any two Chinese characters in either script, English by stem, numbers whole and by their ends.

A text becomes words here, in Python, the same for both databases, which then only look words up (FTS5's `ascii` tokenizer
takes them as they are, and a `tsvector` is built from them without a parser). Chinese is kept as single characters and overlapping
pairs; a query asks for its pairs. Traditional becomes Simplified character by character: by the phrase, a query of two
characters would not become what they became inside a sentence.

Hits come newest first, by when the case was last indexed. Both databases walk that order and stop when they have enough, so a
common word costs no more than a rare one; there is no rank.

Not here: filters of the console (cases.py), the tables (made in migrations/, since the two databases differ there).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any, Final

import sqlalchemy as sa

from case_store.store import Transaction
from case_store.tables_cases import case_contacts, case_conversations, cases
from case_store.tables_conversations import messages

TEXT: Final = 200_000  # characters of a case that are indexed; the newest words are given first
WORDS: Final = 20_000  # different words of a case
BYTES: Final = 1_000_000  # of all of them: array_to_tsvector silently mixes up what lies beyond a megabyte
QUERY: Final = 200  # characters of a query that are read
FEW: Final = 1000  # hits that are gathered and sorted rather than met on the way from the newest
ALTERNATIVES: Final = 16  # words of a query that are asked for

_UNINDEXED: Final = sa.text(
    "cases.unindexed"
)  # as the partial index says it: SQLite does not see it in `unindexed = 1`
_SCRIPT: Final = (  # written without blanks: Han, kana, hangul, Thai
    "\u3005\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af\u0e00-\u0e7f\U00020000-\U0003ffff"
)
_PIECES: Final = re.compile(
    # bounded, or each place of a long line of dashes would look for its @ as far as the end
    rf"(?P<address>[\w.+-]{{1,64}}+@[\w-]{{1,63}}(?:\.[\w-]{{1,63}}){{1,32}})"
    rf"|(?P<number>\+?\(?\d[\d ()-]{{5,24}}\d)(?![^\W\d{_SCRIPT}])"
    rf"|(?P<script>[{_SCRIPT}]+)"
    rf"|(?P<word>[^\W_{_SCRIPT}]+)"
)
_THOUSANDS: Final = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_ACCENTS: Final = re.compile("[\u0300-\u036f]")
_REFERENCE: Final = re.compile(r"(?<![^\W_])c[ ]?(\d{8})[ -]?(\d{6,12})[ -]?(\d)(?!\d)")

Clause = tuple[tuple[str, ...], ...]
"""Alternatives, each of words that must all be there."""


def search_text(text: str) -> str:
    """The words under which a text is found, each once, in order, with blanks between."""
    return _as_many_as_fit(word[:64] for word in _words_of(plain_text(text[:TEXT])))


def _as_many_as_fit(words: Iterable[str]) -> str:
    found: dict[str, None] = {}
    size = 0
    for word in words:
        if word in found:
            continue
        size += len(word.encode()) + 1
        if size > BYTES or len(found) >= WORDS:
            break
        found[word] = None
    return " ".join(found)


def clauses_of(query: str) -> list[Clause]:
    """What a text must hold to be found by `query`: every clause, by one of its alternatives. Empty: nothing to look for."""
    found: dict[Clause, None] = {}
    for clause in _clauses_of(plain_text(query[:QUERY])):
        found[clause] = None
    return list(found)[:ALTERNATIVES]


def plain_text(text: str) -> str:
    """One form for what means the same: width, case, accents, script, thousands separators."""
    lowered = unicodedata.normalize("NFKC", text).lower()
    bare = _ACCENTS.sub("", unicodedata.normalize("NFD", lowered)) if not lowered.isascii() else lowered
    simplified = unicodedata.normalize("NFC", bare).translate(_simplified())
    return _THOUSANDS.sub("", re.sub(r"[‐-―−]", "-", simplified))


def _words_of(text: str) -> Iterator[str]:
    for reference in _REFERENCE.finditer(text):
        yield "c" + "".join(reference.groups())
        yield _without_zeros(reference[2])
    for piece in _PIECES.finditer(text):
        if piece["script"]:
            yield from _characters(piece["script"])
        elif piece["address"]:
            yield _address(piece["address"])
            yield from _parts(piece["address"])
        elif piece["number"]:
            yield from _parts(piece["number"])
            yield from _ends(_digits(piece["number"]))
        else:
            yield _word(piece["word"])
            if piece["word"].isdecimal():
                yield from _ends(piece["word"])


def _clauses_of(text: str) -> Iterator[Clause]:
    reference = _REFERENCE.search(text)
    if reference:
        yield (("c" + "".join(reference.groups()),),)
        text = text[: reference.start()] + " " + text[reference.end() :]
    for piece in _PIECES.finditer(text):
        if piece["script"]:
            run = piece["script"]
            yield from ((((one + other),),) for one, other in pairwise(run)) if len(run) > 1 else [((run,),)]
        elif piece["address"]:
            yield ((_address(piece["address"]),),)
        elif piece["number"]:
            whole, parts = _digits(piece["number"]), tuple(_parts(piece["number"]))
            # +86 138 … finds 138 …: the country's code stands in some texts only
            yield ((_without_zeros(whole[-8:] if piece["number"].startswith("+") else whole),), parts)
        else:
            yield ((_word(piece["word"]),),)


def _characters(run: str) -> Iterator[str]:
    yield from run
    for one, other in pairwise(run):
        yield one + other


def _parts(piece: str) -> list[str]:
    return [_word(part) for part in re.findall(r"[^\W_]+", piece)]


def _digits(piece: str) -> str:
    return re.sub(r"\D", "", piece)


def _ends(digits: str) -> Iterator[str]:
    """A number without leading zeros, and its last digits, four and more: how people say which."""
    yield _without_zeros(digits)
    for length in range(4, min(len(digits), 16)):
        yield _without_zeros(digits[-length:])


def _without_zeros(digits: str) -> str:
    return digits.lstrip("0") or "0"


def _address(address: str) -> str:
    """An address as one word without anything that a database could read as more."""
    return "at" + re.sub(r"[\W_]", "", address)


def _word(word: str) -> str:
    return _without_zeros(word) if word.isdecimal() else _stem(word)


@lru_cache(50_000)
def _stem(word: str) -> str:
    return str(_stemmer()(word)) if word.isascii() and word.isalpha() else word


@cache
def _stemmer() -> Callable[[str], str]:
    import snowballstemmer  # type: ignore[import-untyped]

    stem: Callable[[str], str] = snowballstemmer.stemmer("english").stemWord
    return stem


class _Simplified(dict[int, str]):
    """A table for `str.translate` that fills itself: each character on its own, Hong Kong's and Taiwan's forms too."""

    _ALSO: Final = {"著": "着", "帐": "账", "幺": "么"}  # one word to whoever searches, two to a dictionary

    def __init__(self) -> None:
        import opencc

        self._steps = [opencc.OpenCC(step) for step in ("hk2s", "t2s")]

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if code > 0x2E7F and not 0xD800 <= code <= 0xDFFF:
            for step in self._steps:
                character = step.convert(character)
        self[code] = simple = self._ALSO.get(character, character)
        return simple


@cache
def _simplified() -> _Simplified:
    return _Simplified()


def index_case(tx: Transaction, case_id: str, text: str) -> None:
    """The case is found by the words of `text` from now on, and by no others; it becomes the newest."""
    _put(tx, case_id, search_text(text))


def refresh(tx: Transaction, case_id: str) -> None:
    """Indexes a case by what the store holds of it: number, facts, contacts and its conversations' messages."""
    index_case(tx, case_id, text_of(tx, case_id))


def is_waiting(tx: Transaction) -> bool:
    """Whether anything has changed that is not indexed yet."""
    return tx.execute(sa.select(cases.c.id).where(_UNINDEXED).limit(1)).first() is not None


def index_waiting(tx: Transaction, limit: int) -> int:
    """Indexes cases that have changed since they were indexed. Answers how many.

    Apart from the transaction that changes them, so that a long story costs its customer no time; a search does it first, so that
    whatever is committed is found.
    """
    waiting = sa.select(cases.c.id).where(_UNINDEXED).order_by(cases.c.id).limit(limit)
    ids = list(tx.connection.scalars(waiting.with_for_update(skip_locked=True)))
    for id in ids:
        refresh(tx, id)
    if ids:
        tx.execute(sa.update(cases).where(cases.c.id.in_(ids)).values(unindexed=False))
    return len(ids)


def forget(tx: Transaction, case_id: str) -> None:
    """The case is found by nothing any more."""
    if not tx.postgresql:
        tx.execute(_DROP_WORDS, {"case_id": case_id})
    tx.execute(sa.text("DELETE FROM case_search WHERE case_id = :case_id"), {"case_id": case_id})


def text_of(tx: Transaction, case_id: str) -> str:
    """Everything that a case should be found by, its newest messages first."""
    c = cases.c
    row = tx.execute(sa.select(c.reference, c.customer, c.facts, c.merged_from).where(c.id == case_id)).one()
    named = sa.select(c.id).where(sa.or_(c.id == case_id, c.id.in_(row.merged_from), c.reference.in_(row.merged_from)))
    these = [case_id] if not row.merged_from else list(tx.connection.scalars(named))
    contacts = tx.connection.scalars(sa.select(case_contacts.c.address).where(case_contacts.c.case_id == case_id))
    said = tx.connection.scalars(
        sa.select(messages.c.text)
        .join(case_conversations, case_conversations.c.conversation_id == messages.c.conversation_id)
        .where(
            case_conversations.c.case_id == case_id,
            sa.or_(messages.c.case_id.in_(these), messages.c.case_id.is_(None)),
            messages.c.sender.in_(["customer", "agent", "unknown"]),
        )
        .order_by(messages.c.at.desc())
        .limit(1000)
    )
    return "\n".join([row.reference or "", row.customer or "", *_leaves(row.facts), *contacts, *said])


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for each in value.values():
            yield from _leaves(each)
    elif value is not None:
        yield str(value)


def matching(
    tx: Transaction,
    query: str,
    limit: int,
    before: str | None = None,
    where: Sequence[sa.ColumnElement[bool]] = (),
) -> list[str]:
    """Ids of cases that hold all that `query` asks for, last indexed first.

    `before` is the last id of the page before. `where` are conditions on `cases`. A query without any word finds nothing.
    """
    clauses = clauses_of(query)
    if not clauses:
        return []
    if tx.postgresql:
        # a plan made for any query at all would gather every hit of a common word before it sorts
        tx.execute(sa.text("SET LOCAL plan_cache_mode = force_custom_plan"))
    # by FTS5's own row number: ordered by any other column it would gather all hits and sort them
    position = _position if tx.postgresql else _words.c.rowid
    found = _hits(tx, clauses)
    if tx.postgresql:
        found = _gathered_if_few(tx, found)
    hits = found.order_by(position.desc()).limit(limit)
    if before is not None:
        hits = hits.where(position < sa.select(_marker.c.position).where(_marker.c.case_id == before).scalar_subquery())
    if where:
        hits = hits.join(cases, cases.c.id == _search.c.case_id).where(*where)
    return list(tx.connection.scalars(hits))


_search: Final = sa.table("case_search", sa.column("case_id"), sa.column("position"), sa.column("words"))
_marker: Final = _search.alias("marker")
_words: Final = sa.table("case_search_words", sa.column("rowid"), sa.column("case_search_words"))
_position: Final = _search.c.position


def _hits(tx: Transaction, clauses: Sequence[Clause]) -> Any:
    if tx.postgresql:
        asked = _asked(clauses, "'{}'", " & ", " | ")
        return sa.select(_search.c.case_id).where(_search.c.words.op("@@")(sa.cast(asked, _TsQuery())))
    asked = _asked(clauses, '"{}"', " AND ", " OR ")
    joined = _words.join(_search, _position == _words.c.rowid)
    return sa.select(_search.c.case_id).select_from(joined).where(_words.c.case_search_words.op("MATCH")(asked))


def _gathered_if_few(tx: Transaction, found: Any) -> Any:
    """The same hits by their places, if they are few: looking for 300 old cases from the newest on passes all the others."""
    places = list(tx.connection.scalars(found.with_only_columns(_position).limit(FEW + 1)))
    return found if len(places) > FEW else sa.select(_search.c.case_id).where(_position.in_(places))


def _asked(clauses: Sequence[Clause], quoted: str, both: str, either: str) -> str:
    """The query in the database's own words: our words hold letters and digits only, so nothing in them can be an operator."""
    return both.join(
        "(" + either.join("(" + both.join(map(quoted.format, words)) + ")" for words in clause) + ")"
        for clause in clauses
    )


class _TsQuery(sa.types.UserDefinedType[str]):
    cache_ok = True

    def get_col_spec(self, **_options: Any) -> str:
        return "tsquery"


def _put(tx: Transaction, case_id: str, words: str) -> None:
    if tx.postgresql:
        tx.execute(_PUT_POSTGRESQL, {"case_id": case_id, "words": words.split()})
        return
    tx.execute(_DROP_WORDS, {"case_id": case_id})
    position = tx.execute(_PUT_SQLITE, {"case_id": case_id}).scalar_one()
    tx.execute(_PUT_WORDS, {"position": position, "words": words})


_PUT_POSTGRESQL: Final = sa.text(
    "INSERT INTO case_search (case_id, position, words) "
    "VALUES (:case_id, nextval('case_search_position'), array_to_tsvector(CAST(:words AS text[]))) "
    "ON CONFLICT (case_id) DO UPDATE SET position = excluded.position, words = excluded.words"
)
_DROP_WORDS: Final = sa.text(
    "DELETE FROM case_search_words WHERE rowid = (SELECT position FROM case_search WHERE case_id = :case_id)"
)
_PUT_SQLITE: Final = sa.text(
    "INSERT INTO case_search (case_id, position) "
    "VALUES (:case_id, (SELECT coalesce(max(position), 0) + 1 FROM case_search)) "
    "ON CONFLICT (case_id) DO UPDATE SET position = excluded.position RETURNING position"
)
_PUT_WORDS: Final = sa.text("INSERT INTO case_search_words (rowid, words) VALUES (:position, :words)")
