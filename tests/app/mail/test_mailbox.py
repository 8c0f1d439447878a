"""The mailbox is read from a real IMAP server: what is new, in order, each mail once."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from app.mail.mailbox import ImapMailbox, place_at
from app.wiring.inboxwatch import InboxWatch
from app.wiring.world import open_world
from oncall.inbox import Why
from oncall.ports import Misconfigured, Unreachable
from tests.app.mail.test_incoming import mail
from tests.app.mail.test_smtp import certificate, client_side
from tests.app.processes import free_port
from tests.imapserver import ImapServer, behind_tls, imap_server

__all__ = ["certificate"]

ROSTERS = Path(__file__).parents[3] / "rosters"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def running() -> Iterator[ImapServer]:
    with imap_server() as server:
        yield server


def numbered(number: int) -> bytes:
    return mail(f"number {number}", Message_ID=f"<{number}@acme.example>").as_bytes()


def test_what_is_new_is_read_once_and_in_order(running: ImapServer) -> None:
    mailbox = ImapMailbox(running.url)
    validity, before = mailbox.look(None, 0)
    last = before[-1].uid if before else 0
    running.deliver(numbered(1), numbered(2))

    again, arrived = mailbox.look(validity, last)
    _, nothing = mailbox.look(validity, arrived[-1].uid)

    assert again == validity
    assert [found.mail.text for found in arrived] == ["number 1", "number 2"]
    assert nothing == []


def test_numbers_that_mean_nothing_any_more_are_not_trusted(running: ImapServer) -> None:
    running.deliver(numbered(3))
    mailbox = ImapMailbox(running.url)

    _, arrived = mailbox.look(validity=1, last=1_000_000)

    assert "number 3" in {found.mail.text for found in arrived}


def test_with_its_server_named_only_a_proven_sender_is_believed(running: ImapServer) -> None:
    mailbox = ImapMailbox(f"{running.url}?authserv=mx.aivo.example")
    validity, before = mailbox.look(None, 0)
    proof = b"Authentication-Results: mx.aivo.example; dmarc=pass header.from=acme.example\n"
    running.deliver(numbered(11), proof + numbered(12))

    _, arrived = mailbox.look(validity, before[-1].uid if before else 0)

    assert [found.mail.defect for found in arrived] == [Why.UNPROVEN, None]


def test_a_mailbox_is_read_behind_starttls(certificate: tuple[Path, Path]) -> None:
    with imap_server(certificate) as server:
        server.deliver(numbered(4))
        mailbox = ImapMailbox(f"{server.url}?starttls=1", tls=client_side(certificate))

        _, arrived = mailbox.look(None, 0)

    assert [found.mail.text for found in arrived] == ["number 4"]


def test_a_mailbox_is_read_behind_tls_from_the_first_byte(certificate: tuple[Path, Path]) -> None:
    with imap_server() as server, behind_tls(server, certificate) as url:
        server.deliver(numbered(5), numbered(6))
        mailbox = ImapMailbox(url, tls=client_side(certificate))

        validity, arrived = mailbox.look(None, 0)
        mailbox.mark_seen([found.uid for found in arrived])
        _, nothing = mailbox.look(validity, arrived[-1].uid)
        seen = server.seen()
        with pytest.raises(Misconfigured):
            ImapMailbox(url.replace("ss%2Fword", "wrong"), tls=client_side(certificate)).look(None, 0)

    assert url.startswith("imaps://")
    assert [found.mail.text for found in arrived] == ["number 5", "number 6"]
    assert (nothing, seen) == ([], 2)


def test_a_server_behind_tls_that_cannot_prove_its_name_is_not_believed(
    running: ImapServer, certificate: tuple[Path, Path]
) -> None:
    with behind_tls(running, certificate) as url, pytest.raises(Unreachable, match="certificate"):
        ImapMailbox(url).look(None, 0)


def test_who_speaks_tls_to_a_server_that_does_not_is_told_that_it_cannot_be_read(running: ImapServer) -> None:
    with pytest.raises(Unreachable):
        ImapMailbox(running.url.replace("imap://", "imaps://"), timeout=3).look(None, 0)


def test_a_server_that_cannot_prove_its_name_is_not_believed(certificate: tuple[Path, Path]) -> None:
    with imap_server(certificate) as server, pytest.raises(Unreachable):
        ImapMailbox(f"{server.url}?starttls=1").look(None, 0)


def test_a_wrong_password_is_a_persons_business_and_a_dead_server_is_not(running: ImapServer) -> None:
    with pytest.raises(Misconfigured):
        ImapMailbox(running.url.replace("ss%2Fword", "wrong")).look(None, 0)
    with pytest.raises(Unreachable):
        ImapMailbox(f"imap://u:p@127.0.0.1:{free_port()}").look(None, 0)


def test_a_mailbox_is_named_without_its_password() -> None:
    place = place_at("imaps://casos%40aivo.example:secret@mail.example/Casos%20de%20guardia")

    assert place.name == "casos@aivo.example@mail.example:993/Casos de guardia"
    assert "secret" not in repr(place)


def test_two_workers_that_read_the_same_mailbox_take_each_mail_in_once() -> None:
    with imap_server() as server, open_world(ROSTERS, NOON) as world:
        guard = world.guard
        watches = [
            InboxWatch(ImapMailbox(server.url), guard.dispatcher, guard.store, "aivo.example")
            for _ in range(2)
        ]
        server.deliver(mail(Subject="G-1001").as_bytes(), mail(Subject="G-1001").as_bytes())

        read = [watch.look(NOON + timedelta(seconds=n)) for n, watch in enumerate(watches)]
        read += [watch.look(NOON + timedelta(seconds=20 + n)) for n, watch in enumerate(watches)]

        assert read == [2, 0, 0, 0]
        assert server.seen() == 2
        with guard.store.engine.connect() as connection:
            assert connection.execute(text("SELECT count(*) FROM received")).scalar() == 1


def test_a_mailbox_that_stays_unread_is_told_to_the_managers_after_a_while() -> None:
    with open_world(ROSTERS, NOON) as world:
        dead = ImapMailbox(f"imap://u:p@127.0.0.1:{free_port()}")
        watch = InboxWatch(dead, world.guard.dispatcher, world.guard.store, "aivo.example")
        for minutes in (0, 1, 4):
            watch.look(NOON + timedelta(minutes=minutes))
        world.run(60)
        early = len(world.mails)

        watch.look(NOON + timedelta(minutes=6))
        world.run(600)

        assert early == 0
        assert {address for mail in world.mails for address in mail.to} == {
            "lucia@aivo.example",
            "marcos@aivo.example",
        }
