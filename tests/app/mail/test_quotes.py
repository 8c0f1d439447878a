"""Answers as mail programs really write them: what is somebody's own is kept, what they quote is not."""

import pytest

from app.mail.quotes import Words, own_words

OWN = "Buenas, ya lo reiniciamos.\n\n- uno\n- dos"
MAIL = "Hola Marta:\n\nEsperamos que reinicien el conector.\nG-1042 · ACME Seguros"
MARKED = "\n".join(f"> {line}".rstrip() for line in MAIL.splitlines())
GUARD = "Guardia de Aivo <guardia@aivo.example>"

GMAIL = [
    f"El lun, 23 nov 2026 a las 2:03, Guardia de Aivo (<guardia@aivo.example>)\nescribió:\n\n{MARKED}",
    f"Em seg., 23 de nov. de 2026 às 02:03, Guardia de Aivo <\nguardia@aivo.example> escreveu:\n\n{MARKED}",
    f"On Mon, Nov 23, 2026 at 2:03 AM {GUARD}\nwrote:\n\n{MARKED}",
]
PHONES = [
    f"> El 23 nov 2026, a las 02:03, {GUARD} escribió:\n> \n{MARKED}",
    f"> Em 23 de nov. de 2026, à(s) 02:03, {GUARD} escreveu:\n> \n> \ufeff{MARKED[2:]}",
    f"> On 23 Nov 2026, at 02:03, {GUARD} wrote:\n>\n{MARKED}",
]
THUNDERBIRD = [
    f"El 23/11/26 a las 02:03, Guardia de Aivo escribió:\n{MARKED}",
    f"Em 23/11/2026 02:03, Guardia de Aivo escreveu:\n{MARKED}",
]
YAHOO = f"    El lunes, 23 de noviembre de 2026, 02:03:00 a. m. ART, {GUARD} escribió:  \n \n {MAIL}"
OUTLOOK = [
    (
        f"De: {GUARD} \nEnviado el: lunes, 23 de noviembre de 2026 02:03\nPara: Marta\nCC: x@aivo.example\n"
        f"Asunto: [G-1042] ACME\n\n{MAIL}"
    ),
    f"De: {GUARD}\nEnviada em: segunda-feira, 23\nPara: Marta\nAssunto: RES: [G-1042] ACME\n\n{MAIL}",
    f"From: {GUARD}\nSent: Monday, November 23, 2026 2:03 AM\nTo: Marta\nSubject: [G-1042] ACME\n\n{MAIL}",
    f"*De:* {GUARD}\n*Enviado el:* lunes\n*Para:* Marta\n*Asunto:* un asunto largo\n [G-1042] ACME\n\n{MAIL}",
    f"________________________________\nDe: {GUARD}\nEnviado: lunes\nPara: M\nAsunto: [G-1042] A\n\n{MAIL}",
    f"-----Mensaje original-----\nDe: {GUARD}\nEnviado el: lunes\nPara: M\nAsunto: [G-1042] A\n\n{MAIL}",
    f"-----Mensagem original-----\nDe: {GUARD}\nEnviada em: seg.\nPara: M\nAssunto: [G-1042] A\n\n{MAIL}",
    f"-----Original Message-----\nFrom: {GUARD}\nSent: Monday\nTo: M\nSubject: [G-1042] A\n\n{MAIL}",
]


@pytest.mark.parametrize("quoted", [*GMAIL, *PHONES, *THUNDERBIRD])
def test_what_is_marked_as_quoted_is_left_out_and_nothing_is_lost(quoted: str) -> None:
    assert own_words(f"{OWN}\n\n{quoted}\n") == Words(OWN)


@pytest.mark.parametrize("quoted", [YAHOO, *OUTLOOK])
def test_a_mail_of_ours_that_is_quoted_without_marks_is_left_out_and_that_is_said(quoted: str) -> None:
    assert own_words(f"{OWN}\n\n{quoted}\n") == Words(OWN, is_shortened=True)


def test_who_answers_below_is_read_too() -> None:
    assert own_words(f"{GMAIL[0]}\n\n{OWN}\n") == Words(OWN)


def test_answers_between_quoted_lines_keep_all_of_it() -> None:
    said = f"On Mon, {GUARD} wrote:\n> Did you restart?\nYes, at 10.\n> And the log?\nAttached."

    assert own_words(said) == Words(said)


@pytest.mark.parametrize(
    "said",
    [
        (
            "Les paso lo del proveedor.\n\nDe: Proveedor <p@x.example>\nEnviado el: lunes\nPara: Marta\n"
            "Asunto: Caída\n\nNuestro servicio está caído."
        ),
        (
            "---------- Forwarded message ---------\nDe: Proveedor <p@x.example>\nDate: lun, 23 nov 2026\n"
            "Subject: Caída\nTo: Marta\n\nNuestro servicio está caído."
        ),
        "El log dice:\nFrom: a@b\nTo: c@d\nStatus: 502",
        "El lunes el proveedor nos escribió:\n> está caído.\nQuedamos así.",
        "El registro, por favor",
        "El problema sigue.\n\nEl resto anda.\n> select 1",
    ],
)
def test_what_others_wrote_and_plain_sentences_stay(said: str) -> None:
    assert own_words(said) == Words(said)


def test_a_mail_that_was_only_passed_on_stays_whole() -> None:
    assert own_words(OUTLOOK[0]).text.endswith("ACME Seguros")
    assert not own_words(OUTLOOK[0]).is_shortened


def test_an_answer_without_a_word_has_none() -> None:
    assert own_words(f"\n{GMAIL[0]}\n") == Words("")


@pytest.mark.parametrize("piece", ["On a ", "On a\n", "De: a\n", "> ", "_", " \n", "El 2:03 "])
def test_no_text_made_to_be_slow_is(piece: str) -> None:
    """A pattern that goes back and forth would take hours, and this test fail by its time."""
    own_words(piece * 200_000)
