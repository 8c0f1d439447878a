"""Mail that is refused, or that hangs, holds up no page."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from tests.faults.promises import assert_kept
from tests.faults.town import RACE, SOON, TAKEN_WITHIN, Town, town

CLIENTS = 5


def pages_out(here: Town) -> list[float]:
    """Seconds from each key to its request at the telephone company."""
    events = list(here.exchange.story.events)
    asked = {e.detail["form"]["To"][0]: e.at for e in reversed(events) if _is_call(e)}  # the first to each
    found = []
    for client in here.clients:
        pressed = [e.at for e in events if e.kind == "pressed" and e.number == client.caller]
        last = max(at for at in pressed if at < asked[client.engineer])
        found.append((asked[client.engineer] - last).total_seconds())
    return found


def _is_call(event: object) -> bool:
    detail = getattr(event, "detail", {})
    return detail.get("method") == "POST" and str(detail.get("path", "")).endswith("/Calls.json")


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

        taking = threading.Thread(target=take, daemon=True)
        taking.start()
        yield f"smtp://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)
        taking.join(SOON)
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
                assert here.all_get_through(range(CLIENTS), TAKEN_WITHIN), here.said("worker")
                measured[kind] = pages_out(here)
                assert_kept(here.store, here.exchange, race=RACE)

    # A machine that runs other tests too is no place for a figure: the benches have those. What hangs is
    # given up after ten seconds a step: so long a page would wait for it.
    for kind in ("refused", "hanging"):
        assert median(measured[kind]) < 5 + 5 * max(measured["taken"])
