// Own fields that depend on another: shown while the condition holds. core/custom_fields/rules.py says the same to everybody.
import { $, $$, send } from "tendero/dom";

function valueOf(form, name) {
  const all = $$("input, select, textarea", form).filter((el) => el.name === name && el.type !== "hidden");
  const hidden = all.length ? null : form.elements[name];
  if (!all.length) return hidden ? hidden.value : undefined;
  const boxes = all.filter((el) => el.type === "checkbox");
  if (boxes.length === 1 && !boxes[0].closest("fieldset.field")) return boxes[0].checked;
  if (boxes.length) return boxes.filter((el) => el.checked).map((el) => el.value);
  return all.find((el) => el.type !== "radio" || el.checked)?.value ?? "";
}

function holds({ op, value }, now) {
  if (now === undefined) return true; // the form does not say: the server does
  const empty = now === "" || now === false || (Array.isArray(now) && !now.length);
  if (op === "filled" || op === "empty") return empty === (op === "empty");
  if (op === "has") return Array.isArray(now) ? now.includes(value) : String(now).split(/,\s*/).includes(String(value));
  if (op === "in") return value.map(String).includes(String(now));
  return (typeof value === "boolean" ? Boolean(now) === value : String(now) === String(value)) === (op === "eq");
}

// What is hidden goes back to what it was: nothing is saved that nobody sees.
function reset(box) {
  for (const el of $$("input, select, textarea", box)) {
    if (el.type === "checkbox" || el.type === "radio") el.checked = el.defaultChecked;
    else if (el.tagName === "SELECT") for (const option of el.options) option.selected = option.defaultSelected;
    else el.value = el.defaultValue;
  }
}

function suit(form) {
  for (const box of $$("[data-when]", form)) {
    const when = JSON.parse(box.dataset.when), shown = holds(when, valueOf(form, when.field));
    if (!shown && !box.hidden) reset(box);
    box.hidden = !shown;
  }
}
const all = () => new Set($$("[data-when]").map((box) => box.closest("form")).filter(Boolean));
const changed = (event) => event.target.form?.querySelector("[data-when]") && suit(event.target.form);
document.addEventListener("input", changed);
document.addEventListener("change", changed);
for (const name of ["part", "htmx:after:swap"]) document.addEventListener(name, () => all().forEach(suit));
all().forEach(suit);

// ---- settings: a definition shows only what suits its kind, and what the field will look like ----
const TYPED = { date: "date", moment: "datetime-local", mail: "email", phone: "tel", yes_no: "checkbox" };
function element(tag, values = {}, ...children) {
  const el = Object.assign(document.createElement(tag), values);
  el.append(...children);
  return el;
}
function preview(form) {
  const box = $("[data-preview]", form), kind = form.elements.kind.value, label = form.elements.label.value || "…";
  for (const part of $$("[data-kinds]", form)) part.hidden = !part.dataset.kinds.split(" ").includes(kind);
  if (!box) return;
  const options = $$("[name$=-label]", $("[data-options]", form)).filter((el) => el.value.trim() && !$("[name$=-archived]:checked", el.closest("li"))).map((el) => el.value);
  const tick = (text) => element("div", { className: "tick" }, element("input", { type: "checkbox", tabIndex: -1, ariaLabel: text }), element("span", { textContent: text }));
  let input;
  if (kind === "choices") input = element("div", { className: "fields" }, ...options.map(tick));
  else if (kind === "yes_no") input = tick(label);
  else if (kind === "choice" || kind === "user") input = element("select", { className: "inp", ariaLabel: label, tabIndex: -1 }, new Option(""), ...options.map((text) => new Option(text)));
  else if (kind === "long_text") input = element("textarea", { className: "inp area", rows: 2, ariaLabel: label, tabIndex: -1 });
  else input = element("input", { className: "inp", type: TYPED[kind] ?? "text", ariaLabel: label, tabIndex: -1 });
  const help = form.elements.help.value;
  box.replaceChildren(...(kind === "yes_no" ? [] : [element("span", { className: "lab", textContent: label })]), input, ...(help ? [element("p", { className: "hint", textContent: help })] : []));
  box.inert = true;
}
for (const event of ["input", "change"]) document.addEventListener(event, ({ target }) => target.form?.matches("[data-own-field]") && preview(target.form));
for (const event of ["part", "htmx:after:swap"]) document.addEventListener(event, () => $$("[data-own-field]").forEach(preview));
$$("[data-own-field]").forEach(preview);

// Rows dragged to their place; the buttons beside them do the same without.
let dragged;
for (const list of $$("[data-places]")) for (const row of $$("li", list)) row.draggable = true;
document.addEventListener("dragstart", ({ target }) => (dragged = target.closest?.("[data-places] > li") ?? undefined));
document.addEventListener("dragover", (event) => {
  const over = event.target.closest?.("[data-places] > li");
  if (!dragged || !over || over.parentElement !== dragged.parentElement) return;
  event.preventDefault();
  if (over !== dragged) over[event.clientY < over.getBoundingClientRect().top + over.offsetHeight / 2 ? "before" : "after"](dragged);
});
document.addEventListener("dragend", async () => {
  const row = dragged;
  dragged = undefined;
  if (!row) return;
  const answer = await send(row.dataset.post, { order: $$("li", row.parentElement).map((el) => el.dataset.id).join(",") }).catch(() => null);
  if (!answer?.ok) location.reload();
});
