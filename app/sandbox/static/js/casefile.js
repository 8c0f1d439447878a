/** The written record of a case, growing as the call goes on. */

import { html, useState } from "../vendor/htm-preact.js";
import { dayAndTime, duration, secondsBetween, timeOfDay } from "./format.js";
import { useRoom, useTicking } from "./room.js";

const GOOD = ["acknowledged", "connected", "closed", "disposition"];
const BAD = [
  "refused", "abandoned", "page_failed", "provider_error", "internal_error", "round_ended", "level_empty",
  "roster_gap", "mail_failed", "text_failed", "pin_rejected", "contract_unreadable", "message_missing", "recording_absent", "conversation_unrecorded",
  "unexpected",
];
const JUST_WRITTEN_MS = 3000;
const PAGING = /^(level_|page_|opened$|disputed$|joined$)/;

export function CaseFile() {
  const { t, state, used } = useRoom();
  const [chosen, choose] = useState({ reference: null, after: 0 });
  const { cases } = state;
  // Whatever was done last decides: a case was chosen here, or a phone was used.
  const followed = caseOfPhone(state, used.number) ?? cases[0];
  const shown = (used.times === chosen.after && cases.find((one) => one.reference === chosen.reference)) || followed;
  if (!shown) {
    return html`<div class="empty"><p>${t("no_cases")}</p></div>`;
  }
  return html`
    ${cases.length > 1 && html`<${Chooser} cases=${cases} shown=${shown} onChoose=${(reference) => choose({ reference, after: used.times })} />`}
    <${Head} case_=${shown} />
    <div class="record" role="region" aria-label=${t("record_of", { reference: shown.reference })} tabindex="0">
      <ol>
        ${shown.entries.map((entry, index) => html`<${Entry} key=${`${shown.reference}-${index}`} entry=${entry} />`)}
      </ol>
    </div>
  `;
}

/** The newest case that a phone has to do with: by its number, or by its call where the number was withheld. */
function caseOfPhone({ cases, phones }, number) {
  const phone = phones.find((one) => one.number === number);
  const sid = (phone?.call ?? phone?.ended)?.sid;
  return cases.find((one) => one.phones?.includes(number) || one.calls?.includes(sid));
}

function Chooser({ cases, shown, onChoose }) {
  const { t, language } = useRoom();
  return html`
    <p class="chooser">
      <label class="hidden" for="case">${t("which_case")}</label>
      <select id="case" value=${shown.reference} onChange=${(e) => onChoose(e.target.value)}>
        ${cases.map(
          (one) => html`<option key=${one.reference} value=${one.reference}>
            ${one.reference} · ${[t(`kind_${one.kind}`), one.client, dayAndTime(one.opened_at, language)].filter(Boolean).join(" · ")}
          </option>`,
        )}
        ${cases.at(-1).has_older && html`<option disabled>${t("older_cases")}</option>`}
      </select>
    </p>
  `;
}

function Head({ case_ }) {
  const { t } = useRoom();
  const badge = case_.kind === "incident" ? t(`state_${case_.state}`) : t(`kind_${case_.kind}`);
  const facts = [
    ["priority", case_.priority && t(`priority_${case_.priority}`)],
    ["client", case_.client],
    ["integration", case_.integration],
    ["taken_by", case_.acknowledged_by],
    ["reason", case_.reason && t(`reason_${case_.reason}`)],
  ].filter(([, value]) => value);
  return html`
    <div class=${`case-head is-${case_.kind} is-${case_.state}`}>
      <p class="reference">${case_.reference}</p>
      <p class="badge">${badge}</p>
      <dl>
        ${facts.map(([name, value]) => html`<div key=${name} class=${name === "priority" ? `priority-${case_.priority}` : ""}>
          <dt>${t(`fact_${name}`)}</dt><dd>${value}</dd>
        </div>`)}
        <${Clocks} case_=${case_} />
      </dl>
    </div>
  `;
}

/** How long nobody has had it, or how long it took; and what was promised when it was opened. */
function Clocks({ case_ }) {
  const { t, language, offset } = useRoom();
  const now = useTicking(offset);
  if (case_.kind !== "incident") return null;
  const due = case_.entries.find((entry) => entry.kind === "opened")?.data ?? {};
  const rows = [];
  if (case_.acknowledged_at) {
    rows.push(["taken_after", duration(Math.round(secondsBetween(case_.opened_at, case_.acknowledged_at))), "kept"]);
  } else if (case_.state === "open") {
    rows.push(["waiting_for", duration((now - Date.parse(case_.opened_at)) / 1000), "running"]);
    if (due.respond_by) rows.push(["respond_by", dayAndTime(due.respond_by, language), ""]);
  }
  if (due.resolve_by && case_.state !== "closed") rows.push(["resolve_by", dayAndTime(due.resolve_by, language), ""]);
  return rows.map(([name, value, mood]) => html`<div key=${name} class=${`clock ${mood}`}>
    <dt>${t(`fact_${name}`)}</dt><dd><time>${value}</time></dd>
  </div>`);
}

function Entry({ entry }) {
  const { language, offset } = useRoom();
  const isNew = Date.now() + offset - Date.parse(entry.at) < JUST_WRITTEN_MS;
  return html`
    <li class=${`entry is-${colourOf(entry.kind)} ${isNew ? "is-new" : ""}`}>
      <time datetime=${entry.at}>${timeOfDay(entry.at, language)}</time>
      <p>${entry.text}</p>
    </li>
  `;
}

function colourOf(kind) {
  if (GOOD.includes(kind)) return "good";
  if (BAD.includes(kind)) return "bad";
  return PAGING.test(kind) ? "paging" : "plain";
}
