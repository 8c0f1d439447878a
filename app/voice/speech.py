"""How a sentence is spoken: which voice, which language, and the verbs around it.

A bad pair of voice and language makes a Say fail, so every Say names both. Which voice
speaks a language is chosen in the rosters (``voices`` of ``service.yaml``): whoever makes
documents says so once (``speaking``), and what is said meanwhile is said by these.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

from twilio.twiml.voice_response import Gather, VoiceResponse

from app.locales import catalog
from app.locales.voices import USUAL_VOICES, VOICES

KEY_SECONDS = 6

_CHOSEN: ContextVar[Mapping[str, str]] = ContextVar("voices", default=USUAL_VOICES)


@contextmanager
def speaking(voices: Mapping[str, str]) -> Iterator[None]:
    """Until the end of the block each language is spoken by its voice in ``voices``."""
    before = _CHOSEN.set({**USUAL_VOICES, **voices})
    try:
        yield
    finally:
        _CHOSEN.reset(before)


def voice_of(language: str) -> tuple[str, str]:
    """Who speaks a language now: the voice and its locale."""
    voice = _CHOSEN.get()[str(language)]
    return voice, VOICES[str(language)][voice]


def say(verbs: VoiceResponse | Gather, sentences: Iterable[str], language: str) -> None:
    """Speak the sentences in one breath."""
    spoken = " ".join(s for s in sentences if s)
    if spoken:
        voice, locale = voice_of(language)
        verbs.say(spoken, voice=voice, language=locale)


def ask(
    response: VoiceResponse,
    sentences: Iterable[str],
    language: str,
    action: str,
    if_silent: str,
    seconds: int = KEY_SECONDS,
    finish_on: str | None = None,
) -> None:
    """A question answered by one key (or, with ``finish_on``, by digits and that key).

    It is spoken inside its Gather, so that an early key counts; silence goes to ``if_silent``.
    """
    if finish_on:
        gather = response.gather(
            input="dtmf", timeout=seconds, finish_on_key=finish_on, action=action, method="POST"
        )
    else:
        gather = one_key(response, action, seconds)
    say(gather, sentences, language)
    response.redirect(if_silent, method="POST")


def one_key(response: VoiceResponse, action: str, seconds: int = KEY_SECONDS) -> Gather:
    """Where one key, whichever it is, counts while it is being spoken; silence goes on after it."""
    return response.gather(
        input="dtmf", timeout=seconds, num_digits=1, finish_on_key="", action=action, method="POST"
    )


def sentence(name: str, language: str, /, **facts: object) -> str:
    """The catalog's sentence of this name, filled in."""
    return catalog(str(language))[name].format(**facts)
