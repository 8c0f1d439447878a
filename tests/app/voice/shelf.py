"""Another web server: it hands out the files of a folder, knows nothing else, and refuses a POST."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import requests
from flask import Flask, Response, abort, send_from_directory

from app.sandbox.transports import in_process

ELSEWHERE = "https://fallback.example"


def shelf(folders: Mapping[str, Path]) -> Flask:
    """Each folder under its path."""
    app = Flask("shelf", static_folder=None)

    @app.get("/<path:name>")
    def file(name: str) -> Response:
        for path, folder in folders.items():
            if f"/{name}".startswith(f"{path}/"):
                return send_from_directory(folder, f"/{name}".removeprefix(f"{path}/"))
        abort(404)

    return app


def look(app: Flask) -> Callable[..., requests.Response]:
    """``requests.get``, answered by that server without a socket."""

    def get(url: str, **_options: Any) -> requests.Response:
        status, headers, body = in_process(app, "GET", url, {}, b"")
        answer = requests.Response()
        answer.status_code = status
        answer.headers.update(headers)
        answer._content = body
        return answer

    return get
