"""Addresses that say who is on call: whoever holds one may read it, and nobody can guess another.

They are signed and never change, so that a calendar once subscribed to goes on;
a new SECRET_KEY makes all of them void.
"""

import hashlib
from collections.abc import Mapping
from enum import StrEnum

from itsdangerous import BadSignature, URLSafeSerializer

_PURPOSES = ("calendar", "contact")


class Of(StrEnum):
    """Whose duty an address shows."""

    PERSON = "person"
    TEAM = "team"


class DutyLinks:
    def __init__(self, secret_key: str, public_url: str) -> None:
        self._public_url = public_url
        self._signers = {
            purpose: URLSafeSerializer(
                secret_key, salt=f"guardia.{purpose}", signer_kwargs={"digest_method": hashlib.sha256}
            )
            for purpose in _PURPOSES
        }

    def of_person(self, id: str) -> Mapping[str, str]:
        """What a person is given: their ``calendar`` and the guard's ``contact_card``."""
        return {
            "calendar": self.calendar(Of.PERSON, id),
            "contact_card": f"{self._public_url}/contact/{self._signed('contact', Of.PERSON, id)}.vcf",
        }

    def calendar(self, of: Of, id: str) -> str:
        return f"{self._public_url}/calendar/{self._signed('calendar', of, id)}.ics"

    def read(self, purpose: str, secret: str) -> tuple[Of, str] | None:
        """Whose address this is; None for one that was not made here, or for another purpose."""
        try:
            of, id = self._signers[purpose].loads(secret)
        except BadSignature:
            return None
        return Of(of), str(id)

    def _signed(self, purpose: str, of: Of, id: str) -> str:
        return str(self._signers[purpose].dumps([str(of), id]))
