"""Letters are answered, as mail programs write answers, and people write into a case.

What is answered is taken in as if it had been read from the mailbox.
"""

from email.message import EmailMessage

from app.mail.incoming import read_mail
from app.wiring.demo.stage import Stage
from oncall.acts import Act
from oncall.closing import Lack
from oncall.inbox import Verdict
from oncall.store.cases import FIRST_REFERENCE

_DOMAIN = "aivo.example"


def answer(
    stage: Stage,
    who: str,
    text: str,
    *files: tuple[str, bytes],
    sender: str | None = None,
    id: str = "<answer-1@acme.example>",
) -> bytes:
    """What ``who`` answers to the last letter they got; ``sender`` writes instead of them."""
    address = stage.address(who)
    letter = next(mail for mail in reversed(stage.world.mails) if address in mail.to)
    reply = EmailMessage()
    reply["From"], reply["To"] = sender or address, f"guardia@{_DOMAIN}"
    reply["Subject"] = f"Re: {letter.subject}"
    reply["Message-ID"] = id
    reply["In-Reply-To"] = str(letter.message["Message-ID"])
    reply["References"] = f"{letter.message['References']} {letter.message['Message-ID']}"
    quoted = "\n".join(f"> {line}" for line in letter.text.splitlines()[:3])
    reply.set_content(f"{text}\n\nEl lun, 23 nov 2026 a las 3:20, Guardia de Aivo escribió:\n\n{quoted}\n")
    for name, content in files:
        reply.add_attachment(content, maintype="text", subtype="plain", filename=name)
    return reply.as_bytes()


def arrives(stage: Stage, mail: bytes, sender: str = "") -> Verdict | None:
    """A mail reaches the guard's mailbox."""
    read = read_mail(mail)
    stage.world.exchange.note("mail_sent", stage.numbers.get(sender, ""), text=read.text)
    verdict = stage.world.guard.dispatcher.receive(read, _DOMAIN, stage.world.now)
    stage.run(30)
    return verdict


def writes(stage: Stage, who: str, act: Act, case: int = FIRST_REFERENCE) -> tuple[Lack, ...]:
    """Somebody writes into a case; gives what keeps it from being written."""
    author = stage.book.people[who]
    lacking = stage.world.guard.dispatcher.write(case, author, act, stage.world.now)
    stage.run(5)
    return lacking
