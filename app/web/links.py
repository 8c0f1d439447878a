"""The signed link of a page: whoever holds it may see the case, and take it by the button.

Letters and digits only, so that a text holds no other number than its code and
no telephone cuts the link short.
"""

import base64
import binascii
import hmac

from itsdangerous import Signer
from itsdangerous.encoding import base64_decode

_SALT = "guardia.page-link"
_TOKEN_BYTES = 16
_SIGNATURE_BYTES = 10  # a text has 160 letters; the token alone is beyond guessing


class Links:
    def __init__(self, secret_key: str, public_url: str) -> None:
        self._signer = Signer(secret_key, salt=_SALT)
        self._public_url = public_url

    def address(self, page: str) -> str:
        """The link of the page with this token (32 hexadecimal digits)."""
        return f"{self._public_url}/t/{self.signed(page)}"

    def signed(self, page: str) -> str:
        packed = bytes.fromhex(page) + self._signature(page)
        return base64.b32encode(packed).decode().rstrip("=").lower()

    def page(self, signed: str) -> str | None:
        """The page's token behind a link; None for one that was not made here."""
        try:
            packed = base64.b32decode(signed.upper() + "=" * (-len(signed) % 8))
        except (binascii.Error, ValueError):
            return None
        token = packed[:_TOKEN_BYTES].hex()
        is_whole = len(packed) == _TOKEN_BYTES + _SIGNATURE_BYTES
        # The spelling too: what base32 would also accept is not the link that was sent.
        is_ours = is_whole and hmac.compare_digest(self.signed(token).encode(), signed.encode())
        return token if is_ours else None

    def _signature(self, page: str) -> bytes:
        return base64_decode(self._signer.get_signature(page))[:_SIGNATURE_BYTES]
