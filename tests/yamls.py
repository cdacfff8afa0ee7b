"""YAML that lies among the tests, or is looked at by them.

Labelled texts and conversations are megabytes, and every worker reads most of them as it collects.
"""

from __future__ import annotations

from typing import Any

import yaml

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # six times as fast where libyaml is there


def from_yaml(text: str) -> Any:
    """What it holds."""
    return yaml.load(text, Loader=_Loader)
