"""Whatever people, the application and bad luck do, every call ends and everybody is free again."""

from hypothesis import given
from hypothesis import strategies as st
from twilio.base.exceptions import TwilioRestException

from app.sandbox.calls import Call
from app.sandbox.chaos import Misfortune
from app.sandbox.handset import Behaviour, NotPossible
from tests.app.sandbox.town import ANA, BRUNO, LINE, MARTA, ORIGIN, Town, document, found_town, gather, say

PEOPLE = (MARTA, ANA, BRUNO)
DIAL = f'<Dial action="{ORIGIN}/after" timeout="20">{{}}</Dial>'
DOCUMENTS = {
    "/in": document(gather("/menu", "Marque 1", numDigits="1"), f"<Redirect>{ORIGIN}/queue</Redirect>"),
    "/page": document(gather("/menu", "Guardia", numDigits="1"), "<Hangup/>"),
    "/queue": document(f'<Enqueue action="{ORIGIN}/after" waitUrl="{ORIGIN}/wait">q</Enqueue>'),
    "/wait": document(gather("/leave", "Espere", numDigits="1", timeout="3")),
    "/leave": document("<Leave/>"),
    "/room": document(DIAL.format('<Conference endConferenceOnExit="true">room</Conference>')),
    "/take": document(DIAL.format("<Queue>q</Queue>")),
    "/call": document(DIAL.format(f"<Number>{ANA}</Number><Number>{BRUNO}</Number>")),
    "/record": document(f'<Record action="{ORIGIN}/after" maxLength="20"/>'),
    "/after": document(say("Adiós"), "<Hangup/>"),
}
BY_KEY = {"1": "/queue", "2": "/room", "3": "/take", "4": "/call", "5": "/record"}

people = st.sampled_from(PEOPLE)
actions = st.one_of(
    st.tuples(st.just("dial"), people, st.just("")),
    st.tuples(st.just("page"), people, st.just("")),
    st.tuples(st.sampled_from(["answer", "reject", "hang_up"]), people, st.just("")),
    st.tuples(st.just("press"), people, st.sampled_from("12345#*")),
    st.tuples(st.just("say"), people, st.just("Se cayó el CRM")),
    st.tuples(st.just("update"), people, st.sampled_from(sorted({*BY_KEY.values(), "/after"}))),
    st.tuples(st.just("end"), people, st.just("")),
    st.tuples(st.just("behave"), people, st.sampled_from(sorted(Behaviour))),
    st.tuples(st.just("wait"), people, st.sampled_from(["0.3", "2", "9", "40"])),
)


@given(actions=st.lists(actions, max_size=25), unlucky=st.booleans(), seed=st.integers(0, 3))
def test_every_call_ends_and_everybody_is_free_again(
    actions: list[tuple[str, str, str]], unlucky: bool, seed: int
) -> None:
    town = found_town(seed=seed)
    for path, told in DOCUMENTS.items():
        town.tell(path, told)
    town.tell("/menu", lambda form: DOCUMENTS[BY_KEY.get(form["Digits"], "/after")])
    if unlucky:
        town.exchange.chaos.webhooks = Misfortune(duplicate=0.5, delay=0.5, drop=0.2)
        town.exchange.chaos.callbacks = Misfortune(duplicate=0.5, delay=0.5, drop=0.2)

    for action in actions:
        act(town, *action)
        for call in town.exchange.calls.by_sid.values():
            assert_consistent(call)
    for number in PEOPLE:
        if town.phone(number).call is not None:
            town.phone(number).hang_up()
    town.run(400)

    assert all(call.finished for call in town.exchange.calls.by_sid.values())
    assert all(town.phone(number).call is None for number in PEOPLE)
    assert all(queue.waiting == [] for queue in town.exchange.queues.by_sid.values())
    assert all(room.status == "completed" for room in town.exchange.conferences.by_sid.values())
    assert town.exchange.faults == []


def act(town: Town, what: str, number: str, said: str) -> None:
    """Does it, unless it makes no sense now."""
    phone = town.phone(number)
    try:
        match what:
            case "dial":
                phone.dial(LINE)
            case "page":
                town.call(to=number, timeout=15)
            case "press":
                phone.press(said)
            case "say":
                phone.say(said)
            case "behave":
                phone.behaviour = Behaviour(said)
            case "wait":
                town.run(float(said))
            case "update" | "end":
                change(town, phone.call, said)
            case _:
                getattr(phone, what)()
    except (NotPossible, TwilioRestException):
        return


def change(town: Town, call: Call | None, path: str) -> None:
    if call is None or town.client is None:
        return
    if path:
        town.client.calls(call.sid).update(url=f"{ORIGIN}{path}")
    else:
        town.client.calls(call.sid).update(status="completed")


def assert_consistent(call: Call) -> None:
    if call.finished:
        assert call.partner is None
        assert call.conference is None
    if call.partner is not None:
        assert call.partner.partner is call
