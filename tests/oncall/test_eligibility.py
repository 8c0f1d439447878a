"""The decision whether a call is for the guard: one table, in the order of the agreement."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall.contracts import BuiltBy
from oncall.eligibility import CLAUSES, DISPUTABLE, RULES, Answers, Reason, refusal
from oncall.sla import Priority

ADMITTED = Answers(
    line_known=True,
    contract_in_force=True,
    caller_verified=True,
    integration_listed=True,
    built_by=BuiltBy.AIVO,
    priority=Priority.BLOCKER,
)

ORDER = [
    Reason.UNKNOWN_LINE,
    Reason.CONTRACT_NOT_IN_FORCE,
    Reason.CALLER_NOT_VERIFIED,
    Reason.INTEGRATION_NOT_LISTED,
    Reason.INTEGRATION_NOT_BUILT_BY_AIVO,
    Reason.SELF_SERVICE_INTEGRATION,
    Reason.PRIORITY_NOT_COVERED,
]

ANSWERS = st.builds(
    Answers,
    line_known=st.sampled_from([None, True, False]),
    contract_in_force=st.sampled_from([None, True, False]),
    caller_verified=st.sampled_from([None, True, False]),
    integration_listed=st.sampled_from([None, True, False]),
    built_by=st.sampled_from([None, *BuiltBy]),
    priority=st.sampled_from([None, *Priority]),
)


def test_the_rules_stand_in_the_order_of_the_agreement() -> None:
    assert [rule.reason for rule in RULES] == ORDER


@pytest.mark.parametrize("priority", [Priority.BLOCKER, Priority.HIGH])
def test_a_blocker_or_a_high_on_an_integration_built_by_aivo_is_admitted(priority: Priority) -> None:
    assert refusal(replace(ADMITTED, priority=priority)) is None


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        (replace(ADMITTED, line_known=False), "unknown_line"),
        (replace(ADMITTED, contract_in_force=False), "contract_not_in_force"),
        (replace(ADMITTED, caller_verified=False), "caller_not_verified"),
        (replace(ADMITTED, integration_listed=False), "integration_not_listed"),
        (replace(ADMITTED, built_by=BuiltBy.CLIENT), "integration_not_built_by_aivo"),
        (replace(ADMITTED, built_by=BuiltBy.THIRD_PARTY), "integration_not_built_by_aivo"),
        (replace(ADMITTED, built_by=BuiltBy.SELF_SERVICE), "self_service_integration"),
        (replace(ADMITTED, priority=Priority.MEDIUM), "priority_not_covered"),
        (replace(ADMITTED, priority=Priority.LOW), "priority_not_covered"),
    ],
)
def test_each_reason_refuses_by_itself(answers: Answers, reason: str) -> None:
    assert refusal(answers) == reason


@given(ANSWERS)
def test_the_first_rule_that_fails_is_the_reason(answers: Answers) -> None:
    failing = [rule.reason for rule in RULES if rule.fails(answers)]

    assert refusal(answers) == (failing[0] if failing else None)


def test_a_question_not_answered_yet_refuses_nobody() -> None:
    assert refusal(Answers()) is None


@given(ANSWERS, st.sampled_from(["line_known", "contract_in_force", "caller_verified", "integration_listed"]))
def test_what_is_not_known_is_never_held_against_the_caller(answers: Answers, question: str) -> None:
    unanswered: dict[str, Any] = {question: None}
    answered: dict[str, Any] = {question: True}

    assert refusal(replace(answers, **unanswered)) == refusal(replace(answers, **answered))


def test_only_a_caller_whom_we_know_may_dispute() -> None:
    assert {
        "contract_not_in_force",
        "integration_not_listed",
        "integration_not_built_by_aivo",
        "self_service_integration",
        "priority_not_covered",
    } == DISPUTABLE


def test_each_reason_names_its_clause() -> None:
    assert set(CLAUSES) == set(Reason)
    assert CLAUSES[Reason.SELF_SERVICE_INTEGRATION] == "A13"
    assert CLAUSES[Reason.PRIORITY_NOT_COVERED] == "A9"
    assert CLAUSES[Reason.UNKNOWN_LINE] == "A10"
