"""The shell of the guard: read, decide, write, act.

Two doors, one path: what comes from outside is *heard* (:class:`Ears`), what
must leave, or is overdue, is done at each *tick* (:class:`Hands`). Either way
the state is read, the table asked, and the new state, its orders and its
entries are written in one transaction.
"""

from oncall.dispatcher.anchoring import Anchoring
from oncall.dispatcher.forewarning import Forewarning
from oncall.dispatcher.forgetting import Forgetting
from oncall.dispatcher.judging import Judging, Verdict
from oncall.dispatcher.looking import Looking
from oncall.dispatcher.missed import Missed
from oncall.dispatcher.notices import Notices
from oncall.dispatcher.swapping import Swapping
from oncall.dispatcher.tapes import Tapes
from oncall.dispatcher.ticketing import Ticketing
from oncall.dispatcher.views import Held, PageCall, SideView

__all__ = ["Dispatcher", "Held", "PageCall", "SideView", "Verdict"]


class Dispatcher(
    Anchoring, Forewarning, Forgetting, Swapping, Ticketing, Looking, Tapes, Notices, Missed, Judging
):
    """The guard, whole."""
