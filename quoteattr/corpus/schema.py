"""The columns of the output, as plain data: those of a table, and those of whole documents in Parquet.

A list stands for a list of its one element, a dict for a record with these fields. `docs/output.md` tells their meaning.
"""

from __future__ import annotations

from typing import Any

from quoteattr.document import TAGS

_PAIR = [int]
_MADE_BY = {"schema_version": int, "model_version": str}

TABLE_COLUMNS: dict[str, dict[str, type]] = {
    "quotes": {
        "quote": int,
        "sentence": int,
        "start": int,
        "end": int,
        "text": str,
        "kind": str,
        "speaker": str,
        "speaker_kind": str,
        "mention": str,
        "cue": str,
        "confidence": float,
        **_MADE_BY,
    },
    "sentences": {
        "sentence": int,
        "start": int,
        "end": int,
        "text": str,
        **{f"is_{tag}": bool for tag in TAGS},
        **{f"{tag}_score": float for tag in TAGS},
        "boilerplate_kind": str,
        **_MADE_BY,
    },
}
# What Document.to_dict gives, with the evidence of a quote as JSON.
DOCUMENT: dict[str, Any] = {
    "schema_version": int,
    "library_version": str,
    "model_version": str,
    "text": str,
    "sentences": [
        {"start": int, "end": int, "tags": [str], "scores": dict.fromkeys(TAGS, float), "boilerplate_kind": str}
    ],
    "speakers": [{"name": str, "kind": str, "mentions": [_PAIR]}],
    "quotes": [
        {
            "spans": [_PAIR],
            "text": str,
            "kind": str,
            "cue": _PAIR,
            "mention": _PAIR,
            "speaker": int,
            "confidence": float,
            "evidence": str,
        }
    ],
}
