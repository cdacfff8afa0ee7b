"""What a script's files are, in sixteen characters: the name of the model that is trained on them.

Runs in Rasa's environment too, as a program: `python digest.py FOLDER` prints the digest. Nothing is imported but the
standard library.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import Any


def digest_of(folder: Any) -> str:
    """SHA-256 over the files that a model is trained on, by name and content; 16 characters of it.

    `folder` is a path, or a folder of a package's resources.
    """
    whole = hashlib.sha256()
    for part in (None, "data", "domain"):
        place = folder if part is None else folder / part
        for file in sorted(place.iterdir(), key=lambda entry: str(entry.name)):
            if file.name.endswith(".yml") and (part is not None or file.name == "config.yml"):
                content = file.read_bytes()
                whole.update(f"{part or ''}/{file.name} {len(content)}\n".encode() + content)
    return whole.hexdigest()[:16]


if __name__ == "__main__":
    sys.stdout.write(digest_of(Path(sys.argv[1])) + "\n")
