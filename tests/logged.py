"""What a module logs, whether or not somebody has set logging up in this process before: a logger keeps what it was set up with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any
from unittest.mock import patch

import structlog
from structlog.testing import capture_logs


@contextmanager
def logged(module: ModuleType) -> Iterator[list[Any]]:
    with capture_logs() as told, patch.object(module, "log", structlog.get_logger()):
        yield told
