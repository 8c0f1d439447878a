/** One phone on the switchboard: a tile while it rests, a handset while it is used. */

import { html, useEffect, useRef, useState } from "../vendor/htm-preact.js";
import { duration, phoneNumber, timeOfDay } from "./format.js";
import { Keypad } from "./keypad.js";
import { firstName, isClientSide, nameOfNumber, ownerOf, useRoom, useTicking } from "./room.js";
import { LatestText, Texts } from "./texts.js";

const HUM_MS = 1500;
const BEHAVIOURS = ["normal", "asleep", "busy", "voicemail", "off", "invalid"];

/** idle, dialling, ringing or live; `out` is a phone that will not be answered. */
export function moodOf(phone) {
  if (phone.call) return { "in-progress": "live" }[phone.call.state] ?? phone.call.state;
  return phone.behaviour === "normal" ? "idle" : "out";
}

export function Phone({ phone }) {
  const { opened, toggle, heldNumber, touch } = useRoom();
  const article = useRef(null);
  const mood = moodOf(phone);
  const isOpen = Boolean(phone.call) || opened.has(phone.number);
  const id = `phone-${phone.number.slice(1)}`;
  const held = heldNumber === phone.number && phone.call;
  const used = isOpen ? () => touch(phone) : undefined;
  useEffect(() => {
    if (held && !fits(article.current)) article.current.scrollIntoView({ block: "start", behavior: "smooth" });
  }, [Boolean(held), mood]);
  return html`
    <article
      id=${id}
      ref=${article}
      class=${`phone is-${mood} ${isOpen ? "is-open" : ""} ${held ? "is-held" : ""}`}
      data-number=${phone.number}
      aria-labelledby=${`${id}-owner`}
      tabindex="-1"
      onfocusin=${used}
      onPointerDown=${used}
    >
      <${Nameplate} phone=${phone} mood=${mood} id=${id} isOpen=${isOpen} onToggle=${() => toggle(phone.number)} />
      ${isOpen
        ? html`<div class="handset" id=${`${id}-handset`}>
            <${Handset} phone=${phone} mood=${mood} />
            <${Texts} phone=${phone} />
            ${!phone.call && html`<${Behaviour} phone=${phone} />`}
          </div>`
        : html`<${Missed} phone=${phone} /><${LatestText} phone=${phone} />`}
    </article>
  `;
}

/** Whether all of it can be seen, above the tabs of a small window. */
function fits(element) {
  const { top, bottom } = element.getBoundingClientRect();
  return top >= 0 && bottom <= window.innerHeight - (document.querySelector(".tabs")?.offsetHeight ?? 0);
}

function Nameplate({ phone, mood, id, isOpen, onToggle }) {
  const { t, state } = useRoom();
  const role = (isClientSide(phone) && phone.company) || t(`role_${phone.role}`);
  const which = ordinalOf(phone, state);
  const usual = [phone.role !== "stranger" && role, which > 1 && t("phone_number", { which })].filter(Boolean).join(" · ");
  const about = phone.behaviour === "normal" || phone.call ? usual : t(`behaviour_${phone.behaviour}`);
  return html`
    <h3 class="nameplate">
      <button type="button" aria-expanded=${isOpen} aria-controls=${`${id}-handset`} aria-disabled=${Boolean(phone.call)} onClick=${() => phone.call || onToggle()}>
        <span class="lamp" aria-hidden="true"></span>
        <span class="who">
          <span class="owner" id=${`${id}-owner`}>${ownerOf(phone, t)}</span>
          <span class="about">${about && html`<span>${about}</span>`}<span class="number">${phoneNumber(phone.number)}</span></span>
        </span>
        ${mood === "idle" || mood === "out"
          ? html`<span class="chevron" aria-hidden="true"></span>`
          : html`<span class="mood">${t(`mood_${mood}`)}</span>`}
      </button>
    </h3>
  `;
}

/** 1 for a person's first phone, 2 for the second. */
function ordinalOf(phone, state) {
  return state.phones.filter((one) => one.owner === phone.owner && one.role === phone.role).indexOf(phone) + 1;
}

function Handset({ phone, mood }) {
  if (mood === "ringing") return html`<${Incoming} phone=${phone} />`;
  if (mood === "dialling") return html`<${Outgoing} phone=${phone} />`;
  if (mood === "live") return html`<${Conversation} phone=${phone} />`;
  return html`<${LastCall} phone=${phone} /><${Dial} phone=${phone} />`;
}

function Dial({ phone }) {
  const { t, state, order, hold, focusPhone } = useRoom();
  const own = state.lines.find((line) => line.client === phone.company) ?? state.lines[0];
  const [line, setLine] = useState(own?.number ?? "");
  const [withheld, setWithheld] = useState(false);
  const id = `dial-${phone.number.slice(1)}`;
  const dial = (event) => {
    event.preventDefault();
    hold(phone.number);
    focusPhone(phone.number);
    order(phone.number, "dial", { to: line, withheld });
  };
  if (!isClientSide(phone)) return null;
  return html`
    <form class="dial" onSubmit=${dial}>
      <label for=${id}>${t("which_line")}</label>
      <select id=${id} value=${line} onChange=${(event) => setLine(event.target.value)}>
        ${state.lines.map((one) => html`<option key=${one.number} value=${one.number}>${lineName(one, t)}</option>`)}
      </select>
      <label class="switch">
        <input type="checkbox" role="switch" checked=${withheld} onChange=${(event) => setWithheld(event.target.checked)} />
        <span>${t("withhold")}</span>
      </label>
      <button type="submit" class="go">${t("dial")}</button>
    </form>
  `;
}

const lineName = (line, t) => `${line.client || t("guard_line")} · ${phoneNumber(line.number)}`;

function LastCall({ phone }) {
  const { t, language, state } = useRoom();
  const { ended } = phone;
  if (!ended) return null;
  const name = nameOfNumber(ended.with, state, t);
  return html`
    <div class="screen is-dim">
      <p class="status"><span>${t(howItEnded(ended), { name })}</span><time>${timeOfDay(ended.at, language)}</time></p>
      ${ended.spoken.length > 0 && html`<${Transcript} phone=${phone} call=${ended} quiet />`}
    </div>
  `;
}

/** On a closed phone, that somebody called and nobody spoke. */
function Missed({ phone }) {
  const { t, language, state } = useRoom();
  const { ended } = phone;
  if (!ended || howItEnded(ended) !== "missed_call") return null;
  const name = nameOfNumber(ended.with, state, t);
  return html`<p class="missed">${t("missed_call", { name })} · <time>${timeOfDay(ended.at, language)}</time></p>`;
}

function howItEnded({ direction, status }) {
  if (status === "completed") return "call_ended";
  return direction === "incoming" ? "missed_call" : "not_reached";
}

function Outgoing({ phone }) {
  const { t, state } = useRoom();
  return html`
    <div class="screen">
      <p class="status">${t("calling", { name: nameOfNumber(phone.call.with, state, t) })}</p>
    </div>
    <${HangUp} phone=${phone} />
  `;
}

function Incoming({ phone }) {
  const { t, state, order, hold, focusPhone } = useRoom();
  const answer = () => {
    hold(phone.number);
    focusPhone(phone.number);
    order(phone.number, "answer");
  };
  const decline = () => {
    focusPhone(phone.number);
    order(phone.number, "reject");
  };
  return html`
    <div class="screen">
      <div class="bell" aria-hidden="true"><i></i><i></i><i></i></div>
      <p class="status big">${t("is_calling", { name: nameOfNumber(phone.call.with, state, t) })}</p>
    </div>
    <div class="actions">
      <button type="button" class="go" onClick=${answer}>${t("answer")}</button>
      <button type="button" class="stop" onClick=${decline}>${t("decline")}</button>
    </div>
  `;
}

function Conversation({ phone }) {
  const { t, state, offset, pressed } = useRoom();
  const { call } = phone;
  const now = useTicking(offset);
  const typed = pressed.sid === call.sid ? pressed.digits : "";
  const voices = call.talking_to ?? [];
  const heard = call.listening_to ?? [];
  return html`
    <div class=${call.on_hold ? "screen is-on-hold" : "screen"}>
      <p class="status">
        <span>${company(call, voices, heard, state, t)}</span>
        <time>${duration((now - Date.parse(call.since)) / 1000)}</time>
      </p>
      <${Transcript} phone=${phone} call=${call} />
      <p class="listening">${listening(call, typed, t)}</p>
    </div>
    ${(call.recording || voices.length > 0) && html`<${Say} phone=${phone} />`}
    <${Keypad} phone=${phone} lit=${call.gathering} />
    <${HangUp} phone=${phone} />
  `;
}

/** The button leaves with the call; the focus stays with the phone. */
function HangUp({ phone }) {
  const { t, order, focusPhone } = useRoom();
  const hangUp = () => {
    focusPhone(phone.number);
    order(phone.number, "hang-up");
  };
  return html`<div class="actions"><button type="button" class="stop" onClick=${hangUp}>${t("hang_up")}</button></div>`;
}

/** With whom the owner of a phone is connected, as its screen says. */
function company(call, voices, heard, state, t) {
  if (call.on_hold) return t("on_hold");
  if (heard.length) return t("listening_to", { names: heard.join(", ") });
  if (voices.length) return t("talking_to", { names: voices.join(", ") });
  return nameOfNumber(call.with, state, t);
}

function listening(call, typed, t) {
  const keys = typed ? html`<span class="typed">${t("you_pressed")} <b>${typed.slice(-12).split("").join(" ")}</b></span>` : null;
  if (call.recording) return html`<span class="recording">${t("recording")}</span>${keys}`;
  if (call.recorded) return html`<span class="recording">${t("recorded")}</span>${keys}`;
  if (call.gathering) return html`<span class="gathering">${t("gathering")}</span>${keys}`;
  if (call.queue) return html`<span class="waiting">${t("waiting")}</span>${keys}`;
  return keys;
}

/** What was said, the newest sentence in full light; read out to who cannot see it. */
function Transcript({ phone, call, quiet = false }) {
  const { t, said } = useRoom();
  const own = said.filter((sentence) => sentence.sid === call.sid).map((sentence) => ({ ...sentence, speaker: t("you") }));
  const spoken = [...call.spoken, ...own].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const label = t("said_to", { owner: ownerOf(phone, t) });
  return html`
    <div class="transcript" tabindex="0" role="log" aria-live=${quiet ? "off" : "polite"} aria-label=${label}>
      <ol>
        ${spoken.map(
          (sentence, index) => html`
            <li key=${index} lang=${sentence.language || null} class=${sentence.sid ? "voice own" : sentence.speaker ? "voice" : ""}>
              ${sentence.speaker && html`<b>${firstName(sentence.speaker)}</b> `}${sentence.text}
            </li>
          `,
        )}
      </ol>
    </div>
  `;
}

function Say({ phone }) {
  const { t, say, order } = useRoom();
  const [words, setWords] = useState("");
  const hummed = useRef(0);
  const id = `say-${phone.number.slice(1)}`;
  // Who types is about to speak: without a sound meanwhile, a recording would end in silence.
  const type = (event) => {
    setWords(event.target.value);
    if (!phone.call?.recording || Date.now() - hummed.current < HUM_MS) return;
    hummed.current = Date.now();
    order(phone.number, "hum");
  };
  const speak = (event) => {
    event.preventDefault();
    if (!words.trim()) return;
    say(phone, words.trim());
    setWords("");
  };
  return html`
    <form class="compose say" onSubmit=${speak}>
      <label class="hidden" for=${id}>${t("say_label")}</label>
      <input id=${id} value=${words} autocomplete="off" placeholder=${t("say_label")} onInput=${type} />
      <button type="submit" class="quiet-button">${t("say")}</button>
    </form>
  `;
}

function Behaviour({ phone }) {
  const { t, order } = useRoom();
  const id = `behaviour-${phone.number.slice(1)}`;
  return html`
    <p class="behaviour">
      <label for=${id}>${t("when_called")}</label>
      <select id=${id} value=${phone.behaviour} onChange=${(event) => order(phone.number, "behaviour", { behaviour: event.target.value })}>
        ${BEHAVIOURS.map((one) => html`<option key=${one} value=${one}>${t(`behaviour_${one}`)}</option>`)}
      </select>
    </p>
  `;
}
