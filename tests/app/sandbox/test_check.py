"""The strict reading of TwiML: what it lets pass, and what it finds."""

import pytest

from app.sandbox.check import CONTEXTS, problems
from app.sandbox.verbtable import voice_table
from tests.app.sandbox.town import MARTA, ORIGIN, document, found_town, gather, say

GATHER = gather("/key", "Marque 1", numDigits="1", timeout="7", finishOnKey="")
DIAL = f'<Dial action="{ORIGIN}/done" timeout="20" callerId="+541152630001">{{}}</Dial>'
NUMBER = "<Number>+5491155550101</Number>"
ROOM = '<Conference statusCallback="http://127.0.0.1:8000/x" statusCallbackEvent="join leave">c</Conference>'
ENQUEUE = f'<Enqueue action="{ORIGIN}/left" waitUrl="{ORIGIN}/wait">case-1</Enqueue>'
RECORD = f'<Record action="{ORIGIN}/done" maxLength="60"/>'
FLAWLESS = {
    "a menu": ("call", document(GATHER, f"<Redirect>{ORIGIN}/again#rc=1&amp;rp=ct,5xx</Redirect>")),
    "goodbye": ("call", document(say("Adiós"), "<Hangup/>")),
    "a queue": ("call", document(ENQUEUE)),
    "a message": ("call", document(say("Después del tono"), RECORD)),
    "numbers": ("call", document(DIAL.format(NUMBER + NUMBER))),
    "a number": ("call", document(f"<Dial>{'+5491155550101'}</Dial>", "<Hangup/>")),
    "a room": ("call", document(DIAL.format(ROOM))),
    "waiting": ("queue-wait", document(GATHER, '<Pause length="5"/>')),
    "leaving": ("queue-wait", document("<Leave/>")),
    "music": ("conference-wait", document(say("Espere"), f"<Redirect>{ORIGIN}/wait</Redirect>")),
    "a screen": ("number-screen", document(GATHER, "<Hangup/>")),
    "an announcement": ("queue-url", document(say("Conectando"))),
    "a text": ("message", document("<Message>Tomado</Message>")),
    "no text": ("message", document()),
    "nothing for nobody": ("over", document()),
    "a declined call": ("call", document('<Reject reason="busy"/>')),
}


@pytest.mark.parametrize("name", FLAWLESS)
def test_a_flawless_document_passes(name: str) -> None:
    context, xml = FLAWLESS[name]

    assert problems(xml, context) == []


FLAWED = [
    ("call", "<say>hola</say><Hangup/>", "<say> does not belong in <Response>"),
    ("call", '<Pause lenght="2"/><Hangup/>', "<Pause> has no attribute lenght"),
    ("call", GATHER.replace("<Say", "<Hangup/><Say") + "<Hangup/>", "<Hangup> does not belong in <Gather>"),
    ("call", "<Gather>" + say("1") + "</Gather><Hangup/>", "<Gather> has no action"),
    ("call", f'<Gather action="/key">{say("1")}</Gather><Hangup/>', "not an absolute URL"),
    ("call", f'<Gather action="{ORIGIN}/key"/><Hangup/>', "silent"),
    ("call", '<Gather action="http://guard.example/key">' + say("1") + "</Gather><Hangup/>", "is not https"),
    ("call", '<Gather action="https://gu_ard.example/k">' + say("1") + "</Gather><Hangup/>", "underscore"),
    ("call", f'<Gather action="{ORIGIN}/key#xx=1">{say("1")}</Gather><Hangup/>', "there is no override xx"),
    ("call", f'<Gather action="{ORIGIN}/key#rc=9">{say("1")}</Gather><Hangup/>', "rc=9 is out of range"),
    ("call", f'<Gather action="{ORIGIN}/key#rp=6xx">{say("1")}</Gather><Hangup/>', "unknown failure"),
    ("call", GATHER.replace('timeout="7"', 'timeout="7s"') + "<Hangup/>", "no whole number"),
    ("call", GATHER.replace('finishOnKey=""', 'finishOnKey="x"') + "<Hangup/>", "is no key"),
    ("call", GATHER.replace("<Gather", '<Gather input="voice"') + "<Hangup/>", "is none of dtmf"),
    ("call", f"<Record action='{ORIGIN}/r' playBeep='yes'/>", "neither true nor false"),
    ("call", "<Record/>", "<Record> has no action"),
    ("call", say("hola"), "dead line"),
    ("call", "", "dead line"),
    ("call", "<Hangup/>" + say("nunca"), "never reached"),
    ("call", f"<Redirect>{ORIGIN}/x</Redirect><Hangup/>", "never reached"),
    ("call", DIAL.format(NUMBER) + "<Hangup/>", "never reached"),
    ("call", "<Pause/><Reject/>", "must be the first verb"),
    ("call", "<Redirect>/next</Redirect>", "not an absolute URL"),
    ("call", '<Say language="es-MX">hola</Say><Hangup/>', "does not speak"),
    ("call", '<Say voice="Polly.Camila" language="es-MX">hola</Say><Hangup/>', "does not speak"),
    ("call", '<Say voice="Polly.Mia" language="es-MX"> </Say><Hangup/>', "says nothing"),
    ("call", say("a" * 3001) + "<Hangup/>", "longer than 3000"),
    ("call", "hola<Hangup/>", "<Response> holds text"),
    ("call", DIAL.format("<Number>555</Number>"), "no E.164"),
    ("call", DIAL.format(NUMBER + "<Conference>c</Conference>"), "mixes"),
    ("call", DIAL.format(NUMBER * 11), "more than ten"),
    ("call", DIAL.format("<Conference>una sala</Conference>"), "no plain name"),
    ("call", DIAL.format('<Conference statusCallbackEvent="joined">c</Conference>'), "unknown event"),
    ("call", DIAL.replace("<Dial", '<Dial record="yes"').format(NUMBER), "way of recording"),
    ("call", "<Sms>hola</Sms><Hangup/>", "<Sms> does not belong"),
    ("queue-wait", DIAL.format("<Conference>c</Conference>"), "may not be used in a queue-wait"),
    ("conference-wait", GATHER, "may not be used in a conference-wait"),
    ("number-screen", "<Pause/>", "may not be used in a number-screen"),
    ("queue-url", "<Hangup/>", "may not be used in a queue-url"),
    ("message", say("hola"), "<Say> does not belong"),
    ("message", "<Message> </Message>", "is empty"),
    ("message", f"<Message>{'x' * 1601}</Message>", "longer than 1600"),
]


@pytest.mark.parametrize(
    ("context", "verbs", "expected"), FLAWED, ids=[expected for _, _, expected in FLAWED]
)
def test_a_flaw_is_found(context: str, verbs: str, expected: str) -> None:
    found = problems(document(verbs), context)

    assert any(expected in problem for problem in found), found


@pytest.mark.parametrize("xml", ["", "<Response>", "<html/>", "hola", " " + document("<Hangup/>")])
def test_what_is_no_document_is_said_so(xml: str) -> None:
    assert len(problems(xml)) == 1


def test_every_context_names_verbs_that_exist() -> None:
    verbs = set(voice_table()["Response"])

    assert all(allowed <= verbs for allowed in CONTEXTS.values() if allowed is not None)


def test_a_flawed_document_is_a_fault_and_is_refused() -> None:
    town = found_town()
    town.tell("/in", document("<say>hola</say>", "<Hangup/>"))

    town.dial()
    town.run()

    [fault] = town.exchange.faults
    assert (fault.context, fault.url) == ("call", f"{ORIGIN}/in")
    assert town.heard(MARTA) == ["We are sorry, an application error has occurred. Goodbye."]
