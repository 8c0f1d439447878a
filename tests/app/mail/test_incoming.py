"""How a mail is read: what its sender wrote, what came along, and whether a machine sent it."""

from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.mail.incoming import read_mail, too_large
from oncall.inbox import Why


def mail(text: str = "Ya lo reiniciamos.", **headers: str) -> EmailMessage:
    message = EmailMessage()
    usual = {
        "From": "Marta Ruiz <Marta@ACME.example>",
        "To": "guardia@aivo.example",
        "Subject": "Re: [G-1042] ACME Seguros",
        "Message-ID": "<abc@acme.example>",
        "In-Reply-To": "<g-1042.3@aivo.example>",
        "References": "<g-1042@aivo.example> <g-1042.3@aivo.example>",
    }
    for name, value in (usual | {n.replace("_", "-"): v for n, v in headers.items()}).items():
        message[name] = value
    message.set_content(text)
    return message


def test_an_answer_is_read_with_who_sent_it_and_what_it_answers() -> None:
    read = read_mail(mail().as_bytes())

    assert (read.sender, read.message_id) == ("marta@acme.example", "<abc@acme.example>")
    assert read.answers == ("<g-1042.3@aivo.example>", "<g-1042@aivo.example>")
    assert (read.text, read.is_shortened, read.is_automatic) == ("Ya lo reiniciamos.", False, False)


_MARKED = [
    "El lun, 23 nov 2026 a las 2:03, Guardia (<guardia@aivo.example>) escribió:\n\n> Asignado\n> x\n",
    "El lun, 23 nov 2026 a las 2:03, Guardia de Aivo\n(<guardia@aivo.example>) escribió:\n> Asignado\n",
    "Em seg., 23 de nov. de 2026 às 02:03, Plantão <guardia@aivo.example> escreveu:\n\n> Assumido\n",
    "On Mon, Nov 23, 2026 at 2:03 AM Guard <guardia@aivo.example> wrote:\n> Taken\n",
]
_UNMARKED = [
    "________________________________\nDe: Guardia\nEnviado: 9\nPara: M\nAsunto: [G-1042] x\n\nAsignado\n",
]


@pytest.mark.parametrize("quoted", [*_MARKED, *_UNMARKED])
def test_what_is_quoted_is_left_out_and_where_it_was_not_marked_the_whole_mail_is_kept(quoted: str) -> None:
    content = mail(f"Ya lo reiniciamos.\n\n- uno\n- dos\n\n{quoted}").as_bytes()

    read = read_mail(content)

    kept = [("mail.eml", content)] if quoted in _UNMARKED else []
    assert read.text == "Ya lo reiniciamos.\n\n- uno\n- dos"
    assert read.is_shortened == bool(kept)
    assert [(file.name, file.content) for file in read.files] == kept


def test_files_come_along_under_their_names() -> None:
    message = mail()
    message.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="captura de año.png")

    (file,) = read_mail(message.as_bytes()).files

    assert (file.name, file.media_type, file.content) == ("captura de año.png", "image/png", b"\x89PNG")


def test_what_a_browser_could_run_is_kept_as_mere_bytes_under_a_plain_name() -> None:
    message = mail()
    message.add_attachment(b"<script>", maintype="text", subtype="html", filename="../../a.html")

    (file,) = read_mail(message.as_bytes()).files

    assert (file.name, file.media_type) == (".. .. a.html", "application/octet-stream")


def test_a_file_that_is_too_large_is_named_and_left_out() -> None:
    message = mail()
    message.add_attachment(b"x" * 10_000_001, maintype="application", subtype="zip", filename="huge.zip")

    read = read_mail(message.as_bytes())

    assert (read.files, read.left_out) == ((), ("huge.zip",))


def test_a_mail_that_is_too_large_is_known_by_its_headers() -> None:
    read = too_large(mail().as_bytes().split(b"\n\n")[0] + b"\n\n")

    assert (read.defect, read.sender) == (Why.TOO_LARGE, "marta@acme.example")


@pytest.mark.parametrize(
    "header",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated"},
        {"Precedence": "bulk"},
        {"X_Autoreply": "yes"},
        {"Return_Path": "<>"},
        {"Subject": "Respuesta automática: [G-1042] ACME"},
        {"Subject": "Resposta automática: [G-1042] ACME"},
        {"Subject": "Automatic reply: [G-1042] ACME"},
        {"Subject": "Fuera de la oficina: Re: [G-1042] ACME"},
    ],
)
def test_what_a_machine_sends_is_known(header: dict[str, str]) -> None:
    assert read_mail(mail(**header).as_bytes()).is_automatic
    assert not read_mail(mail(Auto_Submitted="no").as_bytes()).is_automatic


def test_a_receipt_is_a_machines() -> None:
    receipt = (
        mail()
        .as_bytes()
        .replace(
            b"Content-Type: text/plain;",
            b"Content-Type: multipart/report; report-type=disposition-notification;",
        )
    )

    assert read_mail(receipt).is_automatic


@pytest.mark.parametrize("header", [{"List_Id": "<guardia.aivo.example>"}, {"Precedence": "list"}])
def test_what_came_by_a_group_may_be_somebodys_word(header: dict[str, str]) -> None:
    read = read_mail(mail(**header).as_bytes())

    assert (read.is_listed, read.is_automatic) == (True, False)


def test_headers_made_to_be_slow_are_cut_and_too_many_parts_are_not_read() -> None:
    read_mail(mail().as_bytes().replace(b"<Marta@ACME.example>", b'"' * 200_000))
    many = b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 200_000

    assert read_mail(many).defect is Why.UNREADABLE


@pytest.mark.parametrize(
    ("subject", "text", "asks"),
    [
        ("Re: [G-1042] Registro", "Gracias", True),
        ("Re: [G-1042] ACME", "El registro, por favor", True),
        ("Re: [G-1042] ACME", "Please send the record", True),
        ("Re: [G-1042] registro-de-leads.example", "x", True),
        ("Re: [G-1042] ACME", "El error aparece en el registro de eventos del servidor desde ayer", False),
        ("Re: [G-1042] ACME", "Ya está", False),
        ("Re: [G-1042] ACME Seguros · Registro de leads", "Ya está", False),
        ("Registro de G-1042", "", True),
    ],
)
def test_a_mail_of_a_few_words_may_ask_for_the_record(subject: str, text: str, asks: bool) -> None:
    assert read_mail(mail(text, Subject=subject).as_bytes()).asks_for_record is asks


_REPORT = """\
From: MAILER-DAEMON@mx.example
Subject: Undelivered Mail
Message-ID: <r1@mx.example>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="cut"

--cut
Content-Type: text/plain

It could not be delivered.

--cut
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; Marta@acme.example
Action: {action}
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such mailbox

--cut
Content-Type: {returned}

Message-ID: <g-1042.3@aivo.example>
In-Reply-To: <g-1042@aivo.example>
Subject: [G-1042] ACME Seguros

--cut--
"""


def report(action: str = "failed", headers_only: bool = False) -> bytes:
    """A report of RFC 3464 about the third letter of G-1042."""
    returned = "text/rfc822-headers" if headers_only else "message/rfc822"
    return _REPORT.format(action=action, returned=returned).encode()


@pytest.mark.parametrize("headers_only", [False, True])
def test_a_bounce_says_whom_which_mail_did_not_reach_and_why(headers_only: bool) -> None:
    read = read_mail(report(headers_only=headers_only))

    assert read.bounce is not None
    assert read.bounce.addresses == ("marta@acme.example",)
    assert read.bounce.is_final
    assert "550 5.1.1" in read.bounce.why
    assert read.answers[0] == "<g-1042.3@aivo.example>"


def test_a_delay_is_no_bounce_yet() -> None:
    read = read_mail(report("delayed"))

    assert read.bounce is not None
    assert not read.bounce.is_final


def test_two_senders_are_nobody() -> None:
    assert read_mail(mail(From="marta@acme.example, eve@evil.example").as_bytes()).sender == ""


def test_what_no_database_takes_is_replaced_wherever_it_stands() -> None:
    read = read_mail(
        b"From: Eve <e\x00ve@evil.example>\r\nSubject: [G-1042] h\x00i\xff =?utf-8?q?=00?=\r\n"
        b"Message-ID: <a\x00b@evil.example>\r\nIn-Reply-To: <\x00@x>\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
        b"Content-Type: text/plain; charset=utf-16-le\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        b"aAAAAGkA\r\n"
        b"--b\r\nContent-Type: text/plain\r\n"
        b'Content-Disposition: attachment; filename="\x00a.txt"\r\n\r\nx\r\n--b--\r\n'
    )

    said = repr((read.sender, read.subject, read.message_id, read.answers, read.text, read.files[0].name))
    assert "\\x00" not in said
    assert "\\ud" not in said
    assert read.text.strip() == "h\N{REPLACEMENT CHARACTER}i"


@given(st.binary(max_size=400))
def test_no_bytes_whatever_break_the_reading(content: bytes) -> None:
    assert read_mail(content).message_id


@given(st.text(max_size=200))
def test_no_text_whatever_breaks_the_reading(said: str) -> None:
    content = b"From: marta@acme.example\nContent-Type: text/html; charset=utf-8\n\n" + said.encode(
        "utf-8", "replace"
    )

    assert read_mail(content).defect is None
