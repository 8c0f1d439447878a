/** The twelve keys of a telephone, under the fingers and under the number keys of a keyboard. */

import { html } from "../vendor/htm-preact.js";
import { ownerOf, useRoom } from "./room.js";

const KEYS = [
  ["1", ""], ["2", "abc"], ["3", "def"],
  ["4", "ghi"], ["5", "jkl"], ["6", "mno"],
  ["7", "pqrs"], ["8", "tuv"], ["9", "wxyz"],
  ["*", ""], ["0", "+"], ["#", ""],
];

export const isKey = (key) => KEYS.some(([one]) => one === key);

export function Keypad({ phone, lit }) {
  const { t, pressKey, pressed } = useRoom();
  const owner = ownerOf(phone, t);
  const typed = pressed.sid === phone.call.sid ? pressed.digits : "";
  return html`
    <div class=${`keypad ${lit ? "is-lit" : ""}`} role="group" aria-label=${t("keypad_of", { owner })}>
      ${KEYS.map(
        ([key, letters]) => html`
          <button
            type="button"
            key=${key}
            class=${`key ${typed.endsWith(key) ? `is-pressed-${typed.length % 2}` : ""}`}
            aria-label=${key === "*" ? t("key_star") : key === "#" ? t("key_pound") : key}
            onClick=${() => pressKey(phone, key)}
          >
            <span class="digit">${key}</span><span class="letters" aria-hidden="true">${letters}</span>
          </button>
        `,
      )}
    </div>
  `;
}
