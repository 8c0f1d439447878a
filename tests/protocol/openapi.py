"""Judges a request to the telephone company's REST API by the company's own OpenAPI document.

``problems`` is for what Guardia sends, ``answer_problems`` for what the sandbox answers.
The document says less than the company's pages do: which of Url and Twiml is needed,
which events exist, how long a text may be. Those rules stand here, in tables.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from jsonschema import Draft202012Validator, FormatChecker

Schema = dict[str, Any]
Form = Mapping[str, list[str]]

# The prose of the document names them; its schemas say only "string".
_CALL_EVENTS = {"initiated", "ringing", "answered", "completed"}
_CONFERENCE_EVENTS = {"start", "end", "join", "leave", "mute", "hold", "modify", "speaker", "announcement"}
_RECORDING_EVENTS = {"in-progress", "completed", "absent"}
_EVENTS = {
    "StatusCallbackEvent": _CALL_EVENTS,
    "ConferenceStatusCallbackEvent": _CONFERENCE_EVENTS,
    "RecordingStatusCallbackEvent": _RECORDING_EVENTS,
    "ConferenceRecordingStatusCallbackEvent": _RECORDING_EVENTS | {"failed"},
}
# Of these the document says: "Separate multiple event values with a space."
_IN_ONE_FIELD = {"RecordingStatusCallbackEvent", "ConferenceRecordingStatusCallbackEvent"}
# For each operation: at least so many, at most so many, of these.
_CHOICES: dict[str, list[tuple[int, int, tuple[str, ...]]]] = {
    "CreateCall": [(1, 1, ("Url", "Twiml", "ApplicationSid"))],
    "UpdateCall": [
        (0, 1, ("Url", "Twiml")),
        (1, 9, ("Url", "Twiml", "Status", "TimeLimit", "StatusCallback", "FallbackUrl")),
    ],
    "CreateMessage": [
        (1, 9, ("From", "MessagingServiceSid")),
        (1, 9, ("Body", "MediaUrl", "ContentSid")),
    ],
}
_RANGES = {
    ("CreateCall", "Timeout"): (1, 600),
    ("CreateParticipant", "Timeout"): (5, 600),
    ("CreateMessage", "ValidityPeriod"): (1, 36000),
}
_LONGEST = {"Twiml": 4000, "Body": 1600, "FriendlyName": 64}
_MEDIA = re.compile(r"(/Recordings/\w+)\.(wav|mp3)$")

_formats = FormatChecker(formats=())
# In its answers Twilio writes relative paths where the document says "uri".
_formats_of_answers = FormatChecker(formats=())


def problems(method: str, url: str, form: Iterable[tuple[str, str]] = ()) -> list[str]:
    """What is wrong with a request, in words; nothing when Twilio would take it.

    ``url`` may be at any origin; its query and ``form`` are judged alike.
    """
    parts = urlsplit(url)
    found = _operation(method, _MEDIA.sub(r"\1.json", parts.path))
    if isinstance(found, str):
        return [found]
    operation, in_path = found
    sent = _grouped([*parse_qsl(parts.query, keep_blank_values=True), *form])
    return [
        *_path_problems(operation, in_path),
        *_parameter_problems(operation, sent),
        *_rule_problems(operation["operationId"], sent),
    ]


def answer_problems(method: str, url: str, status: int, body: object) -> list[str]:
    """What is wrong with an answer of the sandbox: its status, or the shape of its JSON."""
    found = _operation(method, urlsplit(url).path)
    if isinstance(found, str):
        return [found]
    operation, _ = found
    answers = operation["responses"]
    if status >= 400:
        return _error_problems(status, body)
    if str(status) not in answers:
        return [f"{operation['operationId']} never answers {status}, only {', '.join(answers)}"]
    content = answers[str(status)].get("content")
    if content is None:
        return []
    return _schema_problems(content["application/json"]["schema"], body, "answer", _formats_of_answers)


def _error_problems(status: int, body: object) -> list[str]:
    """The shape of each error: {code, message, more_info, status} (Twilio, "Twilio's response")."""
    if not isinstance(body, dict) or not {"code", "message", "more_info", "status"} <= body.keys():
        return [f"an error's body has code, message, more_info and status, not {body!r}"]
    return [] if body["status"] == status else [f"status {body['status']} in the body of a {status}"]


def _operation(method: str, path: str) -> tuple[Schema, dict[str, str]] | str:
    """The operation of a request with the parameters in its path, or why there is none."""
    for pattern, item in _paths():
        match = pattern.fullmatch(path)
        if match:
            operation = item.get(method.lower())
            return (operation, match.groupdict()) if operation else f"{path} does not take {method}"
    return f"unknown path {path}"


@cache
def _document() -> Schema:
    path = Path(__file__).parent / "twilio_api_v2010.json"
    document: Schema = json.loads(path.read_text("utf-8"))
    return document


@cache
def _paths() -> list[tuple[re.Pattern[str], Schema]]:
    def pattern(template: str) -> re.Pattern[str]:
        return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(template)))

    return [(pattern(template), item) for template, item in _document()["paths"].items()]


def _path_problems(operation: Schema, in_path: dict[str, str]) -> list[str]:
    schemas = {p["name"]: p["schema"] for p in operation.get("parameters", []) if p["in"] == "path"}
    return [
        problem
        for name, value in in_path.items()
        for problem in _schema_problems(schemas[name], value, f"{name} in the path")
    ]


def _parameter_problems(operation: Schema, sent: Form) -> list[str]:
    schemas, required = _parameters(operation)
    wrong = [f"{name} is required" for name in required if name not in sent]
    for name, values in sent.items():
        schema = schemas.get(name)
        if schema is None:
            wrong.append(f"{operation['operationId']} has no parameter {name}")
        elif _resolved(schema).get("type") == "array":
            wrong += _schema_problems(schema, values, name)
        elif len(values) > 1:
            wrong.append(f"{name} is sent {len(values)} times")
        else:
            wrong += _text_problems(schema, values[0], name)
    return wrong


def _parameters(operation: Schema) -> tuple[dict[str, Schema], list[str]]:
    """The parameters that the query or the form of an operation may hold, and those that it must."""
    schemas = {p["name"]: p["schema"] for p in operation.get("parameters", []) if p["in"] == "query"}
    if "requestBody" not in operation:
        return schemas, []
    body = _resolved(operation["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"])
    return schemas | body["properties"], body.get("required", [])


def _text_problems(schema: Schema, text: str, name: str) -> list[str]:
    """Forms hold only text: a number or a truth value must be written as one."""
    kind = _resolved(schema).get("type")
    value: object = text
    if kind == "integer":
        if not re.fullmatch(r"-?\d+", text):
            return [f"{name}: {text!r} is not a whole number"]
        value = int(text)
    elif kind == "number":
        if not re.fullmatch(r"-?\d+(\.\d+)?", text):
            return [f"{name}: {text!r} is not a number"]
        value = float(text)
    elif kind == "boolean":
        if text not in ("true", "false"):
            return [f"{name}: {text!r} is neither true nor false"]
        value = text == "true"
    return _schema_problems(schema, value, name)


def _rule_problems(operation: str, sent: Form) -> list[str]:
    """What the company's pages say and the document's schemas do not."""
    wrong = []
    for least, most, names in _CHOICES.get(operation, []):
        count = sum(name in sent for name in names)
        if not least <= count <= most:
            wrong.append(f"{operation} takes {'one' if least else 'at most one'} of {', '.join(names)}")
    for name, values in sent.items():
        known = _EVENTS.get(name)
        said = " ".join(values).split() if name in _IN_ONE_FIELD else values
        wrong += [f"{name}: no event is called {v!r}" for v in said if known is not None and v not in known]
        longest = _LONGEST.get(name)
        if longest is not None and len(values[0]) > longest:
            wrong.append(f"{name} is longer than {longest} characters")
        least, most = _RANGES.get((operation, name), (0, 0))
        if most and values[0].isdigit() and not least <= int(values[0]) <= most:
            wrong.append(f"{name} is {values[0]}, not between {least} and {most}")
    return wrong


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for name, value in pairs:
        grouped.setdefault(name, []).append(value)
    return grouped


def _schema_problems(
    schema: Schema, value: object, name: str, formats: FormatChecker = _formats
) -> list[str]:
    validator = Draft202012Validator(_resolved(schema), format_checker=formats)
    return [
        ": ".join([".".join([name, *map(str, error.path)]), error.message])
        for error in validator.iter_errors(value)
    ]


def _resolved(schema: Any) -> Any:
    """The schema as today's JSON Schema: references followed, OpenAPI 3.0's ``nullable`` spelled out."""
    if isinstance(schema, list):
        return [_resolved(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _resolved(_document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    plain = {key: _resolved(value) for key, value in schema.items() if key != "nullable"}
    return {"anyOf": [plain, {"type": "null"}]} if schema.get("nullable") else plain


def _format(name: str) -> Callable[[Callable[[str], bool]], Callable[[str], bool]]:
    """Registers a check for a ``format``; what is no text is the business of ``type``."""

    def register(check: Callable[[str], bool]) -> Callable[[str], bool]:
        for checker in (_formats,) if name == "uri" else (_formats, _formats_of_answers):
            checker.checks(name, raises=ValueError)(lambda v: not isinstance(v, str) or check(v))
        return check

    return register


@_format("uri")
def _is_url(text: str) -> bool:
    """Absolute, http or https, and no underscore in the host, which Twilio refuses in callbacks."""
    parts = urlsplit(text)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and "_" not in str(parts.hostname)


@_format("phone-number")
def _is_phone_number(text: str) -> bool:
    return re.fullmatch(r"\+[1-9]\d{6,14}", text) is not None


@_format("endpoint")
def _is_endpoint(text: str) -> bool:
    return _is_phone_number(text) or text.startswith(("sip:", "client:"))


@_format("date-time")
def _is_moment(text: str) -> bool:
    return re.fullmatch(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?Z)?", text) is not None


@_format("date-time-rfc-2822")
def _is_mail_date(text: str) -> bool:
    return parsedate_to_datetime(text).tzinfo is not None
