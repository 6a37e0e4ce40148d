// The drawer: a record beside the list that it is in. Space or the eye in a row opens it, j and k walk on, Enter opens it
// whole, Escape shuts it. Its address is ?peek=/accounts/…, so a reload and the way back show it again.
import { $, $$, on, say, toast, word, expire, covered } from "tendero/dom";
import { noteSeen } from "tendero/recent";

const RECORD = /^\/(accounts|contacts|leads)\/[0-9a-f-]{36}$/;
const peek = $("#peek");
let opener, asked;

const address = () => new URLSearchParams(location.search).get("peek");
const shows = (path) => {
  const here = new URL(location.href);
  if (path) here.searchParams.set("peek", path);
  else here.searchParams.delete("peek");
  return here;
};
export const isOpen = () => Boolean(peek && !peek.hidden);

/** Show a record's preview. from: what gets the focus back. */
export function openPeek(url, from) {
  const path = new URL(url, location.href).pathname;
  if (!peek || !RECORD.test(path)) return (location.href = url);
  opener = from ?? (isOpen() ? opener : document.activeElement);
  // The first look is a step that Back takes back; walking on from record to record is none.
  if (!address()) history.pushState({ peek: true }, "", shows(path));
  else if (address() !== path) history.replaceState(history.state, "", shows(path));
  return fetchInto(path);
}
async function fetchInto(path, refocus = true) {
  asked?.abort();
  asked = new AbortController();
  peek.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(path, { headers: { "HX-Request": "true", "HX-Target": "aside#peek" }, credentials: "same-origin", signal: asked.signal });
    if (answer.status === 401) return location.reload();
    if (!answer.ok) throw new Error(String(answer.status));
    show(new DOMParser().parseFromString(await answer.text(), "text/html"), path, refocus);
  } catch (problem) {
    if (problem.name === "AbortError") return;
    toast(word({ 403: "denied", 404: "gone", 410: "gone", 429: "slow" }[problem.message] ?? "offline"), { kind: "error" });
    if (peek.dataset.path !== path) closePeek();
  }
  peek.removeAttribute("aria-busy");
}
function show(part, path, refocus) {
  const toasts = $$("[data-toasts] > *", part).map((el) => document.adoptNode(el));
  $("[data-toasts]", part)?.remove();
  peek.replaceChildren(...[...part.body.childNodes].map((el) => document.adoptNode(el)));
  peek.hidden = false;
  peek.dataset.path = path;
  behind(true);
  window.htmx?.process(peek);
  document.dispatchEvent(new CustomEvent("part", { detail: peek }));
  $("#toasts").append(...toasts);
  toasts.forEach((el) => expire(el));
  noteSeen(path, $("h2", peek)?.textContent.trim());
  if (refocus) $("h2", peek)?.focus({ preventScroll: true });
  say(toasts.length ? $("span", toasts.at(-1)).textContent : word("preview", $("h2", peek)?.textContent));
}
/** On a phone the drawer is the whole page: what lies behind it is out of reach. */
function behind(on) {
  const whole = on && matchMedia("(max-width: 820px)").matches;
  for (const el of $$("main > :not(#peek), .side, .tabbar, .skip")) el.toggleAttribute("inert", whole);
}
/** Shut it; the focus goes back to where it was. */
export function closePeek() {
  if (!isOpen()) return;
  if (history.state?.peek) return history.back(); // the step that opened it
  history.replaceState(null, "", shows(null));
  shut();
}
function shut() {
  if (!isOpen()) return;
  asked?.abort();
  peek.hidden = true;
  peek.replaceChildren();
  delete peek.dataset.path;
  behind(false);
  (opener?.isConnected ? opener : $("#main"))?.focus();
}
if (peek) {
  peek.addEventListener("again", () => fetchInto(peek.dataset.path, true));
  on("click", "[data-peek-url]", (event, link) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    openPeek(link.dataset.peekUrl || link.href, link.matches(".eye") ? link.previousElementSibling : link);
  });
  on("click", "[data-close-peek]", closePeek);
  document.addEventListener("keydown", (event) => event.key === "Escape" && !event.defaultPrevented && !covered() && closePeek());
  // Back and forward between looks at one page: the page itself stays.
  const follow = () => {
    const path = address();
    if (path && RECORD.test(path)) fetchInto(path);
    else shut();
  };
  addEventListener("popstate", follow);
  document.addEventListener("htmx:before:history:restore", (event) => {
    const there = new URL(event.detail.path, location.href);
    there.searchParams.delete("peek");
    if (there.pathname + there.search === document.body.dataset.shown) event.preventDefault();
  });
  const plain = shows(null);
  document.body.dataset.shown = plain.pathname + plain.search;
  if (address()) follow();
}

// ---- "Log call" and its like: where the composer is at hand nothing is fetched ----
on("click", "[data-log]", (event, link) => {
  const form = $("form.compose", link.closest("#peek") ?? $("#content"));
  if (!form || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  $(`[name=kind][value="${link.dataset.log}"]`, form)?.click();
  $("textarea", form).focus();
  if (!link.closest("#peek")) history.replaceState(history.state, "", new URL(link.href).search);
});
