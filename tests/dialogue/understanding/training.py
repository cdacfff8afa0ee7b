"""The command of a module that trains a table: writes it, says whether it is what training gives, or how it does on what it has not seen.

Not here: what is learned and how (train.py, train_replies.py, train_gist.py, train_wanting.py); several tables at once (train_ranking.py).
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path


def command(about: str | None, file: Path, made: Callable[[], str], across: Callable[[], None] | None = None) -> None:
    """Runs it. `about` is the module's docstring, `made` gives the text of the file, `across` tells how the table does on what it has not learned from."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    if across is not None:
        parser.add_argument("--across", action="store_true")
    chosen = parser.parse_args()
    if across is not None and chosen.across:
        across()
    elif chosen.check:
        tell_whether_trained(file, made())
    else:
        file.write_text(made(), "utf-8")


def tell_whether_trained(file: Path, text: str, name: str = "") -> None:
    same = file.exists() and file.read_text("utf-8") == text
    print(f"{name}{'as trained' if same else 'differs from what training gives'}")
