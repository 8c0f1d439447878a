"""The web side as a WSGI application, and gunicorn to serve it: supervised, or alone with the worker."""

import gc
import logging
import os
import sys
from collections.abc import Callable
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.sock import create_sockets
from gunicorn.workers.gthread import ThreadWorker

THREADS = 32
GRACEFUL_SECONDS = 15
# After Ctrl-C: somebody is sitting in front of it.
HURRIED_SECONDS = 1
# How long a thread that computes may keep one that answers a caller waiting; Python's own is five times that.
_TURN_SECONDS = 0.001


class _Threads(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """A worker that Ctrl-C cannot lock up.

    gunicorn's own answer to SIGINT and SIGQUIT shuts its threads down inside the signal's
    handler: where the signal met the main thread as it handed a request on, both wait for
    the same lock, for ever. Here the loop ends by itself, as for SIGTERM, and sooner.
    """

    def handle_quit(self, sig: int, frame: object) -> None:
        if not self.alive:
            os._exit(128 + sig)  # asked again: whatever is still being answered is not waited for
        self.cfg.set("graceful_timeout", HURRIED_SECONDS)
        self.handle_exit(sig, frame)


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
            "worker_class": _Threads,
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


class OneProcess(Server):
    """The same without gunicorn's supervisor, which would hold a fifth of the memory to watch one process.

    Whoever started it starts it again: systemd, a platform, or a person.
    """

    def run(self) -> None:
        """Serve until the process is told to stop; then end it, whatever a thread still waits for."""
        log = self.cfg.logger_class(self.cfg)
        sockets = create_sockets(self.cfg, log)
        worker = _Alone(0, os.getppid(), sockets, self, self.cfg.timeout, self.cfg, log)
        worker.pid = os.getpid()
        status = 1
        try:
            worker.init_process()
            status = 0
        except SystemExit as exit:
            status = exit.code if isinstance(exit.code, int) else 1
        except Exception:
            log.exception("the server ended")
        finally:
            self.cfg.worker_exit(None, worker)
            logging.shutdown()
            sys.stdout.flush()
            os._exit(status)


class _Alone(_Threads):
    """Has no parent that it would be lost without."""

    def is_parent_alive(self) -> bool:
        return True


def _keep_what_is_loaded() -> None:
    """Before the fork it also spares memory: a page that no search for garbage writes to stays shared."""
    gc.collect()
    gc.freeze()
