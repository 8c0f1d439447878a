"""Conversations now: who talks to whom, and two buttons that ring the manager's own phone."""

from collections.abc import Mapping, Sequence

from app.locales import text
from app.web.office.sections import Visit
from app.web.refused import WHOLE, Flaw
from oncall.dispatcher import Dispatcher
from oncall.sidecalls import UNDECIDED
from oncall.store.cases import number_of


class ConversationsSection:
    name = "conversations"

    def __init__(self, dispatcher: Dispatcher) -> None:
        self._dispatcher = dispatcher

    def show(self, visit: Visit) -> str:
        found = self._dispatcher.conversations()
        return visit.render(
            "office/conversations.html", conversations=found, place=self.name, calling=UNDECIDED
        )

    def act(self, visit: Visit, form: Mapping[str, str]) -> Sequence[Flaw]:
        """Joining and listening both begin with a key on the manager's own phone."""
        how, case = form.get("how", ""), number_of(form.get("case", ""))
        may = how in ("join", "listen") and case is not None
        if may and self._dispatcher.invite_manager(case or 0, visit.manager.id, how == "listen", visit.at):
            return ()
        return (Flaw(WHOLE, text("web.office.talk_over", visit.language)),)
