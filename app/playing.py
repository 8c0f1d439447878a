"""A recording as it is answered: in pieces, and the part of it that a player asks for."""

import os
from typing import BinaryIO

from flask import Response, request
from werkzeug.wsgi import FileWrapper

from oncall.pieces import PIECE


def sound(audio: BinaryIO) -> Response:
    size = audio.seek(0, os.SEEK_END)
    audio.seek(0)
    answer = Response(FileWrapper(audio, PIECE), content_type="audio/wav", direct_passthrough=True)
    answer.content_length = size
    answer.headers["Cache-Control"] = "no-store"
    answer.call_on_close(audio.close)
    try:
        answer.make_conditional(request, accept_ranges=True, complete_length=size)
    except Exception:  # a part that is not there
        audio.close()
        raise
    return answer
