"""The country of a telephone number, by the plan of the world's numbers."""

from functools import lru_cache

import phonenumbers


@lru_cache(maxsize=1024)  # the same few lines and callers, in every webhook
def country_of(number: str) -> str:
    """``AR`` for ``+5491155550101``; empty for what is no number, and for a number of no country's."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return ""
    code = parsed.country_code or 0
    return phonenumbers.region_code_for_number(parsed) or phonenumbers.region_code_for_country_code(code)
