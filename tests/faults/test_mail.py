"""Mail that is refused, or that hangs, holds up no page."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from tests.app.processes import until
from tests.faults.promises import assert_kept
from tests.faults.town import RACE, TAKEN_WITHIN, Town, town

CLIENTS = 5


def pages_out(here: Town) -> list[float]:
    """Seconds from each key to its request at the telephone company."""
    events = list(here.exchange.story.events)
    asked = {e.detail["form"]["To"][0]: e.at for e in events if _is_call(e)}
    found = []
    for client in here.clients:
        pressed = [e.at for e in events if e.kind == "pressed" and e.number == client.caller]
        found.append((asked[client.engineer] - pressed[1]).total_seconds())
    return found


def _is_call(event: object) -> bool:
    detail = getattr(event, "detail", {})
    return detail.get("method") == "POST" and str(detail.get("path", "")).endswith("/Calls.json")


def all_paged(here: Town) -> bool:
    return sum(_is_call(e) for e in list(here.exchange.story.events)) >= len(here.clients)


@contextmanager
def tar_pit() -> Iterator[str]:
    """A mail server that takes connections and never says a word."""
    held: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def take() -> None:
            try:
                while True:
                    held.append(server.accept()[0])
            except OSError:
                return  # closed: the test is over

        threading.Thread(target=take, daemon=True).start()
        yield f"smtp://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)
    for connection in held:
        connection.close()


def test_mail_that_hangs_or_is_refused_holds_up_no_page(tmp_path: Path) -> None:
    measured = {}
    with tar_pit() as pit:
        for kind in ("taken", "refused", "hanging"):
            with town(tmp_path / kind, CLIENTS) as here:
                here.answered_by()
                here.mail.refusal = "451 later" if kind == "refused" else None
                if kind == "hanging":
                    here.settings["SMTP_URL"] = pit
                here.start("web", "worker")
                for n in range(CLIENTS):
                    here.call(n)
                assert until(lambda here=here: all_paged(here), 30), here.said("worker")  # type: ignore[misc]
                measured[kind] = pages_out(here)
                assert here.all_taken(CLIENTS, TAKEN_WITHIN), here.said("worker")
                assert_kept(here.store, here.exchange, race=RACE)

    # A machine that runs other tests too is no place for a figure: the benches have those.
    for kind in ("refused", "hanging"):
        assert median(measured[kind]) < median(measured["taken"]) + 0.5
        assert max(measured[kind]) < 5
