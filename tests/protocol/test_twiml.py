"""The judge of documents takes what Twilio would do whole, and finds what it would drop in silence."""

import pytest
from twilio.twiml.messaging_response import MessagingResponse
from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

from tests.protocol.twiml import Role, problems

HOOK = "https://guardia.example/voice/menu"
VOICE = {"voice": "Polly.Lupe-Neural", "language": "es-US"}

SPOKEN = 'voice="Polly.Lupe-Neural" language="es-US"'
SAY = f"<Say {SPOKEN}>Hola</Say>"


def test_a_menu_is_taken() -> None:
    response = VoiceResponse()
    gather = Gather(action=HOOK, method="POST", num_digits=1, timeout=5, action_on_empty_result=True)
    gather.say("Para CRM, presione 1.", **VOICE)
    response.append(gather)
    response.redirect(HOOK, method="POST")

    assert problems(str(response)) == []


def test_a_caller_who_waits_is_taken() -> None:
    response = VoiceResponse()
    response.say("Su referencia es G, 1 0 4 2.", **VOICE)
    response.enqueue("case-1042", action=HOOK, wait_url=HOOK, wait_url_method="POST")

    assert problems(str(response)) == []


def test_a_conference_is_taken() -> None:
    response = VoiceResponse()
    dial = Dial(action=HOOK, time_limit=14400)
    dial.conference(
        "case-1042",
        beep="onEnter",
        end_conference_on_exit=True,
        status_callback=HOOK,
        status_callback_event="start end join leave",
    )
    response.append(dial)

    assert problems(str(response)) == []


def test_a_text_back_is_taken() -> None:
    response = MessagingResponse()
    response.message("G-1042: la tomó Ana.")

    assert problems(str(response), Role.TEXT) == []
    assert problems("<Response/>", Role.TEXT) == []


def test_emphasis_within_speech_is_taken() -> None:
    words = '<break strength="weak"/><say-as interpret-as="digits">1042</say-as>'
    xml = f"<Response><Say {SPOKEN}>G {words}</Say></Response>"

    assert problems(xml) == []


MISTAKES = {
    "words before the document": (f" <Response>{SAY}</Response>", "12100"),
    "no XML": ("<Response><Say></Response>", "12100"),
    "another root": ("<response/>", "not Response"),
    "a verb that is none": ("<Response><Speak>Hola</Speak></Response>", "cannot hold Speak"),
    "a verb in the wrong case": ("<Response><hangup/></Response>", "cannot hold hangup"),
    "an attribute that is none": (
        f'<Response><Gather action="{HOOK}" numdigits="1">{SAY}</Gather></Response>',
        "no attribute numdigits",
    ),
    "a value that is none": ('<Response><Reject reason="no"/></Response>', "is no RejectReason"),
    "a voice that is none": (
        f"<Response>{SAY.replace('Lupe', 'Guada')}</Response>",
        "is no SayVoice",
    ),
    "words for a number": ('<Response><Pause length="1s"/></Response>', "is no number"),
    "words for a truth": (
        f'<Response><Gather action="{HOOK}" actionOnEmptyResult="True"/></Response>',
        "is no boolean",
    ),
    "a method that is none": (
        f'<Response><Redirect method="post">{HOOK}</Redirect></Response>',
        "Redirect@method",
    ),
    "an event that is none": (
        '<Response><Dial><Conference statusCallbackEvent="begin">c</Conference></Dial></Response>',
        "is no ConferenceEvent[]",
    ),
    "a verb where it cannot stand": (
        f'<Response><Gather action="{HOOK}"><Hangup/></Gather></Response>',
        "Gather cannot hold Hangup",
    ),
    "a relative URL": ('<Response><Gather action="/menu"/></Response>', "not an absolute URL"),
    "an underscore in a host": (
        "<Response><Redirect>https://my_host.example/</Redirect></Response>",
        "not an absolute URL",
    ),
    "a question without answer": ("<Response><Gather/></Response>", "for ever"),
    "a verb after the end": (f"<Response><Hangup/>{SAY}</Response>", "never reached"),
    "a verb after a dial with action": (
        f'<Response><Dial action="{HOOK}"><Queue>c</Queue></Dial>{SAY}</Response>',
        "never reached",
    ),
    "a late rejection": (f"<Response>{SAY}<Reject/></Response>", "must be the first"),
    "silence": (f"<Response><Say {SPOKEN}></Say></Response>", "Say is empty"),
    "the account's own voice": ('<Response><Say language="es-US">Hola</Say></Response>', "without voice"),
    "a speech": (f"<Response>{SAY.replace('Hola', 'hola ' * 700)}</Response>", "13521"),
    "loose words": ("<Response>Hola</Response>", "cannot hold text"),
    "what only the SDK knows": ("<Response><Queue>c</Queue></Response>", "may not stand"),
    "a queue with a long name": (f"<Response><Enqueue>{'c' * 65}</Enqueue></Response>", "at most 64"),
}


@pytest.mark.parametrize(("xml", "why"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_found(xml: str, why: str) -> None:
    found = problems(xml)

    assert len(found) == 1
    assert why in found[0]


@pytest.mark.parametrize(
    ("role", "verb"),
    [
        (Role.CONFERENCE_WAIT, f'<Gather action="{HOOK}"/>'),
        (Role.QUEUE_WAIT, "<Dial><Queue>c</Queue></Dial>"),
        (Role.NUMBER_SCREEN, f"<Redirect>{HOOK}</Redirect>"),
        (Role.QUEUE_SCREEN, "<Hangup/>"),
    ],
)
def test_each_place_takes_its_own_verbs(role: Role, verb: str) -> None:
    xml = f"<Response>{verb}</Response>"

    assert problems(xml, Role.CALL) == []
    assert len(problems(xml, role)) == 1
