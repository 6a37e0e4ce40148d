// Lists: a double click on a cell, or "e" on a row, edits the value where it stands; Tab goes on to the next cell.
import { $, $$, on, pressed, send, say, toast, typing, covered, word } from "tendero/dom";
import { forget, keep, kept } from "tendero/drafts";

const off = document.body?.dataset.keys === "off";

function input(cell) {
  const { cell: name, kind, raw } = cell.dataset, head = $$("thead th", cell.closest("table"))[cell.cellIndex];
  const el = document.createElement(kind === "select" ? "select" : "input");
  if (kind === "select") for (const [key, text] of JSON.parse(head?.dataset.options ?? cell.closest("table").dataset.owners ?? "[]")) el.append(new Option(text, key, false, key === raw));
  else Object.assign(el, { type: kind, value: raw, autocomplete: "off" });
  el.className = "inp";
  el.name = name;
  el.setAttribute("aria-label", head?.textContent.trim() ?? name);
  return el;
}

// What is typed into a cell is kept until it is saved, with what it was typed over: after a reload the cell stands open with it.
const draftOf = (cell) => `cell:${cell.closest("table").dataset.fields}/${cell.closest("tr").dataset.id}:${cell.dataset.cell}`;

async function save(cell, value, before, from) {
  const row = cell.closest("tr"), table = cell.closest("table"), { cell: name } = cell.dataset;
  const fields = { [name]: value, [`_was_${name}`]: from.was, _version: from.version, _cell: "1", _columns: table.dataset.columns };
  let answer;
  try {
    answer = await send(`${table.dataset.fields}/${row.dataset.id}/fields`, fields);
  } catch {
    return again(cell, value, before, word("offline"));
  }
  const text = await answer.text();
  if (answer.status === 409) return meet(cell, text, before);
  if (!answer.ok) return again(cell, value, before, answer.status === 422 ? text : word(answer.status === 403 ? "denied" : "failed"));
  forget(draftOf(cell));
  const fresh = document.createElement("template");
  fresh.innerHTML = `<table><tbody><tr>${text}</tr></tbody></table>`;
  const made = $("td", fresh.content);
  cell.replaceWith(made);
  row.dataset.version = answer.headers.get("X-Version") ?? row.dataset.version;
  say(word("saved"));
}

function meet(cell, text, before) {
  cell.replaceChildren(...before);
  const modal = $("#modal"), draft = draftOf(cell);
  modal.innerHTML = text;
  $("form.conflict", modal)?.setAttribute("data-draft-of", draft);
  modal.addEventListener("close", () => forget(draft), { once: true });
  htmx.process(modal);
  modal.showModal();
  $("h2", modal)?.focus();
}

// Nothing typed is lost: the input is there again with what was typed, and says why. Whoever types in another cell by now is left there.
function again(cell, value, before, why) {
  const el = open(cell, before, !document.activeElement?.closest("td[data-cell]"));
  el.value = value;
  keep(draftOf(cell), { ...kept(draftOf(cell)), typed: value, why });
  refused(cell, why);
}

// It says why it is not saved, and can be thrown away: by Escape in it, or from the message.
function refused(cell, why) {
  const el = $(".inp", cell);
  el.setAttribute("aria-invalid", "true");
  el.title = why;
  toast(`${word("refused")} ${why}`, { kind: "error", undo: () => $(".inp", cell)?.discard() });
}

// The input lies over what stood there, which stays to hold the column's width: nothing jumps. On a phone there are no columns.
function lay(cell, el, before) {
  if (getComputedStyle(cell).display !== "table-cell") return cell.replaceChildren(el);
  const ghost = document.createElement("span");
  ghost.style.visibility = "hidden";
  ghost.append(...before);
  cell.style.position = "relative";
  Object.assign(el.style, { position: "absolute", inset: "2px 4px", width: "auto", minWidth: "0", height: "auto" });
  cell.replaceChildren(ghost, el);
}

function open(cell, nodes, take = true) {
  const there = $(".inp", cell);
  if (there) {
    there.focus();
    return there;
  }
  const before = nodes ?? [...cell.childNodes], el = input(cell), draft = draftOf(cell), left = kept(draft);
  const from = { was: left?.was ?? cell.dataset.raw, version: left?.version ?? cell.closest("tr").dataset.version };
  if (left) el.value = left.typed;
  el.oninput = () => keep(draft, { ...from, typed: el.value });
  let over = false;
  const done = (saved, to) => {
    if (over) return;
    over = true;
    const { value } = el;
    if (!saved || value === cell.dataset.raw) {
      forget(draft);
      cell.replaceChildren(...before);
    } else {
      keep(draft, { ...from, typed: value });
      cell.textContent = el.selectedOptions?.[0]?.text ?? value; // shown at once; the answer replaces it
      save(cell, value, before, from);
    }
    to?.();
  };
  const back = () => $(".open", cell.closest("tr"))?.focus();
  el.onkeydown = (event) => {
    if (event.isComposing) return;
    event.stopPropagation();
    if (event.key === "Enter") { event.preventDefault(); done(true, back); }
    if (event.key === "Escape") { event.preventDefault(); done(false, back); }
    if (event.key === "Tab") {
      const all = $$("td[data-cell]", cell.closest("tr")), next = all[all.indexOf(cell) + (event.shiftKey ? -1 : 1)];
      if (next) { event.preventDefault(); done(true, () => open(next)); }
    }
  };
  el.discard = () => done(false, back);
  el.onblur = ({ relatedTarget }) => $("#modal[open]") ?? relatedTarget?.closest(".toast") ?? done(true); // what is asked or told elsewhere does not end this one
  lay(cell, el, before);
  if (take) {
    el.focus();
    el.select?.();
  }
  return el;
}

on("dblclick", "td[data-cell]", (event, cell) => {
  if (event.target.closest("a, input, select, button")) return;
  event.preventDefault();
  open(cell);
});
document.addEventListener("keydown", (event) => {
  if (off || !pressed(event, "edit") || event.defaultPrevented || typing(event.target) || covered()) return;
  const row = $("[data-list] tr.cur") ?? document.activeElement?.closest?.("[data-list] tbody tr"), cell = row && ($("td[data-cell]:has(.inp)", row) ?? $("td[data-cell]", row));
  if (!cell) return;
  event.preventDefault();
  open(cell);
});

for (const cell of $$("td[data-cell]")) {
  const left = kept(draftOf(cell));
  if (!left) continue;
  open(cell, undefined, false);
  if (left.why) refused(cell, left.why);
}

// ---- columns: moved up and down by their buttons, or dragged; shown once the form is sent ----
on("click", "[data-order] .moves button", (event, button) => {
  event.preventDefault();
  const row = button.closest(".tick"), up = button.name === "up", other = up ? row.previousElementSibling : row.nextElementSibling;
  if (!other?.matches(".tick") || !$("input", other).checked) return say(word("moved", place(row)));
  row[up ? "after" : "before"](other); // the neighbour moves: what is in focus stays where it is
  say(word("moved", place(row)));
});
const place = (row) => $$(".tick", row.parentElement).indexOf(row) + 1;
// A column that is chosen joins those that are: at their end.
on("change", "[data-order] input", (event, box) => {
  const row = box.closest(".tick"), rest = $$(".tick", row.parentElement).filter((one) => one !== row), last = rest.filter((one) => $("input", one).checked).at(-1);
  if (last) last.after(row);
  else row.parentElement.querySelector("legend").after(row);
  box.focus();
});
let drawn;
const grip = (row) => row?.matches?.("[data-order] .tick") && $("input", row).checked;
document.addEventListener("pointerdown", ({ target, pointerType }) => {
  const row = target.closest?.("[data-order] .tick");
  if (row) row.draggable = pointerType === "mouse" && grip(row);
});
document.addEventListener("dragstart", ({ target }) => (drawn = grip(target) ? target : undefined));
document.addEventListener("dragover", (event) => {
  const over = event.target.closest?.("[data-order] .tick");
  if (!drawn || !grip(over) || over.parentElement !== drawn.parentElement) return;
  event.preventDefault();
  if (over !== drawn) over[event.clientY < over.getBoundingClientRect().top + over.offsetHeight / 2 ? "before" : "after"](drawn);
});
document.addEventListener("dragend", () => {
  if (drawn) say(word("moved", place(drawn)));
  drawn = undefined;
});

// ---- "any other field": only the comparisons that suit the field, and the kind of input it takes ----
function suit(box) {
  const [field, op] = $$("select:not([data-of])", box), value = $("input", box), chosen = field.selectedOptions[0], suits = (chosen?.dataset.ops ?? "").split(" ");
  for (const option of op.options) option.hidden = option.disabled = Boolean(field.value) && !suits.includes(option.value);
  if (op.selectedOptions[0]?.disabled) op.value = suits[0];
  const alone = box.dataset.any.split(" ").includes(op.value), days = ["past", "older", "next"].includes(op.value);
  const choices = $("select[data-of]", box), offered = days || alone ? undefined : chosen?.dataset.options;
  if (choices?.dataset.of !== offered) choices?.remove();
  if (offered && choices?.dataset.of !== offered) { // one of a few: chosen, not typed
    const list = Object.assign(document.createElement("select"), { className: "inp", ariaLabel: value.ariaLabel });
    list.dataset.of = offered;
    for (const [key, text] of JSON.parse(offered)) list.append(new Option(text, key));
    list.name = "value";
    value.after(list);
  }
  value.disabled = Boolean(offered);
  value.hidden = alone || Boolean(offered);
  value.type = days ? "number" : chosen?.dataset.input === "date" ? "date" : "text";
}
on("change", "[data-any] select", (_, el) => suit(el.closest("[data-any]")));
$$("[data-any]").forEach(suit);
