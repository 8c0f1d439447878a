/** What is heard in this room: sentences read aloud, a ring, the tones of the keys. Silent until switched on. */

import { useEffect, useRef } from "../vendor/htm-preact.js";

const TONES = {
  1: [697, 1209], 2: [697, 1336], 3: [697, 1477],
  4: [770, 1209], 5: [770, 1336], 6: [770, 1477],
  7: [852, 1209], 8: [852, 1336], 9: [852, 1477],
  "*": [941, 1209], 0: [941, 1336], "#": [941, 1477],
};
const RING = [440, 480];
const BEEP = [1000];
const REGION = { es: "es-AR", pt: "pt-BR", en: "en-US" };

let audio = null;

/** Reads aloud what the phone at the listener's ear hears, from the last sentence on. */
export function useReadAloud(on, phone) {
  const read = useRef({ call: null, count: 0 });
  const call = phone?.call ?? null;
  const spoken = call?.spoken ?? [];

  useEffect(() => {
    if (!on || !("speechSynthesis" in window)) return;
    if (read.current.call !== call?.sid) {
      hush();
      read.current = { call: call?.sid, count: Math.max(0, spoken.length - 1) };
    }
    spoken.slice(read.current.count).forEach((sentence) => utter(sentence, phone.language));
    read.current.count = spoken.length;
  }, [on, call?.sid, spoken.length]);

  useEffect(() => {
    if (on) return;
    hush();
    read.current = { call: null, count: 0 };
  }, [on]);
}

/** Rings, two seconds in six, while any phone does. */
export function useRing(on, ringing) {
  useEffect(() => {
    if (!on || !ringing) return undefined;
    const burst = () => tone(RING, 1.6, 0.05);
    burst();
    const timer = setInterval(burst, 4000);
    return () => clearInterval(timer);
  }, [on, ringing]);
}

export function keyTone(on, key) {
  if (on && TONES[key]) tone(TONES[key], 0.14, 0.08);
}

/** A pressed key interrupts the sentence, as on a telephone. */
export function hush() {
  if ("speechSynthesis" in window) speechSynthesis.cancel();
}

/** What a machine says has a language; what a person says is taken to be in the listener's. */
function utter(sentence, listenersLanguage) {
  if (sentence.text === "♪ beep") tone(BEEP, 0.5, 0.05);
  if (sentence.sound) playFile(sentence.sound);
  if (sentence.text.startsWith("♪")) return;
  const utterance = new SpeechSynthesisUtterance(sentence.text);
  const language = sentence.language || listenersLanguage || "es";
  const short = language.slice(0, 2);
  utterance.lang = language.length > 2 ? language : (REGION[short] ?? short);
  const voices = speechSynthesis.getVoices();
  utterance.voice =
    voices.find((voice) => voice.lang.replace("_", "-") === utterance.lang) ??
    voices.find((voice) => voice.lang.startsWith(short)) ??
    null;
  speechSynthesis.speak(utterance);
}

/** The file itself, as it was kept; a browser that refuses to play it leaves its words to be read. */
function playFile(path) {
  new Audio(path).play().catch(() => {});
}

function tone(frequencies, seconds, volume) {
  audio ??= new AudioContext();
  const gain = audio.createGain();
  gain.gain.setValueAtTime(volume, audio.currentTime);
  gain.gain.setTargetAtTime(0, audio.currentTime + seconds - 0.03, 0.01);
  gain.connect(audio.destination);
  for (const frequency of frequencies) {
    const oscillator = audio.createOscillator();
    oscillator.frequency.value = frequency;
    oscillator.connect(gain);
    oscillator.start();
    oscillator.stop(audio.currentTime + seconds + 0.05);
  }
}
