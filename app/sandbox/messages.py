"""Text messages in both directions, their fate, and the words by which people opt out and in again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from app.sandbox.documents import Document
from app.sandbox.handset import Behaviour
from app.sandbox.parameters import API_VERSION, geography
from app.sandbox.webhooks import Answer, Overrides

if TYPE_CHECKING:
    from app.sandbox.exchange import Exchange, Line

STOP_WORDS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})
START_WORDS = frozenset({"START", "YES", "UNSTOP"})
UNREACHABLE, UNKNOWN_NUMBER = 30003, 30005
SENT_AFTER = timedelta(milliseconds=400)
DELIVERED_AFTER = timedelta(milliseconds=1_000)
_GSM = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_EXTENDED = set("^{}\\[~]|€")


@dataclass(slots=True)
class Message:
    """One text; ``direction`` as in the API: inbound, outbound-api, outbound-reply."""

    sid: str
    from_: str
    to: str
    body: str
    direction: str
    status: str
    created: datetime
    updated: datetime
    error: int | None = None
    callback: str | None = None
    sent: datetime | None = None


class Messages:
    """All messages of the account, and who opted out of which of our numbers."""

    def __init__(self, exchange: "Exchange") -> None:
        self.by_sid: dict[str, Message] = {}
        self.opted_out: set[tuple[str, str]] = set()
        self._exchange = exchange

    def send(
        self, to: str, from_: str, body: str, callback: str | None = None, direction: str = "outbound-api"
    ) -> Message:
        """Accepts a message for delivery; what becomes of it is told by callbacks."""
        message = self._new(from_, to, body, direction, "queued")
        message.callback = callback
        self._tell(message)
        self._exchange.later(SENT_AFTER, lambda: self._sent(message))
        return message

    def arrive(self, phone: str, to: str, body: str) -> None:
        """A phone sends a text to one of our numbers (to anybody else it is not our business)."""
        exchange = self._exchange
        line = exchange.lines.get(to)
        if line is None:
            exchange.phone(to).receive(phone, body)
            return
        message = self._new(phone, to, body, "inbound", "received")
        word = body.strip().upper()
        if word in STOP_WORDS:
            self.opted_out.add((phone, to))
        elif word in START_WORDS:
            self.opted_out.discard((phone, to))
        if line.sms_url:
            self._ask(line, message)

    def _ask(self, line: "Line", message: Message) -> None:
        given = self._inbound_parameters(message)
        exchange = self._exchange

        def fallback(answer: Answer) -> None:
            document, _ = exchange.retrieval.judge(answer, line.sms_fallback_url or "", "message")
            self._reply(document, message)

        def then(answer: Answer) -> None:
            document, code = exchange.retrieval.judge(answer, line.sms_url or "", "message")
            if document is None and line.sms_fallback_url:
                clean, _ = Overrides.of(line.sms_url or "")
                told = {**given, "ErrorCode": str(code), "ErrorUrl": clean}
                exchange.webhooks.fetch(
                    line.sms_fallback_url, line.sms_fallback_method, told, fallback, line.number
                )
            else:
                self._reply(document, message)

        exchange.webhooks.fetch(line.sms_url or "", line.sms_method, given, then, line.number)

    def _reply(self, document: Document | None, message: Message) -> None:
        if document is None:
            return
        for verb in document.verbs:
            if verb.tag == "Message" and (message.from_, message.to) not in self.opted_out:
                body = "".join(verb.itertext()).strip()
                callback = verb.get("statusCallback") or verb.get("action")
                self.send(
                    verb.get("to", message.from_),
                    verb.get("from", message.to),
                    body,
                    callback,
                    "outbound-reply",
                )

    def _sent(self, message: Message) -> None:
        phone = self._exchange.phone(message.to)
        code = self._exchange.chaos.failing_texts.get(message.to)
        if code is None and phone.behaviour is Behaviour.INVALID:
            code = UNKNOWN_NUMBER
        if code is None and phone.behaviour is Behaviour.OFF:
            code = UNREACHABLE
        message.sent = self._exchange.now()
        self._move(message, "sent")
        wait = DELIVERED_AFTER - SENT_AFTER
        if code is not None:
            self._exchange.later(wait, lambda: self._move(message, "undelivered", code))
        else:
            self._exchange.later(wait, lambda: self._delivered(message))

    def _delivered(self, message: Message) -> None:
        self._exchange.phone(message.to).receive(message.from_, message.body)
        self._move(message, "delivered")

    def _move(self, message: Message, status: str, error: int | None = None) -> None:
        message.status = status
        message.error = error
        message.updated = self._exchange.now()
        self._tell(message)

    def _tell(self, message: Message) -> None:
        if not message.callback:
            return
        given = {
            "MessageSid": message.sid,
            "SmsSid": message.sid,
            "MessageStatus": message.status,
            "SmsStatus": message.status,
            "AccountSid": self._exchange.account_sid,
            "From": message.from_,
            "To": message.to,
            "ApiVersion": API_VERSION,
        }
        if message.error is not None:
            given["ErrorCode"] = str(message.error)
        if message.status in ("delivered", "undelivered"):
            given["RawDlrDoneDate"] = self._exchange.now().strftime("%y%m%d%H%M")
        self._exchange.webhooks.callback(message.callback, "POST", given, to=message.to)

    def _new(self, from_: str, to: str, body: str, direction: str, status: str) -> Message:
        now = self._exchange.now()
        message = Message(self._exchange.sid("SM"), from_, to, body, direction, status, now, now)
        self.by_sid[message.sid] = message
        return message

    def _inbound_parameters(self, message: Message) -> Mapping[str, str]:
        given = {
            "MessageSid": message.sid,
            "SmsSid": message.sid,
            "SmsMessageSid": message.sid,
            "SmsStatus": "received",
            "AccountSid": self._exchange.account_sid,
            "From": message.from_,
            "To": message.to,
            "Body": message.body,
            "NumMedia": "0",
            "NumSegments": str(segments(message.body)),
            "ApiVersion": API_VERSION,
        }
        if not self._exchange.chaos.missing_geo:
            given |= geography("From", message.from_) | geography("To", message.to)
        return given


def segments(body: str) -> int:
    """How many parts a text is sent in: 160/153 characters of GSM-7, or 70/67 of UCS-2."""
    if set(body) <= _GSM | _GSM_EXTENDED:
        length = len(body) + sum(character in _GSM_EXTENDED for character in body)
        return 1 if length <= 160 else -(-length // 153)
    length = len(body.encode("utf-16-le")) // 2
    return 1 if length <= 70 else -(-length // 67)
