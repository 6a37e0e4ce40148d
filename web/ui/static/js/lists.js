// Lists: j and k walk rows, Space peeks, x chooses, Enter opens; the head's check box chooses all; Shift chooses a range.
import { $, $$, on, say, typing, covered, word } from "tendero/dom";
import { openPeek } from "tendero/panels";

const off = document.body?.dataset.keys === "off";
const rows = () => $$("[data-list] tbody tr").filter((row) => row.offsetParent);
const current = () => $("[data-list] tr.cur") ?? document.activeElement?.closest?.("[data-list] tbody tr");

let last;
function go(step) {
  const all = rows();
  if (!all.length) return;
  const at = all.indexOf(current());
  const row = all[at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.max(0, Math.min(all.length - 1, at + step))];
  $$("tr.cur").forEach((el) => el.classList.remove("cur"));
  row.classList.add("cur");
  ($(".open", row) ?? $("a, input", row))?.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
  if ($("#peek:not([hidden])")) look(row);
}
function look(row) {
  const link = $(".open", row);
  if (link) openPeek(link.dataset.peekUrl || link.href, link);
}

// Ctrl or Cmd A chooses all rows shown.
document.addEventListener("keydown", (event) => {
  const all = $("[data-list] [data-all]");
  if (!all || event.key !== "a" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || typing(event.target) || covered()) return;
  event.preventDefault();
  if (!all.checked) all.click();
});
document.addEventListener("keydown", (event) => {
  if (off || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || covered()) return;
  if (!$("[data-list] tbody")) return;
  const row = current();
  const act = {
    j: () => go(1), k: () => go(-1),
    x: () => row && $("[name=id]", row)?.click(),
    X: () => row && pick($("[name=id]", row), true),
    " ": () => row?.closest("[data-peek]") && !event.target.matches("button, input") && (look(row), true),
    Enter: () => row && event.target === document.body && $(".open", row)?.click(),
  }[event.key];
  if (!act) return;
  if (act() || "jk".includes(event.key)) event.preventDefault(); // a button keeps its own Enter and Space
});
on("focusin", "[data-list] tbody tr", (_, row) => {
  $$("tr.cur").forEach((el) => el !== row && el.classList.remove("cur"));
});

const count = (list) => {
  const boxes = $$("[name=id]", list), every = $("[name=everything]", list), all = $("[data-all]", list);
  const chosen = every?.checked ? Number(every.dataset.total) : boxes.filter((el) => el.checked).length;
  all.checked = boxes.every((el) => el.checked);
  all.indeterminate = !all.checked && boxes.some((el) => el.checked);
  const text = word("chosen", chosen);
  const label = $("[data-chosen]", list);
  if (label) label.textContent = text;
  say(text);
};
on("change", "[data-list] [data-all], [data-list] [name=everything]", (event) => {
  const list = event.target.closest("[data-list]"), every = $("[name=everything]", list);
  $$("[name=id]", list).forEach((el) => (el.checked = event.target.checked));
  if (every && event.target !== every) every.checked = false;
  count(list);
});
// One row, or with a range all from the last one on.
function pick(el, range) {
  if (!el) return;
  const list = el.closest("[data-list]"), boxes = $$("[name=id]", list), every = $("[name=everything]", list);
  if (range && document.activeElement !== el && !el.checked) el.checked = true;
  if (range && last && boxes.includes(last)) {
    const [a, b] = [boxes.indexOf(last), boxes.indexOf(el)].sort((x, y) => x - y);
    boxes.slice(a, b + 1).forEach((box) => (box.checked = el.checked));
  }
  if (every) every.checked = false;
  last = el;
  count(list);
}
on("click", "[data-list] [name=id]", (event, el) => pick(el, event.shiftKey));
on("reset", "[data-list] form", (_, form) => setTimeout(count, 0, form.closest("[data-list]")), true);

// ---- a list of links that a search narrows while one types: data-words of each entry, and of the bits inside it ----
const plain = (text) => text.normalize("NFKC").toLowerCase();
on("input", "[data-sift] [type=search]", (_, input) => {
  const list = input.closest("[data-sift]"), asked = plain(input.value).split(/\s+/).filter(Boolean);
  const found = (entry) => asked.every((word) => entry.dataset.words.includes(word));
  let shown = 0;
  for (const entry of $$("li[data-words]", list)) {
    const bit = entry.parentElement.closest("li");
    entry.hidden = (bit && !asked.length) || !found(entry);
    if (!bit && !entry.hidden) shown += 1;
  }
  for (const group of $$(":scope > div", list)) group.hidden = !$(":scope > ul > li:not([hidden])", group);
  $(".none", list).hidden = shown > 0;
  say(word("results", shown));
});
