"""What goes with a letter: the file itself, its hash in the text, and a sentence where it cannot go along."""

from email import message_from_bytes, policy
from hashlib import sha256

import pytest

from app.locales import LANGUAGES, text
from app.mail import SmtpMail, compose
from app.mail.written import write
from oncall.ports import Attachment
from tests.app.mail.letters import CALLED, letter
from tests.mailserver import SmtpSink

SENDER = "Guardia <guardia@aivo.example>"
LOG = "22:01 request\r\n22:02 résponse 500\r\n".encode()
DIGEST = sha256(LOG).hexdigest()


def attachment(**changes: object) -> Attachment:
    values = {"name": "registro del día.txt", "media_type": "text/plain", "digest": DIGEST, "content": LOG}
    return Attachment(**(values | changes))  # type: ignore[arg-type]


def test_a_file_arrives_byte_for_byte_under_its_name() -> None:
    mail = compose(letter("closed", attachments=(attachment(),)), SENDER, CALLED)

    received = message_from_bytes(mail.as_bytes(), policy=policy.default)
    (part,) = received.iter_attachments()

    assert part.get_filename() == "registro del día.txt"
    assert part.get_content_type() == "text/plain"
    assert part.get_payload(decode=True) == LOG
    assert received.get_content_type() == "multipart/mixed"
    assert received.get_body(("html",)) is not None


@pytest.mark.parametrize("language", LANGUAGES)
def test_text_and_html_name_each_file_with_its_hash(language: str) -> None:
    written = write(letter("closed", language, attachments=(attachment(),)))

    for said in (written.text, written.html):
        assert text("mail.attached.title", language).upper() in said.upper()
        assert "registro del día.txt" in said
        assert DIGEST in said


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("changes", "key"),
    [({}, "mail.attached.missing"), ({"is_too_large": True}, "mail.attached.too_large")],
)
def test_a_file_that_cannot_go_along_is_named_with_the_reason(
    changes: dict[str, object], key: str, language: str
) -> None:
    left_out = letter("closed", language, attachments=(attachment(content=None, **changes),))

    assert list(compose(left_out, SENDER).iter_attachments()) == []
    assert text(key, language, digest=DIGEST).split(".")[0] in write(left_out).text.replace("\n  ", " ")


@pytest.mark.parametrize(
    "media_type", ["nonsense", "message/rfc822", "multipart/mixed", "a/b\r\nBcc: x@y.z", ""]
)
def test_a_type_that_is_none_makes_the_file_mere_bytes(media_type: str) -> None:
    mail = compose(letter("closed", attachments=(attachment(media_type=media_type),)), SENDER)

    (part,) = message_from_bytes(mail.as_bytes(), policy=policy.default).iter_attachments()

    assert part.get_content_type() == "application/octet-stream"
    assert part.get_payload(decode=True) == LOG


def test_a_name_never_becomes_a_header() -> None:
    mail = compose(letter("closed", attachments=(attachment(name="a\r\nBcc: thief@evil.example"),)), SENDER)

    received = message_from_bytes(mail.as_bytes(), policy=policy.default)
    assert [part["Bcc"] for part in received.walk()] == [None] * len(list(received.walk()))


def test_the_record_gets_the_hash_of_the_very_bytes_that_were_handed_over(smtp_sink: SmtpSink) -> None:
    handed = SmtpMail(smtp_sink.url, SENDER).send(letter("closed", attachments=(attachment(),)))

    content = smtp_sink.envelopes[0].content
    assert isinstance(content, bytes)
    assert handed.digest == sha256(content).hexdigest()
    assert handed.message_id == "<g-1042.3@aivo.example>"


def test_answers_go_to_the_mailbox_that_is_read_and_the_letter_says_so(smtp_sink: SmtpSink) -> None:
    SmtpMail(smtp_sink.url, SENDER, reply_to="casos@aivo.example").send(letter("opened"))
    SmtpMail(smtp_sink.url, SENDER).send(letter("opened"))

    asked, unasked = smtp_sink.messages
    invitation = text("mail.foot.answer", "es")[:40]
    assert asked["Reply-To"].addresses[0].addr_spec == "casos@aivo.example"
    assert unasked["Reply-To"] is None
    for kind in ("plain", "html"):
        said = [mail.get_body((kind,)).get_content() for mail in (asked, unasked)]
        assert [invitation in part for part in said] == [True, False]


def test_a_letter_without_a_case_keeps_its_name_when_it_is_sent_again() -> None:
    first, again, other = (
        compose(letter("handoff", reference=None, name=name), SENDER)["Message-ID"]
        for name in ("mail:handoff:1", "mail:handoff:1", "mail:handoff:2")
    )

    assert first == again != other
