"""The documents of a line's emergency plan: plain TwiML that any web server can serve.

A file cannot look at what it is sent, so each step is a file of its own, named as
the ``action`` of the one before. Three things follow. Any key accepts: a mailbox
presses none. After a conversation the caller's leg goes on to the next step, which
therefore first says that who was attended may hang up. And everything is asked for
by GET, because servers of files refuse a POST.
"""

from collections.abc import Callable, Mapping

from twilio.twiml.voice_response import VoiceResponse

from app.locales import LANGUAGES, working_hours
from app.voice.fallback.plan import Plan, Ring
from app.voice.speech import say, sentence
from oncall.book import Service
from oncall.people import Language

MAIN = "main.xml"
_MESSAGE, _THANKS = "message.xml", "thanks.xml"
_SCREEN_SECONDS = 8
_TIME_TO_HANG_UP = 3
_LONGEST_MESSAGE = 120
_MESSAGE_SILENCE = 8

Address = Callable[[str], str]


def documents(plan: Plan, service: Service, caller_id: str, address: Address) -> dict[str, str]:
    """The text of each file by its name, in the order in which they may be replaced.

    ``address`` gives the URL of a name; ``caller_id`` is the number of ours that the
    people on call see. What is named in a document comes before it: a call that is
    going on never meets a name that is not there.
    """
    steps = [MAIN if number == 0 else _step(number) for number, _ in enumerate(plan.rings)] or [MAIN]
    following = [*steps[1:], _MESSAGE]
    found = {_THANKS: _thanks(plan), _MESSAGE: _message(plan, address)}
    for language in LANGUAGES:
        found[_accepted(language)] = _connecting(language)
        found[_screen(language)] = _question(plan, language, address)
    if not plan.is_in_force:
        return found | {MAIN: refused("contract_not_in_force", plan.language, service)}
    rings: list[Ring | None] = [*plan.rings] if plan.rings else [None]
    for name, ring, after in reversed(list(zip(steps, rings, following, strict=True))):
        found[name] = _ringing(plan, name == MAIN, ring, caller_id, address(after), address)
    return found


def refused(reason: str, language: Language, service: Service) -> str:
    """For a line that nobody guards any more: why, and where else to turn."""
    response = VoiceResponse()
    hours = working_hours(service.working_hours, language)
    name = service.support_center.name
    say(response, [sentence(f"refusal.{reason}.spoken", language, center=name, hours=hours)], language)
    response.hangup()
    return str(response)


def surplus(name: str, kept: Mapping[str, str], address: Address) -> str | None:
    """What stands where a longer plan had one step more: a call that is just there goes on to the message."""
    if not name.startswith("ring-") or name in kept:
        return None
    response = VoiceResponse()
    response.redirect(address(_MESSAGE), method="GET")
    return str(response)


# --- what the caller hears -----------------------------------------------------------------------


def _ringing(
    plan: Plan, is_first: bool, ring: Ring | None, caller_id: str, after: str, address: Address
) -> str:
    response = VoiceResponse()
    if is_first:
        for language in _own_language_first(plan.language):
            say(response, [sentence("voice.down_greeting", language)], language)
    else:
        say(response, [sentence("voice.down_next", plan.language)], plan.language)
        response.pause(length=_TIME_TO_HANG_UP)
    if ring is None:
        response.redirect(after, method="GET")
        return str(response)
    seconds = max(1, round(plan.ring.total_seconds()))
    dial = response.dial(action=after, method="GET", timeout=seconds, caller_id=caller_id)
    dial.number(ring.phone, url=address(_screen(ring.language)), method="GET")
    return str(response)


def _message(plan: Plan, address: Address) -> str:
    response = VoiceResponse()
    say(response, [sentence("voice.down_message", plan.language)], plan.language)
    response.record(
        action=address(_THANKS),
        method="GET",
        max_length=_LONGEST_MESSAGE,
        timeout=_MESSAGE_SILENCE,
        finish_on_key="#",
        play_beep=True,
    )
    return str(response)


def _thanks(plan: Plan) -> str:
    response = VoiceResponse()
    say(response, [sentence("voice.down_thanks", plan.language)], plan.language)
    response.hangup()
    return str(response)


def _own_language_first(own: str) -> list[str]:
    return [own, *(language for language in LANGUAGES if language != own)]


# --- what hears who picks up ---------------------------------------------------------------------


def _question(plan: Plan, language: str, address: Address) -> str:
    """Asked twice; silence is a mailbox's, or nobody's, and ends the leg."""
    response = VoiceResponse()
    for _ in range(2):
        gather = response.gather(
            input="dtmf",
            timeout=_SCREEN_SECONDS,
            num_digits=1,
            finish_on_key="",
            action=address(_accepted(language)),
            method="GET",
        )
        say(gather, [sentence("page.down_screen", language, client=plan.client)], language)
    response.hangup()
    return str(response)


def _connecting(language: str) -> str:
    response = VoiceResponse()
    say(response, [sentence("page.down_accepted", language)], language)
    return str(response)


# --- names ---------------------------------------------------------------------------------------


def _step(number: int) -> str:
    return f"ring-{number + 1}.xml"


def _screen(language: str) -> str:
    return f"screen-{language}.xml"


def _accepted(language: str) -> str:
    return f"accepted-{language}.xml"
