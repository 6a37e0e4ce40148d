// The grid in which a file is put right: every change of a cell is checked at once, Enter and the arrows go from row to row.
import { $, $$, on, send, say, toast, word } from "tendero/dom";

const GRID = "table[data-fix]";
const places = (row) => $$("input[form], select", row);

function go(el, step) {
  const row = el.closest("tr"), at = places(row).indexOf(el), next = step > 0 ? row.nextElementSibling : row.previousElementSibling;
  const to = next && places(next)[at];
  to?.focus();
  to?.select?.();
  return Boolean(to);
}

async function save(el) {
  const row = el.closest("tr"), form = $("form", row);
  if (row.dataset.busy !== undefined) return void (row.dataset.again = "");
  row.dataset.busy = "";
  let answer;
  try {
    answer = await send(form.action, [...new FormData(form)]);
  } catch {
    answer = null;
  }
  delete row.dataset.busy;
  if (!answer || ![200, 422].includes(answer.status)) return toast(word(answer ? "failed" : "offline"), { kind: "error" });
  if (row.dataset.again !== undefined) { delete row.dataset.again; return save(el); } // typed on meanwhile
  replace(row, await answer.text());
  const left = answer.headers.get("X-Left");
  if (left !== null) $("#left").textContent = new Intl.NumberFormat(document.documentElement.lang).format(left);
}

// The focus stays where it is, also where it has moved on within the row.
function replace(row, html) {
  const was = document.activeElement, held = places(row).indexOf(was), typed = was?.value, fresh = document.createElement("template");
  fresh.innerHTML = `<table><tbody>${html}</tbody></table>`;
  const made = $("tr", fresh.content), writing = held >= 0 && was.tagName === "INPUT" && typed !== was.defaultValue && [was.selectionStart, was.selectionEnd];
  row.replaceWith(made);
  if (held >= 0) {
    const el = places(made)[held];
    if (el && el.tagName === "INPUT" && el.value !== typed) el.value = typed;
    el?.focus();
    if (writing && el) el.setSelectionRange(...writing);
  }
  const kinds = $("template", fresh.content)?.content.firstElementChild;
  if (kinds) $("#kinds").replaceWith(kinds);
  say($(".why", made)?.textContent.trim() ?? "");
}

// Reached by keys or by the page itself, what stands in a cell is chosen, so that typing replaces it; a click puts the caret.
on("focusin", `${GRID} input[form]`, (event, el) => el.matches(":active") || el.select());
if (document.activeElement?.closest(GRID)) document.activeElement.select?.();

on("change", `${GRID} input, ${GRID} select`, (event, el) => save(el));
on("submit", `${GRID} form`, (event, form) => {
  if (!$("select", form)) return; // another company taken: that concerns further rows
  event.preventDefault();
  save($("select", form));
});
on("keydown", `${GRID} input`, (event, el) => {
  if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.key === "Enter" || event.key === "ArrowDown") {
    event.preventDefault();
    if (!go(el, event.shiftKey && event.key === "Enter" ? -1 : 1) && event.key === "Enter") el.blur();
  }
  if (event.key === "ArrowUp") {
    event.preventDefault();
    go(el, -1);
  }
});
