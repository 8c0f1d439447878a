"""Anybody can write an address into From: whose mail it is, is what our own mail server found."""

import pytest

from app.mail.incoming import read_mail
from oncall.inbox import Why
from tests.app.mail.test_incoming import mail

OURS = "mx.aivo.example"
_PASSED = [
    "dmarc=pass (p=reject) header.from=acme.example",
    "spf=fail smtp.mailfrom=list.example; dmarc=pass header.from=ACME.example",
    "dkim=pass header.d=acme.example header.i=@acme.example",
    "dkim=pass header.i=@acme.example",
    "spf=pass smtp.mailfrom=marta@acme.example",
]
_FAILED = [
    "none",
    "dmarc=fail header.from=acme.example",
    "spf=pass smtp.mailfrom=marta@acme.example; dmarc=fail header.from=acme.example",
    "dmarc=pass header.from=evil.example",
    "dkim=pass header.d=evil.example",
    "dkim=pass header.d=me.example",  # no dot before it: another domain
    "spf=pass smtp.mailfrom=marta@evil.example",
    "spf=softfail smtp.mailfrom=marta@acme.example",
    "dmarc=pass",
    "dmarc=\udcff",
]


@pytest.mark.parametrize("found", _PASSED)
def test_what_our_server_found_to_be_true_enters(found: str) -> None:
    content = f"Authentication-Results: {OURS}; {found}\n".encode() + mail().as_bytes()

    assert read_mail(content, OURS).defect is None


@pytest.mark.parametrize("found", _FAILED)
def test_what_our_server_did_not_find_to_be_true_is_kept_out(found: str) -> None:
    told = f"Authentication-Results: {OURS}; {found}\n".encode("utf-8", "surrogateescape")

    assert read_mail(told + mail().as_bytes(), OURS).defect is Why.UNPROVEN


def test_what_another_server_says_proves_nothing() -> None:
    said = mail(Authentication_Results="mx.evil.example; dmarc=pass header.from=acme.example")

    assert read_mail(said.as_bytes(), OURS).defect is Why.UNPROVEN


def test_a_part_of_the_domain_that_signed_is_the_domains() -> None:
    said = mail(
        From="Marta <marta@mail.acme.example>",
        Authentication_Results=f"{OURS}; dkim=pass header.d=acme.example",
    )

    assert read_mail(said.as_bytes(), OURS).defect is None


def test_two_senders_are_nobodys_whoever_passed() -> None:
    said = mail(
        From="marta@acme.example, eve@evil.example",
        Authentication_Results=f"{OURS}; dmarc=pass header.from=acme.example",
    )

    assert read_mail(said.as_bytes(), OURS).defect is Why.UNPROVEN


def test_where_no_server_is_named_nothing_is_asked() -> None:
    assert read_mail(mail().as_bytes()).defect is None
