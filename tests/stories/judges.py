"""The independent judges: what Guardia asks and answers is held to what Twilio publishes."""

import re

from flask import Response, request

from app.wiring.demo.stage import Stage
from tests.protocol import openapi, twiml
from tests.protocol.twiml import Role

# Where a document is asked for says which verbs it may hold; what is not here is a call's own.
_ROLES = (
    (re.compile(r"^/sms/"), Role.TEXT),
    (re.compile(r"^/voice/calls/\d+/wait(-key)?$"), Role.QUEUE_WAIT),
    (re.compile(r"^/voice/conference-wait$"), Role.CONFERENCE_WAIT),
    (re.compile(r"^/voice/rooms/|^/voice/pages/\w+/calling-wait/"), Role.CONFERENCE_WAIT),
    (re.compile(r"^/voice/direct/\w+/(screen|accept)$"), Role.NUMBER_SCREEN),
)


class Judges:
    """They watch a stage from its first request, and are asked at the end."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._documents: list[tuple[str, str]] = []
        self._failures: list[str] = []
        stage.world.guard.app.after_request(self._keep)

    def objections(self) -> list[str]:
        """Everything that Twilio would not have taken, in words."""
        return [*self._failures, *self._about_documents(), *self._about_requests(), *self._of_the_exchange()]

    def _keep(self, response: Response) -> Response:
        if response.status_code >= 500 and not request.path.endswith(("/status", "/recordings")):
            self._failures.append(f"{request.path} answered {response.status_code}")
        if "xml" in (response.content_type or ""):
            self._documents.append((request.path, response.get_data(as_text=True)))
        return response

    def _about_documents(self) -> list[str]:
        return [
            f"{path}: {problem}\n{document}"
            for path, document in self._documents
            for problem in twiml.problems(document, role_of(path))
        ]

    def _about_requests(self) -> list[str]:
        """What left for the REST API, by the published OpenAPI document."""
        return [
            f"{event.detail['method']} {event.detail['path']}: {problem}"
            for event in self._stage.world.exchange.story.of("rest")
            for problem in openapi.problems(
                event.detail["method"],
                event.detail["path"],
                [(name, value) for name, values in event.detail["form"].items() for value in values],
            )
        ]

    def _of_the_exchange(self) -> list[str]:
        altered = [f"the record of {reference} is altered" for reference in self._stage.altered()]
        return [*(f"{f.url}: {f.problem}" for f in self._stage.world.exchange.faults), *altered]


def role_of(path: str) -> Role:
    return next((role for pattern, role in _ROLES if pattern.search(path)), Role.CALL)
