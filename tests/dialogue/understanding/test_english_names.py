"""English names without capitals, spelled, turned round."""

import pytest

from dialogue.understanding.english_names import names_beside, names_in_parts, names_typed
from dialogue.understanding.plain import plain


def typed(text: str, *, asked: bool = False) -> list[str | None]:
    return [name.value for name in names_typed(plain(text), asked=asked)]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("im Hafiz and my phone was snatched", "Hafiz"),
        ("it's doreen sugden, d'you want my account", "Doreen Sugden"),
        ("hello i am nguyen thi lan, nail salon", "Nguyen Thi Lan"),
        ("i am mrs szeto. the clerk shouted", "Mrs Szeto"),
        ("name lee tsz ching", "Lee Tsz Ching"),
        ("rahul mehta here, card's dead again", "Rahul Mehta"),
        ("Fergal Quigley's the name", "Fergal Quigley"),
        ("Margaret Ellis in full", "Margaret Ellis"),
        ("Wilma van der Berg (me)", "Wilma van der Berg"),
        ("this is fatoumata diallo f a t o u m a t a. last monday", "Fatoumata Diallo"),
        ("just stop the card. joyce dobbs d o b b s", "Joyce Dobbs"),
        ("first siobhan last o'dell", "Siobhan O'Dell"),
        ("From: Tamsin Brook <tb@example.org>\nTo: complaints", "Tamsin Brook"),
        ("angharad from Bala, we spoke this morning", "Angharad"),
        ("only me again, Vi, about the pension", "Vi"),
        ("folks call me Bud", "Bud"),
        ("Is mise Pádraig Ó Conghaile", "Pádraig Ó Conghaile"),
        ("take it off please. terrell o", "Terrell O"),
        ("Prepared by Cordelia Vance, treasurer", "Cordelia Vance"),
    ],
)
def test_the_writer_without_capitals(text: str, name: str) -> None:
    assert typed(text) == [name]


@pytest.mark.parametrize(
    "text",
    [
        "this is rediculous absolutely shocking",
        "I'm Irish and proud",
        "my name's none of your business",
        "the account's in my mother's name",
        "no one here to help",
        "my name is on the wrong list",
        '"hello jessica here" is what your bot said',
        "hi dave, my card is broken",
        "Dear Mr Rudge, the card is broken",
        "it's dave who told me to sign",
    ],
)
def test_no_name_is_made_of_words(text: str) -> None:
    assert typed(text) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Moyo, Precious", "Precious Moyo"),
        ("Abernathy-Blake comma Winston", "Winston Abernathy-Blake"),
        ("Rabin, R as in Robert, A, B. First name Hyman.", "Hyman Rabin"),
    ],
)
def test_asked_for_it_may_be_turned_round(text: str, name: str) -> None:
    assert [found.value for found in names_in_parts(plain(text))] == [name]


def test_a_name_stands_beside_the_number() -> None:
    text = "reece dunmore 07700 900318"
    assert [name.value for name in names_beside(plain(text), ((14, 26),))] == ["Reece Dunmore"]
