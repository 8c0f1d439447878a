"""The life of an incident, as a table: (state, event) -> (incident, effects, entries).

An incident is paged level by level, round after round, until a person takes it
by a deliberate act; then it is theirs, and nothing more rings for it. Every
state that waits has a ``due_at``. Who stands in a level is asked when the level
begins: the shell puts today's answer in ``rostered`` before each event.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from oncall.escalation.holding import (
    alive,
    asked_later,
    closed,
    eta_given,
    is_lost,
    let_be,
    not_reached,
    released,
    sign_of_life,
    still_on_it,
    talk_ended,
    time_up,
)
from oncall.escalation.model import (
    Answer,
    AnswerGiven,
    By,
    CancelPage,
    Channel,
    CloseAsked,
    Decision,
    EtaGiven,
    Event,
    HoldCallers,
    HolderNotReached,
    Incident,
    JoinCallers,
    Opened,
    Page,
    PageAnswered,
    PageAsked,
    PageEnded,
    PageNotPlaced,
    PagePlaced,
    PageRequested,
    PageRinging,
    PageState,
    PassAsked,
    ReopenAsked,
    SendPage,
    SignOfLife,
    State,
    StillOnIt,
    TakeAsked,
    TalkEnded,
    TellClosed,
    TellReopened,
    TellRosterGap,
    TellRoundEnded,
    TellTaken,
    TimeUp,
)
from oncall.escalation.pages import call_page, level_due, page_asked, person_of, stood_still_since, text_page
from oncall.people import Person
from oncall.record import Draft

# A round in which everybody failed at once must not become a storm of calls:
# from the second on, rounds begin at least this far apart.
SHORTEST_ROUND = timedelta(seconds=15)
# With nobody at all to page, managers are told and the roster is asked again.
ROSTER_RETRY = timedelta(minutes=1)
PLACING_ALLOWANCE = timedelta(seconds=10)
# Somebody answered and then nothing more was heard of that call.
LISTENING_ALLOWANCE = timedelta(minutes=2)


# --- the rules -----------------------------------------------------------------------------------


def advance(incident: Incident, event: Event, at: datetime) -> Decision:
    """What ``event`` makes of ``incident``; what the table does not expect is recorded, no more."""
    rule = TABLE.get((incident.state, type(event)))
    named = getattr(event, "page", None)
    if rule is None or (named is not None and incident.page(named) is None):
        return Decision(incident, (), (_draft("unexpected", event=type(event).__name__),))
    return rule(incident, event, at)


def _opened(incident: Incident, _event: Opened, at: datetime) -> Decision:
    if incident.round_began_at is not None:
        return Decision(incident)  # it began already
    started = replace(incident, opened_at=incident.opened_at or at, round_began_at=at)
    return _begin_level(started, incident.level, at)


def _page_requested(incident: Incident, event: PageRequested, at: datetime) -> Decision:
    page = _page(incident, event.page)
    if page.requested_at is not None or not page.is_live:
        return Decision(incident)  # tried again after a failure, or no longer wanted
    first = all(p.requested_at is None for p in incident.pages if _is_of_level(p, incident))
    due = at + incident.ring + PLACING_ALLOWANCE if page.channel is Channel.CALL else None
    incident = _with(incident, replace(page, requested_at=at, due_at=due))
    if first and _is_of_level(page, incident):
        # The level's time counts from its first request (not from when it was ordered).
        incident = replace(incident, due_at=at + incident.policy[incident.level].lasts)
    entry = _draft("page_requested", **page.reached, channel=page.channel, roster=page.roster)
    return Decision(incident, (), (entry,))


def _page_placed(incident: Incident, event: PagePlaced, at: datetime) -> Decision:
    page = _page(incident, event.page)
    placed = replace(page, sid=event.sid)
    if page.channel is Channel.CALL and page.state is PageState.REQUESTED:
        placed = replace(placed, due_at=at + incident.ring)
    adopted = _draft("page_adopted", **page.reached)
    entries = (adopted,) if event.adopted else ()
    if page.channel is Channel.CALL and page.state in (PageState.CANCELLED, PageState.FAILED):
        return Decision(_with(incident, placed), (CancelPage(page.key),), entries)
    return Decision(_with(incident, placed), (), entries)


def _page_not_placed(incident: Incident, event: PageNotPlaced, at: datetime) -> Decision:
    page = _page(incident, event.page)
    if not page.is_live:
        return Decision(incident)
    return _fail(incident, page, event.why, event.code).then(lambda i: _after_failure(i, page, at))


def _page_ringing(incident: Incident, event: PageRinging, at: datetime) -> Decision:
    page = _page(incident, event.page)
    if page.state is not PageState.REQUESTED:
        return Decision(incident)  # late: the telephone company gives no order
    ringing = replace(page, state=PageState.RINGING, due_at=at + incident.ring)
    entry = _draft("page_ringing", **page.reached)
    return Decision(_with(incident, ringing), (), (entry,))


def _page_answered(incident: Incident, event: PageAnswered, at: datetime) -> Decision:
    page = _page(incident, event.page)
    if not page.is_live:
        return Decision(incident)
    answered = replace(page, state=PageState.ANSWERED, due_at=at + LISTENING_ALLOWANCE)
    if page.state is PageState.ANSWERED:  # still listening: a key that repeats gives more time
        return Decision(_with(incident, answered))
    entry = _draft("page_answered", **page.reached)
    return Decision(_with(incident, answered), (), (entry,))


def _page_ended(incident: Incident, event: PageEnded, at: datetime) -> Decision:
    page = _page(incident, event.page)
    if not page.is_live:
        return Decision(incident)
    why = event.why if page.state is not PageState.ANSWERED or event.why == "no_key" else "hung_up"
    return _fail(incident, page, why).then(lambda i: _after_failure(i, page, at))


def _take_asked(incident: Incident, event: TakeAsked, at: datetime) -> Decision:
    page = _page(incident, event.page)
    taken = replace(
        _with(incident, replace(page, state=PageState.ACKNOWLEDGED, due_at=None)),
        state=State.ACKNOWLEDGED,
        holder=page.person,
        holder_name=page.name,
        is_resting=False,
    )
    taken = alive(taken, at)
    seconds = round((at - incident.opened_at).total_seconds()) if incident.opened_at else 0
    facts = {"person": page.person, "name": page.name, "by": event.by, "seconds": seconds}
    entry = Draft("acknowledged", facts | ({"again": True} if incident.was_taken else {}), page.person)
    joins = () if page.is_direct else (JoinCallers(connects=event.by is By.KEY and event.connects),)
    return Decision(taken, (*joins, TellTaken()), (entry,)).then(lambda i: _cancel(i, _others(i, page)))


def _late_take(incident: Incident, event: TakeAsked, _at: datetime) -> Decision:
    """Somebody else was faster: the page came to nothing, and a key that comes twice is told once."""
    page = _page(incident, event.page)
    if page.person == incident.holder or page.state is PageState.FAILED:
        return Decision(incident)
    entry = _draft(
        "late_key", page.person, person=page.person, name=page.name, taken_by=incident.holder_name or ""
    )
    return Decision(_with(incident, replace(page, state=PageState.FAILED, due_at=None)), (), (entry,))


def _pass_asked(incident: Incident, event: PassAsked, at: datetime) -> Decision:
    page = _page(incident, event.page)
    if page.state is PageState.PASSED:
        return Decision(incident)
    entry = _draft("page_passed", page.person, person=page.person, name=page.name, by=event.by)
    passed = _with(incident, replace(page, state=PageState.PASSED, due_at=None))
    same_person = [p for p in _others(passed, page) if p.person == page.person]
    decision = Decision(passed, (), (entry,)).then(lambda i: _cancel(i, same_person))
    # Even where the page is of an earlier level: the same person may be the one who is rung now.
    return decision.then(lambda i: _next_level_if_exhausted(i, at))


def _answer_given(incident: Incident, event: AnswerGiven, at: datetime) -> Decision:
    page = _page(incident, event.page)
    if page.person != incident.holder:
        return Decision(incident, (), (_draft("unexpected", page.person, event="AnswerGiven"),))
    entry = _draft("disposition", page.person, person=page.person, name=page.name, answer=event.answer)
    if event.answer is Answer.SOLVED:
        entries = (entry, _draft("closed", page.person, how="solved"))
        return Decision(closed(incident), (*let_be(incident), TellClosed()), entries)
    if event.answer is Answer.HANDED_OVER:
        handed = Decision(incident, (*let_be(incident), HoldCallers()), (entry,))
        return handed.then(lambda i: _page_on(i, at))
    if event.answer is Answer.WORKING:
        return Decision(alive(incident, at), let_be(incident), (entry,))
    return Decision(asked_later(alive(incident, at), at), let_be(incident), (entry,))


def _holder_time_up(incident: Incident, event: TimeUp, at: datetime) -> Decision:
    """While it is taken: legs that outlived it, and whether anything was heard from who has it."""
    decision = _time_up_when_over(incident, event, at).then(lambda i: time_up(i, event, at))
    return decision.then(lambda i: _page_on(i, at)) if is_lost(decision) else decision


def _holder_not_reached(incident: Incident, event: HolderNotReached, at: datetime) -> Decision:
    decision = not_reached(incident, event, at)
    return decision.then(lambda i: _page_on(i, at)) if is_lost(decision) else decision


def _page_on(incident: Incident, at: datetime) -> Decision:
    """Nobody has it any more: the following level is paged, in a round of its own (pages keep their keys)."""
    reopened = replace(released(incident), state=State.OPEN, round=incident.round + 1, round_began_at=at)
    return _begin_level(reopened, (incident.level + 1) % len(incident.policy), at)


def _close_asked(incident: Incident, event: CloseAsked, _at: datetime) -> Decision:
    return Decision(closed(incident), (*let_be(incident), TellClosed()), (event.entry,))


def _reopen_asked(incident: Incident, _event: ReopenAsked, at: datetime) -> Decision:
    """From the first level, with who is on call now; a round of its own, as after a hand-over."""
    again = replace(released(incident), state=State.OPEN, round=incident.round + 1, round_began_at=at)
    reopened = Decision(again, (TellReopened(),), (_draft("reopened"),))
    return reopened.then(lambda i: _begin_level(i, 0, at))


def _time_up(incident: Incident, _event: TimeUp, at: datetime) -> Decision:
    since = stood_still_since(incident, at)
    if since is not None:
        return _resume(incident, since, at)
    decision = Decision(incident)
    for page in incident.pages:
        if page.is_live and page.due_at and page.due_at <= at:
            decision = decision.then(lambda i, p=page: _page_overdue(i, p, at))  # type: ignore[misc]
    current = decision.incident
    if current.due_at and current.due_at <= at and current.state is State.OPEN:
        if current.is_resting:
            return decision.then(lambda i: _begin_round(i, at))
        return decision.then(lambda i: _end_level(i, at))
    return decision


def _resume(incident: Incident, since: datetime, at: datetime) -> Decision:
    """After a standstill what was ordered is stale: who is on call now is paged, from the same level on."""
    stale = [p for p in incident.pages if p.is_live and (p.channel is Channel.CALL or p.requested_at is None)]
    stood = _draft("stood_still", seconds=round((at - since).total_seconds()))
    decision = Decision(incident, (), (stood,)).then(lambda i: _cancel(i, stale))
    if incident.is_resting:
        return decision.then(lambda i: _begin_round(i, at))
    # A round of its own: pages of the round before keep their keys.
    return decision.then(
        lambda i: _begin_level(replace(i, round=i.round + 1, round_began_at=at), i.level, at)
    )


def _time_up_when_over(incident: Incident, _event: TimeUp, at: datetime) -> Decision:
    """Legs that outlived the incident: nobody waits for them any more."""
    overdue = [p for p in incident.pages if p.is_live and p.due_at and p.due_at <= at]
    return _cancel(incident, overdue)


def _ignored(incident: Incident, _event: Event, _at: datetime) -> Decision:
    return Decision(incident)


def _settle_leg(incident: Incident, event: PageEnded | PageNotPlaced, _at: datetime) -> Decision:
    """A leg of an incident that is taken or closed ends: noted on the page, nothing follows."""
    page = _page(incident, event.page)
    if not page.is_live:
        return Decision(incident)
    return _fail(incident, page, event.why)


_Rule = Callable[[Incident, Any, datetime], Decision]  # each takes the event of its key

# The whole life of an incident. A pair that is not here is not expected.
TABLE: Mapping[tuple[State, type[Event]], _Rule] = MappingProxyType(
    {
        (State.OPEN, Opened): _opened,
        (State.OPEN, PageRequested): _page_requested,
        (State.OPEN, PagePlaced): _page_placed,
        (State.OPEN, PageNotPlaced): _page_not_placed,
        (State.OPEN, PageRinging): _page_ringing,
        (State.OPEN, PageAnswered): _page_answered,
        (State.OPEN, PageEnded): _page_ended,
        (State.OPEN, TakeAsked): _take_asked,
        (State.OPEN, PageAsked): page_asked,
        (State.OPEN, PassAsked): _pass_asked,
        (State.OPEN, TimeUp): _time_up,
        (State.ACKNOWLEDGED, AnswerGiven): _answer_given,
        (State.ACKNOWLEDGED, CloseAsked): _close_asked,
        (State.CLOSED, ReopenAsked): _reopen_asked,
        (State.ACKNOWLEDGED, SignOfLife): sign_of_life,
        (State.ACKNOWLEDGED, StillOnIt): still_on_it,
        (State.ACKNOWLEDGED, TalkEnded): talk_ended,
        (State.ACKNOWLEDGED, EtaGiven): eta_given,
        (State.ACKNOWLEDGED, HolderNotReached): _holder_not_reached,
        (State.ACKNOWLEDGED, TimeUp): _holder_time_up,
        (State.CLOSED, TimeUp): _time_up_when_over,
        **{
            (state, event): rule
            for state in (State.ACKNOWLEDGED, State.CLOSED)
            for event, rule in (
                (PageAsked, _ignored),
                (PageRequested, _ignored),
                (PagePlaced, _page_placed),
                (PageNotPlaced, _settle_leg),
                (PageRinging, _ignored),
                (PageAnswered, _ignored),
                (PageEnded, _settle_leg),
                (TakeAsked, _late_take),
                (PassAsked, _ignored),
            )
        },
        # What is heard late of somebody who has it no longer.
        **{
            (state, event): _ignored
            for state in (State.OPEN, State.CLOSED)
            for event in (SignOfLife, StillOnIt, TalkEnded, EtaGiven, HolderNotReached)
        },
    }
)


# --- levels and rounds ---------------------------------------------------------------------------


def _begin_level(incident: Incident, level: int, at: datetime) -> Decision:
    """Page everybody of ``level``; a level without anybody is passed over at once (I13)."""
    people = incident.rostered[level] if level < len(incident.rostered) else ()
    current = replace(incident, level=level, is_resting=False)
    if people:
        return _page_people(current, people, at)
    frozen = current.policy[level]
    empty = Decision(
        current,
        (TellRosterGap(level),),
        (_draft("level_empty", round=current.round, level=level + 1, rotation=frozen.rotation),),
    )
    if not any(current.rostered):
        return empty.then(lambda i: _page_managers(i, at))
    return empty.then(lambda i: _following_level(i, at))


def _page_people(incident: Incident, people: Iterable[Person], at: datetime) -> Decision:
    pages: list[Page] = []
    for person in people:
        pages.append(call_page(incident, person, 0))
        pages.append(text_page(incident, person))
    paging = replace(incident, pages=(*incident.pages, *pages), due_at=level_due(incident, at))
    began = _draft(
        "level_began",
        round=incident.round,
        level=incident.level + 1,
        people=[p.name for p in people],
        rotation=incident.policy[incident.level].rotation,
        roster=incident.roster,
    )
    return Decision(paging, tuple(SendPage(p.key) for p in pages), (began,))


def _page_managers(incident: Incident, at: datetime) -> Decision:
    """Nobody is on call in any level: the managers are paged, and the roster asked again after."""
    if incident.managers:
        return _page_people(incident, incident.managers, at)
    return Decision(replace(incident, is_resting=True, due_at=at + ROSTER_RETRY))


def _end_level(incident: Incident, at: datetime) -> Decision:
    ringing = [p for p in incident.pages if p.state in (PageState.REQUESTED, PageState.RINGING)]
    calls = [p for p in ringing if p.channel is Channel.CALL]
    return _cancel(incident, calls).then(lambda i: _following_level(i, at))


def _following_level(incident: Incident, at: datetime) -> Decision:
    following = incident.level + 1
    if following < len(incident.policy):
        return _begin_level(incident, following, at)
    ended = Decision(
        incident, (TellRoundEnded(incident.round),), (_draft("round_ended", round=incident.round),)
    )
    earliest = (incident.round_began_at or at) + SHORTEST_ROUND
    if incident.round > 1 and earliest > at:
        return ended.then(lambda i: Decision(replace(i, is_resting=True, due_at=earliest)))
    return ended.then(lambda i: _begin_round(i, at))


def _begin_round(incident: Incident, at: datetime) -> Decision:
    again = replace(incident, round=incident.round + 1, round_began_at=at, is_resting=False)
    return _begin_level(again, 0, at)


# --- pages ---------------------------------------------------------------------------------------


def _after_failure(incident: Incident, page: Page, at: datetime) -> Decision:
    """The person's next phone at once; with none left anywhere in the level, the next level at once."""
    if page.channel is Channel.SMS or not _is_of_level(page, incident) or incident.is_resting:
        return Decision(incident)
    person = person_of(incident, page.person)
    if person and page.phone + 1 < len(person.phones):
        following = call_page(incident, person, page.phone + 1)
        if incident.page(following.key) is None:
            more = replace(incident, pages=(*incident.pages, following))
            return Decision(more, (SendPage(following.key),))
    return _next_level_if_exhausted(incident, at)


def _next_level_if_exhausted(incident: Incident, at: datetime) -> Decision:
    if incident.is_resting:
        return Decision(incident)
    calling = any(
        p.is_live for p in incident.pages if p.channel is Channel.CALL and _is_of_level(p, incident)
    )
    return Decision(incident) if calling else _following_level(incident, at)


def _page_overdue(incident: Incident, page: Page, at: datetime) -> Decision:
    """It rang longer than it may, or nothing more was heard of it: cancelled, and on to the next phone."""
    current = incident.page(page.key)
    if current is None or not current.is_live:
        return Decision(incident)
    rang_out = {PageState.RINGING: "no_answer", PageState.ANSWERED: "no_key"}
    why = rang_out.get(current.state, "timed_out")
    return _cancel(incident, [current], why=why).then(lambda i: _after_failure(i, page, at))


def _fail(incident: Incident, page: Page, why: str, code: str = "") -> Decision:
    data = page.reached | {"channel": page.channel, "why": why}
    if code:
        data["code"] = code
    failed = replace(page, state=PageState.FAILED, due_at=None)
    return Decision(_with(incident, failed), (), (Draft("page_failed", data),))


def _cancel(incident: Incident, pages: Iterable[Page], **why: str) -> Decision:
    decision = Decision(incident)
    for page in pages:
        cancelled = replace(page, state=PageState.CANCELLED, due_at=None)
        entry = _draft("page_cancelled", **page.reached, channel=page.channel, **why)
        effects = (CancelPage(page.key),) if page.channel is Channel.CALL else ()
        decision = decision.then(
            lambda i, c=cancelled, e=effects, n=entry: Decision(_with(i, c), e, (n,))  # type: ignore[misc]
        )
    return decision


def _others(incident: Incident, page: Page) -> list[Page]:
    """Legs that still ring elsewhere, and texts that have not left. Who is listening hears who has it."""
    return [
        p
        for p in incident.pages
        if p.key != page.key
        and (
            (p.channel is Channel.CALL and p.state in (PageState.REQUESTED, PageState.RINGING))
            or (p.channel is Channel.SMS and p.is_live and p.requested_at is None)
        )
    ]


def _is_of_level(page: Page, incident: Incident) -> bool:
    return page.round == incident.round and page.level == incident.level


def _page(incident: Incident, key: str) -> Page:
    page = incident.page(key)
    assert page is not None  # advance() looked
    return page


def _with(incident: Incident, page: Page) -> Incident:
    return replace(incident, pages=tuple(page if p.key == page.key else p for p in incident.pages))


def _draft(kind: str, actor: str = "guardia", **data: object) -> Draft:
    return Draft(kind, data, actor)
