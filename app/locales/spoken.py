"""How references, digits, names and hours are said aloud, so that nobody has to ask twice."""

from collections.abc import Sequence

from app.locales.written import in_list


def spoken_digits(digits: str) -> str:
    """``"1042"`` as ``"1, 0, 4, 2"``: a synthetic voice says each by itself, with a breath between."""
    return ", ".join(character for character in digits if character.isalnum())


def spoken_reference(reference: str) -> str:
    """``"G-1042"`` as ``"G, 1, 0, 4, 2"``: letter and digits apart."""
    return spoken_digits(reference.upper())


def spoken_names(names: Sequence[str], language: str) -> str:
    """``["Ana", "Bruno"]`` as ``"Ana y Bruno"``; the word for nobody when there are none."""
    return in_list(names, language)
