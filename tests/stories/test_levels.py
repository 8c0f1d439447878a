"""How long it rings, how long a level lasts, and what follows at once."""

from app.sandbox.handset import Behaviour
from app.sandbox.scripts import Script
from app.wiring.demo.scripts import reports
from app.wiring.demo.stage import Stage
from tests.stories.conftest import OpenStage, Rostered
from tests.stories.telling import entries, moment, rang_at, seconds_between


def test_what_rings_longer_than_it_may_is_cancelled_and_the_second_phone_rings_at_once(
    opened: OpenStage, rostered: Rostered
) -> None:
    stage = opened(rosters=rostered(ring="10 seconds"))
    stage.dial("marta", "acme", reports())
    stage.run(45)

    assert 10 <= seconds_between(rang_at(stage, "ana"), moment(stage, "page_cancelled", person="ana")) < 11
    assert seconds_between(moment(stage, "page_cancelled", person="ana"), rang_at(stage, "ana2")) < 2


def test_a_level_counts_from_its_first_request_and_what_still_rings_at_its_end_is_cancelled(
    opened: OpenStage, rostered: Rostered
) -> None:
    stage = opened(rosters=rostered(primary="ana, carla", first="12 seconds"))
    stage.dial("marta", "acme", reports())
    stage.run(60)

    first = moment(stage, "page_requested", person="ana")
    assert 12 <= seconds_between(first, moment(stage, "page_requested", person="bruno")) < 13.1
    assert seconds_between(first, moment(stage, "page_cancelled", person="carla")) < 12.2
    assert stage.rings() == {"ana": 1, "carla": 1, "bruno": 1}


def test_with_no_phone_left_the_next_level_comes_at_once_whatever_is_left_of_its_time(
    opened: OpenStage, rostered: Rostered
) -> None:
    stage = opened(rosters=rostered(first="10 minutes"))
    stage.phone("ana").behaviour = Behaviour.OFF
    stage.phone("ana2").behaviour = Behaviour.BUSY
    stage.dial("marta", "acme", reports())
    stage.run(40)

    failed = [entry["data"]["why"] for entry in entries(stage, "page_failed", person="ana", channel="call")]
    assert failed == ["failed", "busy"]
    # Both of her numbers end in 0101.
    told = [entry["text"] for entry in entries(stage, "page_requested", person="ana", channel="call")]
    assert told == ["Se llama a Ana Paz (…0101).", "Se llama a Ana Paz (…0101, segundo teléfono)."]
    assert seconds_between(moment(stage, "page_requested", person="ana"), rang_at(stage, "bruno")) < 5
    assert stage.rings() == {"bruno": 1}


def test_a_key_that_is_no_choice_three_times_is_nobody_and_the_next_phone_rings(stage: Stage) -> None:
    mumbling = Script.answering(3).press("9", after=4).press("7", after=4).press("8", after=4)
    stage.phone("ana").behave(mumbling)
    stage.dial("marta", "acme", reports())
    stage.run(70)

    assert stage.heard("ana")[-1] == "No recibimos ninguna tecla. Pasa al siguiente."
    assert entries(stage, "page_failed", person="ana")[0]["data"]["why"] == "no_key"
    assert stage.rings()["ana2"] == 1


def test_a_level_of_one_second_is_a_level(opened: OpenStage, rostered: Rostered) -> None:
    stage = opened(rosters=rostered(first="1 second", second="1 second", ring="1 second"))
    stage.dial("marta", "acme", reports())
    stage.run(120)

    assert len(entries(stage, "round_ended")) >= 3
    assert stage.summaries()[0]["state"] == "open"
    assert stage.letters()["not_taken"] == {"lucia@aivo.example", "marcos@aivo.example"}


def test_each_level_sends_one_text_a_person_to_the_first_phone(stage: Stage) -> None:
    stage.dial("marta", "acme", reports())
    stage.run(110)

    assert stage.texts() == {"ana": ["page"], "bruno": ["page"], "lucia": ["page"]}
