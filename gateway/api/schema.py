"""The words that shapes of answers are described with, as JSON Schema (OpenAPI 3.1). Which shapes there are stands in answers.py and beside it."""

from __future__ import annotations

from typing import Any, Final

TEXT: Final[dict[str, Any]] = {"type": "string"}
MAYBE: Final[dict[str, Any]] = {"type": ["string", "null"]}
WHEN: Final[dict[str, Any]] = {"type": "string", "format": "date-time"}
MAYBE_WHEN: Final[dict[str, Any]] = {"type": ["string", "null"], "format": "date-time"}
MAYBE_DAY: Final[dict[str, Any]] = {"type": ["string", "null"], "format": "date"}
YES: Final[dict[str, Any]] = {"type": "boolean"}
NUMBER: Final[dict[str, Any]] = {"type": "integer"}
MAYBE_NUMBER: Final[dict[str, Any]] = {"type": ["integer", "null"]}
TEXTS: Final[dict[str, Any]] = {"type": "array", "items": TEXT}
ANY: Final[dict[str, Any]] = {}


def one_of(kind: Any) -> dict[str, Any]:
    return {"type": "string", "enum": [member.value for member in kind]}


def shape(**members: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(members), "properties": members}


def with_optional(schema: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {**schema, "properties": {**schema["properties"], **members}}


def listed(name: str) -> dict[str, Any]:
    return shape(items={"type": "array", "items": ref(name)}, next_cursor=MAYBE)


def ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def maybe(schema: dict[str, Any]) -> dict[str, Any]:
    return {"oneOf": [schema, {"type": "null"}]}
