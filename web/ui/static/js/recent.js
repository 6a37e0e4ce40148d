// What this person looked at last, kept in this browser: the palette offers it before anything is typed.
import { $ } from "tendero/dom";

const RECORD = /^\/(accounts|contacts|mailings)\/[0-9a-f-]{36}$/, MOST = 12, DAYS = 7;
const user = document.body?.dataset.user ?? "", key = `recent:${user}:seen`;

const all = () => {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "[]").filter((one) => RECORD.test(one.url) && Date.now() - one.at < DAYS * 864e5);
  } catch {
    return [];
  }
};
/** [{url, name, at}], the last first, without the page at hand. */
export const recent = () => all().filter((one) => one.url !== location.pathname);
/** Note that a record was opened, as a page or in the drawer. */
export function noteSeen(url, name) {
  if (!user || !RECORD.test(url) || !name) return;
  try {
    localStorage.setItem(key, JSON.stringify([{ url, name, at: Date.now() }, ...all().filter((one) => one.url !== url)].slice(0, MOST)));
  } catch { /* full or forbidden: then nothing is offered */ }
}
noteSeen(location.pathname, $(".hero h1, main h1")?.textContent.trim());
