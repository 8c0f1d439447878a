"""How a sentence is spoken: which voice, which language, and the verbs around it.

The voices are neural ones that Twilio lists (docs, "Text-to-speech"); a bad pair
of voice and language makes a Say fail, so every Say names both.
"""

from collections.abc import Iterable

from twilio.twiml.voice_response import Gather, VoiceResponse

from app.locales import catalog

VOICES = {
    "es": ("Polly.Mia-Neural", "es-MX"),
    "pt": ("Polly.Camila-Neural", "pt-BR"),
    "en": ("Polly.Joanna-Neural", "en-US"),
}
KEY_SECONDS = 6


def say(verbs: VoiceResponse | Gather, sentences: Iterable[str], language: str) -> None:
    """Speak the sentences in one breath."""
    spoken = " ".join(s for s in sentences if s)
    if spoken:
        voice, locale = VOICES[str(language)]
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
        gather = response.gather(
            input="dtmf", timeout=seconds, num_digits=1, finish_on_key="", action=action, method="POST"
        )
    say(gather, sentences, language)
    response.redirect(if_silent, method="POST")


def sentence(name: str, language: str, /, **facts: object) -> str:
    """The catalog's sentence of this name, filled in."""
    return catalog(str(language))[name].format(**facts)
