"""References, names, hours and moments as people hear and read them."""

from datetime import UTC, datetime, time

import pytest

from app.locales import (
    duration,
    in_list,
    local_second,
    local_time,
    masked,
    opening_hours,
    spoken_digits,
    spoken_names,
    spoken_reference,
    spoken_time,
    working_hours,
    zone_name,
)
from oncall.sla import WorkingHours

BUENOS_AIRES = "America/Argentina/Buenos_Aires"
WEEK = WorkingHours(frozenset(range(5)), time(9), time(18), BUENOS_AIRES)


def test_a_reference_is_spoken_letter_and_digits_apart() -> None:
    assert spoken_reference("G-1042") == "G, 1, 0, 4, 2"
    assert spoken_digits("4711") == "4, 7, 1, 1"


@pytest.mark.parametrize(
    ("names", "language", "said"),
    [
        ([], "es", "nadie"),
        (["Ana"], "es", "Ana"),
        (["Ana", "Bruno"], "es", "Ana y Bruno"),
        (["Ana", "Bruno", "Carla"], "es", "Ana, Bruno y Carla"),
        (["Ana", "Inés"], "es", "Ana e Inés"),
        (["Ana", "Hilda"], "es", "Ana e Hilda"),
        (["Ana", "Íñigo"], "es", "Ana e Íñigo"),
        (["Ana", "Ian"], "es", "Ana y Ian"),
        (["Inés", "Inés"], "es", "Inés e Inés"),
        (["Ana", "Bruno"], "pt", "Ana e Bruno"),
        (["Ana", "Bruno"], "en", "Ana and Bruno"),
    ],
)
def test_names_are_spoken_as_a_person_would(names: list[str], language: str, said: str) -> None:
    assert spoken_names(names, language) == said
    assert in_list(names, language) == said


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("es", "de lunes a viernes, de 9 a 18 horas"),
        ("pt", "de segunda a sexta, das 9 às 18 horas"),
        ("en", "Monday to Friday, 9 AM to 6 PM"),
    ],
)
def test_working_hours_are_said_shortly(language: str, said: str) -> None:
    assert working_hours(WEEK, language).replace("\u202f", " ") == said


def test_days_that_are_not_in_a_row_are_listed() -> None:
    assert (
        opening_hours([0, 2, 4], time(9, 30), time(18), "es")
        == "lunes, miércoles y viernes, de 9:30 a 18 horas"
    )


@pytest.mark.parametrize(
    ("language", "said"),
    [("es", "sáb 3 ene 2026, 09:05"), ("pt", "sáb. 3 jan. 2026, 09:05"), ("en", "Sat 3 Jan 2026, 09:05")],
)
def test_a_moment_is_read_in_the_readers_zone(language: str, said: str) -> None:
    at = datetime(2026, 1, 3, 12, 5, 9, tzinfo=UTC)

    assert local_time(at, BUENOS_AIRES, language) == said
    assert local_second(at, BUENOS_AIRES, language).endswith("09:05:09")


def test_a_zone_is_known_by_its_city() -> None:
    assert zone_name(BUENOS_AIRES, "es") == "Buenos Aires"
    assert zone_name("America/Sao_Paulo", "pt") == "São Paulo"
    assert zone_name("America/Mexico_City", "en") == "Mexico City"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (-3, "0 s"),
        (42.4, "42 s"),
        (60, "1 min"),
        (185, "3 min 5 s"),
        (3600, "1 h"),
        (3605, "1 h"),
        (5400, "1 h 30 min"),
        (90_000, "1 d 1 h"),
    ],
)
def test_a_span_is_written_in_its_two_largest_units(seconds: float, said: str) -> None:
    assert duration(seconds) == said


def test_a_phone_number_shows_its_end_only() -> None:
    assert masked("+5491155550101") == "…0101"
    assert masked("101") == "101"


@pytest.mark.parametrize(
    ("at", "language", "said"),
    [
        (datetime(2026, 11, 23, 7, 12, tzinfo=UTC), "es", "las 4 y 12"),
        (datetime(2026, 11, 23, 7, 12, tzinfo=UTC), "pt", "as 4 e 12"),
        (datetime(2026, 11, 23, 7, 12, tzinfo=UTC), "en", "4:12 AM"),
        (datetime(2026, 11, 23, 4, 5, tzinfo=UTC), "es", "la 1 y 5"),
        (datetime(2026, 11, 23, 4, 5, tzinfo=UTC), "pt", "a 1 e 5"),
        (datetime(2026, 11, 23, 19, 0, tzinfo=UTC), "es", "las 16 en punto"),
        (datetime(2026, 11, 23, 19, 0, tzinfo=UTC), "en", "4:00 PM"),
        (datetime(2026, 11, 24, 3, 30, tzinfo=UTC), "es", "las 0 y 30 del martes"),
        (datetime(2026, 11, 24, 3, 30, tzinfo=UTC), "pt", "as 0 e 30 de terça-feira"),
        (datetime(2026, 11, 24, 3, 30, tzinfo=UTC), "en", "12:30 AM on Tuesday"),
    ],
)
def test_a_time_is_said_as_people_say_it_and_the_day_where_it_is_another(
    at: datetime, language: str, said: str
) -> None:
    monday = datetime(2026, 11, 23, 6, tzinfo=UTC)

    assert spoken_time(at, BUENOS_AIRES, language, monday) == said
