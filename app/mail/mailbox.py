"""The mailbox where answers arrive, read by IMAP: what is new since the last look, in its order.

Nothing is deleted or moved; what was read is marked as seen, for people who look into it.
"""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError, LoginError

from app.mail.incoming import LARGEST_MAIL, read_mail, too_large
from oncall.inbox import Received
from oncall.ports import Misconfigured, Unreachable

_PORTS = {"imap": 143, "imaps": 993}
_SECONDS = 15.0
_A_FEW = 50  # mails a look


@dataclass(frozen=True, slots=True)
class Place:
    """Where a mailbox is. ``name`` tells it from others, and holds no password."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    folder: str = "INBOX"
    is_tls: bool = True
    starttls: bool = False
    server: str = ""  # the name under which it writes what it found of a sender (RFC 8601)

    @property
    def name(self) -> str:
        return f"{self.user}@{self.host}:{self.port}/{self.folder}"


@dataclass(frozen=True, slots=True)
class Arrived:
    """A mail, and its number in the mailbox."""

    uid: int
    mail: Received


def place_at(url: str) -> Place:
    """The place of ``imaps://user:pass@host:993/INBOX`` or ``imap://…?starttls=1``.

    ``authserv`` in its query names the server whose findings on senders count (docs/mail.md).
    """
    parts = urlsplit(url)
    options = parse_qs(parts.query)
    return Place(
        parts.hostname or "",
        parts.port or _PORTS[parts.scheme],
        unquote(parts.username or ""),
        unquote(parts.password or ""),
        unquote(parts.path.strip("/")) or "INBOX",
        is_tls=parts.scheme == "imaps",
        starttls="1" in options.get("starttls", []),
        server=options.get("authserv", [""])[-1],
    )


class ImapMailbox:
    def __init__(self, url: str, *, timeout: float = _SECONDS, tls: ssl.SSLContext | None = None) -> None:
        """``timeout`` is in seconds, for each step; ``tls`` replaces the usual trust in authorities."""
        self._place = place_at(url)
        self._timeout = timeout
        self._tls = tls

    @property
    def name(self) -> str:
        return self._place.name

    def look(self, validity: int | None, last: int) -> tuple[int, list[Arrived]]:
        """The mailbox's validity, and the first few mails after number ``last``, oldest first.

        Where ``validity`` is not the mailbox's any more its numbers mean nothing, and all is read
        again. Raises Unreachable or Misconfigured.
        """
        with self._connected() as mailbox:
            selected = mailbox.select_folder(self._place.folder)
            current = int(selected[b"UIDVALIDITY"])
            after = last if validity == current else 0
            new = sorted(uid for uid in mailbox.search(["UID", f"{after + 1}:*"]) if uid > after)[:_A_FEW]
            return current, [Arrived(uid, self._fetched(mailbox, uid)) for uid in new]

    def mark_seen(self, uids: list[int]) -> None:
        with self._connected() as mailbox:
            mailbox.select_folder(self._place.folder)
            mailbox.add_flags(uids, [b"\\Seen"], silent=True)

    def _fetched(self, mailbox: IMAPClient, uid: int) -> Received:
        sizes = mailbox.fetch([uid], ["RFC822.SIZE"])
        if int(sizes.get(uid, {}).get(b"RFC822.SIZE", 0)) > LARGEST_MAIL:
            headers = mailbox.fetch([uid], ["BODY.PEEK[HEADER]"])
            return too_large(headers[uid][b"BODY[HEADER]"])
        content = mailbox.fetch([uid], ["BODY.PEEK[]"]).get(uid, {}).get(b"BODY[]", b"")
        return read_mail(content, self._place.server)

    @contextmanager
    def _connected(self) -> Iterator[IMAPClient]:
        place = self._place
        try:
            trust = self._tls or ssl.create_default_context()
            mailbox = IMAPClient(
                place.host,
                place.port,
                ssl=place.is_tls,
                ssl_context=trust if place.is_tls else None,
                timeout=self._timeout,
            )
            with mailbox:
                if place.starttls:
                    mailbox.starttls(trust)
                mailbox.login(place.user, place.password)
                yield mailbox
        except LoginError as error:
            raise Misconfigured(f"the mailbox does not let us in: {error}", "login") from error
        except (IMAPClientError, OSError) as error:
            raise Unreachable(f"the mailbox cannot be read: {error}", type(error).__name__) from error
