"""Starts `guardia serve` in this folder, waits until it answers, and stops it as Ctrl-C would."""

import http.client
import signal
import socket
import subprocess
import sys
import time

SECONDS_TO_START = 180  # on a machine that does much else
SECONDS_TO_STOP = 60


def main(guardia: str) -> None:
    port = free_port()
    server = subprocess.Popen([guardia, "serve", "--port", str(port)], stdin=subprocess.DEVNULL)
    try:
        seconds = wait_until_healthy(server, port)
        page = status(port, "/")
        if page is None or page >= 400:
            sys.exit(f"guardia serve answered {page} for its first page")
        server.send_signal(signal.SIGINT)
        server.wait(SECONDS_TO_STOP)
    finally:
        server.kill()
        server.wait()
    print(f"guardia serve answered after {seconds:.1f} s and stopped when asked")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def wait_until_healthy(server: subprocess.Popen[bytes], port: int) -> float:
    """Seconds from now to the first 200."""
    start = time.monotonic()
    while time.monotonic() - start < SECONDS_TO_START:
        if status(port, "/healthz") == 200:
            return time.monotonic() - start
        try:
            server.wait(0.1)
        except subprocess.TimeoutExpired:
            continue
        sys.exit(f"guardia serve ended with {server.returncode} before it answered")
    sys.exit(f"guardia serve did not answer within {SECONDS_TO_START} s")


def status(port: int, path: str) -> int | None:
    """The status of a GET, or None while nobody listens."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except OSError:
        return None
    finally:
        connection.close()


if __name__ == "__main__":
    main(sys.argv[1])
