"""A real IMAP server on loopback (pymap), with one mailbox that a test fills."""

import imaplib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from tests.app.processes import free_port, until
from tests.machine import missing

USER, PASSWORD = "casos@aivo.example", "p@ss/word"


@dataclass(frozen=True, slots=True)
class ImapServer:
    port: int

    @property
    def url(self) -> str:
        return f"imap://{quote(USER, safe='')}:{quote(PASSWORD, safe='')}@127.0.0.1:{self.port}/INBOX"

    def deliver(self, *mails: bytes) -> None:
        with imaplib.IMAP4("127.0.0.1", self.port, timeout=5) as mailbox:
            mailbox.login(USER, PASSWORD)
            for mail in mails:
                mailbox.append("INBOX", "", "", mail.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))

    def seen(self) -> int:
        """How many of its mails are marked as seen."""
        with imaplib.IMAP4("127.0.0.1", self.port, timeout=5) as mailbox:
            mailbox.login(USER, PASSWORD)
            mailbox.select("INBOX", readonly=True)
            return len(mailbox.search(None, "SEEN")[1][0].split())

    def answers(self) -> bool:
        try:
            with imaplib.IMAP4("127.0.0.1", self.port, timeout=2):
                return True
        except (OSError, imaplib.IMAP4.error):
            return False


@contextmanager
def imap_server(certificate: tuple[Path, Path] | None = None) -> Iterator[ImapServer]:
    """The server while the block lasts; with a key and a certificate it can do STARTTLS."""
    program = Path(sys.executable).parent / "pymap"
    if not program.exists():
        missing("IMAP server (the package pymap)")
    server = ImapServer(free_port())
    tls = ["--key", str(certificate[0]), "--cert", str(certificate[1])] if certificate else ["--no-tls"]
    command = [str(program), "--host", "127.0.0.1", "--port", str(server.port), *tls]
    silent = ["--no-service", "admin", "--no-service", "managesieve"]
    process = subprocess.Popen(
        [*command, *silent, "dict", "--demo-user", USER, "--demo-password", PASSWORD],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert until(server.answers), "the IMAP server did not start"
        yield server
    finally:
        process.terminate()
        process.wait(timeout=10)
