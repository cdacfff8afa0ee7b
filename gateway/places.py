"""The folders of a gateway: the data directory, and where files are kept. Each refused in a sentence when it can't be used."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from case_store.files import UnsupportedPlace
from gateway.config import ObjectStore, Settings

SIGNING_KEY: Final = "audit.key"  # of the audit's checkpoints: outside the database that they vouch for


class DataDirectoryUnusable(Exception):
    """The data directory can't be made or written to."""


def prepare(data_dir: Path) -> None:
    """Makes the data directory if it is missing, readable for nobody else. Raises DataDirectoryUnusable."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise _unusable(data_dir, error.strerror or str(error)) from None
    if not os.access(data_dir, os.W_OK | os.X_OK):
        raise _unusable(data_dir, f"user {os.geteuid()} may not write there")


def _unusable(data_dir: Path, why: str) -> DataDirectoryUnusable:
    return DataDirectoryUnusable(
        f"QINGTING_DATA_DIR is {data_dir}: {why}; expected a folder that the gateway may make and write to"
    )


def folder_of_files(settings: Settings) -> Path:
    """Where originals and attachments are kept. Raises UnsupportedPlace."""
    place = settings.files_place
    if isinstance(place, ObjectStore):
        raise UnsupportedPlace(f"QINGTING_FILES is {place.url}: expected a folder that all nodes share")
    return place


def signing_key_path(data_dir: Path) -> Path:
    return data_dir / SIGNING_KEY
