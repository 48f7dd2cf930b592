"""What records bring along: the names under which it is kept, and any value as JSON."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Collection, Mapping
from typing import Any


def renamed(fields: Mapping[str, Any], taken: Collection[str]) -> Mapping[str, Any]:
    """The fields, with "input_" before the name of one that a column of the output has."""
    if not any(name in fields for name in taken):
        return fields
    return {_free_name(name, fields, taken): value for name, value in fields.items()}


def _free_name(name: str, fields: Mapping[str, Any], taken: Collection[str]) -> str:
    if name in taken:
        name = f"input_{name}"
        while name in fields:
            name = f"input_{name}"
    return name


def to_json(value: Any) -> str:
    """A value as JSON: dates in ISO 8601, bytes in Base64, other foreign values as text; null for what is no number."""
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, default=_plain)
    except ValueError:
        return json.dumps(_finite(value), ensure_ascii=False, default=_plain)


def _plain(value: Any) -> str:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return str(value.isoformat() if hasattr(value, "isoformat") else value)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _finite(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
