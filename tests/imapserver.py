"""A real IMAP server on loopback (pymap), with one mailbox that a test fills."""

import asyncio
import imaplib
import ssl
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
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
        with imaplib.IMAP4("127.0.0.1", self.port, timeout=60) as mailbox:
            mailbox.login(USER, PASSWORD)
            for mail in mails:
                mailbox.append("INBOX", "", "", mail.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))

    def seen(self) -> int:
        """How many of its mails are marked as seen."""
        with imaplib.IMAP4("127.0.0.1", self.port, timeout=60) as mailbox:
            mailbox.login(USER, PASSWORD)
            mailbox.select("INBOX", readonly=True)
            return len(mailbox.search(None, "SEEN")[1][0].split())

    def answers(self) -> bool:
        try:
            with imaplib.IMAP4("127.0.0.1", self.port, timeout=20):
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
        process.wait(timeout=60)


@contextmanager
def behind_tls(server: ImapServer, certificate: tuple[Path, Path]) -> Iterator[str]:
    """The address of the server for who speaks TLS from the first byte, which pymap cannot by itself."""
    key, cert = certificate
    trust = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trust.load_cert_chain(cert, key)
    port, stop = Future[int](), Future[None]()

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65_536):
                writer.write(data)
                await writer.drain()
        except OSError:
            pass  # whoever hung up does so without a word
        finally:
            writer.close()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", server.port)
        await asyncio.gather(carry(reader, inner_writer), carry(inner_reader, writer))
        with suppress(OSError):
            await asyncio.gather(inner_writer.wait_closed(), writer.wait_closed())

    async def serve() -> None:
        front = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=trust)
        port.set_result(front.sockets[0].getsockname()[1])
        await asyncio.wrap_future(stop)
        front.close()
        open_ones = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.wait(open_ones, timeout=5) if open_ones else None

    thread = Thread(target=asyncio.run, args=[serve()])
    thread.start()
    try:
        yield server.url.replace("imap://", "imaps://").replace(f":{server.port}/", f":{port.result(60)}/")
    finally:
        stop.set_result(None)
        thread.join()
