"""Webhooks that come twice, late, out of order or never: an incident ends as if all had come in order."""

import os
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.sandbox.chaos import Misfortune
from app.sandbox.transports import ConnectFailed
from app.wiring.world import ORIGIN, World, open_world
from bench.towns import write_rosters
from oncall.record import first_broken
from tests.faults.mortal import mortal_world
from tests.faults.people import CALLS_CRM, NOON, TAKES, all_is_taken, client
from tests.faults.promises import assert_kept

IS_LONG = os.environ.get("GUARDIA_FAULTS") == "long"
# What Twilio tells of an engineer's call: (CallStatus, SequenceNumber), or what the engineer's leg asks.
REPORTS = (("initiated", "0"), ("ringing", "1"), ("in-progress", "2"), ("completed", "3"))
ASKS = ("answer", "key")
EVENTS = (*REPORTS, *ASKS, "caller hangs up")


class Deaf:
    """Twilio's own webhooks go nowhere: this test sends them itself."""

    def send(self, *_request: object) -> tuple[int, dict[str, str], bytes]:
        raise ConnectFailed("nobody is there")


class Desk:
    """Plays Twilio by hand: one call after the other, each with an incident of its own."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.calls = 0
        world.exchange.transport = Deaf()

    def post(self, path: str, **form: str) -> str:
        given = {"AccountSid": self.world.exchange.account_sid} | form
        signed = self.world.exchange.webhooks.sign(ORIGIN + path, given)
        answer = self.world.guard.app.test_client().post(
            path, data=given, headers={"X-Twilio-Signature": signed}, base_url=ORIGIN
        )
        assert answer.status_code in (200, 204)
        self.world.clock.set(self.world.now + timedelta(milliseconds=300))
        self.world.guard.dispatcher.tick(self.world.clock.now)
        return answer.get_data(as_text=True)

    def incident(self) -> int:
        """A client calls about a Blocker; gives the case."""
        self.calls += 1
        caller, sid = client(0), f"CA{self.calls:032x}"
        about = {"CallSid": sid, "From": caller.caller, "To": caller.line}
        heard = self.post("/voice/incoming", CallStatus="ringing", **about)
        for _ in range(2):
            found = re.search(f'action="{ORIGIN}([^"#]+)', heard)
            assert found is not None
            heard = self.post(found[1], CallStatus="in-progress", Digits="1", **about)
        with self.world.guard.store.reading() as work:
            found_call = work.call(sid)
        assert found_call is not None
        assert found_call[0].case is not None
        return found_call[0].case

    def tell(self, case: int, event: object) -> None:
        with self.world.guard.store.reading() as work:
            page = next(p for p in work.pages(case) if p.channel == "call" and p.level == 0)
        path, about = f"/voice/pages/{page.token}", {"CallSid": page.sid or "", "To": page.to}
        if event == "answer":
            self.post(f"{path}/answer", CallStatus="in-progress", **about)
        elif event == "key":
            self.post(f"{path}/key/1", CallStatus="in-progress", Digits="1", **about)
        elif isinstance(event, tuple):
            status, number = event
            self.post(f"{path}/status", CallStatus=status, SequenceNumber=number, **about)
        else:
            self.post("/voice/status", CallSid=f"CA{self.calls:032x}", CallStatus="completed")

    def solve(self, case: int) -> None:
        with self.world.guard.store.reading() as work:
            page = next(p for p in work.pages(case) if p.channel == "call" and p.level == 0)
        self.post(f"/voice/pages/{page.token}/disposition/1", CallSid=page.sid or "", Digits="2")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("desk") / "rosters"
    write_rosters(folder, 1, "40 seconds", levels=2)
    with open_world(folder, NOON, calls_per_second=0) as world:
        yield Desk(world)


@given(
    order=st.permutations(EVENTS),
    again=st.lists(st.tuples(st.sampled_from(EVENTS), st.integers(0, 12)), max_size=6),
    lost=st.sets(st.sampled_from(REPORTS)),
)
@settings(max_examples=400 if IS_LONG else 20)
def test_any_order_of_an_incidents_webhooks_ends_in_the_same_state(
    desk: Desk, order: list[object], again: list[tuple[object, int]], lost: set[object]
) -> None:
    case = desk.incident()
    told = [event for event in order if event not in lost]
    for event, place in again:
        told.insert(min(place, len(told)), event)

    for event in told:
        desk.tell(case, event)

    with desk.world.guard.store.reading() as work:
        row, pages, entries = work.case(case), work.pages(case), list(work.record(case))
        assert row is not None
        broken = first_broken(entries, row.entries, row.head)
    assert (row.state, row.acknowledged_by) == ("acknowledged", "p0-0")
    assert [p.state for p in pages if p.channel == "call" and p.level == 0] == ["acknowledged"]
    assert not [p for p in pages if p.channel == "call" and p.state in ("requested", "ringing")]
    assert sum(entry.kind == "acknowledged" for entry in entries) == 1
    assert sum(entry.kind == "opened" for entry in entries) == 1
    assert broken is None
    desk.solve(case)


@pytest.mark.parametrize("seed", range(100 if IS_LONG else 3))
def test_callbacks_doubled_late_and_dropped_strand_nobody(rosters: Path, tmp_path: Path, seed: int) -> None:
    with mortal_world(rosters, NOON, tmp_path) as mortal:
        exchange = mortal.world.exchange
        exchange.chance.seed(seed)
        exchange.chaos.callbacks = Misfortune(
            duplicate=0.4, delay=0.5, drop=0.3, slowest=timedelta(seconds=20)
        )
        exchange.chaos.webhooks = Misfortune(duplicate=0.5)
        for n in range(2):
            for engineer in client(n).engineers:
                exchange.phone(engineer).behave(*[TAKES] * 9)
            exchange.phone(client(n).caller).dial(client(n).line, script=CALLS_CRM)

        assert mortal.run(900, until=lambda: all_is_taken(mortal))
        mortal.run(60, until=lambda: False)

        assert_kept(mortal.world.guard.store, exchange)
