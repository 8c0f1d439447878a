/** The page's words: three catalogs handed over by the server, and the one in use. */

const CATALOGS = JSON.parse(document.getElementById("words").textContent);
const REMEMBERED = "guardia.language";

export const LANGUAGES = Object.keys(CATALOGS);

/** The language this person chose, or the browser's nearest, or the first there is. */
export function preferredLanguage() {
  const wishes = [recall(REMEMBERED), ...navigator.languages.map((tag) => tag.slice(0, 2))];
  return wishes.find((language) => LANGUAGES.includes(language)) ?? LANGUAGES[0];
}

export function rememberLanguage(language) {
  keep(REMEMBERED, language);
  document.documentElement.lang = language;
}

/** Gives t(key, facts): the sentence of `sandbox.<key>` with its {placeholders} filled. */
export function wordsIn(language) {
  const catalog = CATALOGS[language];
  return (key, facts = {}) =>
    (catalog[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => facts[name] ?? whole);
}

/** Small choices of this browser; a browser that keeps nothing is no reason to fail. */
export function recall(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

export function keep(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    // Private windows may refuse: the choice then lasts as long as the page.
  }
}
