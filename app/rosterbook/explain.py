"""From what the models refuse to sentences that a manager understands, each with its remedy."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from app.rosterbook.findings import Code, nearest, shown
from app.rosterbook.source import Mark, Source, Steps

_EXAMPLES = {
    "active": '[{days: mon-fri, from: "18:00", to: "09:00"}]',
    "built_by": "aivo",
    "contract": "{number: …, from: 2026-01-01, guard_line: …, team: …}",
    "email": "ana@aivo.example",
    "escalation": "[{page: primary, for: 3 minutes}]",
    "first_response": "1 hour",
    "for": "3 minutes",
    "from": "2026-01-05 09:00",
    "guard_line": '"+541152630001"',
    "language": "es",
    "managers": "[lucia]",
    "name": "Ana Paz",
    "page": "primary",
    "people": "[ana, bruno]",
    "phones": '["+5491155550101"]',
    "resolution": "6 hours",
    "shift": "1 week",
    "starts": "2026-01-05 09:00",
    "timezone": "America/Argentina/Buenos_Aires",
    "to": "2026-01-12 09:00",
    "url": '"https://support.example"',
}
_CODES = {
    "phones": Code.PHONE,
    "phone": Code.PHONE,
    "guard_line": Code.PHONE,
    "pin": Code.PIN,
    "timezone": Code.TIME_ZONE,
    "email": Code.ADDRESS,
    "url": Code.ADDRESS,
    "shift": Code.LENGTH,
    "for": Code.LENGTH,
    "ring": Code.LENGTH,
    "mail": Code.LENGTH,
    "text": Code.LENGTH,
    "first_response": Code.LENGTH,
    "resolution": Code.LENGTH,
    "starts": Code.MOMENT,
    "until": Code.MOMENT,
    "first_handoff": Code.MOMENT,
    "from": Code.MOMENT,
    "to": Code.MOMENT,
    "days": Code.WINDOW,
    "active": Code.WINDOW,
}
_SHAPES = {
    "model_type": "a mapping (`key: value`) is expected here",
    "model_attributes_type": "a mapping (`key: value`) is expected here",
    "dict_type": "a mapping (`key: value`) is expected here",
    "tuple_type": "a list (`[one, two]`) is expected here",
    "string_type": "a text is expected here",
    "bool_type": "`true` or `false` is expected here",
    "bool_parsing": "`true` or `false` is expected here",
}


def explained(
    error: ValidationError, source: Source, model: type[BaseModel]
) -> Iterator[tuple[Mark, Code, str]]:
    """Where, code and sentence of each thing that ``model`` refuses in ``source``."""
    details = error.errors(include_url=False)
    places = [d["loc"] for d in details]
    for detail in details:
        place = detail["loc"]
        if detail["type"] == "too_short" and any(p != place and p[: len(place)] == place for p in places):
            continue  # empty only because of what is wrong inside
        yield _sentence(detail, source, model)


def _sentence(detail: ErrorDetails, source: Source, model: type[BaseModel]) -> tuple[Mark, Code, str]:
    steps = _steps(detail["loc"])
    kind, name = detail["type"], str(steps[-1]) if steps else ""
    if "[key]" in detail["loc"] or kind == "extra_forbidden":
        mark = source.key_mark(steps)
    else:
        mark = source.mark(steps if kind != "missing" else steps[:-1])
    if kind == "missing":
        example = f", as in `{name}: {_EXAMPLES[name]}`" if name in _EXAMPLES else ""
        return mark, Code.MISSING_KEY, f"`{name}` is missing: add it{example}"
    if kind == "extra_forbidden":
        remedy = nearest(name, known_keys(model, steps[:-1]))
        return mark, Code.UNKNOWN_KEY, f"unknown key {shown(name)}: {remedy}"
    if kind in ("enum", "literal_error"):
        choices = [c.strip("' ") for c in detail.get("ctx", {})["expected"].replace(" or ", ",").split(",")]
        value = name if "[key]" in detail["loc"] else detail["input"]
        if not isinstance(value, str):
            return mark, Code.WRONG_SHAPE, f"one of these is expected here: {', '.join(choices)}"
        return (
            mark,
            Code.UNKNOWN_CHOICE,
            f"{shown(value)} is not one of {', '.join(choices)}: {_remedy(value, choices)}",
        )
    if kind in _SHAPES:
        about = f"`{name}`: " if name and not name.isdecimal() else ""
        nothing = ", but nothing is written" if detail["input"] is None else ""
        return mark, Code.WRONG_SHAPE, about + _SHAPES[kind] + nothing
    if kind in ("too_short", "string_too_short"):
        return mark, Code.EMPTY, f"`{name}` is empty: name at least one, or remove the key"
    return mark, _code(steps, kind), _other(detail)


def _other(detail: ErrorDetails) -> str:
    if detail["type"] == "value_error":
        return str(detail.get("ctx", {}).get("error", detail["msg"]))
    if detail["type"] == "string_pattern_mismatch":
        pattern = str(detail.get("ctx", {}).get("pattern"))
        example = "https://support.example" if pattern.startswith("^http") else "ana@aivo.example"
        return f"{shown(detail['input'])} is not an address: write it as `{example}`"
    return f"{shown(detail['input'])} cannot stand here: {detail['msg'][0].lower()}{detail['msg'][1:]}"


def _remedy(value: str, choices: list[str]) -> str:
    remedy = nearest(value.lower(), choices)
    return remedy if remedy.startswith("did") else f"write one of them, such as `{choices[0]}`"


def _code(steps: Steps, kind: str) -> Code:
    keys = [s for s in steps if isinstance(s, str)]
    return next((_CODES[k] for k in reversed(keys[-2:]) if k in _CODES), Code.VALUE)


def _steps(place: tuple[int | str, ...]) -> Steps:
    """The path in the file of an error's place, without the names that the models add to it."""
    tagged = place[:1] == ("rotations",)  # a rotation's place also names its kind, at position 2
    return tuple(s for i, s in enumerate(place) if s != "[key]" and not (tagged and i == 2))


def known_keys(model: type[BaseModel], steps: Steps) -> set[str]:
    """The keys that may stand in the mapping at ``steps`` of a file of ``model``."""
    schema = _schema(model)
    nodes = [schema]
    for step in steps:
        nodes = [inner for node in nodes for inner in _inside(node, step, schema)]
    return {key for node in nodes for n in _branches(node, schema) for key in n.get("properties", {})}


def _inside(node: dict[str, Any], step: int | str, schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for branch in _branches(node, schema):
        if isinstance(step, int):
            found = [branch.get("items")]
        elif step in branch.get("properties", {}):
            found = [branch["properties"][step]]
        else:
            found = [branch.get("additionalProperties"), *branch.get("patternProperties", {}).values()]
        yield from (inner for inner in found if isinstance(inner, dict))


def _branches(node: dict[str, Any], schema: dict[str, Any]) -> Iterable[dict[str, Any]]:
    if "$ref" in node:
        return _branches(schema["$defs"][node["$ref"].rsplit("/", 1)[-1]], schema)
    choices = node.get("anyOf", []) + node.get("oneOf", [])
    return [b for choice in choices for b in _branches(choice, schema)] if choices else [node]


@lru_cache
def _schema(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema(by_alias=True)
