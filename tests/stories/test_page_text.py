"""The text that goes out with a call: one code, one link, and nothing that could be mistaken for either."""

import re

from app.wiring.demo.scripts import reports
from app.wiring.demo.stage import Stage
from app.wiring.world import ORIGIN


def test_a_pages_text_holds_one_code_and_one_link(stage: Stage) -> None:
    stage.dial("marta", "acme", reports())
    stage.run(30)

    (text,) = stage.pages("ana")
    assert len(re.findall(r"(?<!\w)\d{4}(?!\w)", text)) == 1
    assert re.findall(r"https?://\S+", text) == [stage.link("ana")]
    assert stage.link("ana").startswith(f"{ORIGIN}/t/")
    assert len(text) <= 160


def test_call_and_text_leave_at_the_same_moment_and_before_the_problem_is_told(stage: Stage) -> None:
    stage.dial("marta", "acme", reports())
    stage.run(30)

    story = stage.world.exchange.story
    pressed = [e.at for e in story.of("pressed", number=stage.numbers["marta"])][-1]
    left = [e.at for e in story.of("rest") if e.detail["method"] == "POST"]
    assert len(left) == 2
    assert all((at - pressed).total_seconds() < 0.1 for at in left)
