// Drafts: what is typed into a form stays in this browser until the server has it, for one person, 7 days, 50 forms.
import { $, $$, on, say, word, moment } from "tendero/dom";

const PREFIX = "draft:", RECENT = "recent:", DAYS = 7, MOST = 50;
const user = document.body?.dataset.user ?? "";
const SECRET = /(^|_)(password|secret|token|otp|pin|code)$/;

// ---- the shelf: localStorage belongs to one host, so to one workspace; the person's id is part of the key ----
const shelf = {
  keys(prefix = PREFIX) { try { return Object.keys(localStorage).filter((key) => key.startsWith(prefix)); } catch { return []; } },
  get(key) { try { return JSON.parse(localStorage.getItem(key) ?? "null"); } catch { return null; } },
  drop(key) { try { localStorage.removeItem(key); } catch { /* forbidden: then nothing is there either */ } },
  put(key, value) { try { localStorage.setItem(key, JSON.stringify(value)); return true; } catch { return false; } },
};
/** Keep a value under a name of this person's; false where the browser has no room even after the oldest are gone. */
export function keep(name, value) {
  const key = `${PREFIX}${user}:${name}`, draft = { at: Date.now(), ...value };
  const others = shelf.keys().filter((one) => one !== key).sort((a, b) => (shelf.get(a)?.at ?? 0) - (shelf.get(b)?.at ?? 0));
  while (others.length >= MOST) shelf.drop(others.shift());
  while (!shelf.put(key, draft)) {
    if (!others.length) return false;
    shelf.drop(others.shift());
  }
  return true;
}
export const kept = (name) => shelf.get(`${PREFIX}${user}:${name}`);
export const forget = (name) => shelf.drop(`${PREFIX}${user}:${name}`);
/** Nothing of anybody is left: at sign-out. The briefs that the service worker keeps go too. */
export function wipe() {
  [...shelf.keys(), ...shelf.keys(RECENT)].forEach(shelf.drop);
  window.caches?.delete("briefs").catch(() => {});
}

// Whoever is here now: what another person left in this browser goes, and what is too old.
if (user) {
  for (const key of shelf.keys()) {
    if (!key.startsWith(`${PREFIX}${user}:`) || Date.now() - (shelf.get(key)?.at ?? 0) > DAYS * 864e5) shelf.drop(key);
  }
  shelf.keys(RECENT).filter((key) => !key.startsWith(`${RECENT}${user}:`)).forEach(shelf.drop);
}
on("submit", "form[data-sign-out]", wipe, true);

// ---- what of a form is kept: no passwords, codes or tokens, no files; the hidden key of a record that was looked up ----
function worthKeeping(el) {
  if (!el.name || ["password", "file", "submit", "button", "reset", "image"].includes(el.type)) return false;
  if (SECRET.test(el.name) || /one-time-code|password|^cc-/.test(el.autocomplete ?? "")) return false;
  return el.type === "hidden" ? Boolean(el.closest("[data-combo]")) : !el.name.startsWith("_");
}
const fields = (form) => [...form.elements].filter(worthKeeping);
const values = (form) => fields(form).map((el) => [el.name, el.type === "checkbox" || el.type === "radio" ? el.checked : el.value]);
const hidden = (form, name) => form.elements.namedItem(name);
// A form for something new may stand in several windows at once: each has a draft of its own, under the key that only this form has.
const own = new WeakMap();
const fresh = (form) => Boolean(form.dataset.draft) && !hidden(form, "_version") && Boolean(hidden(form, "_once"));
/** The name of a form's draft. */
export function called(form) {
  if (!fresh(form)) return form.dataset.draft;
  if (!own.has(form)) own.set(form, hidden(form, "_once").value);
  return `${form.dataset.draft}~${own.get(form)}`;
}
const LAST = "drafted:"; // this window's own draft of a form: a reload brings that one back
const mine = {
  get(form) { try { return sessionStorage.getItem(LAST + form.dataset.draft); } catch { return null; } },
  put(form) { try { sessionStorage.setItem(LAST + form.dataset.draft, called(form)); } catch { /* then it is offered as any other */ } },
  drop(form) { try { sessionStorage.removeItem(LAST + form.dataset.draft); } catch { /* nothing there */ } },
};
const held = new Set();
/** While a window works on a draft, others leave it alone: the lock ends with the window, however it ends. */
function hold(name) {
  if (held.has(name)) return;
  held.add(name);
  navigator.locks?.request(`${PREFIX}${user}:${name}`, () => new Promise(() => {})).catch(() => held.delete(name));
}
async function heldElsewhere() {
  const found = await navigator.locks?.query().catch(() => null);
  return new Set((found?.held ?? []).map((lock) => lock.name));
}
const atLoad = await heldElsewhere();
const stated = (form) => Object.fromEntries([...form.elements].filter((el) => el.name?.startsWith("_was_")).map((el) => [el.name, el.value]));
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
const pristine = new WeakMap(), timers = new WeakMap();

/** Write down what stands in the form; a form that is as it was loaded needs no draft. sent: a save was tried. */
export function note(form, sent = false) {
  clearTimeout(timers.get(form));
  timers.delete(form);
  const name = called(form);
  if (!name || !form.isConnected) return;
  const now = values(form);
  if (!sent && same(now, pristine.get(form))) return settled(form);
  const done = keep(name, { values: now, was: stated(form), version: hidden(form, "_version")?.value, once: sent ? hidden(form, "_once")?.value : kept(name)?.once, from: kept(name)?.from });
  form.toggleAttribute("data-unkept", !done);
  if (fresh(form)) {
    mine.put(form);
    hold(name);
  }
}
/** The server has it, or it was given up: no draft any more, and nobody is asked on leaving. */
export function settled(form) {
  clearTimeout(timers.get(form));
  timers.delete(form);
  pristine.set(form, values(form)); // what the events of its going away find is no draft again
  if (form.dataset.draft) {
    kept(called(form))?.from?.forEach(forget);
    forget(called(form));
  }
  if (fresh(form)) mine.drop(form);
  form.removeAttribute("data-unkept");
  $(".kept", form)?.remove();
}
for (const type of ["input", "change"]) {
  on(type, "form[data-draft]", (_, form) => {
    clearTimeout(timers.get(form));
    timers.set(form, setTimeout(note, 250, form));
  });
}
const noteAll = () => $$("form[data-draft]").forEach((form) => timers.has(form) && note(form));
on("focusout", "form[data-draft]", noteAll);
addEventListener("pagehide", noteAll);
document.addEventListener("visibilitychange", () => document.hidden && noteAll());
addEventListener("beforeunload", (event) => {
  noteAll();
  if ($("form[data-unkept]")) event.preventDefault(); // only what could not be kept is worth a question
});

// ---- on return ----
/** Bring back what was typed into the forms of a new part of the page. */
export function recall(root) {
  for (const form of $$("form[data-draft]", root)) {
    if (pristine.has(form)) continue;
    const refused = $("[aria-invalid=true], [data-errors]", form); // the server sent back what was typed: that is no beginning
    pristine.set(form, refused ? null : values(form));
    if (fresh(form)) {
      recallNew(form, refused);
      continue;
    }
    const draft = kept(form.dataset.draft);
    if (!draft || refused) continue;
    if (same(draft.values, pristine.get(form))) forget(form.dataset.draft);
    else if (draft.version && draft.version !== hidden(form, "_version")?.value) offer(form, draft);
    else bring(form, draft);
  }
}
/** A form for something new: this window's own text is back at once; what other windows left that are gone is offered, unless it is all there is. */
async function recallNew(form, refused) {
  const last = mine.get(form), draft = last && kept(last);
  if (draft) move(form, last, draft);
  if (refused) return;
  if (draft && !same(draft.values, pristine.get(form))) return bring(form, draft);
  const names = shelf.keys(`${PREFIX}${user}:${form.dataset.draft}`).map((key) => key.slice(`${PREFIX}${user}:`.length));
  const ours = names.filter((name) => (name === form.dataset.draft || name.startsWith(`${form.dataset.draft}~`)) && name !== called(form));
  if (!ours.length) return;
  const busy = document.documentElement.dataset.ready === undefined ? atLoad : await heldElsewhere();
  const gone = new Set(ours.flatMap((name) => kept(name)?.from ?? [])); // it lives on under another name
  const left = ours.filter((name) => !gone.has(name) && !busy.has(`${PREFIX}${user}:${name}`)).map((name) => [name, kept(name)]).filter(([, one]) => one && !same(one.values, pristine.get(form)));
  if (!form.isConnected || !left.length || !same(values(form), pristine.get(form))) return;
  if (left.length === 1) take(form, ...left[0]);
  else choose(form, left.sort(([, a], [, b]) => b.at - a.at));
}
/** Under this form's own name from now on. */
function move(form, name, draft) {
  const { at, ...rest } = draft;
  if (name === called(form) || !keep(called(form), { ...rest, from: [...(draft.from ?? []), name].slice(-5) })) return;
  mine.put(form);
  hold(called(form));
  // A window that was duplicated goes on with its own; one that was loaded anew has let go of it by then.
  setTimeout(async () => (await heldElsewhere()).has(`${PREFIX}${user}:${name}`) || forget(name), 1500);
}
function take(form, name, draft) {
  move(form, name, draft);
  bring(form, draft);
}
const differing = (form, draft) => draft.values.filter(([name, value], i) => !same([name, value], pristine.get(form)?.[i])).map(([, value]) => value);
/** Several windows left something: each with its first words, to be gone on with or thrown away. */
function choose(form, left) {
  const ul = Object.assign(document.createElement("ul"), { className: "kept several" });
  ul.append(Object.assign(document.createElement("li"), { textContent: word("drafts", left.length) }));
  for (const [name, draft] of left) {
    const li = document.createElement("li"), words = differing(form, draft).filter((value) => typeof value === "string" && value.trim() && !/^[0-9a-f-]{36}$/.test(value)).join(" · ").slice(0, 60);
    const button = (text, act) => {
      const el = Object.assign(document.createElement("button"), { type: "button", textContent: text, onclick: act });
      el.setAttribute("aria-label", `${text}: ${words}`);
      return el;
    };
    li.append(Object.assign(document.createElement("span"), { textContent: `${words} ` }), Object.assign(document.createElement("small"), { textContent: moment(draft.at) }));
    li.append(button(word("restore"), () => { ul.remove(); take(form, name, draft); }));
    li.append(button(word("discard"), () => { forget(name); li.remove(); if (ul.children.length < 2) ul.remove(); }));
    ul.append(li);
  }
  $(".kept", form)?.remove();
  form.prepend(ul);
  say(word("drafts", left.length));
}
/** The record is as it was then: the text is back at once. */
function bring(form, draft) {
  fill(form, draft.values);
  const once = hidden(form, "_once");
  if (once && draft.once) once.value = draft.once;
  tell(form, word("draft_back", moment(draft.at)), [[word("discard"), () => discard(form)]]);
}
/** Somebody saved the record since: ask first, and put only what was typed over what stands there now. */
function offer(form, draft) {
  const text = `${word("draft", moment(draft.at))} ${form.dataset.stands ? word("changed", moment(form.dataset.stands)) : word("changed_since")}`;
  tell(form, text, [[word("restore"), () => merge(form, draft)], [word("discard"), () => discard(form)]]);
}
function merge(form, draft) {
  const typed = draft.values.filter(([name, value]) => !(`_was_${name}` in draft.was) || shown(form, name, value) !== draft.was[`_was_${name}`]);
  fill(form, typed);
  for (const [name] of typed) {
    const was = hidden(form, `_was_${name}`);
    if (was) was.value = draft.was[`_was_${name}`];
  }
  hidden(form, "_version").value = draft.version;
  $(".kept", form)?.remove();
  note(form);
  $(".inp, textarea", form)?.focus();
}
const shown = (form, name, value) => (typeof value === "boolean" ? (value ? "1" : "") : value);
function discard(form) {
  fill(form, pristine.get(form));
  settled(form);
  $(".inp, textarea", form)?.focus();
}
function fill(form, pairs) {
  const left = fields(form);
  for (const [name, value] of pairs) {
    const at = left.findIndex((el) => el.name === name);
    if (at < 0) continue;
    const [el] = left.splice(at, 1);
    if (typeof value === "boolean") el.checked = value;
    else el.value = value;
  }
  form.dispatchEvent(new Event("change", { bubbles: true }));
}
/** A line above the form. ways: [[text, act]]. */
export function tell(form, text, ways, kind = "") {
  $(".kept", form)?.remove();
  const p = Object.assign(document.createElement("p"), { className: `kept ${kind}`.trim() });
  if (kind) p.setAttribute("role", "alert");
  p.append(Object.assign(document.createElement("span"), { textContent: text }));
  for (const [name, act] of ways) {
    p.append(Object.assign(document.createElement("button"), { type: "button", textContent: name, onclick: act }));
  }
  form.prepend(p);
  if (!kind) say(text);
}
