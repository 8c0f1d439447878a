"""The addresses that Twilio is handed: absolute, with its connection overrides as a fragment.

The fragment is not sent and not signed. Twilio retries by default only when it
cannot connect; these ask for a second try on a slow or failed answer too, which
makes duplicates certain: every handler is idempotent.
"""

from dataclasses import dataclass

# Worst case about 11 s, then Twilio's fallback (its hard cap is 15 s).
_TWIML = "#ct=1500&rt=4000&rc=1&rp=ct,rt,5xx"
_CALLBACK = "#rc=3&rp=all"


@dataclass(frozen=True, slots=True)
class Urls:
    public_url: str

    def twiml(self, path: str) -> str:
        """Where Twilio asks what to do next."""
        return f"{self.public_url}{path}{_TWIML}"

    def callback(self, path: str) -> str:
        """Where Twilio reports what happened."""
        return f"{self.public_url}{path}{_CALLBACK}"

    def plain(self, path: str) -> str:
        return f"{self.public_url}{path}"
