"""What is to be erased: on request whatever names a person, and all that is personal when its time is over.

Words are looked for in any letter case, anywhere in a value: a note that names
the person goes as a whole, and so does a list of names.
"""

from collections.abc import Collection
from typing import Any

from oncall.record.chain import FIRST_FORMAT, Draft, Entry
from oncall.record.grammar import personal_fields

# None stands for all that is personal.
Words = Collection[str] | None


def mentions(value: object, words: Words) -> bool:
    """Whether any of the words stands in the value, or in a value inside it."""
    if value is None or value == "" or value == []:
        return False
    if words is None:
        return True
    if isinstance(value, str):
        folded = value.casefold()
        return any(word.casefold() in folded for word in words)
    if isinstance(value, dict):
        return any(mentions(inner, words) for inner in value.values())
    return isinstance(value, list | tuple) and any(mentions(inner, words) for inner in value)


def fields_to_erase(entry: Entry, words: Words) -> tuple[str, ...]:
    """The fields of an entry that mention one of the words and can be erased."""
    if entry.format == FIRST_FORMAT:
        erasable: Collection[str] = personal_fields(Draft(entry.kind, entry.data, entry.actor))
    else:
        erasable = entry.salts
    return tuple(name for name in erasable if mentions(entry.data.get(name), words))


def without(value: Any, words: Words) -> Any:
    """The value with each text in it that mentions one of the words emptied."""
    if isinstance(value, dict):
        return {name: without(inner, words) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [without(inner, words) for inner in value]
    return "" if isinstance(value, str) and mentions(value, words) else value
