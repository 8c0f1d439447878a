"""The server is told to stop at the worst moment."""

import subprocess
import sys

from tests.app.processes import SECONDS_TO_STOP, free_port, status, until

# Ctrl-C arrives while the main thread hands the first request on, and holds its pool's lock.
_INTERRUPTED = """
import os, signal, sys
from concurrent.futures import ThreadPoolExecutor
from flask import Flask
from app import wsgi

class Interrupted(ThreadPoolExecutor):
    times = 0

    def _adjust_thread_count(self):
        super()._adjust_thread_count()
        self.times += 1
        if self.times == 1:
            os.kill(os.getpid(), signal.SIGINT)

wsgi._Alone.get_thread_pool = lambda worker: Interrupted(1)
wsgi.OneProcess(lambda: Flask("interrupted"), "127.0.0.1", int(sys.argv[1])).run()
"""


def test_ctrl_c_while_a_request_is_handed_on_stops_the_server() -> None:
    port = free_port()
    process = subprocess.Popen([sys.executable, "-c", _INTERRUPTED, str(port)])
    try:
        assert until(lambda: status(f"http://127.0.0.1:{port}/") == 404 or process.poll() is not None)

        assert process.wait(timeout=SECONDS_TO_STOP) == 0
    finally:
        process.kill()
        process.wait(SECONDS_TO_STOP)
