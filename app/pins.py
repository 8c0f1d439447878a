"""PINs are kept as argon2id hashes only, and compared, never shown (I12)."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# Modest on purpose: a caller waits while it is compared, and three tries is all there are.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


class Argon2Pins:
    """The port ``oncall.ports.Pins`` over argon2id."""

    def matches(self, pin_hash: str, digits: str) -> bool:
        if not digits:
            return False
        try:
            return _HASHER.verify(pin_hash, digits)
        except (VerificationError, InvalidHashError):
            return False


def hashed(pin: str) -> str:
    """What stands in a client's file for this PIN."""
    return _HASHER.hash(pin)
