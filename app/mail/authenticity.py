"""Whether a mail comes from whom it says: read from what our own mail server found (RFC 8601).

Nothing is verified here. A server that checks SPF, DKIM and DMARC writes what it found into the
mail under its own name, and takes out what others wrote under that name; only such findings count.
"""

from email.message import Message

import authres

_FEATURES = authres.all_features()
_HEADER = "Authentication-Results"


def is_proven(message: Message, sender: str, server: str) -> bool:
    """Whether ``server`` found that the domain of ``sender`` sent it: by DMARC, else by its DKIM or SPF.

    A finding against it (``dmarc=fail``) outweighs the others.
    """
    domain = _domain(sender)
    found = [result for result in _found_by(message, server) if _speaks_of(result, domain)]
    dmarc = {result.result.lower() for result in found if result.method == "dmarc"}
    if dmarc & {"pass", "fail"}:
        return dmarc == {"pass"}
    return bool(domain) and any(result.result.lower() == "pass" for result in found)


def _found_by(message: Message, server: str) -> list[authres.AuthenticationResult]:
    found = list[authres.AuthenticationResult]()
    for value in message.get_all(_HEADER, []):
        try:
            header = _FEATURES.parse(f"{_HEADER}: {' '.join(str(value).split())}")
        except authres.AuthResError:
            continue  # nothing that can be read is no proof
        if (header.authserv_id or "").lower() == server.lower():
            found += header.results
    return found


def _speaks_of(result: authres.AuthenticationResult, domain: str) -> bool:
    """Whether it is about this domain, or for a signature about one that it is part of."""
    told = {f"{p.type}.{p.name}": str(p.value or "").lower() for p in result.properties}
    match result.method:
        case "dmarc":
            return _domain(told.get("header.from", "")) == domain
        case "spf":
            return _domain(told.get("smtp.mailfrom", "")) == domain
        case "dkim":
            signer = told.get("header.d") or _domain(told.get("header.i", ""))
            return bool(signer) and f".{domain}".endswith(f".{signer}")
    return False


def _domain(address: str) -> str:
    return address.rpartition("@")[2].strip().lower()
