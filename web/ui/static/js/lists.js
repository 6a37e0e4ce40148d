// Lists: j and k walk rows, Space peeks, x chooses, Enter opens; the head's check box chooses all; Shift chooses a range.
import { $, $$, on, pressed, say, typing, covered, word } from "tendero/dom";
import { closePeek, isOpen, openPeek } from "tendero/peek";

const off = document.body?.dataset.keys === "off";
// A row of a table, or a line that is itself the link (search, Today).
const ROW = "[data-list] tbody tr:not(.head), [data-list] .rel[data-look]";
const rows = () => $$(ROW).filter((row) => row.offsetParent);
const current = () => $("[data-list] .cur") ?? document.activeElement?.closest?.(ROW);
const linkOf = (row) => (row?.matches("a") ? row : $(".open", row) ?? $("a", row));

let last;
function go(step) {
  const all = rows();
  if (!all.length) return;
  const at = all.indexOf(current());
  const row = all[at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.max(0, Math.min(all.length - 1, at + step))];
  $$("[data-list] .cur").forEach((el) => el.classList.remove("cur"));
  row.classList.add("cur");
  if (!isOpen()) (linkOf(row) ?? $("input", row))?.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
  if (isOpen()) look(row);
}
function look(row) {
  const link = linkOf(row);
  if (link && row.closest("[data-peek]")) openPeek(link.href, link);
}

// Ctrl or Cmd A chooses all rows shown.
document.addEventListener("keydown", (event) => {
  const all = $("[data-list] [data-all]");
  if (!all || !pressed(event, "all") || typing(event.target) || covered()) return;
  event.preventDefault();
  if (!all.checked) all.click();
});
document.addEventListener("keydown", (event) => {
  if (off || event.defaultPrevented || typing(event.target) || covered()) return;
  if (!rows().length) return;
  const row = current(), idle = !event.target.closest("a, button, input, select, summary");
  const acts = {
    next: () => go(1), previous: () => go(-1),
    choose: () => row && $("[name=id]", row)?.click(),
    range: () => row && pick($("[name=id]", row), true),
    look: () => row?.closest("[data-peek]") && !event.target.matches("button, input, summary") && (isOpen() ? closePeek() : look(row), true),
    open: () => idle && (isOpen() ? $("#peek [data-whole]") : linkOf(row))?.click(),
  };
  const name = Object.keys(acts).find((one) => pressed(event, one));
  if (!name) return;
  if (acts[name]() || ["next", "previous", "choose", "range"].includes(name)) event.preventDefault(); // a button keeps its own Enter and Space
});
// The row whose record stands in the drawer is the one that j and k go on from, after a reload too.
document.addEventListener("part", ({ detail }) => {
  const row = detail.id === "peek" && rows().find((one) => linkOf(one)?.pathname === detail.dataset.path);
  if (!row) return;
  $$("[data-list] .cur").forEach((el) => el.classList.remove("cur"));
  row.classList.add("cur");
});
// The eye in each row: for whoever has a pointer. It does nothing without script, so script puts it there.
const eyes = (root) => {
  for (const row of $$("[data-list][data-peek] tbody tr:not(.more)", root)) {
    const link = $("td .open", row);
    if (!link || $(".eye", row)) continue;
    const eye = $("#eye").content.firstElementChild.cloneNode(true);
    eye.setAttribute("aria-label", word("look", link.textContent.trim()));
    eye.dataset.peekUrl = link.getAttribute("href");
    if (off) eye.tabIndex = 0; // no Space: then the way there is by Tab
    link.after(eye);
  }
};
if ($("#eye")) {
  eyes(document);
  document.addEventListener("htmx:after:swap", () => eyes(document));
}
on("focusin", ROW, (_, row) => {
  $$("[data-list] .cur").forEach((el) => el !== row && el.classList.remove("cur"));
});

const count = (list) => {
  const boxes = $$("[name=id]", list), every = $("[name=everything]", list), all = $("[data-all]", list);
  const chosen = every?.checked ? Number(every.dataset.total) : boxes.filter((el) => el.checked).length;
  if (all) {
    all.checked = boxes.every((el) => el.checked);
    all.indeterminate = !all.checked && boxes.some((el) => el.checked);
  }
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

// ---- on a phone rows are chosen after "Select" or a long press; a touch then chooses instead of opening ----
const PRESS = 500, WANDERED = 10;
function choosing(list, on) {
  list.classList.toggle("choosing", on);
  $("[data-choosing]")?.setAttribute("aria-pressed", String(on));
  if (!on) $$("[name=id], [data-all], [name=everything]", list).forEach((el) => (el.checked = false));
  count(list);
}
on("click", "[data-choosing]", () => {
  const list = $("[data-list]:has([name=id])");
  if (list) choosing(list, !list.classList.contains("choosing"));
});
on("click", ".choosing tbody tr", (event, row) => {
  if (event.target.matches("[name=id]")) return;
  event.preventDefault();
  event.stopPropagation();
  $("[name=id]", row)?.click();
}, true);
on("reset", ".choosing form", (_, form) => choosing(form.closest("[data-list]"), false), true);
document.addEventListener("keydown", (event) => {
  const list = event.key === "Escape" && !covered() && !typing(event.target) && $(".choosing");
  if (list) choosing(list, false);
});
let press, held;
const let_go = () => clearTimeout(press?.timer);
document.addEventListener("pointerdown", (event) => {
  held = false;
  const row = event.pointerType === "touch" && event.target.closest("[data-list] tbody tr:has([name=id])");
  if (!row || !matchMedia("(max-width: 820px)").matches) return;
  press = { x: event.clientX, y: event.clientY, timer: setTimeout(() => {
    held = true;
    const list = row.closest("[data-list]");
    if (!list.classList.contains("choosing")) choosing(list, true);
    pick(Object.assign($("[name=id]", row), { checked: true }));
    navigator.vibrate?.(10);
  }, PRESS) };
});
document.addEventListener("pointermove", (event) => press && Math.hypot(event.clientX - press.x, event.clientY - press.y) > WANDERED && let_go());
for (const type of ["pointerup", "pointercancel", "scroll"]) addEventListener(type, let_go, { capture: true, passive: true });
document.addEventListener("contextmenu", (event) => held && event.preventDefault());
document.addEventListener("click", (event) => { // the end of the long press opens nothing
  if (!held) return;
  held = false;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);

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
