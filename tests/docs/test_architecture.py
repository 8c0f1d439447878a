"""docs/architecture.md draws the machines of the code: every pair of its tables, and where each leads."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest

from oncall import escalation, intake, sidecalls
from oncall.contracts import BuiltBy, Integration
from oncall.eligibility import Reason
from oncall.escalation import LIVE, Answer, By, Channel, FrozenLevel, Incident, Page, PageState, State
from oncall.intake import Call, OpenIncident, Step, Told
from oncall.people import Language, Person
from oncall.record import Draft

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "architecture.md").read_text("utf-8")
AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
ANA = Person("ana", "Ana Paz", ("+5491155550101",))

Arrow = tuple[str, str, str]  # from, event, to

# One arrow of a diagram for several states.
_TOGETHER = {
    "any": [step.value for step in Step if step is not Step.OVER],
    "live": [state.value for state in LIVE],
    "ended": ["passed", "failed", "cancelled"],
    "undecided": [state.value for state in sidecalls.UNDECIDED],
}
# One word of a label for several events.
_REPORTS = "PageRequested, PagePlaced, PageNotPlaced, PageRinging, PageAnswered, PageEnded"


def test_the_conversation_has_every_pair_of_its_table() -> None:
    drawn = {(source, event) for source, event, _ in _drawn("conversation")}

    assert drawn == {(step.value, event.__name__) for step, event in intake.TABLE}


def test_the_conversation_leads_where_it_is_drawn() -> None:
    assert _drawn("conversation") == set(_conversation())


def test_the_incident_has_every_pair_of_its_table() -> None:
    drawn = {(source, event) for source, event, _ in _drawn("incident")}

    assert drawn == {(state.value, event.__name__) for state, event in escalation.TABLE}


def test_the_incident_leads_where_it_is_drawn() -> None:
    assert _drawn("incident") == {(s, e, t) for s, e, t, _, _ in _incident()}


def test_a_page_leads_where_it_is_drawn() -> None:
    walked = [(event, before, after) for state, event, _, before, after in _incident() if state == State.OPEN]
    changes = {(before, event, after) for event, before, after in walked if before != after}

    assert _drawn("page") == changes


def test_a_call_on_the_side_leads_where_it_is_drawn() -> None:
    assert _drawn("side call") == set(_side_calls())


@pytest.mark.parametrize("named", sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", DOCUMENT))))
def test_a_test_that_is_named_exists(named: tuple[str, str]) -> None:
    path, name = named

    assert f"def {name}(" in (ROOT / path).read_text("utf-8")


@pytest.mark.parametrize("number", range(1, 14))
def test_every_invariant_is_told_with_a_test(number: int) -> None:
    row = next(line for line in DOCUMENT.splitlines() if line.startswith(f"| I{number} |"))

    assert "`tests/" in row


def _drawn(title: str) -> set[Arrow]:
    """The arrows of the diagram under this comment; what stands in brackets is for people."""
    source = re.search(rf"%% {title}\n(.*?)```", DOCUMENT, re.DOTALL)
    assert source is not None
    arrows: set[Arrow] = set()
    for start, end, label in re.findall(r"^ *(\w+) --> (\w+) *: *(.+)$", source.group(1), re.MULTILINE):
        events = re.sub(r"\([^)]*\)", "", label.replace("reports", _REPORTS)).split(",")
        starts = _TOGETHER.get(start, [start])
        arrows |= {(one, event.strip(), end) for one, event in product(starts, events)}
    return arrows


# --- the conversation, walked ----------------------------------------------------------------------


def _conversation() -> Iterator[Arrow]:
    for call, event in product(_calls(), _said_to_a_call()):
        if (call.step, type(event)) in intake.TABLE:
            after = intake.advance(call, event, AT).call
            yield call.step.value, type(event).__name__, after.step.value


def _calls() -> Iterator[Call]:
    built = (BuiltBy.AIVO, BuiltBy.CLIENT)
    integrations = tuple(Integration(f"i{n}", f"I{n}", built[n % 2]) for n in range(11))
    shapes = product(Step, range(3), (None, "Ana"), (True, False), (None, "+5491155550201"), (False, True))
    for step, tries, taken_by, has_integrations, call_back, waits_too_long in shapes:
        yield Call(
            sid="CA1",
            line="+541152630001",
            caller="+5491155550201",
            language=Language.ES,
            arrived_at=AT,
            step=step,
            tries=tries,
            client="acme",
            integrations=integrations if has_integrations else (),
            verified=step is not Step.PIN,
            notices=(Told(1, "Sabemos.", 1042, "G-1042"),) if waits_too_long else (),
            reason=Reason.PRIORITY_NOT_COVERED if step is Step.DISPUTE else None,
            taken_by=taken_by,
            call_back=call_back,
            wait_ends_at=AT if waits_too_long else AT + timedelta(minutes=5),
        )


def _said_to_a_call() -> Iterator[intake.Event]:
    for correct in (True, False):
        yield intake.PinEntered(0, correct)
    joinable: dict[str | None, OpenIncident] = {
        id: OpenIncident(1042, "G-1042", by, ()) for id, by in (("i0", None), ("i2", "Ana"))
    }
    known: tuple[dict[str | None, OpenIncident], ...] = ({}, joinable, {None: joinable["i0"]})
    for digits, incidents in product(("", *"0123456789*#"), known):
        yield intake.KeyPressed(0, digits, incidents, joinable=frozenset({1042}))
    for seconds in (0, 5):
        yield intake.Recorded(0, seconds)
    for connects in (True, False):
        yield intake.IncidentTaken("Ana", connects)
    yield from (intake.ConversationEnded(0), intake.NotConnected(), intake.HoldChanged(True))
    yield intake.Released(())
    yield from (intake.HungUp(), intake.TimeUp())


# --- the incident, walked --------------------------------------------------------------------------


def _incident() -> Iterator[tuple[str, str, str, str, str]]:
    """From, event, to; and the page's state before and after."""
    for incident, event in product(_incidents(), _said_to_an_incident()):
        is_known = incident.page(getattr(event, "page", "p")) is not None
        if is_known and (incident.state, type(event)) in escalation.TABLE:
            after = escalation.advance(incident, event, AT).incident
            for page in incident.pages:
                later = after.page(page.key)
                assert later is not None
                yield incident.state, type(event).__name__, after.state, page.state, later.state


def _incidents() -> Iterator[Incident]:
    level = FrozenLevel(("ana",), timedelta(minutes=3))
    later, earlier = AT + timedelta(minutes=1), AT - timedelta(minutes=1)
    for state, page_state, due_at, requested_at, is_doubted in product(
        State, PageState, (earlier, later), (None, earlier), (False, True)
    ):
        page = Page(
            "p",
            "ana",
            "Ana Paz",
            Channel.CALL,
            ANA.phones[0],
            1,
            0,
            0,
            page_state,
            requested_at,
            None,
            due_at,
        )
        others = [
            replace(page, key="other", person=person, state=state)
            for person, state in product(("ana", "bruno"), (PageState.REQUESTED, PageState.RINGING))
        ]
        for pages in ((page,), *((page, other) for other in others)):
            yield Incident(
                policy=(level, level),
                ring=timedelta(seconds=25),
                state=state,
                due_at=due_at if state is not State.CLOSED else None,
                is_doubted=is_doubted and state is State.ACKNOWLEDGED,
                holder="ana" if state is State.ACKNOWLEDGED else None,
                holder_name="Ana Paz" if state is State.ACKNOWLEDGED else None,
                opened_at=earlier,
                round_began_at=earlier,
                pages=pages,
                rostered=((ANA,), (ANA,)),
            )


def _side_calls() -> Iterator[Arrow]:
    """What changes the state of a call on the side; late reports change nothing."""
    events: tuple[sidecalls.Event, ...] = (
        sidecalls.Placed("CA1"),
        sidecalls.NotPlaced("refused"),
        sidecalls.Ringing(),
        sidecalls.Answered(),
        sidecalls.Accepted(),
        sidecalls.Declined(),
        sidecalls.Ended("busy"),
        sidecalls.Withdrawn(),
        sidecalls.TimeUp(),
    )
    person = ("ana", "Ana Paz", ANA.phones[0], 0)
    for purpose, state, event in product(sidecalls.Purpose, sidecalls.SideState, events):
        asked = sidecalls.new("k", purpose, person, (), "bruno", timedelta(seconds=25), AT)
        after = sidecalls.advance(replace(asked, state=state), event, AT).call
        if after.state != state and not (state is sidecalls.SideState.JOINED and purpose == "check"):
            yield state.value, type(event).__name__, after.state.value


def _said_to_an_incident() -> Iterator[escalation.Event]:
    named: tuple[Callable[[str], escalation.Event], ...] = (
        escalation.PageRequested,
        escalation.PageRinging,
        escalation.PageAnswered,
        lambda page: escalation.PagePlaced(page, "CA2"),
        lambda page: escalation.PageNotPlaced(page, "refused"),
        lambda page: escalation.PageEnded(page, "busy"),
        lambda page: escalation.TakeAsked(page, By.KEY),
        lambda page: escalation.PassAsked(page, By.KEY),
        *(lambda page, answer=answer: escalation.AnswerGiven(page, answer) for answer in Answer),
    )
    for event, page in product(named, ("p", "other")):
        yield event(page)
    yield from (escalation.CloseAsked(Draft("closed")), escalation.ReopenAsked())
    of_holder = (
        escalation.SignOfLife,
        escalation.StillOnIt,
        escalation.TalkEnded,
        escalation.HolderNotReached,
    )
    yield from (event("ana") for event in of_holder)
    yield escalation.PageAsked("lucia")
    yield escalation.EtaGiven("ana", AT + timedelta(hours=3), By.KEY)
    yield from (escalation.Opened(), escalation.TimeUp(), escalation.TimeUp(is_excused=True))
