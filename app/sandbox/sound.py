"""Audio files of the exchange: a quiet tone of the right length that any player opens.

The words said into a recording travel inside its file as a comment. So whoever plays it on another call
makes the other phone hear those words, and not only that something was played.
"""

import io
import math
import struct
import wave

RATE = 8_000
_TONES_HERTZ = (220, 330)  # one for each channel: two people are told apart
_LOUDNESS = 2_000
_COMMENT = b"ICMT"


def audio(seconds: int, words: str = "", channels: int = 1) -> bytes:
    """An 8 kHz WAV file of that many seconds (one at least), mono or with a channel for each leg."""
    second = b"".join(
        struct.pack("<h", int(_LOUDNESS * math.sin(2 * math.pi * hertz * step / RATE)))
        for step in range(RATE)
        for hertz in _TONES_HERTZ[:channels]
    )
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(channels)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(second * max(seconds, 1))
    return _with_comment(file.getvalue(), words) if words else file.getvalue()


def listen(sound: bytes) -> tuple[float, str]:
    """How many seconds a WAV file lasts, and the words it carries. Raises ValueError for anything else."""
    try:
        with wave.open(io.BytesIO(sound)) as file:
            seconds = file.getnframes() / file.getframerate()
    except (wave.Error, EOFError, ZeroDivisionError) as error:
        raise ValueError(f"no WAV file: {error}") from error
    return seconds, _comment(sound)


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
