"""The verbs of TwiML, one way of being on a call each."""

from app.sandbox.program import Activity
from app.sandbox.verbs.dial import Dial
from app.sandbox.verbs.enqueue import Enqueue, Leave
from app.sandbox.verbs.gather import Gather
from app.sandbox.verbs.record import Record
from app.sandbox.verbs.simple import Hangup, Prompt, Redirect, Reject

VERBS: dict[str, type[Activity]] = {
    "Say": Prompt,
    "Play": Prompt,
    "Pause": Prompt,
    "Gather": Gather,
    "Record": Record,
    "Dial": Dial,
    "Enqueue": Enqueue,
    "Leave": Leave,
    "Redirect": Redirect,
    "Reject": Reject,
    "Hangup": Hangup,
}
