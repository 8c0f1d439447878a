"""What the letters of a case say, and how they hold together as one conversation."""

import re
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from importlib.resources import files

import pytest

from app.locales import LANGUAGES, catalog, text
from app.mail import compose
from app.mail.written import write
from oncall.eligibility import CLAUSES, DISPUTABLE, Reason
from oncall.ports import Letter, Refused
from tests.app.mail.letters import CALLED, FACTS, TEMPLATES, WITHOUT_CASE, letter

SENDER = "Guardia <guardia@aivo.example>"


def part(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    assert body is not None
    content = body.get_content()
    assert isinstance(content, str)
    return content


def test_every_template_is_known_here() -> None:
    written = {path.name.removesuffix(".jinja") for path in files("app.mail").joinpath("templates").iterdir()}

    assert {name for name in written if "." not in name} == {*TEMPLATES, *WITHOUT_CASE}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", TEMPLATES)
def test_a_letter_says_the_same_as_text_and_as_html(template: str, language: str) -> None:
    mail = compose(letter(template, language), SENDER, CALLED)

    assert mail.get_content_type() == "multipart/alternative"
    headline = write(letter(template, language)).headline
    for kind in ("plain", "html"):
        said = part(mail, kind)
        assert headline in said
        assert "G-1042" in said
        assert "ACME Seguros" in said
        assert "Buenos Aires" in said
        assert text("mail.foot.written", language) in said.replace("\n", " ")


@pytest.mark.parametrize("template", ["anchor", "opened"])
def test_what_is_long_breaks_instead_of_widening_the_mail(template: str) -> None:
    long = {"at": FACTS["opened_at"], "kind": "note", "data": {"name": "Ana", "text": "x" * 200}, "number": 4}
    html = write(letter(template, facts={"entries": [long]})).html

    for row in re.findall(r"<td [^>]*>(?:[^<]{60,})</td>", html):
        assert "overflow-wrap:anywhere" in row


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_swap_is_told_with_who_stands_in_for_whom_and_until_when(language: str) -> None:
    mail = compose(letter("swapped", language, reference=None), SENDER, CALLED)

    for kind in ("plain", "html"):
        said = part(mail, kind)
        told = ("Bruno Díaz", "Ana Paz", "SMS ana → bruno", "11:02")
        assert [fact for fact in told if fact not in said] == []
        assert "guardia override pending" in said
    assert mail["Subject"] == f"[{text('mail.from', language)}] {text('mail.swapped.headline', language)}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_handoff_is_told_with_its_links(language: str) -> None:
    said = write(letter("handoff", language, reference=None))

    for form in (said.text, said.html):
        assert "https://guardia.example/calendar/secret.ics" in form
        assert "https://guardia.example/contact/secret.vcf" in form
        assert "03:02" in form


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", [*TEMPLATES, *WITHOUT_CASE])
def test_a_letter_without_facts_can_be_written(template: str, language: str) -> None:
    bare = replace(letter(template, language), facts={})

    written = write(bare)

    for said in (written.text, written.html):
        assert written.headline in said
        assert not re.search(r"None|Undefined|[{}]{2}|\[\]", said)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", [*TEMPLATES, *WITHOUT_CASE])
def test_a_letter_whose_facts_are_null_can_be_written(template: str, language: str) -> None:
    nothing = dict.fromkeys(FACTS)

    written = write(letter(template, language, facts=nothing))

    assert "None" not in written.text + written.html


@pytest.mark.parametrize("template", [*TEMPLATES, *WITHOUT_CASE])
def test_a_letter_keeps_its_lines_short_enough_to_read(template: str) -> None:
    lines = write(letter(template)).text.splitlines()

    assert max(map(len, lines)) <= 76
    assert "\n\n\n" not in "\n".join(lines)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", list(Reason))
def test_a_refusal_says_why_with_its_clause_and_what_to_do(reason: Reason, language: str) -> None:
    refusal = letter("refusal", language, facts={"reason": reason.value, "clause": None, "priority": None})

    said = write(refusal).text.replace("\n> ", " ").replace("\n", " ")

    assert text(f"refusal.{reason}.written", language, clause=CLAUSES[reason]) in said
    assert text(f"clause.{CLAUSES[reason].lower()}", language) in said
    assert "https://support.example" in said
    assert "support@aivo.example" in said
    may_dispute = text("mail.refusal.may_dispute", language) in said
    assert may_dispute == (reason in DISPUTABLE)


def test_a_refused_priority_quotes_the_times_of_the_support_center() -> None:
    said = write(letter("refusal", "es")).text.replace("\n", " ")

    assert "atiende de lunes a viernes, de 9 a 18 horas" in said
    assert "primera respuesta en 4 h laborales y resolución en 5 días laborales" in said


def test_a_refused_priority_quotes_the_times_of_the_rosters_folder() -> None:
    promise = {
        "first_response": {"elapsed_hours": 3.0, "working_hours": None},
        "resolution": {"elapsed_hours": None, "working_hours": 13.5},
    }

    said = write(letter("refusal", "en", facts={"promise": promise})).text.replace("\n", " ")

    assert "a first response within 3 h and a resolution within 13.5 working hours" in said


def test_an_opened_letter_says_who_is_called_and_what_is_due() -> None:
    said = write(letter("opened", "es")).text

    assert "Estamos llamando a: Ana Paz e Inés Sol" in said
    assert "Primera respuesta hasta: lun 23 nov 2026, 03:02" in said
    assert "Resolución hasta: lun 23 nov 2026, 08:02" in said
    assert "Entró sin verificar" in said


def test_a_taken_letter_says_who_when_and_how_long_it_took() -> None:
    written = write(letter("taken", "es"))

    assert written.headline == "Bruno Díaz tomó el incidente"
    assert "Tiempo hasta tomarlo: 1 min 3 s" in written.text


def test_a_round_without_a_taker_tells_what_happened_to_each() -> None:
    said = write(letter("not_taken", "es")).text

    assert "vuelta 2" in said
    assert "- Ana Paz · llamada …0101 · no atendió" in said
    assert "- Ana Paz · mensaje …0101 · sin respuesta" in said


def test_the_record_stands_in_the_readers_time() -> None:
    said = write(letter("closed", "pt")).text

    assert "23 nov., 02:03:10  Bruno Díaz assumiu o incidente" in said


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "what", sorted(k.split(".")[2] for k in catalog("es") if re.fullmatch(r"mail\.alarm\.\w+\.remedy", k))
)
def test_an_alarm_says_what_happened_where_and_what_to_do(what: str, language: str) -> None:
    written = write(letter("alarm", language, reference=None, facts={"what": what}))

    assert written.headline == text(f"mail.alarm.{what}", language)
    assert "integrations / backup" in written.text
    assert text(f"mail.alarm.{what}.remedy", language) in written.text.replace("\n  ", " ")


def test_an_alarm_of_its_own_words_is_given_as_it_is() -> None:
    written = write(letter("alarm", "en", facts={"what": "The disk is full", "remedy": "Make room."}))

    assert written.headline == "The disk is full"
    assert "Make room." in written.text


def test_the_letters_of_a_case_make_one_conversation() -> None:
    first, later = (compose(letter(t, number=n), SENDER, CALLED) for t, n in (("opened", 1), ("closed", 4)))

    assert first["Subject"] == later["Subject"] == "[G-1042] ACME Seguros · CRM Salesforce"
    assert first["Message-ID"] == "<g-1042.1@aivo.example>"
    assert later["Message-ID"] == "<g-1042.4@aivo.example>"
    for mail in (first, later):
        assert mail["References"] == mail["In-Reply-To"] == "<g-1042@aivo.example>"


def test_the_subject_carries_the_reference_even_when_nothing_else_is_known() -> None:
    mail = compose(replace(letter("refusal", "pt"), facts={}), SENDER)

    assert mail["Subject"] == "[G-1042] Plantão da Aivo"


def test_a_letter_without_a_case_says_what_it_is_about() -> None:
    mail = compose(letter("alarm", "en", reference=None), "guardia@aivo.example")

    assert mail["Subject"] == "[Aivo guard] Roster gap: nobody is on call"
    assert mail["Message-ID"].endswith("@aivo.example>")
    assert mail["References"] is None


def test_a_letter_is_marked_as_written_by_a_machine() -> None:
    mail = compose(letter(), SENDER, CALLED)

    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime == CALLED
    assert mail["From"] == "Guardia <guardia@aivo.example>"


def test_who_is_in_bcc_stands_nowhere_in_the_mail() -> None:
    content = compose(letter(bcc=("hidden@aivo.example",)), SENDER, CALLED).as_bytes()

    assert b"hidden@aivo.example" not in content
    assert b"bcc" not in content.lower()


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\u2028", "\x0b", "\x00"])
def test_a_name_never_becomes_a_header(end: str) -> None:
    name = f"ACME{end}Bcc: thief@evil.example{end}{end}<h1>mine</h1>"

    mail = compose(letter(facts={"client": name, "person": name}), SENDER, CALLED)

    arrived = message_from_bytes(mail.as_bytes(), policy=policy.default)
    assert arrived["Bcc"] is None
    assert arrived["Subject"].startswith("[G-1042] ACME Bcc: thief@evil.example")
    assert arrived.get_content_type() == "multipart/alternative"


@pytest.mark.parametrize(
    "address",
    [
        "marta@acme.example\r\nBcc: thief@evil.example",
        "marta",
        "",
        "@acme.example",
        "a@b.example, c@d.example",
    ],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(Refused):
        compose(letter(to=(address,)), SENDER, CALLED)


def test_markup_in_a_name_stays_text() -> None:
    said = write(letter(facts={"client": "<script>alert(1)</script>", "names": ["<b>Ana</b>"]}))

    assert "<script>" not in said.html
    assert "<b>" not in said.html
    assert "<script>alert(1)</script>" in said.text


def test_a_link_that_is_none_is_not_linked() -> None:
    center = {"name": "Support", "url": "javascript:alert(1)", "email": "support@aivo.example"}

    said = write(letter("refusal", facts={"center": center})).html

    assert 'href="javascript:' not in said


def test_accents_survive_the_journey() -> None:
    mail = compose(letter(facts={"client": "Compañía São João"}), SENDER, CALLED)

    arrived = message_from_bytes(mail.as_bytes(), policy=policy.default)

    assert arrived["Subject"] == "[G-1042] Compañía São João · CRM Salesforce"
    assert "Compañía São João" in part(arrived, "plain")


def test_an_unknown_template_is_an_error() -> None:
    with pytest.raises(LookupError):
        write(Letter("love", "es", ("marta@acme.example",), (), "G-1042", 1))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_letter_asks_for_an_answer_by_mail_only_where_answers_are_read(language: str) -> None:
    waiting = letter("wait_started", language, facts={"party": "client"})

    read, unread = (" ".join(write(waiting, answers).text.split()) for answers in (True, False))

    assert text("mail.wait_started.client", language) in read
    assert text("mail.wait_started.by_call", language) in unread


def test_a_help_desk_that_reads_a_mailbox_keeps_one_ticket() -> None:
    """By the subject, as most do, or by what a mail refers to, as the rest do."""
    mails = [
        compose(letter(name, number=n), SENDER) for n, name in enumerate(("opened", "taken", "closed"), 1)
    ]

    assert len({mail["Subject"] for mail in mails}) == 1
    assert len({mail["References"] for mail in mails}) == 1
    assert len({mail["Message-ID"] for mail in mails}) == 3
    assert {mail["In-Reply-To"] for mail in mails} == {mails[0]["References"]}
