"""A verified caller who is refused may object with one key: then managers are called until one takes it."""

import pytest

from app.sandbox.scripts import Script
from app.wiring.demo.scripts import MEDIUM, OTHER_MATTER, chooses, reports, takes
from app.wiring.demo.stage import Stage
from tests.stories.telling import entries


def test_all_managers_are_one_level_repeated_until_one_takes_it(stage: Stage) -> None:
    stage.phone("marcos").behave(
        Script.ignoring(), Script.ignoring(), Script.answering(2).press("1", after=6)
    )
    stage.dial("marta", "acme", reports(priority=MEDIUM).press("5", hearing="marque 5"))
    stage.run(300)

    began = entries(stage, "level_began")
    assert [entry["data"]["people"] for entry in began] == [["Lucía Ferrer", "Marcos Prado"]] * 3
    assert stage.rings() == {"lucia": 3, "marcos": 3}
    case = stage.summaries()[0]
    assert (case["kind"], case["reason"], case["acknowledged_by"]) == (
        "incident",
        "priority_not_covered",
        "marcos",
    )
    assert len(entries(stage, "disputed")) == 1


def test_managers_whom_nothing_wakes_are_rung_all_hour_and_mailed_every_five_minutes(stage: Stage) -> None:
    stage.dial("marta", "acme", reports(priority=MEDIUM).press("5", hearing="marque 5"))
    stage.run(3600)

    rounds = len(entries(stage, "round_ended"))
    mailed = entries(stage, "mailed", template="not_taken")
    assert rounds > 60
    assert 12 <= len(mailed) <= 30  # two managers


def test_two_keys_in_the_same_second_make_one_holder(stage: Stage) -> None:
    for manager in ("lucia", "marcos"):
        stage.phone(manager).behave(Script.answering(1))
    stage.dial("marta", "acme", chooses(OTHER_MATTER).press("5", hearing="marque 5"))
    stage.after(40, lambda: stage.phone("marcos").press("1"), lambda: stage.phone("lucia").press("1"))
    stage.run(90)

    assert stage.summaries()[0]["acknowledged_by"] == "marcos"
    assert "Ya lo tiene Marcos. Gracias." in stage.heard("lucia")
    assert len(entries(stage, "acknowledged")) == len(entries(stage, "late_key")) == 1


def test_on_an_expired_contract_a_known_caller_may_object(stage: Stage) -> None:
    stage.phone("lucia").behave(takes(2))
    stage.dial("nora", "faro", Script().press("5", hearing="marque 5"))
    stage.run(60)

    case = stage.summaries()[0]
    assert (case["kind"], case["reason"]) == ("incident", "contract_not_in_force")
    assert case["acknowledged_by"] == "lucia"


@pytest.mark.parametrize("withheld", [True, False])
def test_on_an_expired_contract_an_unknown_caller_is_asked_no_pin_and_offered_no_dispute(
    stage: Stage, withheld: bool
) -> None:
    stage.dial("stranger", "faro", Script().press("5", after=4), withheld=withheld)
    stage.run(60)

    said = " ".join(stage.heard("stranger"))
    assert "no está vigente" in said
    assert "PIN" not in said
    assert "marque 5" not in said
    assert stage.rings() == {}
    assert stage.summaries()[0]["kind"] == "refusal"


def test_wrong_keys_three_times_are_a_goodbye(stage: Stage) -> None:
    keys = (
        Script().press("8", hearing="marque 5").press("9", hearing="marque 5").press("7", hearing="marque 5")
    )
    stage.dial("nora", "faro", keys)
    stage.run(60)

    assert stage.heard("nora")[-1] == "Hasta luego."
    assert stage.summaries()[0]["kind"] == "refusal"
    assert stage.rings() == {}
