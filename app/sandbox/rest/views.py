"""What the views of the REST API share: answers, pages of lists, moments."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import Response, jsonify, request

from app.sandbox.parameters import rfc2822

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Answer:
    """A JSON body and a status, or raw content (a recording), or nothing (204)."""

    body: Any = None
    status: int = 200
    content: bytes | None = None
    content_type: str = "application/json"

    def response(self) -> Response:
        if self.content is not None:
            return Response(self.content, self.status, content_type=self.content_type)
        if self.body is None:
            return Response(status=204)
        response = jsonify(self.body)
        response.status_code = self.status
        return response


View = Callable[..., Answer]
"""Does what a request asks of the exchange, given the parts of its path; raises RestError."""


def moment(at: datetime | None) -> str | None:
    return rfc2822(at) if at is not None else None


def page(name: str, items: Sequence[Any]) -> Answer:
    """One page of a list, with the links by which the SDK asks for the next."""
    size = max(1, min(_whole("PageSize", PAGE_SIZE), 1000))
    number = _whole("Page", 0)
    start = number * size
    shown = list(items[start : start + size])
    rest = {key: value for key, value in request.args.items() if key not in ("Page", "PageSize", "PageToken")}

    def link(wanted: int) -> str:
        return f"{request.path}?{urlencode({**rest, 'PageSize': size, 'Page': wanted})}"

    return Answer(
        {
            name: shown,
            "page": number,
            "page_size": size,
            "start": start,
            "end": start + max(len(shown) - 1, 0),
            "uri": link(number),
            "first_page_uri": link(0),
            "next_page_uri": link(number + 1) if start + size < len(items) else None,
            "previous_page_uri": link(number - 1) if number else None,
        }
    )


def _whole(name: str, default: int) -> int:
    value = request.args.get(name, "")
    return int(value) if value.isdigit() else default
