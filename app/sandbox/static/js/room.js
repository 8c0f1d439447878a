/** What every part of the page shares: the exchange's state, the words, whose phone is at your ear. */

import { createContext, useContext, useEffect, useState } from "../vendor/htm-preact.js";
import { phoneNumber } from "./format.js";

export const Room = createContext(null);

export const useRoom = () => useContext(Room);

/** Whose number it is, as people would say it: a guard line, a person, or the number itself. */
export function nameOfNumber(number, state, t) {
  if (!number || !number.startsWith("+")) return t("withheld");
  const line = state.lines.find((one) => one.number === number);
  if (line) return line.client ? t("guard_line_of", { client: line.client }) : t("guard_line");
  if (state.guard_numbers.includes(number)) return "Guardia";
  const phone = state.phones.find((one) => one.number === number);
  return phone ? ownerOf(phone, t) : phoneNumber(number);
}

/** The number that pages come from: the guard's, but no client's line. Engineers' texts go there. */
export function guardsNumber(state) {
  return state.guard_numbers.find((number) => !state.lines.some((line) => line.number === number));
}

export const isClientSide = (phone) => phone.role === "client" || phone.role === "stranger";

/** What to call the person with this phone; who belongs to nobody is just somebody else. */
export const ownerOf = (phone, t) => (phone.role === "stranger" ? t("role_stranger") : phone.owner);

export const firstName = (name) => (name ?? "").split(" ")[0];

/** The exchange's time in ms, moving every second; only what shows a running clock asks for it. */
export function useTicking(offset) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now + offset;
}
