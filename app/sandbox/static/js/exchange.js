/** The telephone exchange behind this page: what it knows now, and the orders it takes. */

import { useEffect, useMemo, useState } from "../vendor/htm-preact.js";

const API = document.body.dataset.api;
const RETRY_MS = 2000;

/** Follows the exchange. `state` is null until it first answered; `offset` is its clock minus ours, in ms. */
export function useExchange(onTrouble) {
  const [{ state, offset }, setKnown] = useState({ state: null, offset: 0 });
  const [connected, setConnected] = useState(true);

  useEffect(() => {
    const refresh = oneAtATime(async () => {
      const answer = await fetch(`${API}/state`, { cache: "no-store" });
      if (!answer.ok) throw new Error(String(answer.status));
      const fresh = await answer.json();
      setKnown({ state: fresh, offset: Date.parse(fresh.now) - Date.now() });
      setConnected(true);
    }, () => setConnected(false));
    refresh();
    const events = new EventSource(`${API}/events`);
    events.onopen = refresh;
    events.onmessage = refresh;
    events.addEventListener("revision", refresh);
    // The stream reconnects by itself; meanwhile this says whether anybody still answers.
    events.onerror = () => setTimeout(refresh, RETRY_MS);
    return () => events.close();
  }, []);

  const order = useMemo(() => orders(onTrouble), []);
  return { state, offset, connected, order };
}

/** Gives order(number, action, facts); orders of one phone leave in their order, so that digits do too. */
function orders(onTrouble) {
  const lastOf = new Map();
  return (number, action, facts = {}) => {
    const before = lastOf.get(number) ?? Promise.resolve();
    const sent = before.then(() => send(number, action, facts)).catch((error) => onTrouble(error.message));
    lastOf.set(number, sent);
    return sent;
  };
}

async function send(number, action, facts) {
  const answer = await fetch(`${API}/phones/${encodeURIComponent(number)}/${action}`, {
    method: action === "behaviour" ? "PUT" : "POST",
    headers: { "Content-Type": "application/json", "X-Guardia-Sandbox": "1" },
    body: JSON.stringify(facts),
  });
  if (answer.ok) return;
  const told = await answer.json().catch(() => ({}));
  throw new Error(told.error ?? `HTTP ${answer.status}`);
}

/** A function that runs once at a time; calls meanwhile are answered by one more run. */
function oneAtATime(run, onError) {
  let running = false;
  let again = false;
  return async () => {
    if (running) {
      again = true;
      return;
    }
    running = true;
    try {
      do {
        again = false;
        await run();
      } while (again);
    } catch (error) {
      onError(error);
    } finally {
      running = false;
    }
  };
}
