"""Every kind of entry can be read by a person, in each language, whatever of it is missing."""

import ast
from pathlib import Path
from typing import Any

import pytest

from app.locales import LANGUAGES, catalog
from app.locales.entries import sentence, word
from oncall.record import GRAMMAR

ROOT = Path(__file__).parents[3]
ZONE = "America/Argentina/Buenos_Aires"

ANA = {"person": "ana", "name": "Ana Paz"}
ANAS_PHONE = {**ANA, "to": "+5491155550101"}
LATER = "2026-11-23T21:00:00+00:00"
ASKED = {"asked": "El certificado nuevo", "whom": "Marta Ruiz", "channel": "mail"}
OPENED = {
    "priority": "high",
    "integration": "CRM Salesforce",
    "client": "ACME Seguros",
    "respond_by": "2026-11-23T07:00:00+00:00",
    "resolve_by": "2026-11-23T21:00:00+00:00",
    "unverified": False,
}

# kind, data, and what the Spanish sentence must say.
ENTRIES: list[tuple[str, dict[str, Any], str]] = [
    (
        "call_arrived",
        {"line": "+541152630001", "caller": "+5491155550201", "withheld": False},
        "+5491155550201",
    ),
    ("call_arrived", {"line": "+541152630001", "caller": "", "withheld": True}, "número oculto"),
    ("caller_identified", {"contact": "Marta Ruiz", "how": "number"}, "Marta Ruiz"),
    ("caller_identified", {"contact": "", "how": "pin"}, "PIN"),
    ("pin_rejected", {"tries": 2}, "intento 2"),
    ("integration_chosen", {"integration": "crm", "name": "CRM Salesforce"}, "CRM Salesforce"),
    ("integration_chosen", {"integration": None, "name": None}, "otro tema"),
    (
        "integration_chosen",
        {"integration": "crm", "name": "CRM Salesforce", "contact": "Pablo Sosa"},
        "Pablo Sosa eligió la integración CRM Salesforce.",
    ),
    (
        "integration_chosen",
        {"integration": None, "name": None, "contact": "Pablo Sosa"},
        'Pablo Sosa eligió "otro tema".',
    ),
    (
        "priority_chosen",
        {"priority": "high", "contact": "Pablo Sosa"},
        "Pablo Sosa eligió la prioridad Alto.",
    ),
    ("caller_hung_up", {"contact": "Pablo Sosa"}, "Pablo Sosa cortó."),
    ("told_closed", {}, "que el caso está cerrado"),
    ("integration_unclear", {}, "sin verificar"),
    ("priority_chosen", {"priority": "high"}, "Alto"),
    ("priority_unclear", {}, "se atiende igual, sin verificar"),
    ("contract_unreadable", {}, "contratos"),
    ("refused", {"reason": "self_service_integration"}, "Selfservice"),
    ("abandoned", {}, "se cortó"),
    ("disputed", {}, "no aceptó el rechazo"),
    ("dispute_judged", {**ANA, "verdict": "client", "note": "Renovaron ayer"}, "Motivo: “Renovaron ayer”."),
    ("page_asked", ANA, "Ana Paz pidió que también le llamen, para tomarlo."),
    ("dispute_judged", {**ANA, "verdict": "guard", "note": None}, "Ana Paz: el rechazo era correcto."),
    ("seen_by_fallback", {"seconds": 40}, "No se sabe si alguien habló"),
    ("seen_by_fallback", {**ANA, "seconds": 95}, "con Ana Paz: 1 min 35 s"),
    ("opened", OPENED, "Primera respuesta hasta lun 23 nov 2026, 04:00"),
    ("opened", {**OPENED, "unverified": True}, "Sin verificar"),
    ("opened", {"priority": None, "integration": None, "client": None}, "cliente desconocido"),
    ("joined", {"caller": "+5491155550202"}, "+5491155550202"),
    ("joined", {"caller": ""}, "número oculto"),
    (
        "level_began",
        {"round": 1, "level": 2, "people": ["Ana Paz", "Inés Sol"], "rotation": None},
        "Ana Paz e Inés",
    ),
    ("level_began", {"round": 1, "level": 2, "people": ["Ana Paz"], "rotation": "primary"}, "(primary)"),
    ("level_empty", {"round": 1, "level": 2, "rotation": None}, "no hay nadie"),
    ("level_empty", {"round": 1, "level": 2, "rotation": "backup"}, "(backup)"),
    ("page_requested", {**ANAS_PHONE, "channel": "call"}, "Se llama a Ana Paz (…0101)"),
    ("page_requested", {**ANAS_PHONE, "channel": "sms"}, "Mensaje de texto"),
    ("stood_still", {"seconds": 7200}, "2 h"),
    ("page_delayed", {**ANA, "seconds": 75}, "1 min 15 s"),
    ("page_ringing", ANAS_PHONE, "Suena"),
    ("page_ringing", {**ANAS_PHONE, "phone": 2}, "(…0101, segundo teléfono)"),
    ("page_ringing", {**ANAS_PHONE, "phone": 5}, "(…0101, teléfono 5)"),
    ("page_answered", ANAS_PHONE, "Atendieron"),
    ("page_failed", {**ANAS_PHONE, "channel": "call", "why": "busy"}, "ocupado"),
    ("page_failed", {**ANAS_PHONE, "channel": "sms", "why": "failed", "code": "30003"}, "(código 30003)"),
    ("page_cancelled", {**ANAS_PHONE, "channel": "call"}, "Se canceló la llamada"),
    ("page_cancelled", {**ANAS_PHONE, "channel": "call", "why": "no_answer"}, "Se dejó de llamar a Ana Paz"),
    ("page_cancelled", {**ANAS_PHONE, "channel": "sms"}, "Se canceló el mensaje"),
    ("page_passed", {**ANA, "by": "key"}, "con una tecla"),
    ("page_adopted", ANAS_PHONE, "ya estaba hecha"),
    ("page_joined", {**ANA, "with": "G-1042"}, "junto con el de G-1042"),
    ("conversation_left", ANA, "Ana Paz dejó la conversación, que sigue"),
    ("not_connected", ANA, "Ana Paz y el cliente no se estableció"),
    ("client_not_reached", ANA, "nadie marcó una tecla"),
    ("client_not_reached", {**ANA, "why": "busy"}, "cuando Ana Paz le llamó: ocupado."),
    ("client_not_reached", {**ANA, "why": "withdrawn"}, "antes de que hablaran"),
    ("acknowledged", {**ANA, "by": "link", "seconds": 42}, "desde el enlace, 42 s después de la llamada"),
    (
        "acknowledged",
        {**ANA, "by": "key", "seconds": 7200, "again": True},
        "2 h después de la primera llamada",
    ),
    ("late_key", {**ANA, "taken_by": "Bruno Díaz"}, "Bruno Díaz"),
    ("round_ended", {"round": 3}, "vuelta 3"),
    ("caller_hung_up", {}, "cortó"),
    ("callback_asked", {}, "le llamen"),
    (
        "callback_promised",
        {"to": "+5491155550201", "contact": "Marta Ruiz", "promised_by": "2026-11-23T06:02:07+00:00"},
        "a más tardar lun 23 nov 2026, 03:02",
    ),
    ("callback_promised", {"to": "+5491155550201", "contact": "", "promised_by": None}, "sigue"),
    (
        "callback_promised",
        {"to": "+5491155550201", "contact": "Marta Ruiz", "promised_by": None, "name": "Ana"},
        "una llamada de Ana, a …0201.",
    ),
    ("recording_refused", {}, "no se graba nada"),
    (
        "notice_published",
        {"notice": 3, "text": "Sabemos.", "until": "2026-11-23T06:02:07+00:00", "name": "Lucía Ferrer"},
        "Lucía Ferrer publicó el aviso 3",
    ),
    ("notice_ended", {"notice": 3, "name": "Lucía Ferrer"}, "terminó el aviso 3"),
    ("notice_ended", {"notice": 3, "with_incident": True}, "con él terminó el aviso 3"),
    ("notice_told", {"notice": 3, "text": "Sabemos."}, "oyó el aviso 3: «Sabemos.»"),
    ("attached", {"reference": "G-1040", "notice": 3}, "incidente mayor G-1040"),
    ("caller_attached", {"reference": "G-1050"}, "caso G-1050"),
    ("major_closed", {"reference": "G-1040"}, "G-1040 se cerró"),
    ("problem_described", {"seconds": 31}, "31 s"),
    ("message_left", {"seconds": 12}, "12 s"),
    ("message_missing", {}, "no dejó mensaje"),
    ("recording_kept", {"seconds": 12, "sha256": "ab12"}, "(12 s) se guardó; SHA-256: ab12"),
    ("recording_absent", {}, "no quedó sonido"),
    ("recording_began", {}, "lo sabe y no se opuso"),
    ("conversation_kept", {"seconds": 1830, "sha256": "ab12"}, "La conversación (30 min 30 s) quedó grabada"),
    ("conversation_unrecorded", {"code": "20001"}, "no se pudo grabar (20001)"),
    ("recording_discarded", {}, "no quiso que se le grabe"),
    ("recording_delayed", {"seconds": 95, "code": "disk_full"}, "no se pudo traer en medio día"),
    ("recording_too_large", {"seconds": 9000}, "(2 h 30 min) no cabe donde se guardan, y queda en Twilio"),
    ("recording_removed", {"sha256": "ab12"}, "el sonido se borró; queda su SHA-256: ab12"),
    ("connected", ANA, "están hablando"),
    ("client_called", ANA, "llama al cliente"),
    ("conversation_ended", {}, "Terminó la conversación."),
    ("conversation_ended", {"by": "client"}, "El cliente cortó: terminó la conversación."),
    ("conversation_ended", {**ANA, "by": "engineer"}, "Ana Paz terminó la conversación."),
    ("disposition", {**ANA, "answer": "working"}, "sigue trabajando"),
    ("disposition", {**ANA, "answer": "solved"}, "resuelto"),
    ("disposition", {**ANA, "answer": "handed_over"}, "otra persona"),
    ("disposition", {**ANA, "answer": "none"}, "sigue abierto"),
    (
        "eta_given",
        {**ANA, "eta": LATER, "by": "key"},
        "dijo con una tecla que calcula resolverlo para lun 23 nov",
    ),
    ("asked_again", ANA, "no dijo cómo sigue"),
    ("no_sign_of_life", {**ANA, "seconds": 1800}, "desde hace 30 min"),
    ("still_on_it", ANA, "sigue con el incidente"),
    ("holder_silent", {**ANA, "seconds": 2100}, "no respondió"),
    ("client_on_hold", ANA, "en espera"),
    ("client_off_hold", ANA, "volvió con el cliente"),
    ("side_called", {**ANAS_PHONE, "purpose": "check", "by": "guardia"}, "para saber si sigue"),
    ("side_called", {**ANAS_PHONE, "purpose": "join", "by": "bruno"}, "para que se sume"),
    ("side_called", {**ANAS_PHONE, "purpose": "listen", "by": "ana"}, "para que escuche"),
    ("side_failed", {**ANAS_PHONE, "purpose": "join", "why": "busy"}, "ocupado"),
    ("side_declined", {**ANA, "purpose": "join"}, "no puede sumarse"),
    ("side_joined", {**ANA, "purpose": "join"}, "se sumó"),
    ("side_joined", {**ANA, "purpose": "listen"}, "quienes hablan lo saben"),
    ("side_left", {**ANA, "purpose": "join"}, "dejó la conversación"),
    ("side_unreached", {"purpose": "join"}, "a nadie más"),
    ("note", {**ANA, "text": "El token venció."}, "Ana Paz anota: «El token venció.»"),
    (
        "agreement",
        {**ANA, "agreed": "Cambian la clave", "whom": "Marta Ruiz", "channel": "phone", "until": LATER},
        "con Marta Ruiz, por teléfono: «Cambian la clave» (hasta lun 23 nov 2026, 18:00)",
    ),
    ("agreement", {**ANA, "agreed": "", "whom": "Marta Ruiz", "channel": "video"}, "no acordaron nada"),
    ("agreement_asked", ANA, "lo acordado"),
    ("closure_asked", ANA, "la causa"),
    (
        "wait_started",
        {**ANA, **ASKED, "party": "client", "since": LATER, "until": LATER},
        "Espera al cliente desde lun 23 nov 2026, 18:00: Ana Paz pidió a Marta Ruiz, por correo",
    ),
    ("wait_started", {**ANA, **ASKED, "party": "third_party"}, "Espera a un tercero"),
    ("wait_ended", {**ANA, "wait": 14, "ended_by": "person"}, "Terminó la espera del asiento 14"),
    ("wait_ended", {"wait": 14, "ended_by": "reply"}, "el cliente respondió"),
    ("wait_ended", {"wait": 14, "ended_by": "call"}, "el cliente llamó"),
    ("wait_ended", {"wait": 14, "ended_by": "limit"}, "llegó a su límite"),
    ("wait_ended", {"wait": 14, "ended_by": "closed"}, "se cerró el caso"),
    ("wait_ended", {"wait": 14, "ended_by": "withdrawn"}, "no cuenta"),
    ("wait_ended", {"wait": 14, "ended_by": "call", "ended_at": LATER}, "llamó. Contó hasta lun 23 nov 2026"),
    (
        "file_attached",
        {"person": "ana", "person_name": "Ana Paz", "name": "log.txt", "size": 12_340, "sha256": "9f86"},
        "Ana Paz adjuntó log.txt (12.3 kB; sha256 9f86)",
    ),
    ("correction", {**ANA, "entry": 14, "text": "Fue a las tres."}, "corrige el asiento 14"),
    ("correction", {**ANA, "entry": 14, "text": "No fue así.", "withdrawn": True}, "deja de contar"),
    ("reopened", {}, "se reabre"),
    ("relates_to", {"reference": "G-1001", "closed_at": LATER}, "G-1001"),
    ("closed", {"how": "solved"}, "resuelto"),
    ("closed", {**ANA, "how": "solved", "cause": "El token venció", "done": "Se renovó"}, "«Se renovó»."),
    (
        "closed",
        {
            "how": "origin_third_party",
            "owner": "Salesforce",
            "cause": "No responde",
            "window_from": LATER,
            "window_to": LATER,
            "request": "GET /leads",
            "response": "503",
            "files": ["log.txt (sha256 9f86)"],
            "told": "Marta Ruiz",
        },
        "cláusula A12",
    ),
    (
        "closure_completed",
        {**ANA, "how": "solved", "cause": "El token venció"},
        "completó el cierre: resuelto",
    ),
    ("mailed", {"template": "refusal", "to": ["a@b.example", "c@d.example"]}, "a@b.example y c@d.example"),
    ("mail_failed", {"template": "opened", "to": ["a@b.example"], "why": "550"}, "550"),
    ("replied", {"name": "Marta Ruiz", "text": "Ya está."}, "Marta Ruiz respondió por correo: «Ya está.»"),
    ("mail_quarantined", {"sender": "eve@evil.example", "why": "stranger"}, "no es contacto del cliente"),
    ("mail_bounced", {"to": ["a@b.example"], "why": "550 5.1.1"}, "a@b.example no llegó: 550 5.1.1"),
    ("ticket_failed", {"first": 3, "last": 9, "why": "503"}, "los asientos 3 a 9: 503"),
    (
        "breach_near",
        {"clock": "resolution", "percent": 75, "due_at": "2026-11-23T07:00:00+00:00", "told": ["Ana Paz"]},
        "75 % del tiempo de la resolución, que vence lun 23 nov 2026, 04:00. Se avisó a Ana Paz",
    ),
    ("chat_told", {"template": "alarm", "channel": "slack"}, "slack"),
    ("chat_failed", {"template": "alarm", "channel": "slack", "why": "off"}, "off"),
    ("texted", ANAS_PHONE, "Ana Paz (…0101)"),
    ("text_failed", {**ANAS_PHONE, "code": "21610"}, "(código 21610)"),
    ("provider_error", {"what": "call", "code": "20003"}, "una llamada (código 20003)"),
    ("internal_error", {"where": "voice"}, "voice"),
    ("unexpected", {"event": "KeyPressed"}, "KeyPressed"),
    ("hold_set", {"why": "Juicio 12/26"}, "Juicio 12/26"),
    ("hold_released", {}, "de nuevo"),
    ("file_erased", {"sha256": "ab12"}, "se borró a pedido; queda su SHA-256: ab12"),
    ("erased", {"fields": {"1": ["caller"]}, "count": 1, "ground": "request"}, "de un asiento: a pedido"),
    (
        "erased",
        {"fields": {"1": ["caller"]}, "count": 2, "ground": "retention"},
        "de 2 asientos: venció el plazo",
    ),
    ("roster_gap", {"team": "integrations", "rotation": "primary"}, "primary (integrations)"),
]
KINDS = sorted({kind for kind, _, _ in ENTRIES})


@pytest.mark.parametrize(("kind", "data", "said"), ENTRIES)
def test_an_entry_says_what_happened(kind: str, data: dict[str, Any], said: str) -> None:
    assert said in sentence(kind, data, "es", ZONE)


@pytest.mark.parametrize(("kind", "data", "said"), ENTRIES)
def test_an_entry_is_a_sentence_in_every_language(kind: str, data: dict[str, Any], said: str) -> None:
    for language in LANGUAGES:
        told = sentence(kind, data, language, ZONE)

        assert told.endswith(".")
        assert not {"None", "{", "}", ".."} & set(told.split())
        assert "None" not in told


@pytest.mark.parametrize("kind", KINDS)
def test_an_entry_without_its_facts_can_still_be_read(kind: str) -> None:
    for language in LANGUAGES:
        assert sentence(kind, {}, language, ZONE).endswith(".")


def test_every_kind_that_the_guard_writes_stands_in_the_grammar() -> None:
    sources = [*(ROOT / "oncall").rglob("*.py"), *(ROOT / "app").rglob("*.py")]
    written = {kind for path in sources for kind in _kinds_in(path)}

    assert written - set(GRAMMAR) == set()


def test_every_kind_of_the_grammar_has_a_sentence_and_an_example_here() -> None:
    kinds = {key.split(".")[1] for key in catalog("en") if key.startswith("entry.")}

    assert kinds - {"code"} == set(GRAMMAR)
    assert set(KINDS) == set(GRAMMAR)


@pytest.mark.parametrize(("kind", "data", "said"), ENTRIES)
def test_the_examples_hold_nothing_that_the_grammar_does_not_know(
    kind: str, data: dict[str, Any], said: str
) -> None:
    assert set(data) <= set(GRAMMAR[kind].facts)


@pytest.mark.parametrize("kind", KINDS)
def test_a_sentence_says_of_what_was_erased_that_it_was(kind: str) -> None:
    personal = GRAMMAR[kind].personal
    said = {name for name in personal if "{" + name + "}" in catalog("en")[_plain(kind)]}

    told = sentence(kind, {}, "en", ZONE, personal)

    assert told.count("[erased]") >= len(said)


def _plain(kind: str) -> str:
    return next(key for key in catalog("en") if key == f"entry.{kind}" or key.startswith(f"entry.{kind}."))


def test_an_engineers_number_is_not_shown_whole() -> None:
    told = sentence("page_requested", {**ANAS_PHONE, "channel": "call"}, "en", ZONE)

    assert "+5491155550101" not in told


def test_a_word_without_translation_is_given_as_it_is() -> None:
    assert word("why", "abducted", "en") == "abducted"
    assert word("priority", "high", "pt") == "Alto"
    assert word("integration", "", "en") == "integration not given"


def test_an_unknown_kind_is_an_error() -> None:
    with pytest.raises(KeyError):
        sentence("teleported", {}, "es", ZONE)


def _kinds_in(path: Path) -> set[str]:
    """First arguments of the calls that make drafts."""
    calls = (
        node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)
    )
    firsts = (
        c.args[0]
        for c in calls
        if isinstance(c.func, ast.Name) and c.func.id in ("Draft", "_draft") and c.args
    )
    return {first.value for first in firsts if isinstance(first, ast.Constant)}
