/** How numbers, moments and texts are written for people. */

import { html } from "../vendor/htm-preact.js";

/** +5491155550201 as +54 9 11 5555 0201: groups that an eye can compare. */
export function phoneNumber(number) {
  const american = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(number);
  if (american) return `+1 ${american.slice(1).join(" ")}`;
  const brazilian = /^\+55(\d{2})(\d{4,5})(\d{4})$/.exec(number);
  if (brazilian) return `+55 ${brazilian.slice(1).join(" ")}`;
  const other = /^\+(7|59\d|\d{2})(9?)(\d+?)(\d{4})(\d{4})$/.exec(number);
  return other ? `+${other.slice(1).filter(Boolean).join(" ")}` : number;
}

/** Seconds as 0:07, 12:40 or 1:02:03. */
export function duration(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const padded = (part) => String(part).padStart(2, "0");
  return h ? `${h}:${padded(m)}:${padded(s)}` : `${m}:${padded(s)}`;
}

export function timeOfDay(iso, language) {
  return new Date(iso).toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
}

export function dayAndTime(iso, language) {
  return new Date(iso).toLocaleString(language, { weekday: "short", hour: "2-digit", minute: "2-digit", hour12: false });
}

export function secondsBetween(from, to) {
  return (Date.parse(to) - Date.parse(from)) / 1000;
}

/** A text with its web addresses made into links; everything else stays plain text. */
export function withLinks(text) {
  return text.split(/(https?:\/\/[^\s<>"]*[^\s<>".,;:!?)])/).map((part, index) =>
    index % 2
      ? html`<a href=${part} target="_blank" rel="noopener noreferrer">${part.replace(/^https?:\/\//, "")}</a>`
      : part,
  );
}
