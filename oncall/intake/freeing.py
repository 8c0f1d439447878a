"""The last words of a call. After the whole wait they promise a call, or say that the case is closed."""

from dataclasses import replace
from datetime import datetime, timedelta

from oncall.intake.model import Call, Decision, Farewell, PromiseCall, Step
from oncall.record import Draft

# A promise of less than this would be broken while it is spoken.
SHORTEST_PROMISE = timedelta(minutes=5)


def over(call: Call, farewell: Farewell) -> Call:
    return replace(call, step=Step.OVER, turn=call.turn + 1, tries=0, farewell=farewell, due_at=None)


def may_be_freed(call: Call) -> bool:
    """Whom nobody could call is not let go while somebody is still to be found for them."""
    return bool(call.call_back) or call.closing is not None


def free(call: Call, at: datetime, *entries: Draft) -> Decision:
    """The wait was long enough: the caller may go. The paging goes on, and they are promised a call;
    or the incident was closed meanwhile, which promises nothing.

    The time promised is the first response that is owed; once somebody has it, or
    where it is as good as over, there is no time that anybody would hold.
    """
    if call.closing is not None:
        return Decision(over(call, Farewell.CLOSED), (), (*entries, Draft("told_closed")))
    owed = call.respond_by
    by = owed if owed and not call.taken_by and owed - at >= SHORTEST_PROMISE else None
    facts = {
        "to": call.call_back,
        "contact": call.call_back_name,
        "promised_by": by.isoformat() if by else None,
        "name": call.taken_by,
    }
    freed = replace(over(call, Farewell.PROMISED), promised_by=by)
    return Decision(freed, (PromiseCall(),), (*entries, Draft("callback_promised", facts)))
