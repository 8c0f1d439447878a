/** The texts of one phone: what came, what went, and a line to answer. */

import { html, useEffect, useState } from "../vendor/htm-preact.js";
import { timeOfDay, withLinks } from "./format.js";
import { guardsNumber, nameOfNumber, ownerOf, useRoom } from "./room.js";

const isSent = (text, phone) => text.from === phone.number;

export function Texts({ phone }) {
  const { t } = useRoom();
  const [open, setOpen] = useState(phone.texts.length > 0);
  const [seen, setSeen] = useState(0);
  const count = phone.texts.length;
  const talking = phone.call?.state === "in-progress";
  useEffect(() => {
    if (count > seen && !talking) setOpen(true);
  }, [count]);
  useEffect(() => {
    if (open) setSeen(count);
  }, [open, count]);
  return html`
    <details class="texts" open=${open} onToggle=${(event) => setOpen(event.target.open)}>
      <summary>
        <span>${t("texts")}</span>
        ${count > 0 && html`<span class=${`count ${count > seen ? "is-new" : ""}`}>${count}</span>`}
      </summary>
      <${Thread} phone=${phone} />
      <${Compose} phone=${phone} />
    </details>
  `;
}

/** The newest text of a phone that lies closed on the table. */
export function LatestText({ phone }) {
  const received = phone.texts.filter((text) => !isSent(text, phone));
  const latest = received.at(-1);
  return latest ? html`<p class="latest-text"><span aria-hidden="true">✉</span> ${withLinks(latest.body)}</p>` : null;
}

function Thread({ phone }) {
  const { t, language, state } = useRoom();
  if (!phone.texts.length) return html`<p class="quiet">${t("no_texts")}</p>`;
  return html`
    <div class="thread" tabindex="0" role="log" aria-label=${t("texts_of", { owner: ownerOf(phone, t) })}>
      <ol>
        ${phone.texts.map(
          (text, index) => html`
            <li key=${index} class=${isSent(text, phone) ? "sent" : "received"}>
              <p>${withLinks(text.body)}</p>
              <small>
                ${isSent(text, phone) ? t("to") : t("from")} ${nameOfNumber(isSent(text, phone) ? text.to : text.from, state, t)}${" · "}
                ${timeOfDay(text.at, language)}
              </small>
            </li>
          `,
        )}
      </ol>
    </div>
  `;
}

function Compose({ phone }) {
  const { t, order, state } = useRoom();
  const [body, setBody] = useState("");
  const [to, setTo] = useState("");
  const last = phone.texts.at(-1);
  const usual = last ? (isSent(last, phone) ? last.to : last.from) : (guardsNumber(state) ?? "");
  const id = `compose-${phone.number.slice(1)}`;
  const send = (event) => {
    event.preventDefault();
    if (!body.trim()) return;
    order(phone.number, "text", { to: (to || usual).trim(), body: body.trim() });
    setBody("");
  };
  return html`
    <form class="compose" onSubmit=${send}>
      ${!usual &&
      html`<label class="hidden" for=${`${id}-to`}>${t("text_to")}</label>
        <input id=${`${id}-to`} type="tel" required placeholder=${t("text_to")} value=${to} onInput=${(e) => setTo(e.target.value)} />`}
      <label class="hidden" for=${id}>${t("text_body")}</label>
      <input id=${id} value=${body} maxlength="1600" autocomplete="off" placeholder=${t("text_body")} onInput=${(e) => setBody(e.target.value)} />
      <button type="submit" class="quiet-button">${t("send")}</button>
    </form>
  `;
}
