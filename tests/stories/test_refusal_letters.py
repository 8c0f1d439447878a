"""A refusal in writing: to whoever called, else to every contact, always to the managers, with the clause."""

import pytest

from app.sandbox.scripts import Script
from app.wiring.demo.scripts import CLIENT_BUILT, LOW, OTHER_MATTER, SELF_SERVICE, chooses, reports
from app.wiring.demo.stage import Stage

_MANAGERS = {"lucia@aivo.example", "marcos@aivo.example"}


@pytest.mark.parametrize(
    ("menu", "clause"),
    [
        (chooses(OTHER_MATTER), "A9"),
        (chooses(CLIENT_BUILT), "A9"),
        (chooses(SELF_SERVICE), "A13"),
        (reports(priority=LOW), "A9"),
    ],
)
def test_the_contact_who_called_is_written_to_with_the_clause_and_the_way(
    stage: Stage, menu: Script, clause: str
) -> None:
    stage.dial("marta", "acme", menu.hang_up(hearing="marque 5"))
    stage.run(60)

    letter = next(mail for mail in stage.world.mails if "marta@acme.example" in mail.to)
    assert clause in letter.text
    assert "https://support.example" in letter.text
    assert "[G-1001]" in letter.subject
    assert letter.html
    assert clause in letter.html
    assert "Copia de" not in letter.text
    copies = [mail for mail in stage.world.mails if _MANAGERS & set(mail.to)]
    assert any("Copia de lo que recibe el cliente (marta@acme.example)" in mail.text for mail in copies)
    assert stage.letters() == {"refusal": {"marta@acme.example"} | _MANAGERS}
    assert stage.rings() == {}


def test_when_nobody_knows_who_called_every_contact_of_the_contract_is_written_to(stage: Stage) -> None:
    stage.dial("stranger", "harbor", Script().press("0000#").press("1111#", after=8).press("2222#", after=8))
    stage.run(60)

    assert stage.letters() == {"refusal": {"grace@harbor.example"} | _MANAGERS}
    assert stage.summaries()[0]["reason"] == "caller_not_verified"


def test_on_a_line_of_nobodys_only_the_managers_are_written_to(stage: Stage) -> None:
    stage.add_line("+541152630009")
    stage.dial("marta", "+541152630009", Script())
    stage.run(60)

    assert stage.letters() == {"refusal": _MANAGERS}
    assert any("no tenemos su dirección" in " ".join(mail.text.split()) for mail in stage.world.mails)
    assert stage.summaries()[0]["client"] is None
    assert stage.heard("marta")[0].startswith("Guardia de Aivo. Este número no es de ningún contrato.")
