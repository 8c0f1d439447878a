"""The secret address of a manager's desk."""

import hashlib
from collections.abc import Callable

from itsdangerous import BadSignature, URLSafeSerializer

from oncall.store import Store


class DeskLinks:
    """Signed like the calendars' addresses; a new SECRET_KEY makes all of them void.

    One alone is made void by a new *generation*: how often its manager was given another.
    """

    def __init__(
        self, secret_key: str, public_url: str, generation_of: Callable[[str], int] = lambda manager: 0
    ) -> None:
        self._public_url = public_url
        self._generation_of = generation_of
        self._signer = URLSafeSerializer(
            secret_key, salt="guardia.desk", signer_kwargs={"digest_method": hashlib.sha256}
        )

    def address(self, manager: str) -> str:
        """The desk of the manager with this id."""
        return f"{self._public_url}/m/{self._signer.dumps(self._signed(manager))}"

    def manager(self, secret: str) -> str | None:
        """The id of the person whose address this is; None for one not made here, or no longer good."""
        try:
            signed = self._signer.loads(secret)
        except BadSignature:
            return None
        manager = str(signed[0] if isinstance(signed, list) else signed)
        return manager if signed == self._signed(manager) else None

    def _signed(self, manager: str) -> str | list[str | int]:
        generation = self._generation_of(manager)
        return [manager, generation] if generation else manager


def generations(store: Store) -> Callable[[str], int]:
    """How often a manager was given a new address, as it is written now."""

    def generation_of(manager: str) -> int:
        with store.reading() as work:
            return work.desk_generations([manager]).get(manager, 0)

    return generation_of
