"""Who speaks each language: Twilio's voices, each with the locale that it speaks.

Only what Twilio's page lists (docs, "Text-to-speech"): the SDK knows many more, of which some are
gone, and a voice that does not speak the locale makes a Say fail. Neural ones first; the standard
ones are for when those are not to be had.
"""

from types import MappingProxyType

VOICES = MappingProxyType(
    {
        "es": MappingProxyType(
            {
                **dict.fromkeys(("Polly.Mia-Neural", "Polly.Andres-Neural", "Polly.Mia"), "es-MX"),
                **dict.fromkeys(("Polly.Lupe-Neural", "Polly.Pedro-Neural", "Polly.Lupe"), "es-US"),
                **dict.fromkeys((f"Google.es-US-Neural2-{letter}" for letter in "ABC"), "es-US"),
                "Polly.Miguel": "es-US",
                **dict.fromkeys(("Polly.Lucia-Neural", "Polly.Sergio-Neural", "Polly.Lucia"), "es-ES"),
                **dict.fromkeys((f"Google.es-ES-Neural2-{letter}" for letter in "GH"), "es-ES"),
            }
        ),
        "pt": MappingProxyType(
            {
                **dict.fromkeys(("Polly.Camila-Neural", "Polly.Vitoria-Neural"), "pt-BR"),
                **dict.fromkeys(("Polly.Thiago-Neural", "Polly.Camila"), "pt-BR"),
                **dict.fromkeys((f"Google.pt-BR-Neural2-{letter}" for letter in "ABC"), "pt-BR"),
            }
        ),
        "en": MappingProxyType(
            dict.fromkeys(("Polly.Joanna-Neural", "Polly.Matthew-Neural", "Polly.Joanna"), "en-US")
        ),
    }
)
USUAL_VOICES = MappingProxyType(
    {"es": "Polly.Mia-Neural", "pt": "Polly.Camila-Neural", "en": "Polly.Joanna-Neural"}
)
