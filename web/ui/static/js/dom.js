// Helpers that every module shares: find elements, speak to screen readers, show notices, talk to the server.
export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
export const on = (type, selector, act, options) =>
  document.addEventListener(type, (event) => {
    const found = event.target.closest?.(selector);
    if (found) act(event, found);
  }, options);

const words = JSON.parse($("#words")?.textContent ?? "{}");
/** A translated word of the page; {} is filled with value. */
export const word = (key, value = "") => (words[key] ?? key).replace("{}", value);

/** What is pressed for what (web/keys.py), and whether this is it: "Mod+k", "j", "Space". */
export const keys = words._keys ?? {};
export function pressed(event, name) {
  const parts = (keys[name] ?? "").split("+"), key = parts.at(-1) === "Space" ? " " : parts.at(-1), command = parts[0] === "Mod";
  if (event.altKey || command !== (event.ctrlKey || event.metaKey)) return false;
  if (command && event.shiftKey) return false;
  const typed = event.key.charCodeAt(0) > 127 && /^Key[A-Z]$/.test(event.code) ? event.code.at(-1).toLowerCase() : event.key; // Russian, Korean layouts
  return typed === key || (command && typed.toLowerCase() === key);
}

/** Say a change in the polite live region. */
export function say(text) {
  const live = $("#live");
  if (!live) return;
  live.textContent = "";
  requestAnimationFrame(() => (live.textContent = text));
}

const LASTS = 10000, AFTER = 4000, MOST = 5;

/** Show a notice for 10 s, longer while it is hovered or holds the focus. undo: a function or a URL to POST to. */
export function toast(text, { undo, kind = "" } = {}) {
  const box = $("#toasts");
  if (!box) return;
  const el = document.createElement("div");
  el.className = `toast ${kind}`;
  const span = document.createElement("span");
  span.textContent = text;
  el.append(span);
  if (undo) {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: word("undo") });
    button.dataset.undo = "";
    button.onclick = async () => {
      drop(el);
      if (typeof undo === "function") undo();
      else if ((await send(undo)).ok) location.reload();
      else toast(word("failed"), { kind: "error" });
    };
    el.append(button);
  }
  box.append(el);
  expire(el);
  say(text);
}
/** Take a notice away; a focus in it goes to the page. */
export function drop(el) {
  const held = el.contains(document.activeElement);
  el.remove();
  if (held) $("#main")?.focus({ preventScroll: true });
}
/** A notice that was rendered or made: a way to shut it, and its time, which stands still while somebody is at it. */
export function expire(el) {
  let timer;
  const shut = Object.assign(document.createElement("button"), { type: "button", className: "shut", textContent: "×", onclick: () => drop(el) });
  shut.setAttribute("aria-label", word("close"));
  el.append(shut);
  const run = (after) => { clearTimeout(timer); timer = setTimeout(() => drop(el), after); };
  const busy = () => el.matches(":hover, :focus-within") || document.hidden;
  for (const type of ["mouseenter", "focusin"]) el.addEventListener(type, () => clearTimeout(timer));
  for (const type of ["mouseleave", "focusout"]) el.addEventListener(type, () => setTimeout(() => busy() || run(AFTER)));
  document.addEventListener("visibilitychange", () => el.isConnected && (document.hidden ? clearTimeout(timer) : busy() || run(AFTER)));
  run(LASTS);
  const all = $$("#toasts .toast");
  all.slice(0, Math.max(0, all.length - MOST)).filter((one) => !one.contains(document.activeElement)).forEach(drop);
}

/** The headers that prove the request is ours. */
export const headers = () => JSON.parse(document.body.getAttribute("hx-headers:inherited") ?? "{}");

/** POST fields to our own server; the CSRF header goes along. */
export const send = (url, fields = {}, method = "POST") =>
  fetch(url, { method, headers: { ...headers(), "HX-Request": "true" }, body: new URLSearchParams(fields), credentials: "same-origin" });

/** Typing goes into this element. */
export const typing = (el) => el?.matches?.("input:not([type=checkbox], [type=radio], [type=button]), textarea, select, [contenteditable]");

/** Something is open above the page. */
export const covered = () => $("dialog[open], [popover]:popover-open");

const clock = document.body.dataset.clock, twelve = clock ? { hour12: clock === "12" } : {};
const said = (value, options) => new Intl.DateTimeFormat(document.documentElement.lang, { ...options, ...(options.timeStyle ? twelve : {}), timeZone: document.body.dataset.zone || undefined }).format(new Date(value));
/** A moment as a person says it: only the time where it was today. */
export const moment = (at) => said(at, said(at, { dateStyle: "short" }) === said(Date.now(), { dateStyle: "short" }) ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" });
