"""The JSON Schema (2020-12) of what `Document.to_dict` gives, for programs in other languages."""

from __future__ import annotations

from typing import Any

from quoteattr.document import BOILERPLATE_KINDS, SCHEMA_VERSION, TAGS

_PROBABILITY = {"type": "number", "minimum": 0, "maximum": 1}
_OFFSET = {"type": "integer", "minimum": 0, "description": "Code points from the start of the text."}
_SPAN = {
    "type": "array",
    "prefixItems": [_OFFSET, _OFFSET],
    "items": False,
    "minItems": 2,
    "description": "Start and end, the end exclusive; code points from the start of the text.",
}


def _object(description: str, **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "description": description,
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _array(items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "array", "items": items, **more}


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


SENTENCE = _object(
    "A sentence with its tags.",
    start=_OFFSET,
    end=_OFFSET,
    tags=_array({"enum": list(TAGS)}, uniqueItems=True),
    scores=_object("The probability of each tag.", **dict.fromkeys(TAGS, _PROBABILITY)),
    boilerplate_kind={"enum": [*BOILERPLATE_KINDS, None]},
)
SPEAKER = _object(
    "A person or body that is quoted.",
    name={"type": "string"},
    kind={"enum": ["person", "body", "unnamed"]},
    mentions=_array(_SPAN),
)
QUOTE = _object(
    "One attributed utterance.",
    spans=_array(_SPAN, minItems=1),
    text={"type": "string", "description": "The words of the spans, joined by spaces."},
    kind={"enum": ["direct", "mixed", "indirect"]},
    cue=_or_null(_SPAN),
    mention=_or_null(_SPAN),
    speaker=_or_null({"type": "integer", "minimum": 0, "description": "Position in the list of speakers."}),
    confidence=_PROBABILITY,
    evidence={"type": "object", "description": "What decided; its keys may change."},
)
DOCUMENT = _object(
    "A labelled text.",
    schema_version={"const": SCHEMA_VERSION},
    library_version={"type": "string"},
    model_version={"type": "string"},
    text={"type": "string", "description": "The input, unchanged."},
    sentences=_array(SENTENCE),
    speakers=_array(SPEAKER),
    quotes=_array(QUOTE),
)
