"""What holds for the clocks whatever happens, and what a record tells them; docs/sla.md has the cases."""

from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from oncall.clocks import Cause, Facts, Wait, clocks, facts_of, promised_lengths, working_time
from oncall.record import GENESIS, Draft, Entry, seal
from oncall.sla import Priority, Promise, Promises, WorkingHours

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
MONDAY = datetime(2026, 11, 23, 12, tzinfo=UTC)  # 09:00 in Buenos Aires
HOURS = WorkingHours(
    frozenset(range(5)), time(9), time(18), "America/Argentina/Buenos_Aires", frozenset({date(2026, 11, 24)})
)
BLOCKER = Promises(Promise(HOUR), Promise(6 * HOUR))
HIGH = Promises(Promise(2 * HOUR), Promise(16 * HOUR, 8 * HOUR))
PROMISED = {Priority.BLOCKER: BLOCKER, Priority.HIGH: HIGH}

MINUTES = st.integers(0, 10 * 24 * 60).map(lambda minutes: MONDAY + timedelta(minutes=minutes))
CAUSES = st.sampled_from([Cause.CLIENT, Cause.THIRD_PARTY])
WAITS = st.builds(
    lambda cause, since, limit, ended: Wait(cause, since, since + limit, since + ended if ended else None),
    CAUSES,
    MINUTES,
    st.integers(0, 3 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes)),
    st.none() | st.integers(1, 3 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes)),
)
FACTS = st.builds(
    Facts,
    st.just(MONDAY),
    st.sampled_from([BLOCKER, HIGH]),
    st.lists(MINUTES, max_size=2).map(tuple),
    st.lists(MINUTES, max_size=3).map(tuple),
    st.lists(MINUTES, max_size=3).map(tuple),
    st.lists(WAITS, max_size=4).map(tuple),
    st.lists(MINUTES, max_size=2).map(tuple),
)


@given(FACTS, MINUTES)
def test_net_is_never_more_than_gross_and_the_pauses_are_the_difference(facts: Facts, at: datetime) -> None:
    resolution = clocks(facts, HOURS, at).resolution

    assert timedelta() <= resolution.net <= resolution.gross
    assert timedelta() <= resolution.working_net <= resolution.working_gross <= resolution.gross
    assert sum(resolution.pauses.values(), timedelta()) == resolution.gross - resolution.net


@given(FACTS, MINUTES)
def test_first_response_knows_no_pause(facts: Facts, at: datetime) -> None:
    first = clocks(facts, HOURS, at).first_response

    assert first.net == first.gross
    assert first.due_at == MONDAY + (facts.promises.first_response.elapsed or HOUR)


@given(FACTS, MINUTES, st.randoms())
def test_any_order_of_the_same_facts_gives_the_same_clocks(
    facts: Facts, at: datetime, chance: object
) -> None:
    def shuffled(items: tuple[object, ...]) -> tuple[object, ...]:
        return tuple(chance.sample(items, len(items)))  # type: ignore[attr-defined]

    mixed = Facts(
        facts.arrived_at,
        facts.promises,
        *(shuffled(f) for f in (facts.taken_at, facts.closed_at, facts.reopened_at)),  # type: ignore[arg-type]
        waits=shuffled(facts.waits),  # type: ignore[arg-type]
        heard_at=shuffled(facts.heard_at),  # type: ignore[arg-type]
    )

    assert clocks(mixed, HOURS, at) == clocks(facts, HOURS, at)


@given(FACTS, MINUTES)
def test_a_breach_is_more_than_was_promised_spent(facts: Facts, at: datetime) -> None:
    found = clocks(facts, HOURS, at)

    for clock in (found.first_response, found.resolution):
        assert clock.breached == (clock.spent > 1)


@given(FACTS, MINUTES, st.integers(0, 60), st.integers(1, 14 * 60))
def test_moving_a_wait_outside_working_hours_changes_nothing_in_working_time(
    facts: Facts, at: datetime, moved: int, lasted: int
) -> None:
    evening = datetime(2026, 11, 25, 21, tzinfo=UTC)  # Wednesday 18:00: the doors close for fifteen hours
    span = timedelta(minutes=lasted)

    def with_wait(since: datetime) -> Facts:
        wait = Wait(Cause.CLIENT, since, since + span)
        return Facts(MONDAY, HIGH, closed_at=facts.closed_at, waits=(*facts.waits, wait))

    without = Facts(MONDAY, HIGH, closed_at=facts.closed_at, waits=facts.waits)
    here, there = (clocks(with_wait(evening + s * MINUTE), HOURS, at).resolution for s in (0, moved))

    assert here.working_net == there.working_net == clocks(without, HOURS, at).resolution.working_net


@given(FACTS, MINUTES, WAITS)
def test_one_more_wait_never_makes_anything_due_earlier(facts: Facts, at: datetime, wait: Wait) -> None:
    more = Facts(MONDAY, facts.promises, closed_at=facts.closed_at, waits=(*facts.waits, wait))
    less = Facts(MONDAY, facts.promises, closed_at=facts.closed_at, waits=facts.waits)

    assert clocks(more, HOURS, at).resolution.due_at >= clocks(less, HOURS, at).resolution.due_at


@given(FACTS, MINUTES, WAITS)
def test_a_wait_told_twice_counts_once(facts: Facts, at: datetime, wait: Wait) -> None:
    once = Facts(MONDAY, facts.promises, waits=(wait,))
    twice = Facts(MONDAY, facts.promises, waits=(wait, wait))

    assert clocks(once, HOURS, at) == clocks(twice, HOURS, at)


@given(MINUTES, MINUTES, MINUTES)
def test_working_time_of_two_spans_that_meet_is_that_of_both(a: datetime, b: datetime, c: datetime) -> None:
    first, middle, last = sorted((a, b, c))

    parts = working_time((first, middle), HOURS) + working_time((middle, last), HOURS)

    assert parts == working_time((first, last), HOURS)


def test_it_is_told_why_the_clock_stands_still() -> None:
    waits = (Wait(Cause.THIRD_PARTY, MONDAY + HOUR, MONDAY + 5 * HOUR),)

    paused = clocks(Facts(MONDAY, BLOCKER, waits=waits), HOURS, MONDAY + 2 * HOUR)
    running = clocks(Facts(MONDAY, BLOCKER, waits=waits), HOURS, MONDAY + 6 * HOUR)

    assert (paused.paused_by, running.paused_by) == (Cause.THIRD_PARTY, None)


# --- from entries --------------------------------------------------------------------------------


def record(*written: tuple[timedelta, str, dict[str, object]]) -> list[Entry]:
    entries: list[Entry] = []
    for after, kind, data in written:
        previous = entries[-1].hash if entries else GENESIS
        entries.append(seal(1042, len(entries) + 1, MONDAY + after, Draft(kind, data), previous))
    return entries


WAITED = record(
    (timedelta(), "call_arrived", {}),
    (MINUTE, "opened", {"priority": "blocker", "promised": promised_lengths(BLOCKER)}),
    (2 * MINUTE, "acknowledged", {}),
    (
        2 * HOUR,
        "wait_started",
        {
            "party": "client",
            "since": (MONDAY + HOUR).isoformat(),
            "until": (MONDAY + 25 * HOUR).isoformat(),
        },
    ),
    (3 * HOUR, "call_arrived", {}),
    (3 * HOUR, "wait_ended", {"wait": 4, "ended_by": "call"}),
    (4 * HOUR, "closed", {"how": "solved"}),
)


def test_the_facts_stand_in_the_record() -> None:
    assert facts_of(WAITED, {}) == Facts(
        MONDAY,
        BLOCKER,
        taken_at=(MONDAY + 2 * MINUTE,),
        closed_at=(MONDAY + 4 * HOUR,),
        waits=(Wait(Cause.CLIENT, MONDAY + HOUR, MONDAY + 25 * HOUR, MONDAY + 3 * HOUR),),
        heard_at=(MONDAY + 3 * HOUR,),
    )


def test_entries_may_be_read_in_any_order() -> None:
    assert facts_of(reversed(WAITED), {}) == facts_of(WAITED, {})


def test_a_wait_that_was_corrected_away_never_was() -> None:
    corrected = [
        *WAITED,
        seal(1042, 8, MONDAY, Draft("correction", {"entry": 4, "withdrawn": True}), GENESIS),
    ]
    facts = facts_of(corrected, {})

    assert facts is not None
    assert facts.waits == ()


def test_what_was_promised_then_counts_whatever_is_promised_now() -> None:
    changed = facts_of(WAITED, {Priority.BLOCKER: HIGH})

    assert changed is not None
    assert changed.promises == BLOCKER


def test_a_dispute_is_promised_what_its_priority_is() -> None:
    disputed = record((timedelta(), "call_arrived", {}), (MINUTE, "disputed", {}))
    facts = facts_of(disputed, PROMISED)

    assert facts is not None
    assert facts.promises == BLOCKER


def test_a_record_without_a_call_has_no_clocks() -> None:
    assert facts_of(record((timedelta(), "opened", {"priority": "high"})), PROMISED) is None
