"""Whether a call is for the guard: one table, in order; the first rule that fails is the reason.

A wrong refusal costs far more than a wrong page, so what is not known is not
held against the caller: an unanswered question about the integration or the
priority leads to a page marked ``unverified``, not to a refusal.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from oncall.contracts import BuiltBy
from oncall.sla import Priority


class Reason(StrEnum):
    """Why a call is refused. Stored, shown, spoken and written."""

    UNKNOWN_LINE = "unknown_line"
    CONTRACT_NOT_IN_FORCE = "contract_not_in_force"
    CALLER_NOT_VERIFIED = "caller_not_verified"
    INTEGRATION_NOT_LISTED = "integration_not_listed"
    INTEGRATION_NOT_BUILT_BY_AIVO = "integration_not_built_by_aivo"
    SELF_SERVICE_INTEGRATION = "self_service_integration"
    PRIORITY_NOT_COVERED = "priority_not_covered"


@dataclass(frozen=True, slots=True)
class Answers:
    """What is known of a call so far; None is a question not answered yet."""

    line_known: bool | None = None
    contract_in_force: bool | None = None
    caller_verified: bool | None = None
    integration_listed: bool | None = None
    built_by: BuiltBy | None = None
    priority: Priority | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    reason: Reason
    clause: str  # of the service agreement
    fails: Callable[[Answers], bool]


RULES: tuple[Rule, ...] = (
    Rule(Reason.UNKNOWN_LINE, "A10", lambda a: a.line_known is False),
    Rule(Reason.CONTRACT_NOT_IN_FORCE, "A10", lambda a: a.contract_in_force is False),
    Rule(Reason.CALLER_NOT_VERIFIED, "A10", lambda a: a.caller_verified is False),
    Rule(Reason.INTEGRATION_NOT_LISTED, "A9", lambda a: a.integration_listed is False),
    Rule(
        Reason.INTEGRATION_NOT_BUILT_BY_AIVO,
        "A9",
        lambda a: a.built_by in (BuiltBy.CLIENT, BuiltBy.THIRD_PARTY),
    ),
    Rule(Reason.SELF_SERVICE_INTEGRATION, "A13", lambda a: a.built_by is BuiltBy.SELF_SERVICE),
    Rule(Reason.PRIORITY_NOT_COVERED, "A9", lambda a: a.priority in (Priority.MEDIUM, Priority.LOW)),
)

CLAUSES = {rule.reason: rule.clause for rule in RULES}

# A caller we know may dispute these; the others leave us not knowing who calls.
DISPUTABLE = frozenset(Reason) - {Reason.UNKNOWN_LINE, Reason.CALLER_NOT_VERIFIED}


def refusal(answers: Answers) -> Reason | None:
    """The first reason to refuse in the order of the agreement, or None while there is none."""
    return next((rule.reason for rule in RULES if rule.fails(answers)), None)
