"""One table of hits for both databases: what a case says, what somebody types, and whether it is found."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from case_store import search
from case_store.store import Store, Transaction
from case_store.tables_cases import case_contacts, case_conversations, cases
from case_store.tables_conversations import conversations, messages
from tests.growth import grows_no_faster

AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


PLAIN = {
    "status": "filed",
    "category": "other",
    "risk": "minor",
    "disposition": "investigate",
    "channel": "email",
    "language": "en",
}
EMPTY = {"account": "a", "facts": {}, "words": {}, "evidence": {}, "declined": [], "corrected": []}


class Indexed:
    """A store that holds a case for each text that is asked about."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._ids: dict[str, str] = {}

    def id_of(self, text: str) -> str:
        if text not in self._ids:
            self._ids[text] = f"k{len(self._ids)}"
            self.store.write_now(case, self._ids[text], text)
        return self._ids[text]


@pytest.fixture(scope="module")
def indexed(lasting_store: Store) -> Indexed:
    return Indexed(lasting_store)


def case(tx: Transaction, id: str, text: str | None = None, **fields: object) -> None:
    values = {**PLAIN, **EMPTY, "received_at": AT, "created_at": AT, "updated_at": AT}
    tx.execute(sa.insert(cases).values({**values, "id": id, **fields}))
    if text is not None:
        search.index_case(tx, id, text)


COMPLAINT = "我在贵行买的理财产品亏了三万五，客户经理说保本。著急！"
TRADITIONAL = "貴行櫃檯職員態度惡劣，手續費被多扣，戶口綫上說明不清"
ENGLISH = "The teller was charging hidden fees on my café account and refused complaining customers"
PHONE = "Call me on +852 9123 4567 or 138-0013-8000"
ADDRESS = "Write to Li.Ming+bank@mail.example.com"
REFERENCE = "C20261123-000421-4"
MONEY = "lost HK$12,000 and 35000.00"


@pytest.mark.parametrize(
    ("text", "query", "found"),
    [
        (COMPLAINT, "理财", True),
        (COMPLAINT, "理財", True),  # Traditional finds Simplified
        (COMPLAINT, "财产", True),  # any two characters, across words too
        (COMPLAINT, "亏", True),
        (COMPLAINT, "客户经理", True),
        (COMPLAINT, "客户 保本", True),
        (COMPLAINT, "着急", True),  # 著 and 着 are one
        (COMPLAINT, "理产", False),
        (COMPLAINT, "客户 基金", False),
        (TRADITIONAL, "手续费", True),  # Simplified finds Traditional
        (TRADITIONAL, "態度", True),
        (TRADITIONAL, "户口线上说明", True),
        (TRADITIONAL, "手續費　戶口", True),
        (TRADITIONAL, "費用", False),
        (ENGLISH, "charge", True),
        (ENGLISH, "CHARGED fee", True),
        (ENGLISH, "complain customer", True),
        (ENGLISH, "cafe", True),
        (ENGLISH, "Ｃａｆé", True),
        (ENGLISH, "loan", False),
        (ENGLISH, "fees loan", False),
        (PHONE, "+852 9123 4567", True),
        (PHONE, "91234567", True),
        (PHONE, "4567", True),
        (PHONE, "+86 138 0013 8000", True),
        (PHONE, "13800138000", True),
        (PHONE, "８０００", True),
        (PHONE, "9999", False),
        (PHONE, "13800138001", False),
        (ADDRESS, "li.ming+bank@MAIL.example.com", True),
        (ADDRESS, "ming", True),
        (ADDRESS, "li.ming@mail.example.com", False),
        (REFERENCE, "C20261123-000421-4", True),
        (REFERENCE, "c20261123 000421 4", True),
        (REFERENCE, "C202611230004214", True),
        (REFERENCE, "000421", True),
        (REFERENCE, "421", True),
        (REFERENCE, "C20261123-000422-2", False),
        (MONEY, "12000", True),
        (MONEY, "12,000", True),
        (MONEY, "35000", True),
        (MONEY, "13000", False),
        ("ご不満とトラブル 민원 접수", "トラ", True),
        ("ご不満とトラブル 민원 접수", "민원", True),
        ("Жалоба на банк", "жалоба", True),
        ("𠮷野家 𬭎", "𬭎", True),  # characters younger than the database's tables
        ("", "anything", False),
        (COMPLAINT, "", False),
        (COMPLAINT, "!?。", False),
    ],
)
def test_what_is_found_by_what(indexed: Indexed, text: str, query: str, found: bool) -> None:
    hits = indexed.store.read_now(search.matching, query, 10, None, [cases.c.id == indexed.id_of(text)])
    assert bool(hits) is found


@pytest.mark.parametrize(
    "query",
    [
        '"',
        "'",
        "' OR 1=1 --",
        '" OR *',
        "fees AND",
        "NOT fees",
        "NEAR(a b)",
        "words:fees",
        "fee*",
        "^fees",
        "a\x00b",
        "\ud800",
        "& | ! <-> ()",
        ":* \\",
        "%_",
        "费" * 10_000,
        "x" * 10_000,
        "1" * 10_000,
        "a@b." * 3000,
        " ".join(str(n) for n in range(5000)),
    ],
)
def test_a_hostile_query_is_harmless(indexed: Indexed, query: str) -> None:
    id = indexed.id_of(ENGLISH)
    assert indexed.store.read_now(search.matching, query, 1, None, [cases.c.id == id]) in ([], [id])
    assert indexed.store.read_now(search.matching, "fees teller", 10) == [id]


@pytest.mark.parametrize("text", ["a\x00b\ud800", "费" * 300_000, "x" * 300_000, " ".join(map(str, range(60_000)))])
def test_a_hostile_text_is_indexed_as_far_as_it_goes(store: Store, text: str) -> None:
    store.write_now(case, "k", "refund " + text)
    store.write_now(case, "other", "refund")
    assert "other" in store.read_now(search.matching, "refund", 10)


@pytest.mark.parametrize("run", ["+1-", "-", "a.", "a@b.", "a@", "(1 ", "1,000"])
def test_a_long_line_of_anything_is_read_in_time(run: str) -> None:
    grows_no_faster(
        lambda size: search.search_text((run * size)[:size]), search.TEXT
    )  # on SQLite all others wait for it


def test_many_long_words_are_found_each_or_left_out(store: Store) -> None:
    swollen = random.Random(1).choices(range(6), k=16 * 11_000)  # each letter becomes four
    letters = "".join("\ufdf2\ufdf3\ufdf4\ufdf6\ufdf7\ufdf8"[number] for number in swollen)
    text = " ".join(letters[start : start + 16] for start in range(0, len(letters), 16))
    store.write_now(case, "k", text)
    words = sorted(search.search_text(text).split())
    for word in (words[0], words[len(words) // 2], words[-1]):
        assert store.read_now(search.matching, word, 1) == ["k"]


def index_many(tx: Transaction) -> None:
    for number in range(7):
        case(tx, f"k{number}", f"手续费 {number}", status="filed" if number % 2 else "closed")


def test_hits_come_newest_first_page_by_page(store: Store) -> None:
    store.write_now(index_many)
    store.write_now(search.index_case, "k0", "手续费 again")
    first = store.read_now(search.matching, "手续", 3)
    second = store.read_now(search.matching, "手续", 3, first[-1])
    third = store.read_now(search.matching, "手续", 3, second[-1])
    assert (first, second, third) == (["k0", "k6", "k5"], ["k4", "k3", "k2"], ["k1"])


def test_conditions_hold_before_the_limit(store: Store) -> None:
    store.write_now(index_many)
    closed = [cases.c.status == "closed"]
    assert store.read_now(search.matching, "手续", 2, None, closed) == ["k6", "k4"]


def test_indexing_again_replaces(store: Store) -> None:
    store.write_now(case, "k", "mortgage 信用卡")
    assert store.read_now(search.matching, "mortgages 信用", 5) == ["k"]
    store.write_now(search.index_case, "k", "savings")
    assert [store.read_now(search.matching, query, 5) for query in ("mortgage", "信用", "saving")] == [[], [], ["k"]]


def test_a_forgotten_case_is_found_by_nothing(store: Store) -> None:
    store.write_now(case, "k", "mortgage")
    store.write_now(search.forget, "k")
    assert store.read_now(search.matching, "mortgage", 5) == []


def whole_case(tx: Transaction) -> None:
    case(
        tx,
        "k",
        reference=REFERENCE,
        customer="陈晓雯",
        facts={"about": "旺角分行", "amount": {"value": "350"}, "name": None},
    )
    tx.execute(sa.insert(case_contacts).values(case_id="k", address="wen@example.com", kind="email", at=AT))
    plain = {"channel": "email", "account": "a", "owner": "bot", "locale": "en", "language": "en", "state": {}}
    tx.execute(sa.insert(conversations).values(id="c", created_at=AT, updated_at=AT, **plain))
    tx.execute(
        sa.insert(case_conversations).values(case_id="k", conversation_id="c", linked_by="system", reason="x", at=AT)
    )
    for number, (sender, text) in enumerate(
        [("customer", "card swallowed"), ("bot", "condolences"), ("agent", "refunded")]
    ):
        tx.execute(sa.insert(messages).values(conversation_id="c", number=number, sender=sender, text=text, at=AT))


def test_a_case_is_found_by_its_record_and_by_what_people_said(store: Store) -> None:
    store.write_now(whole_case)
    store.write_now(search.refresh, "k")
    found = ("000421", "晓雯", "旺角", "wen@example.com", "350", "swallow", "refund")
    not_found = ("condolences", "none", "system")
    hits = {query: store.read_now(search.matching, query, 5) for query in (*found, *not_found)}
    assert hits == {**{key: ["k"] for key in found}, **{key: [] for key in not_found}}


HAN = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=2, max_size=20)


@given(HAN, st.data())
def test_any_two_neighbouring_characters_of_a_text_find_it(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 2))
    assert holds(search.search_text(text), text[start : start + 2])


@given(st.text(max_size=60))
def test_every_text_is_found_by_itself_and_no_word_holds_what_a_database_could_obey(text: str) -> None:
    words = search.search_text(text)
    assert holds(words, text)
    assert all(letter.isalnum() or ord(letter) > 127 for word in words.split() for letter in word)


def holds(words: str, query: str) -> bool:
    have = set(words.split())
    return all(any(have.issuperset(each) for each in clause) for clause in search.clauses_of(query))
