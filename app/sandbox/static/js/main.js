/** The switchboard: every phone around the guard, and what gets written down meanwhile. */

import { html, render, useCallback, useEffect, useMemo, useRef, useState } from "../vendor/htm-preact.js";
import { CaseFile } from "./casefile.js";
import { useExchange } from "./exchange.js";
import { Cords, Heading, Hint } from "./heading.js";
import { dayAndTime } from "./format.js";
import { isKey } from "./keypad.js";
import { Mailbox } from "./mail.js";
import { moodOf, Phone } from "./phone.js";
import { isClientSide, nameOfNumber, Room, useRoom } from "./room.js";
import { hush, keyTone, useReadAloud, useRing } from "./sound.js";
import { keep, preferredLanguage, recall, rememberLanguage, wordsIn } from "./words.js";

const HINT_SEEN = "guardia.hint";
const TABS = ["clients", "staff", "record", "mail"];
const TROUBLE_SHOWN_MS = 6000;

function Page() {
  const [language, setLanguage] = useState(preferredLanguage);
  const [sound, setSound] = useState(false);
  const [hintShown, setHintShown] = useState(recall(HINT_SEEN) === null);
  const [tab, setTab] = useState("clients");
  const [trouble, setTrouble] = useTrouble();
  const exchange = useExchange(setTrouble);
  const { state, offset, connected, order } = exchange;
  const t = useMemo(() => wordsIn(language), [language]);
  const hand = useHand(exchange, sound);

  useEffect(() => rememberLanguage(language), [language]);
  useReadAloud(sound, state?.phones.find((phone) => phone.number === hand.heldNumber));
  useRing(sound, Boolean(state && anyRings(state.phones)));
  useTitle(state, t);

  if (!state) return html`<p class="starting" role="status">${connected ? t("starting") : t("no_exchange")}</p>`;
  const closeHint = () => {
    setHintShown(false);
    keep(HINT_SEEN, "seen");
  };
  return html`
    <${Room.Provider} value=${{ t, language, state, offset, order, ...hand }}>
      <${Heading}
        onLanguage=${setLanguage}
        sound=${sound}
        onSound=${() => setSound(!sound)}
        hintShown=${hintShown}
        onHint=${() => (hintShown ? closeHint() : setHintShown(true))}
      />
      ${hintShown && html`<${Hint} onClose=${closeHint} />`}
      <${Cords} />
      <${Columns} tab=${tab} onTab=${setTab} />
      <${Announcements} />
      <div class="toasts" role="alert">
        ${!connected && html`<p class="toast">${t("no_exchange")}</p>`}
        ${trouble && html`<p class="toast">${trouble}</p>`}
        ${state.rosters_refused_since &&
        html`<p class="toast">${t("rosters_refused", { since: dayAndTime(state.rosters_refused_since, language) })}</p>`}
      </div>
    <//>
  `;
}

/** Three columns on a wide window; on a phone, one at a time, chosen at the bottom. */
function Columns({ tab, onTab }) {
  const { t, state } = useRoom();
  const clients = state.phones.filter(isClientSide);
  const staff = busyFirst(state.phones.filter((phone) => !isClientSide(phone)));
  const rings = { clients: anyRings(clients), staff: anyRings(staff) };
  const counts = { clients: inCall(clients), staff: inCall(staff), record: 0, mail: state.mails.length };
  return html`
    <main class=${`columns shows-${tab}`}>
      <${Column} name="clients" note=${t("note_clients")}>${phones(clients)}<//>
      <${Column} name="staff" note=${t("note_staff")}>${phones(staff)}<//>
      <div class="paper">
        <${Column} name="record"><${CaseFile} /><//>
        <${Column} name="mail" count=${state.mails.length}><${Mailbox} /><//>
      </div>
    </main>
    <nav class="tabs" aria-label=${t("parts")}>
      ${TABS.map(
        (one) => html`
          <button key=${one} type="button" class=${`tab-${one} ${rings[one] ? "is-ringing" : ""}`} aria-current=${one === tab ? "true" : null} onClick=${() => onTab(one)}>
            ${t(`title_${one}`)}${counts[one] > 0 && html`<span class=${`count ${one === "mail" ? "" : "is-new"}`}>${counts[one]}</span>`}
          </button>
        `,
      )}
    </nav>
  `;
}

function Column({ name, note, count, children }) {
  const { t } = useRoom();
  return html`
    <section class=${`column column-${name}`} aria-labelledby=${`title-${name}`}>
      <h2 id=${`title-${name}`}>${t(`title_${name}`)}${count > 0 && html`<span class="count">${count}</span>`}</h2>
      ${note && html`<p class="note">${note}</p>`}
      <div class="content">${children}</div>
    </section>
  `;
}

const anyRings = (list) => list.some((phone) => moodOf(phone) === "ringing");

const inCall = (list) => list.filter((phone) => phone.call).length;

const phones = (list) => html`<div class="phones">${list.map((phone) => html`<${Phone} key=${phone.number} phone=${phone} />`)}</div>`;

const busyFirst = (list) => [...list].sort((a, b) => Number(Boolean(b.call)) - Number(Boolean(a.call)));

/** Says aloud, to a screen reader only, whose phone rings. */
function Announcements() {
  const { t, state } = useRoom();
  const ringing = state.phones.filter((phone) => moodOf(phone) === "ringing");
  const news = ringing.map((phone) => t("rings", { owner: phone.owner, name: nameOfNumber(phone.call.with, state, t) }));
  return html`<p class="hidden" role="status">${news.join(" ")}</p>`;
}

/** The hand at the switchboard: which phones lie open, which one is held, what was typed on it. */
function useHand({ state, offset, order }, sound) {
  const [opened, setOpened] = useState(null);
  const [heldNumber, hold] = useState(null);
  const [pressed, setPressed] = useState({ sid: null, digits: "" });
  const [said, setSaid] = useState([]);
  const [used, setUsed] = useState({ number: null, times: 0 });
  const use = (number) => setUsed((before) => ({ number, times: before.times + 1 }));

  const firstClient = state?.phones.find((phone) => phone.role === "client")?.number;
  const open = opened ?? new Set(firstClient ? [firstClient] : []);
  const toggle = (number) => {
    use(number);
    setOpened(withToggled(open, number, state.phones));
  };
  useStayOpen(state, open, setOpened);
  /** A phone that a hand is on stays open, whatever becomes of its call. */
  const touch = (phone) => {
    use(phone.number);
    if (phone.call) hold(phone.number);
    if (!open.has(phone.number)) setOpened(new Set([...open, phone.number]));
  };

  const pressKey = useCallback((phone, key) => {
    hold(phone.number);
    use(phone.number);
    hush();
    keyTone(sound, key);
    setPressed((before) => ({ sid: phone.call.sid, digits: (before.sid === phone.call.sid ? before.digits : "") + key }));
    order(phone.number, "press", { digits: key });
  }, [sound]);
  useNumberKeys(state, heldNumber, pressKey);

  const say = (phone, words) => {
    hush();
    setSaid((before) => [...before, { sid: phone.call.sid, at: new Date(Date.now() + offset).toISOString(), text: words }]);
    order(phone.number, "say", { words });
  };

  return { opened: open, toggle, touch, used, heldNumber, hold, pressed, pressKey, said, say, focusPhone };
}

/** Opening a phone closes the other one that lies open on its side of the board. */
function withToggled(open, number, phones) {
  const sideOf = new Map(phones.map((phone) => [phone.number, isClientSide(phone)]));
  const others = [...open].filter((one) => one !== number);
  if (open.has(number)) return new Set(others);
  return new Set([...others.filter((one) => sideOf.get(one) !== sideOf.get(number)), number]);
}

/** A phone on which somebody spoke stays open afterwards, so that the last words can be read. */
function useStayOpen(state, open, setOpened) {
  const busy = state?.phones.filter((phone) => moodOf(phone) === "live").map((phone) => phone.number) ?? [];
  useEffect(() => {
    if (busy.some((number) => !open.has(number))) setOpened(new Set([...open, ...busy]));
  }, [busy.join()]);
}

function focusPhone(number) {
  document.getElementById(`phone-${number.slice(1)}`)?.focus();
}

/** Number keys type on the phone that has the focus, else on the one held last. */
function useNumberKeys(state, heldNumber, pressKey) {
  // What is on the screen now, for a listener that is set once: an effect would lag a key behind it.
  const shown = useRef(null);
  shown.current = { state, heldNumber, pressKey };
  useEffect(() => {
    const typed = (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || !isKey(event.key)) return;
      if (event.target.closest("input, select, textarea, dialog")) return;
      const { state, heldNumber, pressKey } = shown.current;
      const focused = document.activeElement?.closest("[data-number]")?.dataset.number;
      const phone = [focused, heldNumber]
        .map((number) => state?.phones.find((one) => one.number === number))
        .find((one) => one?.call?.state === "in-progress");
      if (!phone) return;
      event.preventDefault();
      pressKey(phone, event.key);
    };
    document.addEventListener("keydown", typed);
    return () => document.removeEventListener("keydown", typed);
  }, []);
}

function useTrouble() {
  const [trouble, setTrouble] = useState(null);
  useEffect(() => {
    if (!trouble) return undefined;
    const timer = setTimeout(() => setTrouble(null), TROUBLE_SHOWN_MS);
    return () => clearTimeout(timer);
  }, [trouble]);
  return [trouble, setTrouble];
}

function useTitle(state, t) {
  const ringing = state?.phones.find((phone) => moodOf(phone) === "ringing");
  useEffect(() => {
    document.title = ringing ? `☎ ${ringing.owner} · Guardia` : `Guardia · ${t("tagline")}`;
  }, [ringing?.owner, t]);
}

render(html`<${Page} />`, document.getElementById("page"));
