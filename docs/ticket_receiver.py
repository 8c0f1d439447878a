"""A ticket system's side of Guardia's webhook, as an example: it verifies, and takes each delivery once.

Standard library only. Run it with the same secret: TICKET_WEBHOOK_SECRET=whsec_… python ticket_receiver.py
"""

import base64
import hmac
import json
import os
import time
from collections.abc import Mapping
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOLERANCE = 300  # seconds between the sender's clock and ours


def verified(secret: str, headers: Mapping[str, str], body: bytes, now: float) -> bool:
    """Whether the body was signed with the secret, for this id, a short while ago."""
    id, sent, signatures = (headers.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
    if not sent.isdigit() or abs(now - int(sent)) > TOLERANCE:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"{id}.{sent}.".encode() + body, sha256).digest()
    expected = "v1," + base64.b64encode(digest).decode()
    return any(hmac.compare_digest(expected, given) for given in signatures.split())


class Tickets:
    """The tickets, by reference; a real system keeps ``seen`` and ``entries`` in its database, together."""

    def __init__(self) -> None:
        self.seen: set[str] = set()
        self.entries: dict[str, list[dict[str, Any]]] = {}

    def take(self, key: str, delivery: Mapping[str, Any]) -> None:
        if key in self.seen:
            return  # it was sent again because our answer was lost
        case = delivery["data"]["case"]
        self.entries.setdefault(case["reference"], []).extend(delivery["data"]["entries"])
        self.seen.add(key)


class Receiver(BaseHTTPRequestHandler):
    secret = ""
    tickets = Tickets()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        if not verified(self.secret, headers, body, time.time()):
            self.send_error(401)
            return
        self.tickets.take(headers["webhook-id"], json.loads(body))
        self.send_response(204)
        self.end_headers()


if __name__ == "__main__":
    Receiver.secret = os.environ["TICKET_WEBHOOK_SECRET"]
    ThreadingHTTPServer(("127.0.0.1", 8899), Receiver).serve_forever()
