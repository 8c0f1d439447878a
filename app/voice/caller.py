"""What a caller hears: each step of the conversation as a TwiML document.

A document is a function of the call, so a webhook that comes twice is answered
by saying the same again.
"""

from collections.abc import Callable
from datetime import datetime

from twilio.twiml.voice_response import Gather, VoiceResponse

from app.locales import has, spoken_names, spoken_reference, spoken_time, working_hours
from app.voice.rooms import NOBODY_SPEAKS, conference
from app.voice.speech import ask, one_key, say, sentence
from app.voice.urls import Urls
from oncall.book import Service
from oncall.eligibility import Reason
from oncall.intake import REFUSE_RECORDING, Call, Closing, Farewell, Step
from oncall.waiting import Progress, Waiting

LONGEST_MESSAGE = 90  # seconds
MESSAGE_SILENCE = 5  # seconds of silence that end a message
WAIT_SECONDS = 15  # of silence between two things a waiting caller hears
CONSENT_SECONDS = 1  # after the announcement, before the tone
REFERENCE_ROUND = 2  # of the wait, in which the reference is repeated


class CallerScript:
    def __init__(self, urls: Urls, service: Callable[[], Service]) -> None:
        self._urls = urls
        self._service = service

    def document(self, call: Call) -> VoiceResponse:
        """What the call hears now."""
        response = VoiceResponse()
        _STEPS[call.step](self, response, call)
        return response

    # --- questions ---

    def _ask_pin(self, response: VoiceResponse, call: Call) -> None:
        opening = self._say_in(call, "voice.pin_wrong") if call.tries else self._greeting(call)
        self._ask(response, call, [opening, self._say_in(call, "voice.ask_pin")], finish_on="#")

    def _tell_notices(self, response: VoiceResponse, call: Call) -> None:
        """What is known already, before anything is asked."""
        greeting = self._greeting(call) if call.turn == 0 else ""
        keys = "voice.notice_join" if call.major else "voice.notice_menu"
        heard = [greeting, *(told.text for told in call.notices), self._say_in(call, keys)]
        self._ask(response, call, heard)

    def _ask_integration(self, response: VoiceResponse, call: Call) -> None:
        self._ask(response, call, [self._opening(call), *self._menu(call)])

    def _menu(self, call: Call) -> list[str]:
        if len(call.integrations) == 1:
            return [self._say_in(call, "voice.ask_one_integration", integration=call.integrations[0].name)]
        options = [
            self._say_in(call, "voice.integration_option", integration=option.name, key=key)
            for key, option in enumerate(call.options, start=1)
        ]
        more = [self._say_in(call, "voice.more_integrations")] if call.has_more_options else []
        return [*options, *more, self._say_in(call, "voice.other_matter")]

    def _ask_priority(self, response: VoiceResponse, call: Call) -> None:
        asked = [self._opening(call), self._say_in(call, "voice.ask_priority")]
        if call.closed is not None:
            reference = spoken_reference(call.closed.reference)
            asked.append(self._say_in(call, "voice.ask_reopen", reference=reference))
        self._ask(response, call, asked)

    def _ask_dispute(self, response: VoiceResponse, call: Call) -> None:
        opening = [self._say_in(call, "voice.not_understood")] if call.tries else self._refusal(call)
        self._ask(response, call, [*opening, self._say_in(call, "voice.may_dispute")])

    def _ask(
        self, response: VoiceResponse, call: Call, sentences: list[str], finish_on: str | None = None
    ) -> None:
        action = self._of_turn(call, "key")
        if_silent = self._of_turn(call, "silence")
        ask(response, sentences, call.language, action, if_silent, finish_on=finish_on)

    # --- in our hands ---

    def _describe(self, response: VoiceResponse, call: Call) -> None:
        names = spoken_names(call.calling, call.language)
        if call.tries:
            opening = [self._say_in(call, "voice.not_understood")]
        elif call.reason is not None:
            opening = [
                self._say_in(call, "voice.disputed" if names else "voice.disputed_nobody_yet", names=names)
            ]
        else:
            opening = [
                "" if call.client_name else self._greeting(call),  # nothing was said before
                self._say_in(call, "voice.unverified_paged") if call.unverified else "",
                self._reference(call),
                self._say_in(
                    call, "voice.calling" if call.calling else "voice.calling_nobody_yet", names=names
                ),
            ]
        self._record(response, call, [*opening, *self._recorded(call, "voice.describe")])

    def _recorded(self, call: Call, what: str) -> list[str]:
        """That it is recorded, the key that refuses it, and what is to be said after the tone."""
        return [self._consent(call), self._say_in(call, what)]

    def _consent(self, call: Call) -> str:
        return self._say_in(call, "voice.recorded_all" if call.is_recordable else "voice.recorded")

    def _wait(self, response: VoiceResponse, call: Call) -> None:
        if call.closing is not None:
            heard = [self._closed(call, call.closing)]
        elif call.taken_by:
            key = "voice.not_connected" if call.is_parted else "voice.taken_will_call"
            heard = [self._say_in(call, key, name=call.taken_by)]
        elif call.is_passed_on:
            reference = spoken_reference(call.reference or "")
            heard = [self._say_in(call, "voice.passed_on", reference=reference)]
        elif call.refused_recording:
            heard = [self._say_in(call, "voice.not_recorded")]
        else:
            heard = self._joined(call) if call.joined else []
        if call.is_to_be_asked:
            self._ask_consent(response, call, heard)
        else:
            say(response, heard, call.language)
        response.enqueue(
            f"guardia-{call.case}",
            action=self._of_turn(call, "left"),
            method="POST",
            wait_url=self._of_turn(call, "wait"),
            wait_url_method="POST",
        )

    def _ask_consent(self, response: VoiceResponse, call: Call, before: list[str]) -> None:
        """Whoever will be recorded only in a conversation: 9 refuses, and who presses nothing goes on."""
        gather = self._key_before(response, call)
        say(gather, [*before, self._say_in(call, "voice.conversation_recorded")], call.language)

    def _joined(self, call: Call) -> list[str]:
        key = "voice.calling" if call.calling else "voice.calling_nobody_yet"
        names = spoken_names(call.calling, call.language)
        reference = spoken_reference(call.reference or "")
        return [
            self._say_in(call, "voice.joined_open", reference=reference),
            self._say_in(call, key, names=names),
        ]

    def waiting_document(self, call: Call, waiting: Waiting) -> VoiceResponse:
        """One round of the wait, which Twilio asks for again and again; every round asks the state."""
        if call.step is not Step.WAITING:
            return self.out_of_the_queue()
        response = VoiceResponse()
        self._listen_while_waiting(response, call, self._progress(call, waiting))
        return response

    def out_of_the_queue(self) -> VoiceResponse:
        response = VoiceResponse()
        response.leave()
        return response

    def _listen_while_waiting(self, response: VoiceResponse, call: Call, sentences: list[str]) -> None:
        key, silence = self._of_turn(call, "wait-key"), self._of_turn(call, "wait")
        ask(response, sentences, call.language, key, silence, seconds=WAIT_SECONDS)

    def waiting_key_document(self, call: Call, digits: str) -> VoiceResponse:
        """What follows a key pressed while waiting; spoken inside the queue, where only some verbs work."""
        response = VoiceResponse()
        if call.step is Step.OVER:
            self._farewell(response, call)
        elif call.step is Step.WAITING:
            why_not = _WHY_NOT.get(digits) if digits != REFUSE_RECORDING or call.refused_recording else None
            if why_not is None:
                response.redirect(self._of_turn(call, "wait"), method="POST")
            else:
                keys = self._closed_keys(call) if call.closing else self._waiting_keys(call)
                heard = [self._say_in(call, why_not), keys]
                self._listen_while_waiting(response, call, heard)
        else:
            response.leave()
        return response

    def _progress(self, call: Call, waiting: Waiting) -> list[str]:
        """What is true now, once the reference again, and the keys that lead somewhere."""
        repeated = call.rounds == REFERENCE_ROUND and not waiting.taken_by
        reference = self._reference(call) if repeated else ""
        if waiting.progress is Progress.OVER:
            again = self._say_in(call, "voice.closed_again")
            return [self._closed(call, waiting.closing), again, self._closed_keys(call)]
        return [self._fact(call, waiting), reference, self._waiting_keys(call)]

    def _fact(self, call: Call, waiting: Waiting) -> str:
        names = spoken_names(waiting.names, call.language)
        match waiting.progress:
            case Progress.TAKEN:
                return self._taken(call, "voice.taken_will_call", names, waiting)
            case Progress.CALLING_NEXT if has(f"ordinal.{waiting.place}", call.language):
                place = self._say_in(call, f"ordinal.{waiting.place}")
                return self._say_in(call, "voice.waiting_next", place=place, names=names)
            case Progress.AGAIN if waiting.names:
                return self._say_in(call, "voice.waiting_again", names=names)
            case Progress.AGAIN:
                return self._say_in(call, "voice.waiting_again_nobody")
        known = "voice.waiting_calling" if waiting.names else "voice.waiting"
        return self._say_in(call, known, names=names)

    def _taken(self, call: Call, key: str, name: str, waiting: Waiting) -> str:
        """Who has it and, where they said so, until when."""
        has_it = self._say_in(call, key, name=name)
        if waiting.eta is None or waiting.eta <= (call.round_began_at or call.arrived_at):
            return has_it
        return f"{has_it} {self._say_in(call, 'voice.eta', name=name, time=_spoken_eta(call, waiting.eta))}"

    def _closed(self, call: Call, closing: Closing | None) -> str:
        """That the incident is closed, and by whom; solved or not."""
        reference = spoken_reference(call.reference or "")
        if closing is None or not closing.by:
            return self._say_in(call, "voice.closed", reference=reference)
        key = "voice.closed_solved" if closing.is_solved else "voice.closed_by"
        return self._say_in(call, key, name=closing.by, reference=reference)

    def _closed_keys(self, call: Call) -> str:
        """What the keys do once it is closed: nobody is called any more, but who had it is told."""
        if call.call_back and call.may_leave_message:
            return self._say_in(call, "voice.closed_keys")
        if call.call_back:
            return self._say_in(call, "voice.closed_key_call")
        return self._say_in(call, "voice.closed_key_message") if call.may_leave_message else ""

    def _waiting_keys(self, call: Call) -> str:
        if call.call_back and call.may_leave_message:
            return self._say_in(call, "voice.waiting_keys")
        if call.call_back:
            return self._say_in(call, "voice.waiting_key_call")
        return self._say_in(call, "voice.waiting_key_message") if call.may_leave_message else ""

    def _message(self, response: VoiceResponse, call: Call) -> None:
        if call.tries:
            again = self._recorded(call, "voice.leave_message")
            opening = [self._say_in(call, "voice.not_understood"), *again]
        elif call.taken_by and call.joined:
            facts = {"reference": spoken_reference(call.reference or ""), "name": call.taken_by}
            eta = call.eta if call.eta and call.eta > call.arrived_at else None
            key = "voice.joined_taken_eta" if eta else "voice.joined_taken"
            time = _spoken_eta(call, eta) if eta else ""
            taken = self._say_in(call, key, time=time, **facts)
            opening = [taken, self._consent(call)]
        else:
            opening = self._recorded(call, "voice.leave_message")
        self._record(response, call, opening)

    def _record(self, response: VoiceResponse, call: Call, sentences: list[str]) -> None:
        """What is said before the tone can be cut short by a key: 9 refuses, # has nothing to say."""
        say(self._key_before(response, call), sentences, call.language)
        response.record(
            action=self._of_turn(call, "recorded"),
            method="POST",
            max_length=LONGEST_MESSAGE,
            timeout=MESSAGE_SILENCE,
            finish_on_key="#",
            play_beep=True,
            trim="trim-silence",
            recording_status_callback=self._urls.callback("/voice/recordings"),
            recording_status_callback_method="POST",
            recording_status_callback_event="completed absent",
        )

    def _key_before(self, response: VoiceResponse, call: Call) -> Gather:
        """One key counts while it is heard; who presses none goes on with what follows."""
        return one_key(response, self._of_turn(call, "key"), CONSENT_SECONDS)

    def _talk(self, response: VoiceResponse, call: Call) -> None:
        if call.is_to_be_asked:
            self._ask_consent(response, call, [])
            response.redirect(self._of_turn(call, "silence"), method="POST")
            return
        refused = call.records_conversation and call.refused_recording
        unrecorded = self._say_in(call, "voice.not_recorded") if refused else ""
        connecting = self._say_in(call, "voice.connecting", name=call.taken_by or "")
        say(response, [unrecorded, connecting], call.language)
        dial = response.dial(action=self._of_turn(call, "talked"), method="POST")
        # Who was called back may be there before the engineer, who stepped out, is back.
        wait = f"/voice/rooms/moment/{call.language}" if call.returns else NOBODY_SPEAKS
        conference(dial, call.case, self._urls, ends_with_this_leg=call.alone, wait=wait)

    # --- the end ---

    def _farewell(self, response: VoiceResponse, call: Call) -> None:
        reference = spoken_reference(call.reference or "")
        match call.farewell:
            case Farewell.REFUSED:
                words = self._refusal(call)
            case Farewell.TEST:
                words = [self._say_in(call, "voice.test_over")]
            case Farewell.CALLBACK:
                words = [self._call_back(call)]
            case Farewell.ATTACHED:
                attached = "voice.attached" if call.is_written_to else "voice.attached_unwritten"
                words = [self._say_in(call, attached, reference=reference)]
            case Farewell.PROMISED:
                words = self._promise(call)
            case Farewell.CLOSED:
                words = [self._closed(call, call.closing), self._say_in(call, "voice.closed_again")]
            case Farewell.MESSAGE:
                words = [self._say_in(call, "voice.message_thanks")]
            case Farewell.CONVERSATION:
                ended = "conversation_over" if call.is_written_to else "conversation_over_unwritten"
                words = [self._say_in(call, f"voice.{ended}", reference=reference)]
            case _:
                words = [self._say_in(call, "voice.not_recorded")] if call.refused_recording else []
        say(response, [*words, self._say_in(call, "voice.goodbye")], call.language)
        response.hangup()

    def _call_back(self, call: Call) -> str:
        """Who will be called: the number that called, or the contact's of the contract."""
        reference = spoken_reference(call.reference or "")
        if call.closing is not None:
            return self._say_in(call, "voice.callback_asked", reference=reference)
        if call.call_back == call.caller:
            return self._say_in(call, "voice.callback_promised", reference=reference)
        facts = {"name": call.call_back_name, "reference": reference}
        return self._say_in(call, "voice.callback_promised_to", **facts)

    def _promise(self, call: Call) -> list[str]:
        """After the whole wait: that the paging goes on, and until when the call comes, if that is owed."""
        if call.taken_by:
            opening = self._say_in(call, "voice.promise_taken", name=call.taken_by)
        elif call.is_passed_on:
            opening = self._say_in(call, "voice.promise_calling")
        else:
            opening = self._say_in(call, "voice.promise_nobody_yet")
        if call.promised_by is None:
            return [opening, self._call_back(call)]
        zone = call.timezone or self._service().working_hours.timezone
        time = spoken_time(call.promised_by, zone, call.language, call.wait_ends_at)
        if call.call_back == call.caller:
            promise = self._say_in(call, "voice.promised_here", time=time)
        else:
            promise = self._say_in(call, "voice.promised_to", time=time, name=call.call_back_name)
        return [opening, promise, self._reference(call)]

    def _refusal(self, call: Call) -> list[str]:
        service = self._service()
        center = service.support_center.name
        hours = working_hours(service.working_hours, call.language)
        reason = call.reason or Reason.CALLER_NOT_VERIFIED
        written = "voice.refused_reference" if call.is_written_to else "voice.refused_reference_unwritten"
        greeting = self._greeting(call) if reason in _AT_ARRIVAL and call.turn <= 1 else ""
        return [
            greeting,
            self._say_in(call, f"refusal.{reason}.spoken", center=center, hours=hours),
            self._say_in(call, written, reference=spoken_reference(call.reference or "")),
        ]

    # --- words ---

    def _opening(self, call: Call) -> str:
        if call.tries:
            return self._say_in(call, "voice.not_understood")
        return self._greeting(call) if call.turn == 0 else ""

    def _greeting(self, call: Call) -> str:
        if not call.client_name:
            return self._say_in(call, "voice.unknown_line")
        return self._say_in(call, "voice.greeting", client=call.client_name)

    def _reference(self, call: Call) -> str:
        return self._say_in(call, "voice.reference", reference=spoken_reference(call.reference or ""))

    def _say_in(self, call: Call, name: str, /, **facts: object) -> str:
        return sentence(name, call.language, **facts)

    def _of_turn(self, call: Call, what: str) -> str:
        """The turn stands in the path: what belongs to an earlier one is known to be late."""
        return self._urls.twiml(f"/voice/calls/{call.turn}/{what}")


# What a key pressed while waiting is answered with when it leads nowhere, or changes what is recorded.
_WHY_NOT = {
    "1": "voice.callback_impossible",
    "2": "voice.message_refused",
    REFUSE_RECORDING: "voice.not_recorded",
}

# Refused before anything was asked: nobody has said yet whose guard this is.
_AT_ARRIVAL = frozenset({Reason.UNKNOWN_LINE, Reason.CONTRACT_NOT_IN_FORCE, Reason.CALLER_NOT_VERIFIED})

_STEPS: dict[Step, Callable[[CallerScript, VoiceResponse, Call], None]] = {
    Step.PIN: CallerScript._ask_pin,
    Step.NOTICE: CallerScript._tell_notices,
    Step.INTEGRATION: CallerScript._ask_integration,
    Step.PRIORITY: CallerScript._ask_priority,
    Step.DISPUTE: CallerScript._ask_dispute,
    Step.DESCRIBING: CallerScript._describe,
    Step.WAITING: CallerScript._wait,
    Step.MESSAGE: CallerScript._message,
    Step.CONVERSATION: CallerScript._talk,
    Step.OVER: CallerScript._farewell,
}


def _spoken_eta(call: Call, eta: datetime) -> str:
    return spoken_time(eta, call.timezone or "UTC", call.language, call.arrived_at)
