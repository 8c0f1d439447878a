"""The secret address of a manager's desk."""

import hashlib

from itsdangerous import BadSignature, URLSafeSerializer


class DeskLinks:
    """Signed like the calendars' addresses; a new SECRET_KEY makes all of them void."""

    def __init__(self, secret_key: str, public_url: str) -> None:
        self._public_url = public_url
        self._signer = URLSafeSerializer(
            secret_key, salt="guardia.desk", signer_kwargs={"digest_method": hashlib.sha256}
        )

    def address(self, manager: str) -> str:
        """The desk of the manager with this id."""
        return f"{self._public_url}/m/{self._signer.dumps(manager)}"

    def manager(self, secret: str) -> str | None:
        """The id of the person whose address this is; None for one that was not made here."""
        try:
            return str(self._signer.loads(secret))
        except BadSignature:
            return None
