"""Every sentence of Guardia and how it is said and written, in Spanish, Portuguese and English.

``text`` gives a sentence by its key; the rest puts references, names, moments
and lists into the form in which people hear or read them.
"""

from app.locales.catalog import LANGUAGES, catalog, has, text
from app.locales.spoken import spoken_digits, spoken_names, spoken_reference, spoken_time
from app.locales.texts import linked_message, page_message, plain, text_message
from app.locales.written import (
    duration,
    file_size,
    in_list,
    local_second,
    local_time,
    masked,
    opening_hours,
    working_hours,
    zone_name,
)

__all__ = [
    "LANGUAGES",
    "catalog",
    "duration",
    "file_size",
    "has",
    "in_list",
    "linked_message",
    "local_second",
    "local_time",
    "masked",
    "opening_hours",
    "page_message",
    "plain",
    "spoken_digits",
    "spoken_names",
    "spoken_reference",
    "spoken_time",
    "text",
    "text_message",
    "working_hours",
    "zone_name",
]
