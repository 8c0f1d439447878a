/** The mail that left the house, newest first, and a reader that trusts none of it. */

import { html, useEffect, useRef, useState } from "../vendor/htm-preact.js";
import { timeOfDay, withLinks } from "./format.js";
import { useRoom } from "./room.js";

export function Mailbox() {
  const { t, state, language } = useRoom();
  const [reading, setReading] = useState(null);
  const mails = [...state.mails].sort((a, b) => b.at.localeCompare(a.at));
  const shown = mails.find((mail) => mail.id === reading);
  return html`
    ${mails.length === 0 && html`<div class="empty"><p>${t("no_mail")}</p></div>`}
    <ul class="mails">
      ${mails.map(
        (mail) => html`
          <li key=${mail.id}>
            <button type="button" onClick=${() => setReading(mail.id)}>
              <span class="subject">${mail.subject}</span>
              <span class="gist">${firstLine(mail)}</span>
              <span class="addressee">${addressees(mail)}</span>
              <time>${timeOfDay(mail.at, language)}</time>
            </button>
          </li>
        `,
      )}
    </ul>
    ${shown && html`<${Reader} mail=${shown} onClose=${() => setReading(null)} />`}
  `;
}

const firstLine = (mail) => (mail.text ?? "").trim().split("\n", 1)[0];

const addressees = (mail) => [mail.to].flat().join(", ");

/** A modal reader. The HTML part lives in a frame without scripts, forms or our origin; links open outside. */
function Reader({ mail, onClose }) {
  const { t } = useRoom();
  const dialog = useRef(null);
  const [asText, setAsText] = useState(!mail.html);
  useEffect(() => {
    if (!dialog.current.open) dialog.current.showModal();
  }, []);
  const closeOutside = (event) => event.target === dialog.current && dialog.current.close();
  return html`
    <dialog ref=${dialog} class="reader" aria-labelledby="mail-subject" onClose=${onClose} onClick=${closeOutside}>
      <div class="letter">
        <header>
          <h2 id="mail-subject">${mail.subject}</h2>
          <p>${t("to")} ${addressees(mail)}</p>
          <div class="reader-actions">
            ${mail.html &&
            html`<button type="button" class="quiet-button" aria-pressed=${asText} onClick=${() => setAsText(!asText)}>${t("mail_as_text")}</button>`}
            <button type="button" class="quiet-button" onClick=${() => dialog.current.close()}>${t("close")}</button>
          </div>
        </header>
        ${asText
          ? html`<pre tabindex="0">${withLinks(mail.text ?? "")}</pre>`
          : html`<iframe
              title=${mail.subject}
              sandbox="allow-popups allow-popups-to-escape-sandbox"
              referrerpolicy="no-referrer"
              srcdoc=${`<base target="_blank">${mail.html}`}
            ></iframe>`}
      </div>
    </dialog>
  `;
}
