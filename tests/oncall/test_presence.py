"""What our state has in a conversation, and what the telephone company shows of it: every case."""

import pytest

from oncall.presence import LOOKS_APART, SECOND_LOOK, Leg, Mark, Seen, Verdict, Who, judge

MARTA = Leg("CA-marta", Who.CALLER, "4")
PABLO = Leg("CA-pablo", Who.CALLER, "6")
ANA = Leg("CA-ana", Who.ENGINEER, "then")
BRUNO = Leg("CA-bruno", Who.GUEST, "token")
LUCIA = Leg("CA-lucia", Who.LISTENER, "another token")

ALIVE, OVER = "in-progress", "completed"


def moving(leg: Leg) -> Leg:
    return Leg(leg.sid, leg.who, leg.stay, is_moving=True)


def look(
    *legs: Leg, inside: tuple[Leg, ...] = (), marks: dict[Leg, Mark] | None = None, **over: str
) -> Verdict:
    """Everybody who is not ``inside`` is alive, but for those who are named with another status."""
    statuses = {leg.sid: over.get(leg.sid.removeprefix("CA-"), ALIVE) for leg in legs if leg not in inside}
    seen = Seen(frozenset(leg.sid for leg in inside), statuses)
    return judge(legs, seen, {leg.key: mark for leg, mark in (marks or {}).items()})


def outcome(verdict: Verdict) -> tuple[set[Leg], set[Leg], set[Leg], dict[str, Mark]]:
    return set(verdict.over), set(verdict.fetched), set(verdict.parted), dict(verdict.marks)


def both(mark: Mark) -> dict[Leg, Mark]:
    return {MARTA: mark, ANA: mark}


NOTHING: tuple[set[Leg], set[Leg], set[Leg], dict[str, Mark]] = (set(), set(), set(), {})

# What was seen, and who is over, fetched, taken out, and what is remembered.
CASES = {
    "all are where they should be": (look(MARTA, ANA, inside=(MARTA, ANA)), NOTHING),
    "somebody who was missing is there again": (
        look(MARTA, ANA, inside=(MARTA, ANA), marks={MARTA: Mark.FETCHED}),
        NOTHING,
    ),
    "the caller's leg is over": (look(MARTA, ANA, inside=(ANA,), marta=OVER), ({MARTA}, set(), set(), {})),
    "it was busy, which is over as well": (
        look(MARTA, ANA, inside=(ANA,), marta="busy"),
        ({MARTA}, set(), set(), {}),
    ),
    "the engineer's leg is over": (look(MARTA, ANA, inside=(MARTA,), ana=OVER), ({ANA}, set(), set(), {})),
    "a guest's leg is over": (
        look(MARTA, ANA, BRUNO, inside=(MARTA, ANA), bruno=OVER),
        ({BRUNO}, set(), set(), {}),
    ),
    "both are over": (look(MARTA, ANA, marta=OVER, ana=OVER), ({MARTA, ANA}, set(), set(), {})),
    "who is outside for a moment has hung up there": (
        look(moving(MARTA), moving(ANA), inside=(MARTA,), ana=OVER),
        ({moving(ANA)}, set(), set(), {}),
    ),
    "who is outside for a moment is left alone": (
        look(moving(MARTA), moving(ANA), marks={ANA: Mark.FETCHED}),
        NOTHING,
    ),
    "both are missing for the first time": (
        look(MARTA, ANA),
        (set(), set(), set(), {MARTA.key: Mark.MISSING, ANA.key: Mark.MISSING}),
    ),
    "both are missing for the second time": (
        look(MARTA, ANA, marks=both(Mark.MISSING)),
        (set(), {MARTA, ANA}, set(), {MARTA.key: Mark.FETCHED, ANA.key: Mark.FETCHED}),
    ),
    "both were fetched in vain": (
        look(MARTA, ANA, marks=both(Mark.FETCHED)),
        (set(), set(), {MARTA, ANA}, {}),
    ),
    "one comes later than the other": (
        look(MARTA, ANA, marks={MARTA: Mark.MISSING}),
        (set(), {MARTA}, set(), {MARTA.key: Mark.FETCHED, ANA.key: Mark.MISSING}),
    ),
    "what is not known confirms nothing and forgets nothing": (
        look(MARTA, ANA, inside=(ANA,), marks={MARTA: Mark.MISSING}, marta="queued"),
        (set(), set(), set(), {MARTA.key: Mark.MISSING}),
    ),
    "of another stay of the same call nothing is remembered": (
        look(MARTA, ANA, inside=(ANA,), marks={Leg(MARTA.sid, Who.CALLER, "2"): Mark.FETCHED}),
        (set(), set(), set(), {MARTA.key: Mark.MISSING}),
    ),
    "the caller was fetched in vain: nobody is left for the engineer": (
        look(MARTA, ANA, inside=(ANA,), marks={MARTA: Mark.FETCHED}),
        (set(), set(), {MARTA, ANA}, {}),
    ),
    "the engineer was fetched in vain: nobody is left for the caller": (
        look(MARTA, ANA, inside=(MARTA,), marks={ANA: Mark.FETCHED}),
        (set(), set(), {MARTA, ANA}, {}),
    ),
    "and so it is for one who is being fetched": (
        look(MARTA, ANA, marks={ANA: Mark.FETCHED, MARTA: Mark.MISSING}),
        (set(), set(), {MARTA, ANA}, {}),
    ),
    "the engineer was fetched in vain, and a guest goes on with the caller": (
        look(MARTA, ANA, BRUNO, inside=(MARTA, BRUNO), marks={ANA: Mark.FETCHED}),
        (set(), set(), {ANA}, {}),
    ),
    "one of two callers was fetched in vain, and the other talks on": (
        look(MARTA, PABLO, ANA, inside=(PABLO, ANA), marks={MARTA: Mark.FETCHED}),
        (set(), set(), {MARTA}, {}),
    ),
    "a listener who was fetched in vain ends nothing for others": (
        look(MARTA, ANA, LUCIA, inside=(MARTA, ANA), marks={LUCIA: Mark.FETCHED}),
        (set(), set(), {LUCIA}, {}),
    ),
    "a listener is nobody for the caller to talk to": (
        look(MARTA, ANA, LUCIA, inside=(MARTA, LUCIA), marks={ANA: Mark.FETCHED}),
        (set(), set(), {MARTA, ANA, LUCIA}, {}),
    ),
    "an engineer whose client is only being called is not looked for in a conference": (look(ANA), NOTHING),
    "but their hanging up is found": (look(ANA, ana=OVER), ({ANA}, set(), set(), {})),
}


@pytest.mark.parametrize("name", CASES)
def test_what_follows_of_a_look(name: str) -> None:
    verdict, expected = CASES[name]

    assert outcome(verdict) == expected


def test_a_leg_that_was_not_looked_at_is_left_alone() -> None:
    seen = Seen(frozenset({MARTA.sid}))  # the engineer came in while the telephone company was asked

    assert outcome(judge([MARTA, ANA], seen, {})) == NOTHING


def test_where_somebody_is_missing_the_next_look_comes_soon() -> None:
    assert look(MARTA, ANA, inside=(MARTA, ANA)).looks_again_after == LOOKS_APART
    assert look(MARTA, ANA, inside=(MARTA,)).looks_again_after == SECOND_LOOK


def test_nobody_is_fetched_and_taken_out_by_one_look() -> None:
    for verdict, _ in CASES.values():
        assert not set(verdict.fetched) & set(verdict.parted)
        assert not set(verdict.over) & {*verdict.fetched, *verdict.parted}
