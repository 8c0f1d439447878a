"""What must hold whatever broke: asked of the record and of the exchange's own log, never of the guard.

Every accepted call has exactly one incident, each incident was paged until it was
taken, nothing left after that, every attempt is in the record, and the record is
unaltered.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from app.sandbox.exchange import Exchange
from app.sandbox.story import Event
from oncall.record import first_broken
from oncall.records import CallRow
from oncall.store import Store, Work
from oncall.store.cases import reference_of

_ACCEPTED = "Su referencia es"
_REACHED = frozenset({201, 500, 504})  # the exchange carried it out, even where it then failed to answer


def assert_kept(
    store: Store, exchange: Exchange, *, twice: int = 0, race: timedelta = timedelta(0), taken: bool = True
) -> None:
    """``twice``: how many pages may have been called a second time; ``race``: what may cross an ack."""
    with store.reading(snapshot=True) as work:  # letters may still be written
        problems = [
            *_calls_without_incident(work, exchange),
            *_incidents_not_paged(work, taken),
            *_pages_after_the_ack(work, exchange, race),
            *_attempts_not_written(work, exchange),
            *_altered(work),
        ]
        again = called_again(work, exchange)
        if not again:
            problems += _rung_by_two_calls(work, exchange)
    if len(again) > twice:
        problems.append(f"called more than once for the same page: {again}")
    assert not problems, "\n".join(problems)


def accepted_calls(exchange: Exchange) -> set[str]:
    """The calls in which we said a reference: whoever heard it counts on us."""
    return {
        spoken.call
        for phone in list(exchange.phones.values())
        for spoken in list(phone.heard)
        if _ACCEPTED in spoken.text
    }


def accepted_callers(exchange: Exchange) -> set[str]:
    """The numbers that such a call came from."""
    phones = list(exchange.phones.items())
    return {number for number, phone in phones if any(_ACCEPTED in said.text for said in list(phone.heard))}


def called_again(work: Work, exchange: Exchange) -> dict[str, int]:
    """Pages for which more than one call was made."""
    made = Counter(token for _, token in _calls_made(exchange))
    return {token: count for token, count in made.items() if count > 1}


def _calls_without_incident(work: Work, exchange: Exchange) -> Iterator[str]:
    rows = {row.sid: row.case_id for row in work.connection.execute(CallRow.__table__.select())}
    for sid in accepted_calls(exchange):
        case = work.case(rows[sid]) if rows.get(sid) else None
        if case is None or case.kind != "incident":
            yield f"call {sid} was accepted and has no incident"
    incidents = [row for row in work.cases() if row.kind == "incident"]
    for (client, integration), count in Counter((r.client, r.integration) for r in incidents).items():
        if count > 1 and integration is not None:
            yield f"{count} incidents for {client} / {integration}"


def _incidents_not_paged(work: Work, taken: bool) -> Iterator[str]:
    for row in work.cases():
        if row.kind != "incident":
            continue
        kinds = [entry.kind for entry in work.record(row.id)]
        if "page_requested" not in kinds:
            yield f"{reference_of(row.id)} was never paged"
        if taken and row.state == "open":
            yield f"{reference_of(row.id)} was not taken: {kinds}"
        if row.state == "open" and row.due_at is None:
            yield f"{reference_of(row.id)} rests"


def _pages_after_the_ack(work: Work, exchange: Exchange, race: timedelta) -> Iterator[str]:
    for event, token in _calls_made(exchange):
        page = work.page_with_token(token)
        case = work.case(page.case_id) if page else None
        if case and case.acknowledged_at and event.at > case.acknowledged_at + race:
            late = event.at - case.acknowledged_at
            yield f"{reference_of(case.id)}: {page.name} was called {late} after it was taken"


def _attempts_not_written(work: Work, exchange: Exchange) -> Iterator[str]:
    for event, token in _calls_made(exchange):
        page = work.page_with_token(token)
        if page is None:
            yield f"a call to {event.detail['form']['To']} belongs to no page"
            continue
        asked = [
            entry
            for entry in work.record(page.case_id)
            if entry.kind in ("page_requested", "page_joined") and entry.data.get("person") == page.person
        ]
        if not any(entry.at <= event.at for entry in asked):
            yield f"{reference_of(page.case_id)}: the call to {page.name} is not in the record"


def _rung_by_two_calls(work: Work, exchange: Exchange) -> Iterator[str]:
    """All phones of a person together ring with, or hold, one call of ours at a time."""
    owners = {page.to: page.person for row in work.cases() for page in work.pages(row.id)}
    ours = {sid for row in work.cases() for page in work.pages(row.id) if (sid := page.sid)}
    held: dict[str, str] = {}
    for event in list(exchange.story.events):
        person, call = owners.get(event.number), event.detail.get("call")
        if person is None or call not in ours:
            continue
        if event.kind == "ringing":
            if person in held:
                yield f"{person} was rung by two calls at once, at {event.at}"
            held[person] = call
        elif event.kind == "ended" and held.get(person) == call:
            del held[person]


def _altered(work: Work) -> Iterator[str]:
    for row in work.cases():
        broken = first_broken(work.record(row.id), row.entries, row.head)
        if broken is not None:
            yield f"{reference_of(row.id)} entry {broken} is not what was written"


def _calls_made(exchange: Exchange) -> list[tuple[Event, str]]:
    """The requests for a call that the exchange carried out, each with the token of its page."""
    found = []
    for event in list(exchange.story.events):
        if event.kind != "rest" or event.detail["method"] != "POST" or event.detail["status"] not in _REACHED:
            continue
        url = event.detail["form"].get("Url", [""])[0]
        if event.detail["path"].endswith("/Calls.json") and "/pages/" in url:
            found.append((event, url.split("/pages/")[1].split("/")[0]))
    return found


def first_request(exchange: Exchange, since: datetime) -> Event | None:
    """The first call that was made from ``since`` on."""
    return next((event for event, _ in _calls_made(exchange) if event.at >= since), None)
