"""What both doors share: the parts of the guard, and how a decision is carried out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Row
from sqlalchemy.exc import IntegrityError

from oncall import escalation, intake, swaps
from oncall.book import Book
from oncall.dispatcher.legs import is_last_on_leg, lead_of, text_due
from oncall.dispatcher.letters import CHATTED, Letters
from oncall.dispatcher.publishing import end_with
from oncall.dispatcher.taping import follow_talk
from oncall.dispatcher.waits import end_all
from oncall.dispatcher.yielding import HANGS_UP, drill_gives_way
from oncall.escalation import Channel, FrozenLevel, Incident, Page, PageState, Patience, State
from oncall.people import Language, Person
from oncall.ports import (
    BookKeeper,
    Chat,
    Mail,
    NoChat,
    NoPaper,
    NoTickets,
    Paper,
    Pins,
    Shelf,
    Telephone,
    Tickets,
)
from oncall.record import Draft
from oncall.rosters import Level
from oncall.sidecalls import Purpose
from oncall.sla import Priority
from oncall.store import Conflict, DatabaseShelf, Store, Work
from oncall.store.cases import PageExtras, reference_of
from oncall.store.entries import head_after

CALL_LASTS = timedelta(minutes=10)
TEXT_LASTS = timedelta(minutes=10)
MAIL_LASTS = timedelta(days=1)
CONTROL_LASTS = timedelta(minutes=2)
# So many rounds are mailed one by one; of quick ones after that, one in so long.
_ROUNDS_TOLD_EACH = 3
_ROUNDS_TOLD_APART = timedelta(minutes=5)
_TRIES = 3
# Who listened to a conversation hears that it is over, and hangs up: until then they are engaged.
_LEAVES_ROOM = timedelta(seconds=6)
# Who was brought in goes on talking: they read the text first, which takes it without their hanging up.
_TALKS_ON = timedelta(seconds=45)
# To ring the next person matters more than to stop ringing the one before.
_AFTER_FIRST_CALLS = 5

T = TypeVar("T")


class Base:
    def __init__(
        self,
        store: Store,
        books: BookKeeper,
        telephone: Telephone,
        mail: Mail,
        pins: Pins,
        new_token: Callable[[], str],
        new_code: Callable[[], str],
        calls_per_second: float = 1.0,
        addresses_of: Callable[[str], Mapping[str, str]] = lambda person: {},
        shelf: Shelf | None = None,
        page_from: str = "",
        chat: Chat | None = None,
        paper: Paper | None = None,
        tickets: Tickets | None = None,
        country_of: Callable[[str], str] = lambda number: "",
    ) -> None:
        """``new_token`` gives a fresh unguessable name; ``new_code`` four random digits.

        ``addresses_of`` a person gives the links to their ``calendar`` and the guard's ``contact_card``.
        Without a ``shelf``, sounds and files are kept in the database.
        ``country_of`` a number: what is foreign to a contract is not called back.
        ``page_from`` is the number that we call from.
        """
        self.store = store
        self.books = books
        self.telephone = telephone
        self.mail = mail
        self.pins = pins
        self.new_token = new_token
        self.new_code = new_code
        self.calls_per_second = calls_per_second
        self.addresses_of = addresses_of
        self.shelf = shelf or DatabaseShelf(store)
        self.page_from = page_from
        self.chat: Chat = chat or NoChat()
        self.paper: Paper = paper or NoPaper()
        self.tickets: Tickets = tickets or NoTickets()
        self.country_of = country_of
        self.letters = Letters(books)
        store.name_rosters(lambda: self.books.current().version or None)

    # --- one transaction -------------------------------------------------------------------------

    def _in_one_transaction(self, step: Callable[[Work], T]) -> T:
        def attempt() -> T:
            with self.store.writing() as work:
                return step(work)

        return self._once_more_on_conflict(attempt)

    def _once_more_on_conflict(self, step: Callable[[], T]) -> T:
        for _ in range(_TRIES - 1):
            try:
                return step()
            except (Conflict, IntegrityError):
                continue  # another process was faster: what it wrote is read again
        return step()

    # --- incidents -------------------------------------------------------------------------------

    def _advance(self, work: Work, case: int, event: escalation.Event, at: datetime) -> Incident | None:
        """Put ``event`` to the incident of a case, and carry out what follows. None: not an incident."""
        found = work.incident(case)
        return self._put(work, *found, event, at) if found else None

    def _put(
        self, work: Work, incident: Incident, row: Row[Any], event: escalation.Event, at: datetime
    ) -> Incident:
        """The same, to an incident as it was just read."""
        before = self._with_roster(incident, row, at)
        decision = escalation.advance(before, event, at)
        if decision.incident == before and not decision.entries and not decision.effects:
            return before
        self._write(work, row, before, decision, at)
        return decision.incident

    def _sign_of_life(
        self, work: Work, case: int, person: str, at: datetime, until: datetime | None = None
    ) -> None:
        """Somebody did something about an incident: if it is theirs, nobody asks after them for a while.

        With ``until``, not before that moment.
        """
        self._advance(work, case, escalation.SignOfLife(person, until), at)

    def _write(
        self, work: Work, row: Row[Any], before: Incident, decision: escalation.Decision, at: datetime
    ) -> None:
        after = decision.incident
        known = {page.key for page in before.pages}
        sealed = work.seal(row.id, [(at, draft) for draft in decision.entries])
        changes = _moments(row, after, at) | head_after(sealed)
        if not work.save_incident(row.id, before, after, row.version, changes):
            raise Conflict(f"case {row.id} changed meanwhile")
        for page in after.pages:
            if page.key not in known:
                work.add_page(row.id, page, self._extras(work, row.id, page, at))
        work.add_entries(sealed)
        for effect in decision.effects:
            self._carry_out(work, row, after, effect, at)

    def _carry_out(
        self, work: Work, row: Row[Any], incident: Incident, effect: escalation.Effect, at: datetime
    ) -> None:
        match effect:
            case escalation.SendPage(key):
                self._order_page(work, row, incident, key, at)
            case escalation.CancelPage(key):
                self._order_cancel(work, row, key, at)
            case escalation.JoinCallers(connects):
                self._join_callers(work, row.id, incident, connects, at)
                if not connects:
                    self._tell_owed_call(work, row, incident, at)
            case escalation.TellTaken():
                self._order_letters(work, row.id, "taken", at)
                self._tell_paged(work, row, incident, at)
            case escalation.TellRoundEnded(number):
                self._tell_not_taken(work, row.id, number, at)
            case escalation.TellRosterGap(level):
                self._alarm_gap(work, row, incident, level, at)
            case escalation.TellClosed():
                end_with(work, row.id, at)
                self._tell_attached(work, row.id, at)
                self._tell_closed(work, row.id, at, end_all(work, row.id, "closed", at))
            case escalation.TellReopened():
                self._order_letters(work, row.id, "reopened", at)

    def _tell_not_taken(self, work: Work, case: int, number: int, at: datetime) -> None:
        """Each round is told while rounds take minutes; quick ones are gathered (decision 0018)."""
        is_due = work.first_in_a_while(f"not_taken:{case}", at, _ROUNDS_TOLD_APART)
        if is_due or number <= _ROUNDS_TOLD_EACH:
            self._order_letters(work, case, "not_taken", at, {"round": number})

    def _tell_attached(self, work: Work, major: int, at: datetime) -> None:
        """The major incident is over: whoever joined it reads so in their own record and mail."""
        for case in work.attached_cases(major):
            work.append(case, at, (Draft("major_closed", {"reference": reference_of(major)}),))
            self._order_letters(work, case, "major_closed", at, {"major": reference_of(major)})

    def _with_roster(self, incident: Incident, row: Row[Any], at: datetime) -> Incident:
        """The incident with today's answer to who stands in each level."""
        book = self.books.current()
        return replace(
            incident,
            rostered=tuple(_people(book, row.team, level, at) for level in incident.policy),
            managers=book.managers(),
            roster=book.version,
            was_taken=row.first_taken_at is not None,
            patience=Patience(
                book.service.holding.ask_again,
                book.service.holding.silence(row.priority),
                book.service.holding.reply,
            ),
        )

    def _extras(self, work: Work, case: int, page: Page, at: datetime) -> PageExtras:
        person = self.books.current().people.get(page.person)
        language = person.language if person else Language.ES
        code = self._code(work, case, page.person, at) if page.channel is Channel.SMS else None
        return PageExtras(self.new_token(), language, code)

    def _code(self, work: Work, case: int, person: str, at: datetime) -> str:
        """One code a person and incident, unlike that of any other incident that is not over."""
        return work.code_of(case, person) or self._fresh_code(work, at)

    def _fresh_code(self, work: Work, at: datetime) -> str:
        """A code that nothing else waits for, neither an incident nor a swap."""
        code = self.new_code()
        while work.code_in_use(code) or work.swap_code_in_use(code, at - swaps.WAITS):
            code = self.new_code()
        return code

    def _order_page(self, work: Work, row: Row[Any], incident: Incident, key: str, at: datetime) -> None:
        page = incident.page(key)
        assert page is not None
        id = work.page_id(row.id, key)
        is_call = page.channel is Channel.CALL
        work.order(
            "call" if is_call else "page_text",
            f"page:{id}",
            at,
            CALL_LASTS if is_call else TEXT_LASTS,
            case=row.id,
            page=id,
            # When everybody calls at once, the last phone rings before the first text is read.
            urgency=_urgency(row.priority) + page.level + (0 if is_call else 1),
            due=_call_due(work, row.id, page.person, at) if is_call else text_due(work, page.person, at),
        )

    def _order_cancel(self, work: Work, row: Row[Any], key: str, at: datetime) -> None:
        stored = work.page_with_key(row.id, key)
        assert stored is not None
        work.void_page_orders(stored.id)
        lead = lead_of(work, stored)
        if lead.sid and is_last_on_leg(work, stored):
            payload = {"sid": lead.sid}
            work.order(
                "cancel",
                f"cancel:{lead.sid}",
                at,
                CONTROL_LASTS,
                case=row.id,
                page=stored.id,
                payload=payload,
                urgency=_AFTER_FIRST_CALLS,
            )

    def _tell_paged(self, work: Work, row: Row[Any], incident: Incident, at: datetime) -> None:
        """News, without a code, to those whose text has left: somebody has it."""
        told = {incident.holder}
        for page in incident.pages:
            if page.channel is Channel.SMS and page.requested_at and page.person not in told:
                told.add(page.person)
                facts = {
                    "name": incident.holder_name or "",
                    "client": row.client_name,
                    "integration": row.integration_name,
                }
                self._order_news(work, row.id, page.person, page.to, "sms.news_taken", facts, at)

    def _tell_owed_call(self, work: Work, row: Row[Any], incident: Incident, at: datetime) -> None:
        """Who took it without a phone at their ear reads that the client waits to be called."""
        if intake.is_owed(intake.to_call_back(work.calls_of_case(row.id))):
            self._text_holder(work, row, incident.holder, intake.News.ASKED_CALL, at)

    def _text_holder(
        self, work: Work, row: Row[Any], holder: str | None, news: intake.News, at: datetime
    ) -> None:
        """What the client did, by text, to who has its incident."""
        person = self.books.current().people.get(holder or "")
        if person is not None:
            facts = {"client": row.client_name, "integration": row.integration_name}
            self._order_news(work, row.id, person.id, person.phones[0], f"sms.{news}", facts, at)

    def _order_news(
        self, work: Work, case: int, person: str, to: str, key: str, facts: dict[str, str], at: datetime
    ) -> None:
        once = f"news:{case}:{person}:{key}:{at.isoformat()}"
        self._order_text(work, once, person, to, key, facts, at, case)

    def _order_text(
        self,
        work: Work,
        once: str,
        person: str,
        to: str,
        key: str,
        facts: dict[str, str],
        at: datetime,
        case: int | None = None,
        link: str | None = None,
    ) -> None:
        """A text that pages nobody; one that belongs to a case stands in its record.

        ``link`` is the token of a page, whose link stands in the text.
        """
        known = self.books.current().people.get(person)
        payload = {
            "person": person,
            "name": known.name if known else person,
            "to": to,
            "key": key,
            "language": known.language if known else Language.ES,
            "facts": facts,
            "link": link,
        }
        work.order("news", once, at, TEXT_LASTS, case=case, payload=payload, urgency=50)

    def _staff_zone(self, team: str | None) -> str:
        """The time zone in which who stands guard for a case reads clocks: the team's, or the service's."""
        book = self.books.current()
        known = book.teams.get(team or "")
        return known.timezone if known else book.service.working_hours.timezone

    def _alarm_gap(self, work: Work, row: Row[Any], incident: Incident, level: int, at: datetime) -> None:
        rotation = incident.policy[level].rotation or ", ".join(incident.policy[level].page)
        facts = {"what": "roster_gap", "where": f"{row.team or '-'} / {rotation}"}
        self._order_letters(work, row.id, "alarm", at, facts)

    def _order_letter(self, work: Work, once: str, letter: dict[str, Any], at: datetime) -> None:
        """A letter that belongs to no case."""
        work.order("mail", once, at, MAIL_LASTS, payload=letter | {"number": 1}, urgency=100)

    def _order_letters(
        self,
        work: Work,
        case: int,
        template: str,
        at: datetime,
        facts: dict[str, Any] | None = None,
        only_client: bool = False,
    ) -> None:
        row = work.case(case)
        assert row is not None
        for letter in self.letters.about(work, row, template, facts or {}, only_client):
            number = work.next_letter(case)
            payload = letter | {"number": number} | self._enclosed(work, case, template)
            work.order(
                "mail", f"mail:{case}:{number}", at, MAIL_LASTS, case=case, payload=payload, urgency=100
            )
        if template in CHATTED:
            self._order_chats(work, self.letters.to_chat(work, row, template, facts or {}), at, case)

    def _enclosed(self, work: Work, case: int, template: str) -> dict[str, Any]:
        """What goes along: with the closing, the whole record and every file of the case (clause A12)."""
        if template != "closed":
            return {}
        files = [
            {"name": file.name, "media_type": file.media_type, "digest": file.digest}
            for file in work.files(case)
        ]
        return {"record": True, "files": files}

    def _tell_closed(
        self, work: Work, case: int, at: datetime, waits: Sequence[Mapping[str, Any]] = ()
    ) -> None:
        """The letters of a closing, with what was written of it and the waits that ended with it."""
        written = [e.data for e in work.record(case) if e.kind in ("closed", "closure_completed")]
        closure = {k: v for k, v in written[-1].items() if k not in ("person", "name")} if written else {}
        follows = {"cause_follows": closure.get("how") == "solved" and "cause" not in closure}
        ended = {"waits_ended": [dict(wait) for wait in waits]} if waits else {}
        self._order_letters(work, case, "closed", at, closure | follows | ended)

    def _order_chats(self, work: Work, letter: Mapping[str, Any], at: datetime, case: int | None) -> None:
        """Have a letter told by every chat there is: each by an order of its own, retried on its own."""
        for channel, kind in self.chat.channels().items():
            once = (
                f"chat:{channel}:{case}:{letter['template']}:{letter['facts'].get('what')}:{at.isoformat()}"
            )
            payload = {**letter, "number": 1, "channel": channel, "kind": kind}
            work.order("chat", once, at, MAIL_LASTS, case=case, payload=payload, urgency=100)

    # --- callers ---------------------------------------------------------------------------------

    def _join_callers(self, work: Work, case: int, incident: Incident, connects: bool, at: datetime) -> None:
        by = (incident.holder_name or "").split()[0]
        drafts = []
        callers = work.waiting_calls(case)
        alone = len(callers) == 1 and not work.talking_calls(case)
        for call, version in callers:
            taken = intake.IncidentTaken(by, connects, alone)
            decision = intake.advance(call, taken, at)
            if not work.save_call(decision.call, version, at):
                raise Conflict(f"call {call.sid} changed meanwhile")
            payload = {"sid": call.sid}
            once = f"bring:{call.sid}:{decision.call.turn}"
            work.order("bring", once, at, CONTROL_LASTS, case=case, payload=payload, urgency=-1)
            if connects:
                person = {"person": incident.holder, "name": incident.holder_name}
                drafts.append(Draft("connected", person))
        enters = connects and bool(callers or _go_on_without_us(work, case))
        if enters and not drafts:
            drafts.append(Draft("connected", {"person": incident.holder, "name": incident.holder_name}))
        work.append(case, at, drafts[:1])
        if enters:
            self._talk_begins(work, case, incident, at)
            follow_talk(work, case, at, {call.sid for call, _ in callers})

    def _talk_begins(self, work: Work, case: int, incident: Incident, at: datetime) -> None:
        """Who took the incident by a key on their phone is in the conversation from now on."""
        mine = [
            p for p in work.pages(case) if p.person == incident.holder and p.state == PageState.ACKNOWLEDGED
        ]
        if mine:
            lead = lead_of(work, mine[-1])
            work.begin_talk(mine[-1].id, lead.sid if lead.channel == Channel.CALL else None, at)


def _go_on_without_us(work: Work, case: int) -> bool:
    """Callers talk to somebody who was brought in, and nobody who has the incident is with them."""
    return bool(work.talking_calls(case)) and work.talking_page(case) is None


def _call_due(work: Work, case: int, person: str, at: datetime) -> datetime:
    """At once; after a drill that rings this person has hung up, or they have left the conversation."""
    inside = work.those_who_joined(case)
    if any(side.person == person for side in inside):
        talk_on = any(side.purpose == Purpose.JOIN for side in inside)
        return at + (_TALKS_ON if talk_on else _LEAVES_ROOM)
    return at + HANGS_UP if drill_gives_way(work, person, at) else at


def _people(book: Book, team: str | None, level: FrozenLevel, at: datetime) -> tuple[Person, ...]:
    if level.rotation is None:
        return tuple(book.people[i] for i in level.page if i in book.people)
    known = book.teams.get(team or "")
    if known is None:
        return ()
    return book.people_of_level(known, Level(level.page, level.lasts), at)


def _urgency(priority: str | None) -> int:
    """A Blocker before a High; what is not known is taken for a Blocker."""
    return 10 if priority == Priority.HIGH else 0


def _moments(row: Row[Any], after: Incident, at: datetime) -> dict[str, Any]:
    """The instants that a change of state sets."""
    if after.state == row.state:
        return {}
    if after.state is State.ACKNOWLEDGED:
        return {"acknowledged_at": at, "first_taken_at": row.first_taken_at or at}
    if after.state is State.CLOSED:
        return {"closed_at": at}
    return {"acknowledged_at": None, "closed_at": None}
