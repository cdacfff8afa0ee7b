"""What the doctor looks at in files: whether they are kept, whether they are scanned, and how many wait for it.

Not here: the other checks, and their order (doctor.py).
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from typing import Final

from case_store import attachments
from case_store.files import CorruptFile, Files, NoSuchFile, files_among, named_digests
from case_store.store import Store
from gateway.clamd import Clamd, ScannerAway
from gateway.config import Settings
from gateway.findings import Line, fail, ok, warn
from gateway.places import folder_of_files

PATIENCE: Final = 5.0  # seconds for the scanner
LONG: Final = 3600.0  # seconds that a file may wait for it


def scanner(settings: Settings) -> Iterator[Line]:
    if settings.clamd is None:
        yield warn(
            "scanner",
            "files that customers send are not scanned for viruses",
            "run clamd and set QINGTING_CLAMD, or see that who opens them has a scanner",
        )
        return
    try:
        version = asyncio.run(Clamd(settings.clamd, patience=PATIENCE).version())
    except ScannerAway as error:
        yield fail("scanner", str(error), "see that clamd runs; files wait for it, and are told as not scanned")
        return
    yield ok("scanner", f"{settings.clamd}: {version}")


def attachments_examined(settings: Settings, store: Store) -> Iterator[Line]:
    counted = store.read_now(attachments.counts)
    waiting, oldest = int(counted["attachments_unscanned"]), counted["oldest_unscanned_seconds"]
    if settings.clamd is not None and waiting:
        late = fail if oldest > LONG else warn
        hours = f"{oldest / 3600:.1f} h"
        yield late("attachments", f"{waiting} wait for the scanner, the oldest for {hours}", "see `scanner` above")
    else:
        yield ok("attachments", f"{int(counted['attachments_waiting'])} wait to be looked at")
    if counted["attachments_infected"]:
        yield warn(
            "attachments",
            f"{int(counted['attachments_infected'])} are infected and kept back",
            "each has a task; only an admin can save one, and it is on record who did",
        )


def kept_files(settings: Settings, store: Store, *, deep: bool) -> Iterator[Line]:
    files = Files(folder_of_files(settings))
    if not deep:
        if files.folder.exists() and not os.access(files.folder, os.W_OK | os.X_OK):
            yield fail("files", f"{files.folder} can't be written to", f"give it to user {os.geteuid()}")
        else:
            yield ok("files", f"{files.folder}; their content is read with --deep")
        return
    named = store.read_now(named_digests)
    kept, missing, corrupt = set(files.digests()), [], []
    for digest in sorted(named & kept):
        try:
            files.get(digest)
        except CorruptFile:
            corrupt.append(digest)
        except NoSuchFile:
            missing.append(digest)
    missing += store.read_now(files_among, named - kept)
    for what, digests in (("missing", missing), ("corrupt", corrupt)):
        if digests:
            yield fail("files", f"{len(digests)} are {what}: {digests[0]}", "bring them back from the backup's files/")
    if not missing and not corrupt:
        yield ok("files", f"{len(named & kept)} are there and as they were kept")
