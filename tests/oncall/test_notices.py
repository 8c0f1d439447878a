"""What a manager publishes: for whom, until when, in all three languages."""

from dataclasses import replace
from datetime import timedelta

import pytest

from oncall.notices import Flaw, Notice, flaws
from oncall.people import Language
from tests.oncall.examples import AT, BILLING, CRM, book, client

TEXTS = {Language.ES: "Sabemos.", Language.PT: "Sabemos disso.", Language.EN: "We know."}
KNOWN = Notice(TEXTS, AT + timedelta(hours=1))


@pytest.mark.parametrize(
    ("notice", "heard"),
    [
        (KNOWN, True),
        (replace(KNOWN, clients=("acme",)), True),
        (replace(KNOWN, clients=("aurora",)), False),
        (replace(KNOWN, integrations=("crm", "pedidos")), True),
        (replace(KNOWN, integrations=("pedidos",)), False),
        (replace(KNOWN, clients=("acme",), integrations=("pedidos",)), False),
        (replace(KNOWN, ends_at=AT), False),
        (replace(KNOWN, ended_at=AT - timedelta(minutes=1)), False),
    ],
)
def test_a_notice_is_heard_by_those_it_is_for_until_it_ends(notice: Notice, heard: bool) -> None:
    assert notice.is_heard_by(client(CRM, BILLING), AT) is heard


@pytest.mark.parametrize(
    ("notice", "flaw", "having"),
    [
        (replace(KNOWN, texts={Language.ES: "Sabemos.", Language.PT: "Sabemos."}), "text_missing", ("en",)),
        (replace(KNOWN, texts={**TEXTS, Language.PT: "  "}), Flaw.TEXT_MISSING, ("pt",)),
        (replace(KNOWN, texts={**TEXTS, Language.ES: "x" * 301}), Flaw.TEXT_TOO_LONG, ("es",)),
        (replace(KNOWN, ends_at=AT), Flaw.IS_OVER, (AT.isoformat(),)),
        (replace(KNOWN, clients=("acme", "nadie")), Flaw.UNKNOWN_CLIENT, ("nadie",)),
        (replace(KNOWN, integrations=("nada",)), Flaw.UNKNOWN_INTEGRATION, ("nada",)),
        (replace(KNOWN, case=1042), Flaw.NO_OPEN_INCIDENT, ("G-1042",)),
    ],
)
def test_what_is_not_right_is_not_published(notice: Notice, flaw: str, having: tuple[str, ...]) -> None:
    assert flaws(notice, book(), AT, is_open=False).found == {flaw: having}


def test_what_is_right_has_no_flaws() -> None:
    assert not flaws(replace(KNOWN, case=1042), book(), AT, is_open=True)
