"""Which voice speaks which language: a wrong pair makes Twilio's Say fail, so each pair used must stand
here.
"""

from types import MappingProxyType

VOICES = MappingProxyType(
    {
        "es-MX": frozenset({"Polly.Mia-Neural", "Polly.Andres-Neural", "Polly.Mia"}),
        "es-US": frozenset(
            {"Polly.Lupe-Neural", "Polly.Pedro-Neural", "Polly.Lupe", "Polly.Miguel"}
            | {f"Google.es-US-Neural2-{letter}" for letter in "ABC"}
        ),
        "es-ES": frozenset(
            {"Polly.Lucia-Neural", "Polly.Sergio-Neural", "Polly.Lucia"}
            | {f"Google.es-ES-Neural2-{letter}" for letter in "GH"}
        ),
        "pt-BR": frozenset(
            {"Polly.Camila-Neural", "Polly.Vitoria-Neural", "Polly.Thiago-Neural", "Polly.Camila"}
            | {f"Google.pt-BR-Neural2-{letter}" for letter in "ABC"}
        ),
        "en-US": frozenset({"Polly.Joanna-Neural", "Polly.Matthew-Neural", "Polly.Joanna"}),
    }
)


def longest(voice: str) -> int:
    """How many characters one Say may hold with this voice (beyond: Twilio 13521)."""
    if voice.startswith("Polly."):
        return 3_000
    return 5_000 if voice.startswith("Google.") else 4_000
