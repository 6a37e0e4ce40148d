// Forms: check a field when it is left, ask before dangerous posts, find records while typing, drop files.
import Combobox from "@github/combobox-nav";
import { $, $$, on, say, word } from "tendero/dom";
import { recall } from "tendero/drafts";
import "tendero/saving";

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

/** Start what a new part of the page needs: drafts, fields that look records up. */
export function ready(root) {
  recall(root);
  for (const field of $$("[data-combo]:not([data-seen])", root)) combo(field);
}
document.addEventListener("part", (event) => ready(event.detail));

// ---- ask first, only where there is no undo ----
on("submit", "form", (event, form) => {
  const text = event.submitter?.dataset.confirm ?? form.dataset.confirm;
  if (!text || form.dataset.sure !== undefined) return;
  event.preventDefault();
  event.stopPropagation();
  confirmed(text.replace("{count}", () => rowsOf(form)), event.submitter?.textContent.trim()).then((yes) => {
    if (!yes) return;
    form.dataset.sure = "";
    form.requestSubmit(event.submitter);
    delete form.dataset.sure;
  });
}, true);
// How many rows are ticked: one by one, or as a whole table.
function rowsOf(form) {
  const whole = $$("[name=table]:checked", form), single = new FormData(form).getAll("row").filter((row) => !whole.some((box) => row.startsWith(`${box.value}|`)));
  return (single.length + whole.reduce((sum, box) => sum + Number(box.dataset.rows), 0)).toLocaleString(document.documentElement.lang);
}
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
