"""What a webhook asks with: its parameters, as they may be stored and used."""

from flask import request

from app.locales import LANGUAGES

_LONGEST_DIGITS = 32


def call_sid() -> str:
    return field("CallSid")


def field(name: str) -> str:
    """One parameter as it may be stored: short, and without what no database takes."""
    return "".join(c for c in request.form.get(name, "")[:64] if c.isprintable())


def keyed() -> str:
    """The keys pressed: now, or before an error of ours had us ask for the same again."""
    return request.values.get("Digits", "")[:_LONGEST_DIGITS]


def spoken(language: str) -> str:
    """The language of a path, if we speak it."""
    return language if language in LANGUAGES else LANGUAGES[0]


def whole_number(value: str | None) -> int:
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < 9 else 0
