"""REST: conferences and their participants."""

from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element, SubElement

from flask import request
from werkzeug.datastructures import MultiDict

from app.sandbox.calls import Order
from app.sandbox.conferences import Conference, Participant
from app.sandbox.documents import Document
from app.sandbox.parameters import API_VERSION
from app.sandbox.rest import forms
from app.sandbox.rest.calls import progress_callback
from app.sandbox.rest.errors import RestError
from app.sandbox.rest.views import Answer, View, moment, page

if TYPE_CHECKING:
    from app.sandbox.exchange import Exchange

_JOINING = (
    ("Label", "participantLabel", ""),
    ("StartConferenceOnEnter", "startConferenceOnEnter", "true"),
    ("EndConferenceOnExit", "endConferenceOnExit", "false"),
    ("Muted", "muted", "false"),
    ("WaitUrl", "waitUrl", ""),
    ("ConferenceStatusCallback", "statusCallback", ""),
    ("ConferenceStatusCallbackEvent", "statusCallbackEvent", "start end"),
)
"""Parameters of an invitation, the attributes they become, and their defaults."""


def listing(exchange: "Exchange") -> Answer:
    args = request.args
    shown = [
        conference
        for conference in reversed(exchange.conferences.by_sid.values())
        if args.get("FriendlyName") in (None, conference.name)
        and args.get("Status") in (None, conference.status)
    ]
    shown = [] if exchange.chaos.is_next_list_empty() else shown
    return page("conferences", [as_json(exchange, conference) for conference in shown])


def fetch(exchange: "Exchange", sid: str) -> Answer:
    return Answer(as_json(exchange, _found(exchange, sid)))


def update(exchange: "Exchange", sid: str) -> Answer:
    """``Status=completed`` ends a conference; its participants go on with their own documents.

    ``AnnounceUrl`` is heard by everybody in it.
    """
    conference = _found(exchange, sid)
    form = request.form
    if form.get("AnnounceUrl"):
        for one in conference.participants:
            one.play("announcement", form["AnnounceUrl"], form.get("AnnounceMethod", "POST"))
    if form.get("Status") == "completed":
        conference.finish("conference-ended-via-api")
    return Answer(as_json(exchange, conference))


def participants(exchange: "Exchange", sid: str) -> Answer:
    conference = _found(exchange, sid)
    return page("participants", [_participant(exchange, one) for one in conference.participants])


def participant(exchange: "Exchange", sid: str, call: str) -> Answer:
    return Answer(_participant(exchange, _member(_found(exchange, sid), call)))


def invite(exchange: "Exchange", sid: str) -> Answer:
    """Calls somebody straight into a conference, named by its SID or by the name it will have."""
    form = request.form
    known = exchange.conferences.by_sid.get(sid)
    name = known.name if known is not None else sid
    document = _joining(name, form)
    order = Order(
        to=forms.recipient(exchange, form, 21201),
        from_=forms.our_number(exchange, form, 21213, 21212, 21210),
        callback=progress_callback(),
        timeout=forms.whole(form, "Timeout", 60, 5, 600),
        time_limit=forms.whole(form, "TimeLimit", 14_400, 1, 86_400),
        answered=lambda call: call.start(lambda program: program.run(document)),
    )
    call = exchange.calls.place(order)
    conference = known or exchange.conferences.open(name)
    noun = document.root[0][0]
    invited = Participant(
        call,
        noun.get("participantLabel"),
        starts=noun.get("startConferenceOnEnter") == "true",
        ends=noun.get("endConferenceOnExit") == "true",
        muted=noun.get("muted") == "true",
        on_start=lambda: None,
        on_out=lambda: None,
        conference=conference,
        entered=exchange.now(),
    )
    return Answer(_participant(exchange, invited) | {"status": "queued"}, 201)


def change_participant(exchange: "Exchange", sid: str, call: str) -> Answer:
    conference = _found(exchange, sid)
    one = _member(conference, call)
    form = request.form
    if "Muted" in form:
        one.muted = form["Muted"].lower() == "true"
        conference.tell("mute", one)
    if "Hold" in form:
        on = form["Hold"].lower() == "true"
        conference.hold(one, on, form.get("HoldUrl", ""), form.get("HoldMethod", "GET"))
    if form.get("AnnounceUrl"):
        one.play("announcement", form["AnnounceUrl"], form.get("AnnounceMethod", "POST"))
    if "EndConferenceOnExit" in request.form:
        one.ends = request.form["EndConferenceOnExit"].lower() == "true"
    return Answer(_participant(exchange, one))


def remove_participant(exchange: "Exchange", sid: str, call: str) -> Answer:
    conference = _found(exchange, sid)
    conference.kick(_member(conference, call))
    return Answer()


def _joining(name: str, form: MultiDict[str, str]) -> Document:
    """The document that puts an invited call into its conference."""
    root = Element("Response")
    noun = SubElement(SubElement(root, "Dial"), "Conference")
    noun.text = name
    for parameter, attribute, default in _JOINING:
        value = " ".join(form.getlist(parameter)) or default
        if value:
            noun.set(attribute, value)
    return Document(root, "")


def as_json(exchange: "Exchange", conference: Conference) -> dict[str, Any]:
    uri = _uri(exchange, conference.sid)
    return {
        "sid": conference.sid,
        "account_sid": exchange.account_sid,
        "api_version": API_VERSION,
        "friendly_name": conference.name,
        "region": "us1",
        "status": conference.status,
        **({"reason_conference_ended": conference.reason_ended} if conference.reason_ended else {}),
        **({"call_sid_ending_conference": conference.ended_by} if conference.ended_by else {}),
        "date_created": moment(conference.created),
        "date_updated": moment(conference.updated or conference.created),
        "uri": f"{uri}.json",
        "subresource_uris": {
            "participants": f"{uri}/Participants.json",
            "recordings": f"{uri}/Recordings.json",
        },
    }


def _participant(exchange: "Exchange", one: Participant) -> dict[str, Any]:
    sid = one.conference.sid if one.conference else ""
    return {
        "call_sid": one.call.sid,
        "label": one.label,
        "conference_sid": sid,
        "account_sid": exchange.account_sid,
        "muted": one.muted,
        "hold": one.hold,
        "coaching": False,
        "call_sid_to_coach": None,
        "start_conference_on_enter": one.starts,
        "end_conference_on_exit": one.ends,
        "status": "connected",
        "queue_time": "0",
        "date_created": moment(one.entered),
        "date_updated": moment(one.entered),
        "uri": f"{_uri(exchange, sid)}/Participants/{one.call.sid}.json",
    }


def _uri(exchange: "Exchange", sid: str) -> str:
    return f"/{API_VERSION}/Accounts/{exchange.account_sid}/Conferences/{sid}"


def _found(exchange: "Exchange", sid: str) -> Conference:
    if sid not in exchange.conferences.by_sid:
        raise RestError(20404, request.path)
    return exchange.conferences.by_sid[sid]


def _member(conference: Conference, call: str) -> Participant:
    for one in conference.participants:
        if call in (one.call.sid, one.label):
            return one
    raise RestError(20404, request.path)


ROUTES: dict[tuple[str, str], View] = {
    ("GET", "/Conferences.json"): listing,
    ("GET", "/Conferences/<sid>.json"): fetch,
    ("POST", "/Conferences/<sid>.json"): update,
    ("GET", "/Conferences/<sid>/Participants.json"): participants,
    ("POST", "/Conferences/<sid>/Participants.json"): invite,
    ("GET", "/Conferences/<sid>/Participants/<call>.json"): participant,
    ("POST", "/Conferences/<sid>/Participants/<call>.json"): change_participant,
    ("DELETE", "/Conferences/<sid>/Participants/<call>.json"): remove_participant,
}
