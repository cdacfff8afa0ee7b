"""The settings of this process, or everything that is wrong with them: a sentence each, with the name, the value and what would be right.

Not here: which settings there are (config.py), whether what they name can be reached (doctor.py).
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from gateway.config import NOT_SETTINGS, NOT_SETTINGS_PREFIX, PREFIX, Expected, Settings, SettingsError


def load_settings() -> Settings:
    """The settings of this process. Raises SettingsError with everything that is wrong, not only the first."""
    problems = [*_unknown_variables(), *_unreadable_files()]
    config = _read_config(problems)
    if problems:
        raise SettingsError(problems)
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError([_sentence(dict(one), config) for one in error.errors()]) from None


def _unknown_variables() -> Iterator[str]:
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    allowed = known | {f"{name}_FILE" for name in known} | NOT_SETTINGS
    for name in sorted(os.environ):
        upper = name.upper()
        if upper.startswith(PREFIX) and upper not in allowed and not upper.startswith(NOT_SETTINGS_PREFIX):
            # the value stays unsaid: it may be a misspelt secret
            yield f"{name} is not a setting{_did_you_mean(upper, known)}"


def _unreadable_files() -> Iterator[str]:
    for name in Settings.model_fields:
        variable = f"{PREFIX}{name.upper()}"
        path = os.environ.get(f"{variable}_FILE")
        if not path:
            continue
        if variable in os.environ:
            yield f"{variable} and {variable}_FILE are both set: expected only one of them"
        try:
            Path(path).read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            yield f"{variable}_FILE is {path!r}: expected a text file that can be read ({_reason(error)})"


def _read_config(problems: list[str]) -> dict[str, Any]:
    path = os.environ.get("QINGTING_CONFIG")
    if not path:
        return {}
    try:
        return tomllib.loads(Path(path).read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        problems.append(f"QINGTING_CONFIG is {path!r}: expected a TOML file that can be read ({_reason(error)})")
        return {}


def _reason(error: Exception) -> str:
    return error.strerror or type(error).__name__ if isinstance(error, OSError) else str(error)


def _sentence(error: dict[str, Any], config: Mapping[str, Any]) -> str:
    if not error["loc"]:
        return str(error["ctx"]["error"])
    name = str(error["loc"][0])
    if error["type"] == "extra_forbidden":
        return f"{name} in {os.environ['QINGTING_CONFIG']} is not a setting{_did_you_mean(name, Settings.model_fields)}"
    where, value = _origin(name, config)
    expected = next(item.what for item in Settings.model_fields[name].metadata if isinstance(item, Expected))
    return f"{where} is {_masked(name, value)}: expected {expected}"


def _origin(name: str, config: Mapping[str, Any]) -> tuple[str, Any]:
    variable = f"{PREFIX}{name.upper()}"
    if variable in os.environ:
        return variable, os.environ[variable]
    if path := os.environ.get(f"{variable}_FILE"):
        return f"{variable} in {path}", Path(path).read_text("utf-8").strip()
    return f"{name} in {os.environ.get('QINGTING_CONFIG', 'the settings')}", config.get(name)


def _masked(name: str, value: object) -> str:
    if name in ("secret", "rasa_secret", "telegram_token", "translator_key", "admin_password", "oidc_client_secret"):
        return "***"
    if isinstance(value, str) and name in (
        "database_url",
        "database_listen_url",
        "smtp_relay",
        "imap",
        "files",
        "translator",
    ):
        value = re.sub(r"^([A-Za-z0-9+]+://)?.*@", r"\1***@", value, flags=re.DOTALL)
        value = re.sub(r"(?i)(pass\w*|secret\w*|key)=[^&]*", r"\1=***", value)
    return repr(value)


def _did_you_mean(name: str, known: Any) -> str:
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.75)
    return f": did you mean {near[0]}?" if near else ": see docs/operating.md for those there are"
