"""Secrets that the house makes for itself where none is set, and keeps in its data folder.

Not here: the keys that are made from them (tokens.py).
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from pydantic import SecretStr

from gateway.config import Settings, SettingsError


def house_secret(settings: Settings) -> bytes:
    """The secret that signs everything: the one that is set, or else the one kept in the data folder, made if missing."""
    return _kept_secret(settings, settings.secret, "secret")


def rasa_secret(settings: Settings) -> str:
    """What the house and its Rasa know and nobody else: the one that is set, or else the one kept in the data folder, made if missing."""
    return _kept_secret(settings, settings.rasa_secret, "rasa-secret").decode()


def _kept_secret(settings: Settings, given: SecretStr | None, name: str) -> bytes:
    if given is not None:
        return given.get_secret_value().encode()
    path = settings.data_dir / name
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        _create_secret(path)
    kept = path.read_bytes().strip()
    if len(kept) < 32:
        raise SettingsError([f"{path} holds no secret: expected at least 32 characters; restore it from a backup"])
    return kept


def _create_secret(path: Path) -> None:
    # written whole under another name, then linked: a reader never sees half a secret, and of two starters one wins
    draft = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(32) + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # a power cut must not lose the secret under which addresses have been handed out
    finally:
        os.close(folder)
