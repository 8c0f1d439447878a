/** The top of the page: whose house it is, the three steps for a newcomer, and the cords of the calls in progress. */

import { html } from "../vendor/htm-preact.js";
import { firstName, isClientSide, nameOfNumber, ownerOf, useRoom } from "./room.js";
import { LANGUAGES } from "./words.js";

const LANGUAGE_NAMES = { es: "Español", pt: "Português", en: "English" };

export function Heading({ onLanguage, sound, onSound, hintShown, onHint }) {
  const { t, language } = useRoom();
  return html`
    <header class="heading">
      <h1>
        <svg viewBox="0 0 32 32" aria-hidden="true"><circle cx="16" cy="16" r="13" /><circle cx="16" cy="16" r="6" class="hole" /></svg>
        Guardia <small>${t("tagline")}</small>
      </h1>
      <div class="tools">
        <button type="button" class="tool" aria-pressed=${hintShown} onClick=${onHint}>
          <b aria-hidden="true">?</b><span>${t("help")}</span>
        </button>
        <button type="button" class="tool" aria-pressed=${sound} onClick=${onSound} title=${t("sound_title")}>
          <svg viewBox="0 0 24 24" aria-hidden="true">
            <path d="M4 9h4l5-4v14l-5-4H4z" />${sound ? html`<path class="stroke" d="M16 9a4 4 0 0 1 0 6M18.5 6.5a8 8 0 0 1 0 11" />` : html`<path class="stroke" d="M16.5 9.5l5 5m0-5l-5 5" />`}
          </svg>
          <span>${sound ? t("sound_on") : t("sound_off")}</span>
        </button>
        <label class="hidden" for="language">${t("language")}</label>
        <select id="language" class="tool" value=${language} onChange=${(event) => onLanguage(event.target.value)}>
          ${LANGUAGES.map((one) => html`<option key=${one} value=${one}>${LANGUAGE_NAMES[one] ?? one}</option>`)}
        </select>
      </div>
    </header>
  `;
}

/** Three steps for who sees this for the first time; each is ticked as it happens. */
export function Hint({ onClose }) {
  const { t, state } = useRoom();
  const paged = state.phones.find((phone) => !isClientSide(phone) && phone.call);
  const anyCase = state.cases.length > 0;
  const dialled = anyCase || state.phones.some((phone) => isClientSide(phone) && phone.call);
  const taken = state.cases.some((one) => one.acknowledged_at);
  const steps = [
    [dialled, t("step_dial")],
    [anyCase, t("step_menu")],
    [taken, paged ? t("step_answer", { name: firstName(paged.owner) }) : t("step_answer_whoever")],
  ];
  const next = steps.findIndex(([done]) => !done);
  return html`
    <section class=${`hint ${next < 0 ? "is-over" : ""}`} aria-label=${t("help")}>
      <ol>
        ${steps.map(
          ([done, words], index) => html`<li key=${index} class=${done ? "is-done" : index === next ? "is-next" : ""}>
            <span class="step" aria-hidden="true">${done ? "✓" : index + 1}</span>
            <span>${words}${done ? html`<span class="hidden"> ${t("done")}</span>` : null}</span>
          </li>`,
        )}
      </ol>
      <button type="button" class="tool" onClick=${onClose}>${t("close_hint")}</button>
    </section>
  `;
}

/** Who is connected with whom, drawn as the cords of a switchboard. */
export function Cords() {
  const { t, state } = useRoom();
  const cords = cordsOf(state, t);
  if (!cords.length) return html`<p class="cords is-quiet">${t("all_quiet")}</p>`;
  return html`
    <ul class="cords" aria-label=${t("calls_now")}>
      ${cords.map(
        (cord) => html`<li key=${cord.key} class=${`cord is-${cord.mood}`}>
          <b>${cord.from}</b><span class="wire" aria-hidden="true"></span><b>${cord.to}</b>
          <span class="hidden">${t(`mood_${cord.mood}`)}</span>
        </li>`,
      )}
    </ul>
  `;
}

function cordsOf(state, t) {
  const drawn = new Set();
  const cords = [];
  for (const phone of state.phones.filter((one) => one.call)) {
    const { call } = phone;
    const owner = ownerOf(phone, t);
    const heard = call.listening_to ?? [];
    const voices = heard.length ? heard : call.talking_to ?? [];
    const pair = [owner, ...voices].sort().join("|");
    if (voices.length && drawn.has(pair)) continue;
    if (voices.length) drawn.add(pair);
    const mood = call.on_hold ? "held" : heard.length ? "listening" : voices.length ? "talking" : call.state === "in-progress" ? "live" : call.state;
    const other = voices.length ? voices.join(", ") : nameOfNumber(call.with, state, t);
    const outgoing = isClientSide(phone) || voices.length;
    cords.push({ key: call.sid, mood, from: outgoing ? owner : other, to: outgoing ? other : owner });
  }
  return cords;
}
