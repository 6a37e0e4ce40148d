// Forms: check a field when it is left, keep drafts, ask before dangerous posts, find records while typing, drop files.
import Combobox from "@github/combobox-nav";
import { $, $$, on, say, word } from "tendero/dom";

// ---- check on leaving; the complaint goes with the first key that repairs it ----
function complaint(el) {
  const v = el.validity;
  if (v.valid) return "";
  if (v.valueMissing) return el.dataset.required || word("required");
  if (v.typeMismatch) return word(el.type === "url" ? "url" : "mail");
  if (v.badInput) return word("number");
  if (v.rangeUnderflow) return word("low", el.min);
  if (v.rangeOverflow) return word("high", el.max);
  if (v.tooShort) return word("short", el.minLength);
  if (v.tooLong) return word("long", el.maxLength);
  return el.dataset.pattern || word("pattern");
}
function mark(el, text) {
  const err = el.id && document.getElementById(`${el.id}-err`);
  if (!err) return;
  $("span", err).textContent = text;
  err.hidden = !text;
  if (text) el.setAttribute("aria-invalid", "true");
  else el.removeAttribute("aria-invalid");
}
on("focusout", "form[novalidate] .inp", (_, el) => {
  const text = complaint(el);
  // an empty field is not blamed for being left: the server or Save will say so
  if (!el.value && !el.hasAttribute("aria-invalid")) return;
  if (text) mark(el, text);
});
on("input", "[aria-invalid=true]", (_, el) => !complaint(el) && mark(el, ""));

// ---- sections of settings: Save shows once something differs from what the page was loaded with ----
const differs = (el) => {
  if (el.type === "checkbox" || el.type === "radio") return el.checked !== el.defaultChecked;
  if (!el.options) return "defaultValue" in el && el.value !== el.defaultValue;
  const given = [...el.options].findIndex((option) => option.defaultSelected);
  return el.selectedIndex !== Math.max(given, 0);
};
// data-dirty="kept": the server sent back what it refused, so there is something to save whatever is done here.
const mind = (form) => form.toggleAttribute("data-dirty", form.dataset.dirty === "kept" || [...form.elements].some(differs));
for (const type of ["input", "change"]) on(type, "form[data-quiet]", (_, form) => mind(form));
addEventListener("pageshow", () => $$("form[data-quiet]").forEach(mind)); // values that the browser brought back count too

// ---- drafts: what was typed survives a reload or a crash, until it is saved ----
const keyOf = (form) => `draft:${form.dataset.draft}:${location.pathname}`;
const kept = (form) => $$("input, textarea, select", form).filter((el) => el.name && !el.name.startsWith("_") && !["hidden", "password", "file", "submit"].includes(el.type) && el.autocomplete !== "off-record");
const store = {
  get(key) { try { return JSON.parse(localStorage[key] ?? "null"); } catch { return null; } },
  set(key, value) { try { localStorage[key] = JSON.stringify(value); } catch { /* full or forbidden: drafts are a courtesy */ } },
  drop(key) { try { delete localStorage[key]; } catch { /* as above */ } },
};
const values = (form) => kept(form).map((el) => [el.name, el.type === "checkbox" || el.type === "radio" ? el.checked : el.value]);
const timers = new WeakMap();
const save = (form) => {
  if (form.isConnected) store.set(keyOf(form), { at: Date.now(), values: values(form) });
};
on("input", "form[data-draft]", (_, form) => {
  clearTimeout(timers.get(form));
  timers.set(form, setTimeout(save, 600, form));
});
addEventListener("pagehide", () => $$("form[data-draft]").forEach((form) => timers.get(form) && !form.dataset.sent && save(form)));

/** Bring drafts back and start what a new part of the page needs. */
export function ready(root) {
  for (const form of $$("form[data-draft]:not([data-seen])", root)) {
    form.dataset.seen = "";
    const draft = store.get(keyOf(form)), before = values(form);
    if (!draft || $("[aria-invalid=true], [data-errors]", form)) continue;
    if (Date.now() - draft.at > 30 * 864e5 || JSON.stringify(draft.values) === JSON.stringify(before)) {
      store.drop(keyOf(form));
      continue;
    }
    fill(form, draft.values);
    note(form, before);
  }
  for (const field of $$("[data-combo]:not([data-seen])", root)) combo(field);
}
function fill(form, pairs) {
  const left = kept(form);
  for (const [name, value] of pairs) {
    const at = left.findIndex((el) => el.name === name);
    if (at < 0) continue;
    const [el] = left.splice(at, 1);
    if (typeof value === "boolean") el.checked = value;
    else el.value = value;
  }
}
function note(form, before) {
  const p = document.createElement("p"), button = document.createElement("button");
  p.className = "kept";
  Object.assign(button, { type: "button", textContent: word("discard") });
  button.onclick = () => { fill(form, before); store.drop(keyOf(form)); p.remove(); $(".inp", form)?.focus(); };
  p.append(word("draft"), button);
  form.prepend(p);
  say(word("draft"));
}
// A plain submit leaves the page: the server shows the form again with its values when it refuses, so the draft stays
// only until a page without this form and its complaints is reached; an htmx answer is judged by its status.
on("submit", "form[data-draft]", (_, form) => {
  clearTimeout(timers.get(form));
  if (form.closest("[hx-post], [hx-put]")) return;
  save(form);
  form.dataset.sent = "";
  try { sessionStorage.sent = keyOf(form); } catch { /* see store */ }
});
document.addEventListener("htmx:after:request", (event) => {
  const form = event.target.closest?.("form[data-draft]"), { status } = event.detail.ctx.response ?? {};
  if (!form || !(status < 400) || event.detail.ctx.request.method === "GET") return;
  clearTimeout(timers.get(form));
  timers.delete(form);
  store.drop(keyOf(form));
  $(".kept", form)?.remove();
});
try {
  const sent = sessionStorage.sent;
  delete sessionStorage.sent;
  const again = sent && $$("form[data-draft]").some((form) => keyOf(form) === sent && $("[aria-invalid=true], [data-errors]", form));
  // Chromium and Firefox keep the error page of a failed load out of this code, so being here means an answer came.
  if (sent && !again) store.drop(sent);
} catch { /* see store */ }

// ---- ask first, only where there is no undo ----
on("submit", "form", (event, form) => {
  const text = event.submitter?.dataset.confirm ?? form.dataset.confirm;
  if (!text || form.dataset.sure !== undefined) return;
  event.preventDefault();
  event.stopPropagation();
  confirmed(text, event.submitter?.textContent.trim()).then((yes) => {
    if (!yes) return;
    form.dataset.sure = "";
    form.requestSubmit(event.submitter);
    delete form.dataset.sure;
  });
}, true);
document.addEventListener("htmx:confirm", (event) => {
  if (!event.detail.ctx.confirm) return;
  event.preventDefault();
  confirmed(event.detail.ctx.confirm, event.target.textContent?.trim()).then((yes) => (yes ? event.detail.issueRequest() : event.detail.dropRequest()));
});
function confirmed(text, verb) {
  const modal = $("#modal");
  if (!modal) return Promise.resolve(window.confirm(text));
  const box = Object.assign(document.createElement("div"), { className: "in" });
  const p = Object.assign(document.createElement("p"), { textContent: text });
  const row = Object.assign(document.createElement("div"), { className: "actions" });
  return new Promise((answer) => {
    for (const [name, cls, value] of [[verb || word("save"), "btn primary", true], [word("cancel"), "btn ghost", false]]) {
      const button = Object.assign(document.createElement("button"), { type: "button", className: cls, textContent: name });
      button.onclick = () => { answer(value); modal.close(); };
      row.append(button);
    }
    box.append(p, row);
    modal.replaceChildren(box);
    modal.addEventListener("close", () => answer(false), { once: true });
    modal.showModal();
    row.firstChild.focus();
  });
}

// ---- double submit: the button rests until the answer is here ----
on("submit", "form[method=post]", (event, form) => {
  if (event.defaultPrevented || form.closest("[hx-post]")) return;
  if (form.dataset.busy !== undefined) return event.preventDefault();
  form.dataset.busy = "";
  setTimeout(() => delete form.dataset.busy, 8000);
});
addEventListener("pageshow", () => $$("form[data-busy]").forEach((form) => delete form.dataset.busy));

// ---- combobox: options come from the server 120 ms after the last key ----
function combo(field) {
  field.dataset.seen = "";
  const input = $("[role=combobox]", field), value = $("input[type=hidden]", field), list = $("[role=listbox]", field);
  const box = new Combobox(input, list, { firstOptionSelectionMode: "selected" });
  let timer, asked;
  const close = () => { box.stop(); list.hidden = true; };
  const find = async () => {
    const query = input.value.trim();
    asked?.abort();
    if (!query) return close();
    asked = new AbortController();
    try {
      const url = new URL(field.dataset.combo, location.href);
      url.searchParams.set("q", query);
      const answer = await fetch(url, { headers: { "HX-Request": "true" }, signal: asked.signal });
      if (!answer.ok || document.activeElement !== input) return;
      const part = new DOMParser().parseFromString(`<ul>${await answer.text()}</ul>`, "text/html");
      list.replaceChildren(...$$("li", part));
      $$("li", list).forEach((li, i) => (li.id ||= `${list.id}-${i}`));
      const count = $$("[role=option]", list).length;
      list.hidden = !list.childElementCount;
      box.stop();
      box.start();
      say(word("results", count));
    } catch (problem) {
      if (problem.name !== "AbortError") close();
    }
  };
  input.addEventListener("input", (event) => {
    value.value = "";
    if (event.isComposing) return;
    clearTimeout(timer);
    timer = setTimeout(find, 120);
  });
  input.addEventListener("compositionend", () => { clearTimeout(timer); timer = setTimeout(find, 120); });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !list.hidden) { event.preventDefault(); event.stopPropagation(); close(); }
    if (event.key === "ArrowDown" && list.hidden && input.value) find();
  });
  input.addEventListener("blur", () => setTimeout(() => document.activeElement !== input && close(), 80));
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("combobox-commit", (event) => {
    const option = event.target.closest("[role=option]");
    value.value = option.dataset.value ?? "";
    input.value = option.dataset.text ?? option.firstChild.textContent.trim();
    close();
    mark(input, "");
    value.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

// ---- files: drop or choose ----
for (const type of ["dragover", "drop", "dragleave"]) {
  on(type, "[data-drop]", (event, zone) => {
    event.preventDefault();
    zone.classList.toggle("over", type === "dragover");
    if (type !== "drop") return;
    const input = $("input[type=file]", zone);
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
}
on("change", "[data-drop] input[type=file]", (_, input) => {
  const names = [...input.files].map((f) => f.name).join(", ");
  $("output", input.closest("[data-drop]")).textContent = names;
  say(word("file", names));
});

ready(document);
const summary = $("[data-errors]") ?? $("main [aria-invalid=true]");
summary?.focus();
