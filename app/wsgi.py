"""The web side as a WSGI application, and gunicorn to serve it with or without the worker beside it."""

import gc
import sys
from collections.abc import Callable
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

THREADS = 32
GRACEFUL_SECONDS = 15
# How long a thread that computes may keep one that answers a caller waiting; Python's own is five times that.
_TURN_SECONDS = 0.001


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn, started by our own command; ``make`` builds the application in the process that serves."""

    def __init__(
        self,
        make: Callable[[], Flask],
        host: str,
        port: int,
        *,
        processes: int = 1,
        on_ready: Callable[[], None] = lambda: None,
        on_exit: Callable[[], None] = lambda: None,
    ) -> None:
        self._make = make
        self._options: dict[str, Any] = {
            "bind": f"{host}:{port}",
            "workers": processes,
            "threads": THREADS,
            "worker_class": "gthread",
            "graceful_timeout": GRACEFUL_SECONDS,
            "keepalive": 5,
            "timeout": 60,
            "control_socket_disable": True,
            "proc_name": "guardia",
            "loglevel": "warning",
            "when_ready": lambda _server: _keep_what_is_loaded(),
            "post_worker_init": lambda _worker: self._begin(on_ready),
            "worker_exit": lambda _server, _worker: on_exit(),
        }
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._make()

    def _begin(self, on_ready: Callable[[], None]) -> None:
        """Keep answers even: short turns, and what was loaded for good is not searched for garbage again."""
        sys.setswitchinterval(_TURN_SECONDS)
        _keep_what_is_loaded()
        on_ready()


def _keep_what_is_loaded() -> None:
    """Before the fork it also spares memory: a page that no search for garbage writes to stays shared."""
    gc.collect()
    gc.freeze()
