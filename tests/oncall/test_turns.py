"""Where one writes at a time, each comes to their turn, and who answers a caller comes first."""

from collections.abc import Callable
from threading import Event, Thread

from oncall.store.turns import Turns

LONG = 60.0


def queued(turns: Turns, order: list[str], name: str, is_patient: bool) -> Thread:
    """A thread that stands in the queue once this returns, and notes its name at its turn."""
    before = waiting(turns)

    def take() -> None:
        assert turns.take(LONG, is_patient)
        order.append(name)
        turns.give_back()

    thread = Thread(target=take)
    thread.start()
    until(lambda: waiting(turns) > before)
    return thread


def waiting(turns: Turns) -> int:
    return len(turns._hurried) + len(turns._patient)


def until(condition: Callable[[], bool]) -> None:
    pause = Event()
    for _ in range(round(LONG / 0.001)):
        if condition():
            return
        pause.wait(0.001)
    raise AssertionError("it never stood in the queue")


def test_each_comes_in_the_order_in_which_they_came_and_who_cannot_wait_before_who_can() -> None:
    turns, order = Turns(), list[str]()
    assert turns.take(LONG, is_patient=True)
    names = ["p1", "w1", "p2", "w2", "w3"]
    threads = [queued(turns, order, name, is_patient=name[0] == "p") for name in names]

    turns.give_back()
    for thread in threads:
        thread.join(LONG)

    assert order == ["w1", "w2", "w3", "p1", "p2"]


def test_in_a_storm_of_callers_the_worker_has_every_fifth_turn() -> None:
    turns, order = Turns(), list[str]()
    assert turns.take(LONG, is_patient=False)
    threads = [queued(turns, order, f"w{n}", is_patient=False) for n in range(8)]
    threads += [queued(turns, order, f"p{n}", is_patient=True) for n in range(2)]

    turns.give_back()
    for thread in threads:
        thread.join(LONG)

    assert order == ["w0", "w1", "w2", "w3", "p0", "w4", "w5", "w6", "w7", "p1"]


def test_who_waited_too_long_is_out_of_the_queue_and_holds_up_nobody() -> None:
    turns = Turns()
    assert turns.take(LONG, is_patient=False)

    assert not turns.take(0.01, is_patient=False)
    turns.give_back()

    assert turns.take(0.01, is_patient=True)
    assert not turns.take(0.01, is_patient=True)
