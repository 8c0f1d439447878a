"""What callers and engineers hear: every step, in three languages, as Twilio does it to the letter."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import product
from xml.etree import ElementTree

import pytest
from twilio.twiml.voice_response import VoiceResponse

from app.locales import LANGUAGES
from app.sandbox.check import problems as sandbox_problems
from app.voice.callbacks import CallBackScript
from app.voice.caller import CallerScript
from app.voice.engineer import EngineerScript
from app.voice.speech import voice_of
from app.voice.urls import Urls
from oncall.contracts import BuiltBy, Integration
from oncall.dispatcher import PageCall, SideView
from oncall.dispatcher.views import Also
from oncall.eligibility import DISPUTABLE, Reason
from oncall.escalation import Answer, PageState, State
from oncall.intake import Call, Closing, Farewell, Step, Told
from oncall.people import Language
from oncall.sidecalls import UNDECIDED, Purpose, SideState
from oncall.sla import Priority
from oncall.waiting import Progress, Waiting
from tests.oncall.examples import AT, CRM, LINE, MARTA, SURVEYS, book
from tests.protocol.twiml import Role
from tests.protocol.twiml import problems as published_problems

URLS = Urls("https://guardia.example")
CALLER = CallerScript(URLS, lambda: book().service)
ENGINEER = EngineerScript(URLS)
BACK = CallBackScript(URLS)
TOKEN = "0" * 31 + "a"
CHARACTERS_A_SECOND = 15

CALL = Call(
    "CA1",
    LINE,
    MARTA.phone,
    Language.ES,
    AT,
    Step.INTEGRATION,
    client="acme",
    client_name="ACME Seguros",
    integrations=(CRM, SURVEYS),
    verified=True,
    case=1042,
    reference="G-1042",
    calling=("Ana", "Bruno"),
)
MANY = tuple(Integration(f"i{n}", f"Integration & <{n}>", BuiltBy.AIVO) for n in range(20))
WAITINGS = tuple(
    Waiting(progress, names, place)
    for progress, names, place in product(Progress, ((), ("Ana",), ("Ana", "Inés")), (0, 2, 12))
)


def calls() -> Iterator[tuple[str, Call]]:
    """A call at each step, in each shape that changes what is said."""
    for tries in (0, 1, 2):
        for step in (Step.PIN, Step.INTEGRATION, Step.PRIORITY):
            yield f"{step}-{tries}", replace(CALL, step=step, tries=tries, turn=tries)
    for told in ((Told(1, "Ninguna."),), (Told(1, "Una & <otra>."), Told(2, "Mayor.", 1040, "G-1040"))):
        yield f"notice-{len(told)}", replace(CALL, step=Step.NOTICE, notices=told)
    yield "one-integration", replace(CALL, integrations=(CRM,))
    for page in (0, 1, 2):
        yield f"menu-page-{page}", replace(CALL, integrations=MANY, menu_page=page)
    for reason, tries in product(sorted(DISPUTABLE), (0, 1)):
        yield (
            f"dispute-{reason}-{tries}",
            replace(CALL, step=Step.DISPUTE, reason=reason, tries=tries, turn=2),
        )
    for reason, known in product(Reason, (True, False)):
        name = "ACME Seguros" if known else ""
        refused = replace(CALL, step=Step.OVER, reason=reason, farewell=Farewell.REFUSED, client_name=name)
        yield f"refused-{reason}-{known}", refused
    for calling, unverified, reason_given in product(
        ((), ("Ana",)), (True, False), (None, Reason.PRIORITY_NOT_COVERED)
    ):
        shape = replace(
            CALL, step=Step.DESCRIBING, calling=calling, unverified=unverified, reason=reason_given, turn=3
        )
        yield f"describing-{len(calling)}-{unverified}-{reason_given}", shape
    for taken, joined in product((None, "Ana"), (True, False)):
        for step in (Step.WAITING, Step.MESSAGE):
            yield f"{step}-{taken}-{joined}", replace(CALL, step=step, taken_by=taken, joined=joined, turn=2)
    talking = replace(CALL, step=Step.CONVERSATION, taken_by="Ana")
    yield from (("conversation", talking), ("conversation-called-back", replace(talking, returns="CA0")))
    for farewell in Farewell:
        if farewell is not Farewell.REFUSED:
            yield f"over-{farewell}", replace(CALL, step=Step.OVER, farewell=farewell)


PAGE = PageCall(
    token=TOKEN,
    key="1.1.ana.1",
    case=1042,
    reference="G-1042",
    person="ana",
    name="Ana Paz",
    language=Language.ES,
    page_state=PageState.ANSWERED,
    state=State.OPEN,
    kind="incident",
    client="ACME Seguros",
    integration="CRM Salesforce",
    priority=Priority.BLOCKER,
    unverified=False,
    disputed=False,
    holder=None,
    holder_name=None,
    opened_at=AT,
    acknowledged_at=None,
    timezone="America/Argentina/Buenos_Aires",
    line=LINE,
    caller=MARTA.phone,
    client_is_waiting=True,
    messages=(TOKEN,),
)
MINE = replace(
    PAGE, state=State.ACKNOWLEDGED, holder="ana", holder_name="Ana Paz", page_state=PageState.ACKNOWLEDGED
)
CALLING = replace(MINE, client_is_waiting=False, is_calling=True, caller_name="Marta Ruiz")
LATE = replace(PAGE, state=State.ACKNOWLEDGED, holder="bruno", holder_name="Bruno Lima")
TO_CLIENT = SideView(
    token=TOKEN,
    purpose=Purpose.CLIENT,
    state=SideState.ANSWERED,
    case=1042,
    reference="G-1042",
    person="ana",
    name="Ana Paz",
    language=Language.ES,
    client="ACME Seguros",
    integration="CRM Salesforce",
    priority=Priority.BLOCKER,
    asked_by="Ana",
    is_theirs=False,
    talks_on=False,
    is_held=False,
    is_recorded=False,
    holder_page=None,
)
ALSO = Also(TOKEN, "G-1043", "Lojas Aurora", "Pedidos", Priority.HIGH, False, False, False)
SEVERAL = replace(PAGE, also=(ALSO, ALSO))
BARE = replace(PAGE, client="", integration="", priority=None, unverified=True, disputed=True, messages=())

Spoken = Callable[[PageCall], VoiceResponse]
PAGES: dict[str, tuple[PageCall, Spoken]] = {
    "page": (PAGE, lambda p: ENGINEER.answered(p, 1)),
    "page-again": (PAGE, lambda p: ENGINEER.after_key(p, "*", 2)),
    "page-bare": (BARE, lambda p: ENGINEER.answered(p, 1)),
    "page-wrong-key": (PAGE, lambda p: ENGINEER.after_key(p, "9", 1)),
    "page-silence": (PAGE, lambda p: ENGINEER.after_key(p, "", 3)),
    "page-message": (PAGE, lambda p: ENGINEER.after_key(p, "3", 1)),
    "page-no-message": (BARE, lambda p: ENGINEER.after_key(p, "3", 1)),
    "page-passed": (replace(PAGE, page_state=PageState.PASSED), lambda p: ENGINEER.after_key(p, "2", 1)),
    "page-late": (LATE, lambda p: ENGINEER.after_key(p, "1", 1)),
    "page-over": (replace(PAGE, state=State.CLOSED), lambda p: ENGINEER.answered(p, 1)),
    "taken-client-waits": (MINE, lambda p: ENGINEER.after_key(p, "1", 1)),
    "taken-client-gone": (replace(MINE, client_is_waiting=False), lambda p: ENGINEER.after_key(p, "1", 1)),
    "taken-client-unknown": (
        replace(MINE, client_is_waiting=False, caller=None),
        lambda p: ENGINEER.after_key(p, "1", 1),
    ),
    "call-client": (CALLING, BACK.call_client),
    "call-client-unnamed": (replace(CALLING, caller_name=""), BACK.call_client),
    "calling-outside": (CALLING, lambda p: BACK.outside(p, 1)),
    "calling-outside-again": (CALLING, lambda p: BACK.outside(p, 2)),
    "client-did-not-answer": (replace(MINE, was_missed=True), ENGINEER.after_talk),
    "another-is-owed-a-call": (
        replace(MINE, was_missed=True, owes_call=True, client_is_waiting=False),
        ENGINEER.after_talk,
    ),
    "not-theirs-any-more": (PAGE, ENGINEER.after_talk),
    "dispose": (MINE, lambda p: ENGINEER.dispose(p, 1)),
    "several": (SEVERAL, lambda p: ENGINEER.answered(p, 1)),
    "several-one-by-one": (SEVERAL, lambda p: ENGINEER.one_by_one(p, 1)),
    "several-heard": (PAGE, ENGINEER.heard_all),
    **{f"disposed-{answer}": (MINE, partial(ENGINEER.disposed, answer=answer)) for answer in Answer},
}


def check(document: VoiceResponse, role: Role = Role.CALL, context: str = "call") -> None:
    xml = str(document)
    assert published_problems(xml, role) == []
    assert sandbox_problems(xml, context) == []


def said(document: VoiceResponse) -> str:
    root = ElementTree.fromstring(str(document))
    return " ".join("".join(say.itertext()) for say in root.iter("Say"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("call"), [call for _, call in calls()], ids=[name for name, _ in calls()])
def test_each_step_of_a_call_is_a_document_that_twilio_would_do_to_the_letter(
    call: Call, language: str
) -> None:
    document = CALLER.document(replace(call, language=Language(language)))

    check(document)
    assert "{" not in said(document)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("waiting", WAITINGS)
def test_each_round_of_the_wait_holds_only_what_a_queue_takes(waiting: Waiting, language: str) -> None:
    call = replace(CALL, step=Step.WAITING, language=Language(language), turn=4)
    gone = replace(call, step=Step.OVER, farewell=Farewell.CALLBACK)

    check(CALLER.waiting_document(call, waiting), Role.QUEUE_WAIT, "queue-wait")
    check(CALLER.waiting_document(gone, waiting), Role.QUEUE_WAIT, "queue-wait")
    for digits, at_step in product(["1", "2", ""], [call, gone, replace(call, step=Step.MESSAGE)]):
        check(CALLER.waiting_key_document(at_step, digits), Role.QUEUE_WAIT, "queue-wait")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_each_word_to_an_engineer_is_a_document_that_twilio_would_do_to_the_letter(
    name: str, language: str
) -> None:
    page, spoken = PAGES[name]

    document = spoken(replace(page, language=Language(language)))

    check(document)
    assert "{" not in said(document)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", SideState)
def test_the_client_is_asked_for_a_key_before_they_enter_and_told_when_it_is_too_late(
    state: SideState, language: str
) -> None:
    document = BACK.answered(replace(TO_CLIENT, language=Language(language), state=state))

    check(document)
    assert ("<Gather" in str(document)) == (state in UNDECIDED)


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_waits_in_the_conference_hears_only_what_is_true_and_what_a_conference_takes(
    language: str,
) -> None:
    rings = replace(CALLING, language=Language(language))
    told = [rings, replace(rings, client_answered=True), replace(rings, is_calling=False)]
    documents = [BACK.waiting(rings, 1), *(BACK.waiting(page, 2) for page in told), BACK.moment(language)]

    for document in documents:
        check(document, Role.CONFERENCE_WAIT, "conference-wait")
    assert len({said(document) for document in documents}) == 5


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("call"), [call for _, call in calls()], ids=[name for name, _ in calls()])
def test_everything_is_said_in_the_voice_of_its_language(call: Call, language: str) -> None:
    root = ElementTree.fromstring(str(CALLER.document(replace(call, language=Language(language)))))

    spoken = {(say.get("voice"), say.get("language")) for say in root.iter("Say")}

    assert spoken <= {voice_of(language)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_tells_the_guard_the_priority_the_client_the_integration_and_the_keys_in_this_order(
    language: str,
) -> None:
    page = replace(PAGE, language=Language(language), client="CLIENTE", integration="INTEGRATION")

    heard = said(ENGINEER.answered(page, 1))

    assert 0 < heard.index("CLIENTE") < heard.index("INTEGRATION") < heard.rindex("1")
    assert "locker" in heard[: heard.index("CLIENTE")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_known_caller_with_one_integration_is_asked_everything_within_twenty_seconds(language: str) -> None:
    arrived = replace(CALL, language=Language(language), integrations=(CRM,), turn=0)
    chosen = replace(arrived, step=Step.PRIORITY, turn=1)

    heard = said(CALLER.document(arrived)) + said(CALLER.document(chosen))

    assert len(heard) / CHARACTERS_A_SECOND < timedelta(seconds=20).total_seconds()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_reference_is_spoken_digit_by_digit_and_followed_by_who_is_called(language: str) -> None:
    call = replace(CALL, step=Step.DESCRIBING, language=Language(language))

    heard = said(CALLER.document(call))

    assert "G, 1, 0, 4, 2" in heard
    assert heard.index("G, 1, 0, 4, 2") < heard.index("Ana") < heard.index("Bruno")


def test_a_question_is_spoken_inside_its_gather_so_that_an_early_key_counts() -> None:
    for name, call in calls():
        if call.step in (Step.PIN, Step.NOTICE, Step.INTEGRATION, Step.PRIORITY, Step.DISPUTE):
            root = ElementTree.fromstring(str(CALLER.document(call)))
            assert [verb.tag for verb in root] == ["Gather", "Redirect"], name
            assert root[0].find("Say") is not None, name


def test_what_clients_are_called_is_never_read_as_markup() -> None:
    call = replace(CALL, client_name='Müller & <Söhne> "x"', integrations=MANY)

    assert "Müller & <Söhne>" in said(CALLER.document(call))


@pytest.mark.parametrize(("minutes", "is_said"), [(30, True), (-1, False)])
def test_a_time_that_has_passed_is_not_told_any_more(minutes: int, is_said: bool) -> None:
    eta = AT + timedelta(minutes=minutes)
    waits = replace(CALL, step=Step.WAITING, round_began_at=AT)
    joined = replace(CALL, step=Step.MESSAGE, taken_by="Ana", joined=True, eta=eta)

    round_of_wait = said(CALLER.waiting_document(waits, Waiting(Progress.TAKEN, ("Ana",), eta=eta)))

    assert ("calcula" in round_of_wait) is is_said
    assert ("calcula" in said(CALLER.document(joined))) is is_said


@pytest.mark.parametrize("by", ["Ana", ""])
@pytest.mark.parametrize("is_solved", [True, False])
def test_who_waits_hears_by_whom_it_was_closed(by: str, is_solved: bool) -> None:
    over = Waiting(Progress.OVER, closing=Closing(by, is_solved))

    heard = said(CALLER.waiting_document(replace(CALL, step=Step.WAITING, call_back=MARTA.phone), over))

    verb = "dio por resuelto" if is_solved else "cerró"
    assert heard.startswith(f"{by} {verb} su caso" if by else "El caso G, 1, 0, 4, 2 ya está cerrado.")
    assert heard.endswith("Para pedir que le llamen, marque 1. Para dejar un mensaje, 2.")
