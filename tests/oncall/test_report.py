"""The service report: what is counted, and that neither order nor portions change it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall.report import (
    CaseFact,
    Disputes,
    Figures,
    Kept,
    PageFact,
    Pause,
    Refused,
    Report,
    Tally,
    Timed,
    Times,
    timed,
)

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def incident(**facts: object) -> CaseFact:
    usual = CaseFact("acme", "ACME", "incident", priority="blocker", response=Timed(Kept.MET, 60, 60))
    return replace(usual, **facts)  # type: ignore[arg-type]


def refusal(reason: str, client: str | None = "acme") -> CaseFact:
    return CaseFact(client, "ACME" if client else "", "refusal", reason=reason)


def figures(*cases: CaseFact) -> Figures:
    tally = Tally()
    tally.add(cases)
    return tally.figures()


@pytest.mark.parametrize(
    ("due", "stopped", "kept"),
    [
        (2, 1, Kept.MET),
        (2, 2, Kept.MET),
        (2, 3, Kept.BREACHED),
        (2, None, Kept.BREACHED),
        (20, None, Kept.RUNNING),
        (None, 3, Kept.UNPROMISED),
        (None, None, Kept.UNPROMISED),
    ],
)
def test_a_promise_is_met_breached_running_or_was_none(
    due: int | None, stopped: int | None, kept: Kept
) -> None:
    since = AT - 10 * HOUR

    clock = timed(
        since,
        since + due * HOUR if due is not None else None,
        since + stopped * HOUR if stopped is not None else None,
        AT,
    )

    assert clock.kept is kept
    assert (clock.gross is None) == (stopped is None)


def test_a_pause_is_left_out_of_the_net_time_only() -> None:
    clock = timed(AT, AT + 6 * HOUR, AT + 5 * HOUR, AT + 9 * HOUR, paused=2 * HOUR)

    assert (clock.gross, clock.net) == (5 * 3600, 3 * 3600)


def test_promises_are_told_by_priority_with_median_and_worst() -> None:
    found = figures(
        incident(response=Timed(Kept.MET, 60, 60)),
        incident(response=Timed(Kept.BREACHED, 4000, 4000)),
        incident(response=Timed(Kept.BREACHED)),
        incident(priority="high", response=Timed(Kept.RUNNING)),
        incident(priority=None, response=Timed(Kept.UNPROMISED, 7, 7)),
    )

    blocker, high, none = (found.response[p] for p in ("blocker", "high", "none"))
    assert (blocker.met, blocker.breached, blocker.running) == (1, 2, 0)
    assert blocker.gross == Times(2030, 4000)
    assert blocker.share_met == pytest.approx(1 / 3)
    assert (high.running, high.gross, high.share_met) == (1, Times(None, None), None)
    assert none.unpromised == 1
    assert found.incidents == {"blocker": 3, "high": 1, "none": 1}


def test_a_disputed_refusal_counts_as_refused_as_disputed_and_as_an_incident() -> None:
    disputed = incident(priority=None, reason="priority_not_covered", disputed=True)

    found = figures(
        disputed,
        replace(disputed, verdict="client"),
        replace(disputed, verdict="guard"),
        refusal("priority_not_covered"),
        refusal("unknown_line", client=None),
    )

    assert found.refusals == {"priority_not_covered": Refused(4, 3), "unknown_line": Refused(1, 0)}
    assert found.disputes == Disputes(client_right=1, guard_right=1, not_judged=1)
    assert found.all_incidents == 3
    assert found.cases == 5


def test_pages_are_told_by_person_and_hour_most_first() -> None:
    pages = (
        PageFact("ana", "Ana Paz", True, 3, was_taken=True),
        PageFact("ana", "Ana Paz", False, 3, was_taken=False),
        PageFact("bruno", "Bruno Lima", True, 12, was_taken=False),
    )

    ana, bruno = figures(incident(pages=pages)).pages

    assert (ana.person, ana.calls, ana.texts, ana.taken, ana.at_night) == ("ana", 1, 1, 1, 2)
    assert ana.hours[3] == 2
    assert (bruno.all, bruno.at_night) == (1, 0)


def test_rounds_pauses_and_how_it_was_taken() -> None:
    found = figures(
        incident(rounds=2, taken_by="key", pauses={"client": 3600.0}),
        incident(taken_by="link", pauses={"client": 60.0, "third_party": 5.0}),
        incident(taken_by="key"),
    )

    assert (found.rounds, found.rounds_in) == (2, 1)
    assert found.taken == {"key": 2, "link": 1}
    assert found.pauses == {"client": Pause(2, 3660.0), "third_party": Pause(1, 5.0)}


def test_clients_are_told_by_name_and_calls_without_a_contract_last() -> None:
    tally = Tally()
    tally.add(
        [
            refusal("unknown_line", client=None),
            incident(),
            CaseFact("aurora", "aurora Saúde", "abandoned"),
        ]
    )
    tally.add_before_known("faro", "Banco Faro", 3)
    tally.add_before_known("quiet", "Quiet", 0)

    clients = tally.clients()

    assert [of.client for of in clients] == ["acme", "aurora", "faro", None]
    assert [of.figures.before_known for of in clients] == [0, 0, 3, 0]
    assert tally.figures().before_known == 3
    assert tally.figures().abandoned == 1


def test_a_report_is_final_once_the_month_is_over_and_nothing_is_open() -> None:
    made = Report("2026-10", "UTC", AT, AT + HOUR, AT + HOUR, None, figures(incident()))

    assert made.is_final
    assert not replace(made, made_at=AT).is_final
    assert not replace(made, all=figures(incident(is_open=True))).is_final


PAGES = st.builds(
    PageFact,
    st.sampled_from(["ana", "bruno"]),
    st.just("somebody"),
    st.booleans(),
    st.integers(0, 23),
    st.booleans(),
)
CLOCKS = st.builds(Timed, st.sampled_from(Kept), st.none() | st.floats(0, 1e6), st.none() | st.floats(0, 1e6))
CASES = st.builds(
    CaseFact,
    client=st.sampled_from([None, "acme", "faro"]),
    name=st.just("a name"),
    kind=st.sampled_from(["incident", "refusal", "abandoned"]),
    priority=st.sampled_from([None, "blocker", "high"]),
    reason=st.sampled_from([None, "priority_not_covered"]),
    disputed=st.booleans(),
    verdict=st.sampled_from([None, "client", "guard"]),
    taken_by=st.sampled_from([None, "key"]),
    response=CLOCKS,
    resolution=CLOCKS,
    pauses=st.dictionaries(st.sampled_from(["client", "third_party"]), st.integers(0, 10**6).map(float)),
    rounds=st.integers(0, 3),
    pages=st.lists(PAGES, max_size=3).map(tuple),
)


@given(st.lists(CASES, max_size=12), st.data())
def test_neither_order_nor_portions_change_the_figures(
    cases: Sequence[CaseFact], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(cases))
    cut = data.draw(st.integers(0, len(cases)))
    whole, parts = Tally(), Tally()

    whole.add(cases)
    parts.add(shuffled[:cut])
    parts.add(shuffled[cut:])

    assert parts.figures() == whole.figures()
    assert parts.clients() == whole.clients()


@given(st.lists(CASES, max_size=12))
def test_the_clients_add_up_to_all(cases: Sequence[CaseFact]) -> None:
    tally = Tally()
    tally.add(cases)

    for count in ("all_incidents", "abandoned", "rounds", "cases", "open"):
        assert sum(getattr(of.figures, count) for of in tally.clients()) == getattr(tally.figures(), count)
