"""Where people read a record, it stands in the order in which things happened, under its numbers."""

import re
from urllib.parse import urlsplit

from app.web.office import DeskLinks
from app.wiring.demo.scripts import CRM, chooses, reports
from app.wiring.demo.stage import Stage
from app.wiring.world import ORIGIN
from tests.stories.telling import browser

DESK = DeskLinks("secret of the demonstration", ORIGIN)
_LINE = re.compile(r'<li class="(\w+)"><time datetime="([^"]+)">.*?<span class="number">(\d+)</span>')


def test_both_pages_of_a_case_tell_a_second_caller_where_they_called(stage: Stage) -> None:
    """What Pablo did before he joined is written when he joins: the numbers are late, the moments are not."""
    stage.dial("marta", "acme", reports())
    stage.after(30, lambda: stage.dial("pablo", "acme", chooses(CRM)))
    stage.run(90)
    written = [(e["kind"], e["number"]) for e in stage.cases()[0]["entries"]]
    desk = urlsplit(DESK.address("lucia")).path

    for page in (stage.link("ana"), f"{desk}/cases/G-1001"):
        shown = _LINE.findall(browser(stage).get(page, base_url=ORIGIN).get_data(as_text=True))

        assert sorted((kind, int(number)) for kind, _, number in shown) == sorted(written)
        assert shown == sorted(shown, key=lambda line: (line[1], int(line[2])))
        assert shown != sorted(shown, key=lambda line: int(line[2]))
