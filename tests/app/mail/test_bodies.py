"""What a mail consists of, as mail programs put it together."""

import email
from email.message import EmailMessage
from email.policy import default

import pytest

from app.mail.bodies import as_text, enclosed_in, name_of, text_of
from app.mail.quotes import own_words


def mail(shape: str) -> EmailMessage:
    """A mail written as ``alternative(plain html)``: containers, and leaves by name."""
    message = email.message_from_string(f"MIME-Version: 1.0\n{_part(shape)}", policy=default)
    assert isinstance(message, EmailMessage)
    return message


_LEAVES = {
    "plain": "Content-Type: text/plain\n\nHola.",
    "more": "Content-Type: text/plain\n\nY chau.",
    "blank": "Content-Type: text/plain\n\n \n",
    "html": "Content-Type: text/html\n\n<p>Hola <b>todos</b>.</p>",
    "picture": "Content-Type: image/png\nContent-ID: <i1>\nContent-Disposition: inline\n\nPNG",
    "pdf": 'Content-Type: application/pdf\nContent-Disposition: attachment; filename="a.pdf"\n\n%PDF',
    "log": 'Content-Type: text/plain; name="a.log"\n\n22:01 502',
    "invitation": "Content-Type: text/calendar\n\nBEGIN:VCALENDAR",
    "tnef": 'Content-Type: application/ms-tnef; name="winmail.dat"\n\nx',
    "passed": "Content-Type: message/rfc822\n\nSubject: Caída\n\nEstá caído.",
}


def _part(shape: str) -> str:
    if shape in _LEAVES:
        return _LEAVES[shape]
    kind, _, rest = shape.removesuffix(")").partition("(")
    edge = f"{kind}-{len(rest)}"
    inner = "".join(f"--{edge}\n{_part(one)}\n" for one in _pieces(rest))
    return f'Content-Type: multipart/{kind}; boundary="{edge}"\n\n{inner}--{edge}--'


def _pieces(rest: str) -> list[str]:
    pieces, depth = [""], 0
    for letter in rest:
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == " " and not depth:
            pieces.append("")
        else:
            pieces[-1] += letter
    return pieces


@pytest.mark.parametrize(
    ("shape", "said", "files"),
    [
        ("plain", "Hola.", []),
        ("alternative(plain html)", "Hola.", []),  # Gmail, Outlook
        ("alternative(blank html)", "Hola todos.", []),
        ("related(alternative(plain html) picture)", "Hola.", ["file-1.png"]),  # Gmail, a picture in it
        ("mixed(related(alternative(plain html) picture) pdf)", "Hola.", ["file-1.png", "a.pdf"]),
        ("alternative(plain related(html picture))", "Hola.", ["file-1.png"]),  # Apple
        ("alternative(plain mixed(html pdf html))", "Hola.", ["a.pdf"]),  # Apple, a file in it
        ("mixed(plain picture more)", "Hola.\n\nY chau.", ["file-1.png"]),  # Apple, in plain text
        ("mixed(plain log)", "Hola.", ["a.log"]),
        ("mixed(plain tnef)", "Hola.", ["winmail.dat"]),  # Outlook with rich text
        ("mixed(plain passed)", "Hola.", ["file-1.eml"]),
        ("alternative(plain html invitation)", "Hola.", ["file-1.ics"]),
        ("signed(alternative(plain html) pdf)", "Hola.", ["a.pdf"]),
        ("pdf", "", ["a.pdf"]),  # a scanner
    ],
)
def test_text_and_files_are_found_wherever_they_are_put(shape: str, said: str, files: list[str]) -> None:
    message = mail(shape)

    names = [name_of(part, number) for number, part in enumerate(enclosed_in(message), start=1)]
    assert (text_of(message), names) == (said, files)


_GMAIL = """\
<div dir="ltr">Ya lo reiniciamos.<div><br></div><div>Vean <a href="https://estado.example/9">el
estado</a>.</div></div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">El lun, 23 nov 2026
a las 2:03, Guardia (&lt;<a href="mailto:g@aivo.example">g@aivo.example</a>&gt;) escribió:<br></div>
<blockquote class="gmail_quote"><div><p>Esperamos&nbsp;que</p><ul><li>reinicien</li></ul></div></blockquote>
</div>"""
_OUTLOOK = """\
<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style><!-- p {margin:0cm} --></style>
<!--[if gte mso 9]><xml><o:shapedefaults v:ext="edit" spidmax="1026" /></xml><![endif]--></head><body>
<p class=MsoNormal>Ya lo reiniciamos.<o:p></o:p></p><p class=MsoNormal>Vean
<a href="https://estado.example/9">el estado</a>.</p>
<div style='border-top:solid #E1E1E1 1.0pt'><p class=MsoNormal><b>De:</b> Guardia &lt;g@x.example&gt;
<br><b>Enviado el:</b> lunes, 23<br><b>Para:</b> Marta<br><b>Asunto:</b> [G-1042] ACME<o:p></o:p></p></div>
<p class=MsoNormal>Esperamos que reinicien</p></body></html>"""


@pytest.mark.parametrize(("page", "is_shortened"), [(_GMAIL, False), (_OUTLOOK, True)])
def test_an_answer_in_html_alone_keeps_its_own_words_and_where_its_links_lead(
    page: str, is_shortened: bool
) -> None:
    words = own_words(as_text(page))

    assert words.text.replace("\n\n", "\n") == (
        "Ya lo reiniciamos.\nVean el estado <https://estado.example/9>."
    )
    assert words.is_shortened is is_shortened


def test_what_is_set_line_by_line_stays_so_and_nothing_unseen_is_read() -> None:
    page = (
        "<title>x</title><script>alert('<p>')</script><pre>22:01 502\n22:02  502</pre>a &lt; b<br>1 < 2 > 0"
    )

    assert as_text(page).splitlines() == ["22:01 502", "22:02 502", "a < b", "1 < 2 > 0"]


@pytest.mark.parametrize(
    "piece", ["<a ", "<!--", "<", "<style>", "<blockquote>", "<a href='http://x", "&#", "</"]
)
def test_no_page_made_to_be_slow_is(piece: str) -> None:
    """A reader that goes back and forth would take hours, and this test fail by its time."""
    as_text(piece * 200_000)
