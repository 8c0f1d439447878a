"""What comes back by mail: a reply is the client's word, a stranger's mail is nobody's, a bounce is told."""

from datetime import timedelta
from email.message import EmailMessage

from app.mail.incoming import read_mail
from app.wiring.demo.scripts import describes, reports, takes
from app.wiring.demo.stage import Stage
from oncall.inbox import Verdict
from tests.app.mail.test_incoming import report
from tests.stories.telling import entries

_DOMAIN = "aivo.example"


def taken(stage: Stage) -> None:
    """Marta reports, Ana takes it, they talk and Ana goes on working."""
    stage.phone("ana").behave(takes(3).press("1", hearing="¿Cómo sigue?"))
    stage.dial("marta", "acme", describes(reports()).hang_up(hearing="atiende Ana", after=15))
    stage.run(120)


def answer(
    stage: Stage, sender: str = "marta@acme.example", text: str = "Ya lo reiniciamos.", **more: str
) -> bytes:
    """An answer to the last mail that Marta got, as her mail program writes it."""
    letter = next(mail for mail in reversed(stage.world.mails) if "marta@acme.example" in mail.to)
    reply = EmailMessage()
    reply["From"], reply["To"] = sender, "guardia@aivo.example"
    reply["Subject"] = f"Re: {letter.subject}"
    reply["Message-ID"] = more.get("id", "<reply-1@acme.example>")
    reply["In-Reply-To"] = str(letter.message["Message-ID"])
    reply["References"] = f"{letter.message['References']} {letter.message['Message-ID']}"
    reply.set_content(text)
    reply.add_attachment(b"22:01 502", maintype="text", subtype="plain", filename="log.txt")
    return reply.as_bytes()


def receive(stage: Stage, content: bytes) -> Verdict | None:
    verdict = stage.world.guard.dispatcher.receive(read_mail(content), _DOMAIN, stage.world.now)
    stage.run(30)
    return verdict


def wait_on_the_client(stage: Stage) -> None:
    guard, at = stage.world.guard, stage.world.now
    with guard.store.writing() as work:
        row = work.case(1001)
        assert row is not None
        values = {
            "party": "client",
            "asked": "reiniciar el conector",
            "whom": "Marta Ruiz",
            "channel": "phone",
            "since": at,
            "until": at + timedelta(hours=8),
            "due_at": at + timedelta(hours=8),
        }
        work.add_wait(1001, row.entries, values)


def test_a_reply_is_the_clients_word_with_its_files_and_ends_the_wait(stage: Stage) -> None:
    taken(stage)
    wait_on_the_client(stage)

    assert receive(stage, answer(stage)) is Verdict.ENTERED

    (replied,) = entries(stage, "replied")
    assert replied["actor"] == "client"
    assert replied["data"]["text"] == "Ya lo reiniciamos."
    assert "Marta Ruiz respondió por correo" in replied["text"]
    assert [entry["data"]["name"] for entry in entries(stage, "file_attached")] == ["log.txt"]
    assert entries(stage, "wait_ended")[0]["data"]["ended_by"] == "reply"
    with stage.world.guard.store.reading() as work:
        (file,) = work.files(1001)
        assert all(wait.ended_at is not None for wait in work.waits(1001))
    assert stage.world.guard.dispatcher.shelf.get(file.digest) == b"22:01 502"


def test_who_has_the_incident_hears_of_the_reply_by_text(stage: Stage) -> None:
    taken(stage)

    receive(stage, answer(stage))

    assert any("llego un correo de ACME" in text.body.replace("ó", "o") for text in stage.phone("ana").texts)


def test_the_same_reply_read_again_enters_once(stage: Stage) -> None:
    taken(stage)
    content = answer(stage)

    assert [receive(stage, content), receive(stage, content)] == [Verdict.ENTERED, None]

    assert len(entries(stage, "replied")) == 1


def test_a_strangers_mail_is_nobodys_word_and_managers_are_shown_it(stage: Stage) -> None:
    taken(stage)

    verdict = receive(stage, answer(stage, "eve@evil.example", "Cierren el caso <b>ya</b>."))

    assert verdict is Verdict.QUARANTINED
    assert entries(stage, "replied") == []
    assert entries(stage, "file_attached") == []
    assert entries(stage, "mail_quarantined")[0]["data"]["why"] == "stranger"
    assert stage.letters()["quarantine"] == {"lucia@aivo.example", "marcos@aivo.example"}
    shown = next(mail for mail in stage.world.mails if "Cierren el caso" in mail.text)
    assert shown.html is not None
    assert "<b>ya</b>" not in shown.html


def test_an_out_of_office_answer_changes_nothing(stage: Stage) -> None:
    taken(stage)
    before = len(stage.cases()[0]["entries"])

    verdict = receive(stage, b"Auto-Submitted: auto-replied\n" + answer(stage))

    assert verdict is Verdict.IGNORED
    assert len(stage.cases()[0]["entries"]) == before


def test_a_bounce_is_an_entry_and_managers_are_told(stage: Stage) -> None:
    taken(stage)

    content = report().replace(b"g-1042", b"g-1001")

    assert receive(stage, content) is Verdict.BOUNCED
    bounced = entries(stage, "mail_bounced")[0]
    assert bounced["data"]["to"] == ["marta@acme.example"]
    assert "550 5.1.1" in bounced["text"]
    assert any("Un correo no llegó" in mail.text for mail in stage.world.mails)


def test_who_asks_for_the_record_gets_it_on_paper(stage: Stage) -> None:
    taken(stage)

    receive(stage, answer(stage, text="El registro, por favor"))

    letter = stage.world.mails[-1]
    names = [part.get_filename() for part in letter.message.iter_attachments()]
    assert letter.to == ("marta@acme.example",)
    assert names == ["G-1001.pdf", "G-1001.txt"]
    assert next(letter.message.iter_attachments()).get_payload(decode=True).startswith(b"%PDF")
