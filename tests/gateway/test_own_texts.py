"""Every built-in notice can be kept as the house's own, and reads in every channel."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from case_store.records import Language
from gateway import own_texts
from gateway.own_texts import Document, Sample, Wording, built_in
from gateway.policy import load_policy
from gateway.texts import Occasion

NOW = datetime(2026, 11, 23, 9, 5, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.mark.parametrize("occasion", own_texts.REWORDED)
def test_every_built_in_text_passes_its_own_checks_and_is_shown(occasion: Occasion) -> None:
    sample, texts = Sample(load_policy().house(), NOW), built_in(occasion)
    assert own_texts.check(occasion, texts, sample) == []
    for language in Language:
        shown = own_texts.shown(occasion, language, texts[language], sample)
        assert shown["subject"]
        assert "None" not in "".join(shown.values())
        assert "{" not in "".join(shown.values())
    own = {language: Wording(subject=text.subject, body=text.body) for language, text in texts.items()}
    found, unusable = own_texts.own_texts({occasion.value: Document(texts=own).model_dump_json()})
    assert (set(found.wording), unusable) == ({occasion}, {})


def test_no_wording_can_hold_up_a_notice() -> None:
    """What could run for ever, call anything or look behind a value is not taken."""
    for source in (
        "{% for a in range(10**9) %}{% endfor %}",
        "{% set a = 1 %}",
        "{% macro a() %}{% endmacro %}",
        "{{ 9**99999999 }}",
        "{{ reference.__class__ }}",
        "{{ reference['x'] }}",
        "{{ 'x' * 999999999 }}",
        "{% include 'letter' %}",
        "{{ reference | attr('x') }}",
        "{{ cycler() }}",
    ):
        texts = {
            language: type(text)(text.subject, text.body + source)
            for language, text in built_in(Occasion.CASE_FILED).items()
        }
        assert own_texts.usable(Occasion.CASE_FILED, texts), source
