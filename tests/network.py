"""The network guard: in the tests nothing leaves this machine.

It listens to the interpreter's own audit events, so it sees each connection
that Python makes, whoever makes it and in whichever thread. An attempt raises
where it happens, and fails its test even where the code under test survives it.
"""

import ipaddress
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_LOCAL_NAMES = {"", "localhost"}
_NAMING_EVENTS = {"socket.getaddrinfo", "socket.gethostbyname"}
_SENDING_EVENTS = {"socket.connect", "socket.sendto", "socket.sendmsg"}


class NetworkForbidden(ConnectionError):
    """Something tried to reach beyond loopback."""


class NetworkGuard:
    """Installed once for the process; an audit hook cannot be taken out again."""

    def __init__(self) -> None:
        self.attempts: list[str] = []
        self._is_installed = False

    def install(self) -> None:
        if not self._is_installed:
            sys.addaudithook(self._audit)
            self._is_installed = True

    @contextmanager
    def expecting_attempts(self) -> Iterator[list[str]]:
        """For the tests of the guard itself: what is attempted inside is not held against the test."""
        before = len(self.attempts)
        inside: list[str] = []
        try:
            yield inside
        finally:
            inside.extend(self.attempts[before:])
            del self.attempts[before:]

    def _audit(self, event: str, arguments: tuple[object, ...]) -> None:
        if event in _NAMING_EVENTS:
            host = arguments[0]
        elif event in _SENDING_EVENTS:
            address = arguments[1]
            if not isinstance(address, tuple) or not address:
                return  # a socket in the file system, or one already connected
            host = address[0]
        else:
            return
        if not _is_local(host):
            self.attempts.append(f"{event} {host!r}")
            raise NetworkForbidden(f"{host!r} is not this machine, and the tests stay on it")


guard = NetworkGuard()


def _is_local(host: object) -> bool:
    if host is None:
        return True
    name = host.decode() if isinstance(host, bytes) else str(host)
    if name.lower() in _LOCAL_NAMES:
        return True
    try:
        return ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return False
