"""Audio files of the exchange: a quiet tone of the right length that any player opens.

The words said into a recording travel inside its file as a comment. So whoever plays it on another call
makes the other phone hear those words, and not only that something was played.
"""

import io
import math
import struct
import wave
from array import array
from collections.abc import Iterable
from dataclasses import dataclass

RATE = 8_000
_TONES_HERTZ = (220, 330)  # one for each channel: two people are told apart
_LOUDNESS = 2_000
_COMMENT = b"ICMT"


@dataclass(frozen=True, slots=True)
class Span:
    """Somebody speaks: from which second, for how long, in which channel."""

    at: float
    seconds: float
    channel: int


def audio(seconds: int, words: str = "", channels: int = 1) -> bytes:
    """An 8 kHz WAV file of that many seconds (one at least), mono or with a channel for each leg."""
    second = b"".join(
        struct.pack("<h", _sample(hertz, step)) for step in range(RATE) for hertz in _TONES_HERTZ[:channels]
    )
    return _file(second * max(seconds, 1), channels, words)


def conversation(seconds: int, spans: Iterable[Span], words: str = "", channels: int = 2) -> bytes:
    """The same of people who take turns: each channel is silent but where somebody speaks in it."""
    steps = RATE * max(seconds, 1)
    frames = array("h", bytes(2 * channels * steps))
    tones = [array("h", (_sample(hertz, step) for step in range(RATE))) for hertz in _TONES_HERTZ]
    for span in spans:
        first = min(round(span.at * RATE), steps)
        last = min(first + round(span.seconds * RATE), steps)
        tone = tones[span.channel]
        spoken = (tone * ((last - first) // RATE + 1))[: last - first]
        frames[first * channels + span.channel : last * channels + span.channel : channels] = spoken
    return _file(frames.tobytes(), channels, words)


def listen(sound: bytes) -> tuple[float, str]:
    """How many seconds a WAV file lasts, and the words it carries. Raises ValueError for anything else."""
    try:
        with wave.open(io.BytesIO(sound)) as file:
            seconds = file.getnframes() / file.getframerate()
    except (wave.Error, EOFError, ZeroDivisionError) as error:
        raise ValueError(f"no WAV file: {error}") from error
    return seconds, _comment(sound)


def _sample(hertz: int, step: int) -> int:
    return int(_LOUDNESS * math.sin(2 * math.pi * hertz * step / RATE))


def _file(frames: bytes, channels: int, words: str) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(channels)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(frames)
    return _with_comment(file.getvalue(), words) if words else file.getvalue()


def _with_comment(sound: bytes, words: str) -> bytes:
    text = words.encode() + b"\0"
    text += b"\0" * (len(text) % 2)
    info = b"INFO" + _COMMENT + struct.pack("<I", len(text)) + text
    listed = sound + b"LIST" + struct.pack("<I", len(info)) + info
    return listed[:4] + struct.pack("<I", len(listed) - 8) + listed[8:]


def _comment(sound: bytes) -> str:
    start = sound.rfind(b"INFO" + _COMMENT)
    if start < 0:
        return ""
    (length,) = struct.unpack_from("<I", sound, start + 8)
    return sound[start + 12 : start + 12 + length].rstrip(b"\0").decode(errors="replace")
