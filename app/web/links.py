"""The signed link of a page: whoever holds it may see the case, and take it by the button.

Letters and digits only, so that a text holds no other number than its code and
no telephone cuts the link short.
"""

import base64
import binascii

from itsdangerous import BadSignature, Signer

_SALT = "guardia.page-link"
_TOKEN_BYTES = 16


class Links:
    def __init__(self, secret_key: str, public_url: str) -> None:
        self._signer = Signer(secret_key, salt=_SALT, sep=b":")
        self._public_url = public_url

    def address(self, page: str) -> str:
        """The link of the page with this token (32 hexadecimal digits)."""
        return f"{self._public_url}/t/{self.signed(page)}"

    def signed(self, page: str) -> str:
        token = bytes.fromhex(page)
        packed = token + self._signer.get_signature(token)
        return base64.b32encode(packed).decode().rstrip("=").lower()

    def page(self, signed: str) -> str | None:
        """The page's token behind a link; None for one that was not made here."""
        try:
            packed = base64.b32decode(signed.upper() + "=" * (-len(signed) % 8))
        except (binascii.Error, ValueError):
            return None
        token, signature = packed[:_TOKEN_BYTES], packed[_TOKEN_BYTES:]
        try:
            is_ours = self._signer.verify_signature(token, signature)
        except BadSignature:
            return None
        # One spelling only: what base32 would also accept is not the link that was sent.
        return token.hex() if is_ours and self.signed(token.hex()) == signed else None
