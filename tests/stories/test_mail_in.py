"""What comes back by mail: a reply is the client's word, a stranger's mail is nobody's, a bounce is told."""

from app.wiring.demo.answers import answer, arrives, writes
from app.wiring.demo.scripts import describes, reports, takes
from app.wiring.demo.stage import Stage
from oncall.acts import Channel, Party, WaitStart
from oncall.inbox import Verdict
from tests.app.mail.test_incoming import report
from tests.stories.telling import entries


def taken(stage: Stage) -> None:
    """Marta reports, Ana takes it, they talk and Ana goes on working."""
    stage.phone("ana").behave(takes(3).press("1", hearing="¿Cómo sigue?"))
    stage.dial("marta", "acme", describes(reports()).hang_up(hearing="atiende Ana", after=15))
    stage.run(120)


def answered(stage: Stage, text: str = "Ya lo reiniciamos.", sender: str | None = None) -> bytes:
    return answer(stage, "marta", text, ("log.txt", b"22:01 502"), sender=sender)


def test_a_reply_is_the_clients_word_with_its_files_and_ends_the_wait(stage: Stage) -> None:
    taken(stage)
    asked = WaitStart(Party.CLIENT, "Reiniciar", "Marta Ruiz", Channel.PHONE, stage.world.now)
    assert writes(stage, "ana", asked) == ()

    assert arrives(stage, answered(stage)) is Verdict.ENTERED

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

    arrives(stage, answered(stage))

    assert any("llego un correo de ACME" in text.body.replace("ó", "o") for text in stage.phone("ana").texts)


def test_the_same_reply_read_again_enters_once(stage: Stage) -> None:
    taken(stage)
    content = answered(stage)

    assert [arrives(stage, content), arrives(stage, content)] == [Verdict.ENTERED, None]

    assert len(entries(stage, "replied")) == 1


def test_a_strangers_mail_is_nobodys_word_and_managers_are_shown_it(stage: Stage) -> None:
    taken(stage)

    verdict = arrives(stage, answered(stage, "Cierren el caso <b>ya</b>.", "eve@evil.example"))

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

    verdict = arrives(stage, b"Auto-Submitted: auto-replied\n" + answered(stage))

    assert verdict is Verdict.IGNORED
    assert len(stage.cases()[0]["entries"]) == before


def test_a_bounce_is_an_entry_and_managers_are_told(stage: Stage) -> None:
    taken(stage)

    content = report().replace(b"g-1042", b"g-1001")

    assert arrives(stage, content) is Verdict.BOUNCED
    bounced = entries(stage, "mail_bounced")[0]
    assert bounced["data"]["to"] == ["marta@acme.example"]
    assert "550 5.1.1" in bounced["text"]
    assert any("Un correo no llegó" in mail.text for mail in stage.world.mails)


def test_who_asks_for_the_record_gets_it_on_paper(stage: Stage) -> None:
    taken(stage)

    arrives(stage, answered(stage, "El registro, por favor"))

    letter = stage.world.mails[-1]
    names = [part.get_filename() for part in letter.message.iter_attachments()]
    assert letter.to == ("marta@acme.example",)
    assert names == ["G-1001.pdf", "G-1001.txt", "G-1001.json"]
    assert next(letter.message.iter_attachments()).get_payload(decode=True).startswith(b"%PDF")


def test_who_has_it_may_write_by_mail_too_and_gets_no_text_about_it(stage: Stage) -> None:
    taken(stage)

    verdict = arrives(stage, answered(stage, "Sigo con el proveedor.", "ana@aivo.example"))

    assert verdict is Verdict.ENTERED
    (note,) = entries(stage, "note")
    assert (note["actor"], note["data"]["text"]) == ("ana", "Sigo con el proveedor.")
    assert not any("llego un correo" in text.body for text in stage.phone("ana").texts)
