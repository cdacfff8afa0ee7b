"""What a complaint is about (handbook 1.2.1): service, product, violation or other, by word lists and the classifier together.

A list says why in words that can be pointed at; the classifier weighs all that is said, also where no list knows a word of it. What
the lists say counts as one more sign, about as strong as they have been right. Every judgement rests on words of the customer: those
of a list or, where none speaks for what was judged, the sentence that tells most.

Not here: the words (triage_terms.toml, classifier.json), what else is judged (triage.py).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from case_store.records import Category, Opinion
from dialogue.understanding.classifier import categories_of, words_for
from dialogue.understanding.terms import Folded, Hit, Terms

UNSPECIFIED: Final = "unspecified"
"""The reason where nothing was said that tells."""
BY_WORDING: Final = "wording"
"""The reason where the classifier tells and no list: the wording as a whole."""

_LISTED: Final = 0.4  # what a list's word adds, in logits
_LISTED_VIOLATION: Final = 0.8  # words of a broken rule are seldom said of anything else
_TOO_READILY: Final = {Category.SERVICE: 0.5, Category.VIOLATION: 0.4}
"""What is taken from categories that the wording is put into too readily, in logits: how something was handled is told of anything."""
_STOLEN: Final = 1.5  # what a stolen card adds to the doings of others
_ENOUGH_HAN: Final = 12
_ENOUGH_LATIN: Final = 30
"""Characters from which the wording as a whole says something."""


@dataclass(frozen=True, slots=True)
class _Evidence:
    """Reasons found for one category, each with its first words."""

    category: Category
    reasons: Mapping[str, Hit]

    @property
    def strength(self) -> int:
        return len(self.reasons)

    def opinion(self) -> Opinion:
        reason, hit = next(iter(self.reasons.items()))
        return Opinion(self.category, reason, hit.words)


def category_of(text: Folded, lists: Mapping[str, Mapping[str, Terms]], stolen: str | None) -> Opinion:
    """The category with its reason.

    `lists` holds the lists of reasons by name of the category; `stolen` the words that say that a card is in other hands now.
    """
    found = {category: _evidence(text, category, lists[category.value]) for category in Category}
    listed = _by_lists(found)
    if not says_enough(text):
        return listed
    chances = {
        Category(name): math.log(share) - _TOO_READILY.get(Category(name), 0.0)
        for name, share in categories_of(text).items()
    }
    if listed.reason != UNSPECIFIED:
        chances[Category(listed.value)] += _LISTED_VIOLATION if listed.value == Category.VIOLATION else _LISTED
    if stolen:
        chances[Category.OTHER] += _STOLEN
    best = max(chances, key=chances.__getitem__)
    if best == listed.value and listed.reason != UNSPECIFIED:
        return listed
    if found[best].strength:
        return found[best].opinion()
    if best is Category.OTHER and stolen:
        return Opinion(best, "third_party_fraud", stolen)
    return Opinion(best, BY_WORDING, words_for(text, best.value))


def says_enough(text: Folded) -> bool:
    """Whether the text is long enough for its wording as a whole to tell anything."""
    return len(text.folded) >= (_ENOUGH_HAN if text.han else _ENOUGH_LATIN)


def _evidence(text: Folded, category: Category, lists: Mapping[str, Terms]) -> _Evidence:
    found = {reason: terms.first(text) for reason, terms in lists.items()}
    return _Evidence(category, {reason: hit for reason, hit in found.items() if hit})


def _by_lists(found: Mapping[Category, _Evidence]) -> Opinion:
    """Violation before product before service before other, unless the weaker has more to show for itself."""
    violation, other, product, service = (
        found[category] for category in (Category.VIOLATION, Category.OTHER, Category.PRODUCT, Category.SERVICE)
    )
    if "third_party_fraud" in other.reasons and not _by_the_house(violation):
        return other.opinion()
    if violation.strength and not (other.strength and set(violation.reasons) <= {"without_consent"}):
        return violation.opinion()
    if "credit_bureau_entry" in other.reasons and service.strength <= 1 and product.strength <= 1:
        return Opinion(Category.OTHER, "credit_bureau_entry", other.reasons["credit_bureau_entry"].words)
    if "wrong_fee" in service.reasons or service.strength > product.strength:
        return service.opinion()
    if product.strength:
        return product.opinion()
    return other.opinion() if other.strength else Opinion(Category.SERVICE, UNSPECIFIED)


def _by_the_house(violation: _Evidence) -> bool:
    """Did staff do it, rather than the fraudster who used the customer's name?"""
    return not set(violation.reasons) <= {"without_consent", "mis_selling", "harassment"}
