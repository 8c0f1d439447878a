"""Which case a mail speaks of, and whether its sender may speak there: a table."""

from dataclasses import replace

import pytest

from oncall.inbox import Bounce, Received, Verdict, Why, cases_named, judge
from tests.oncall.examples import book

DOMAIN = "aivo.example"
MARTA, ANA, STRANGER = "marta@acme.example", "ana@aivo.example", "eve@evil.example"
CENTER = "support@aivo.example"
CLIENTS = {1042: "acme", 1043: "other"}
PLAIN = Received("<1@acme.example>", "0" * 64, MARTA, "Re: [G-1042] ACME", text="done")
_HELD = Bounce((MARTA,), is_final=False, why="4.4.1")
_FAILED = replace(_HELD, is_final=True)
_OF_NOBODY = Bounce((STRANGER,), is_final=True, why="5.1.1")


@pytest.mark.parametrize(
    ("answers", "subject", "named"),
    [
        ((), "Re: [G-1042] ACME Seguros", (1042,)),
        ((), "g1042 and G-1043", (1042, 1043)),
        ((), "order AG-1042, G-1042x, G-", (1042,)),
        (("<g-1043.7@aivo.example>", "<g-1043@aivo.example>"), "Re: [G-1042]", (1043, 1042)),
        (("<G-1043.7@AIVO.example>",), "", (1043,)),
        (("<g-1043.7@evil.example>", "<x@aivo.example>"), "hello", ()),
        (("nonsense",), "", ()),
        (("<g-99999999999@aivo.example>",), "G-2147483648", ()),  # no case can have such a number
    ],
)
def test_the_case_is_the_one_that_is_answered_then_the_one_in_the_subject(
    answers: tuple[str, ...], subject: str, named: tuple[int, ...]
) -> None:
    assert cases_named(replace(PLAIN, answers=answers, subject=subject), DOMAIN) == named


@pytest.mark.parametrize(
    ("changes", "verdict", "why"),
    [
        ({}, Verdict.ENTERED, None),
        ({"sender": ANA}, Verdict.ENTERED, None),
        ({"sender": CENTER}, Verdict.ENTERED, None),
        ({"sender": STRANGER}, Verdict.QUARANTINED, Why.STRANGER),
        ({"sender": ""}, Verdict.QUARANTINED, Why.STRANGER),
        ({"subject": "Re: [G-1043]"}, Verdict.QUARANTINED, Why.STRANGER),
        ({"subject": "Re: [G-1043]", "sender": ANA}, Verdict.ENTERED, None),
        ({"subject": "hello"}, Verdict.QUARANTINED, Why.NO_CASE),
        ({"subject": "G-9"}, Verdict.QUARANTINED, Why.UNKNOWN_CASE),
        ({"defect": Why.TOO_LARGE}, Verdict.QUARANTINED, Why.TOO_LARGE),
        ({"defect": Why.UNREADABLE, "subject": ""}, Verdict.QUARANTINED, Why.UNREADABLE),
        ({"is_automatic": True}, Verdict.IGNORED, None),
        ({"is_automatic": True, "sender": STRANGER}, Verdict.IGNORED, None),
        ({"is_listed": True}, Verdict.ENTERED, None),  # by a group that has our mailbox for a member
        ({"is_listed": True, "sender": STRANGER}, Verdict.QUARANTINED, Why.STRANGER),
        ({"is_listed": True, "subject": "News"}, Verdict.IGNORED, None),
        ({"is_listed": True, "is_automatic": True}, Verdict.IGNORED, None),
        ({"message_id": "<g-1042.3@aivo.example>"}, Verdict.IGNORED, None),
        ({"message_id": "<letter.0af@aivo.example>"}, Verdict.IGNORED, None),
        ({"bounce": _FAILED, "is_automatic": True}, Verdict.BOUNCED, None),
        ({"bounce": _HELD, "is_automatic": True}, Verdict.IGNORED, None),
        ({"bounce": _OF_NOBODY, "is_automatic": True}, Verdict.IGNORED, None),
    ],
)
def test_what_becomes_of_a_mail(changes: dict[str, object], verdict: Verdict, why: Why | None) -> None:
    mail = replace(PLAIN, **changes)  # type: ignore[arg-type]

    judged = judge(mail, cases_named(mail, DOMAIN), CLIENTS, book(), DOMAIN)

    assert (judged.verdict, judged.why) == (verdict, why)
    assert (judged.author is not None) == (verdict is Verdict.ENTERED)


def test_with_several_cases_it_enters_the_one_where_its_sender_may_speak() -> None:
    mail = replace(PLAIN, answers=("<g-1043@aivo.example>",))

    assert judge(mail, cases_named(mail, DOMAIN), CLIENTS, book(), DOMAIN).case == 1042


def test_somebody_of_ours_speaks_as_themselves_and_a_contact_as_the_client() -> None:
    ours = judge(replace(PLAIN, sender=ANA), (1042,), CLIENTS, book(), DOMAIN).author
    theirs = judge(PLAIN, (1042,), CLIENTS, book(), DOMAIN).author

    assert ours is not None
    assert theirs is not None
    assert (ours.person, theirs.person) == ("ana", None)
    assert theirs.name == "Marta Ruiz"
