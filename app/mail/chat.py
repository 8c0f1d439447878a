"""Notices to chats and other services, through Apprise: what managers hear beside their mail.

An address (``slack://…``, ``json://…``) is as good as a password: it is never stored, logged or
shown. A channel is known by the hash of its address, and told to people by its kind.
"""

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256

from app.mail.letters import subject
from app.mail.written import write
from oncall.ports import Letter, Misconfigured, Refused, Unreachable

_SECONDS = 10


class AppriseChat:
    """The port ``oncall.ports.Chat``; ``addresses`` gives those that are configured now."""

    def __init__(self, addresses: Callable[[], Sequence[str]]) -> None:
        self._addresses = addresses

    def channels(self) -> Mapping[str, str]:
        return {_name(address): address.partition("://")[0] for address in self._addresses()}

    def tell(self, channel: str, letter: Letter) -> None:
        address = next((a for a in self._addresses() if _name(a) == channel), None)
        if address is None:
            raise Refused("this channel is not configured any more", "gone")
        from apprise import Apprise, AppriseAsset, NotifyFormat  # only here: it is large

        told = Apprise(asset=AppriseAsset(app_id="Guardia", async_mode=False))
        if not told.add(_with_timeouts(address)):
            raise Misconfigured("an address of `notify` or NOTIFY_URLS is none that Apprise knows", "address")
        written = write(letter)
        if not told.notify(written.text, subject(letter, written), body_format=NotifyFormat.TEXT):
            raise Unreachable("the service did not take the notice")


def _name(address: str) -> str:
    return sha256(address.encode()).hexdigest()[:16]


def _with_timeouts(address: str) -> str:
    """Apprise waits for as long as an address says, in seconds: to connect, and to be answered."""
    if "cto=" in address or "rto=" in address:
        return address
    joint = "&" if "?" in address else "?"
    return f"{address}{joint}cto={_SECONDS}&rto={_SECONDS}"
