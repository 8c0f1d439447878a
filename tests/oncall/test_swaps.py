"""Turns that change hands by text: what is understood, what is refused, and what follows."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from oncall.book import Book, Service, SupportCenter
from oncall.people import Away, Person
from oncall.rosters import (
    Gap,
    Kind,
    Layer,
    Length,
    Level,
    Override,
    Rotation,
    Team,
    Unit,
    Window,
    gaps,
    on_call,
)
from oncall.sla import WorkingHours
from oncall.swaps import (
    Command,
    Refusal,
    Swap,
    Verb,
    Why,
    all_laid_over,
    held_besides,
    laid_over,
    obstacle,
    propose,
    read_command,
)

ZONE = "America/Argentina/Buenos_Aires"
NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)  # Tuesday, midnight in Buenos Aires
HOUR = timedelta(hours=1)
STARTS = datetime(2026, 11, 23, 9, 0)  # noqa: DTZ001 - a wall time, as managers write it
PEOPLE = {
    id: Person(id, name, (f"+54911555501{number:02}",))
    for number, (id, name) in enumerate(
        {
            "ana": "Ana Paz",
            "bruno": "Bruno Lima",
            "carla": "Carla Gómez",
            "ines": "Inés Sol",
            "ana2": "Ana Ruiz",
        }.items()
    )
}


def weekly(*people: str | tuple[str, ...], **changes: object) -> Rotation:
    items = tuple((p,) if isinstance(p, str) else p for p in people)
    layer = Layer(items, Length(1, Unit.WEEKS), STARTS)
    return Rotation((replace(layer, **changes),))  # type: ignore[arg-type]


def team(id: str = "integrations", overrides: Sequence[Override] = (), **rotations: Rotation) -> Team:
    known = rotations or {
        "primary": weekly("ana", "bruno", "carla"),
        "backup": weekly("bruno", "carla", "ana"),
    }
    return Team(id, ZONE, known, tuple(overrides), (Level("primary", HOUR), Level(("ines",), HOUR)))


def book(*teams: Team, **people: Person) -> Book:
    service = Service(
        WorkingHours(frozenset(range(5)), time(9), time(18), ZONE),
        SupportCenter("Aivo Support Center", ""),
        {},
    )
    return Book(service, PEOPLE | people, {t.id: t for t in teams or (team(),)})


def asked(text: str, by: str, of: Book | None = None, at: datetime = NOW) -> Swap | Refusal:
    command = read_command(text)
    assert command is not None
    known = of or book()
    return propose(known, known.people[by], command, at)


def why(answer: Swap | Refusal) -> Why:
    assert isinstance(answer, Refusal), answer
    return answer.why


def agreed(text: str, by: str, of: Book | None = None, at: datetime = NOW) -> Swap:
    answer = asked(text, by, of, at)
    assert isinstance(answer, Swap), answer
    return answer


# --- what is understood --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("take primary 8h", Command(Verb.TAKE, 8 * HOUR, ("primary",))),
        ("  TAKE  primary 8 H ", Command(Verb.TAKE, 8 * HOUR, ("primary",))),
        ("tomar primary 30m", Command(Verb.TAKE, HOUR / 2, ("primary",))),
        ("assumir primary por 2 dias", Command(Verb.TAKE, 48 * HOUR, ("primary",))),
        ("give 8h bruno", Command(Verb.GIVE, 8 * HOUR, ("bruno",))),
        ("Give 1h30m to Bruno.", Command(Verb.GIVE, 1.5 * HOUR, ("bruno",))),
        ("dar 2 días a Inés", Command(Verb.GIVE, 48 * HOUR, ("ines",))),
        ("passar 90 minutos para Bruno Lima", Command(Verb.GIVE, 1.5 * HOUR, ("bruno", "lima"))),
        ("take integrations/primary 8h", Command(Verb.TAKE, 8 * HOUR, ("integrations/primary",))),
        ("take", Command(Verb.TAKE, None, ())),
        ("take primary", Command(Verb.TAKE, None, ("primary",))),
        ("take primary 8h 9h x", Command(Verb.TAKE, 17 * HOUR, ("primary", "x"))),
        ("give 8h bruno 9h", Command(Verb.GIVE, None, ("bruno",))),
    ],
)
def test_a_command_is_understood_as_people_write_it(text: str, command: Command) -> None:
    assert read_command(text) == command


@pytest.mark.parametrize(
    "text", ["", "  ", "4711", "4711 2", "who", "takeaway 8h", "hello", "1", "no entiendo"]
)
def test_other_texts_are_no_commands(text: str) -> None:
    assert read_command(text) is None


# --- what is asked -------------------------------------------------------------------------------


def test_who_takes_asks_whoever_is_on_call() -> None:
    swap = asked("take primary 8h", by="carla")

    assert swap == Swap("integrations", "primary", "carla", "ana", NOW, NOW + 8 * HOUR, "carla", "ana")


def test_who_gives_asks_the_other() -> None:
    swap = asked("give 8h carla", by="ana")

    assert swap == Swap("integrations", "primary", "carla", "ana", NOW, NOW + 8 * HOUR, "ana", "carla")


def test_nobody_gives_away_more_than_their_own_turn() -> None:
    handoff = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)

    swap = agreed("take primary 14d", by="carla")

    assert swap.ends == handoff


def test_a_swap_ends_at_a_second_that_a_file_can_name() -> None:
    swap = agreed("take primary 8h", by="carla", at=NOW + timedelta(microseconds=20))

    assert swap.ends == NOW + 8 * HOUR


def test_the_rotation_need_not_be_named_where_only_one_is_meant() -> None:
    assert agreed("take 8h", by="bruno").rotation == "primary"  # bruno stands in backup himself


def test_a_person_may_be_called_by_their_first_name_without_accents() -> None:
    assert agreed("give 8h INES", by="ana").person == "ines"


@pytest.mark.parametrize(
    ("text", "by", "reason"),
    [
        ("take primary", "carla", Why.HELP),
        ("take primary 1m", "carla", Why.HELP),
        ("take primary 40d", "carla", Why.HELP),
        ("give 8h", "ana", Why.HELP),
        ("give 8h prymary", "ana", Why.UNKNOWN),
        ("take 8h", "carla", Why.WHICH),
        ("give 8h carla", "ines", Why.NOT_ON_CALL),
        ("take primary 8h", "ana", Why.ALREADY),
    ],
)
def test_what_is_not_clear_is_asked_back(text: str, by: str, reason: Why) -> None:
    assert why(asked(text, by)) is reason


def test_a_choice_names_what_there_is_to_choose() -> None:
    answer = asked("take 8h", by="carla")

    assert answer == Refusal(Why.WHICH, {"names": "primary, backup"})


def test_a_team_is_named_where_several_have_the_rotation() -> None:
    both = book(team(), team("mobile", primary=weekly("carla")))

    assert agreed("take primary 8h", by="bruno", of=both).team == "integrations"  # his own
    assert agreed("take mobile/primary 8h", by="bruno", of=both).team == "mobile"
    assert agreed("take primary mobile 8h", by="bruno", of=both).instead_of == "carla"
    assert why(asked("take primary 8h", by="ines", of=book(team(), team("mobile")))) is Why.WHICH


def test_of_two_with_one_name_the_one_in_the_team_is_meant() -> None:
    assert agreed("give backup 8h ana", by="bruno").person == "ana"

    answer = asked("give 8h ana", by="bruno", of=book(team(primary=weekly("bruno"))))

    assert answer == Refusal(Why.WHO, {"names": "ana, ana2"})


def test_one_of_two_who_stand_together_is_named() -> None:
    together = book(team(primary=weekly(("ana", "bruno"), "carla")))

    assert asked("take primary 8h", by="carla", of=together) == Refusal(Why.WHO, {"names": "ana, bruno"})
    assert agreed("take primary 8h bruno", by="carla", of=together).instead_of == "bruno"
    assert why(asked("give 8h bruno", by="ana", of=together)) is Why.ALREADY


# --- what is refused -----------------------------------------------------------------------------


def test_who_is_away_cannot_take_over() -> None:
    away = Away(NOW + 7 * HOUR, NOW + 24 * HOUR)

    with_carla_away = book(carla=replace(PEOPLE["carla"], away=(away,)))

    assert asked("give 8h carla", by="ana", of=with_carla_away) == Refusal(Why.AWAY, {"name": "Carla Gómez"})
    assert agreed("give 6h carla", by="ana", of=with_carla_away).person == "carla"


def test_where_nobody_is_on_call_there_is_nobody_to_take_from() -> None:
    office_hours = (Window(9 * 3600, 18 * 3600),)
    closed = book(team(primary=weekly("ana", "bruno", active=office_hours)))

    assert why(asked("take primary 8h", by="bruno", of=closed)) is Why.NOBODY


def test_what_changed_meanwhile_cannot_be_agreed_to() -> None:
    swap = agreed("take primary 8h", by="carla")
    changed = book(team(primary=weekly("bruno")))

    assert obstacle(book(), swap, NOW + HOUR) is None
    assert obstacle(changed, swap, NOW + HOUR) == Refusal(Why.CHANGED)
    assert obstacle(book(), swap, swap.ends) == Refusal(Why.CHANGED)


# --- what follows --------------------------------------------------------------------------------


def test_a_swap_is_in_force_for_its_span_only() -> None:
    swap = agreed("take primary 8h", by="carla")

    after = laid_over(team(), swap)

    assert holders(after, NOW - HOUR, NOW, NOW + 8 * HOUR) == ["ana", "carla", "ana"]
    assert after.overrides[-1].reason == "SMS carla → ana"


def test_it_is_known_what_who_takes_over_holds_already() -> None:
    assert held_besides(book(), agreed("take primary 8h", by="bruno")) == ("backup",)
    assert held_besides(book(), agreed("take primary 8h", by="carla")) == ()


def test_what_was_taken_can_be_given_on() -> None:
    first = agreed("take primary 8h", by="carla")
    now = all_laid_over(book(), [first])
    second = agreed("give 2h bruno", by="carla", of=now, at=NOW + 2 * HOUR)

    after = all_laid_over(book(), [first, second]).teams["integrations"]

    moments = [NOW + hours * HOUR for hours in (0, 2, 3, 4, 7, 8)]
    assert holders(after, *moments) == ["carla", "bruno", "bruno", "carla", "carla", "ana"]


def test_a_turn_from_an_override_of_the_folder_can_be_given_on() -> None:
    christmas = Override("primary", NOW - HOUR, NOW + 5 * HOUR, "ines", None, Kind.REPLACE, "Navidad")
    with_ines = book(team(overrides=[christmas]))
    swap = agreed("give 8h carla", by="ines", of=with_ines)

    after = laid_over(with_ines.teams["integrations"], swap)

    assert holders(after, NOW - HOUR, NOW, NOW + 4 * HOUR, NOW + 5 * HOUR) == [
        "ines",
        "carla",
        "carla",
        "ana",
    ]


def test_a_swap_opens_no_gap() -> None:
    swap = agreed("take primary 5d", by="carla")

    holes = gaps(laid_over(team(), swap), "primary", NOW, NOW + 240 * HOUR, PEOPLE)

    assert holes == tuple[Gap]()


def holders(team: Team, *moments: datetime) -> list[str]:
    return [" ".join(on_call(team, "primary", at, PEOPLE)) for at in moments]
