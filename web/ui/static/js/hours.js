// Days with hours: entries stand at their moment, as long as they take, beside each other where they overlap. Without this the page is a list.
import { $, $$ } from "tendero/dom";

const board = $(".hours"), wide = matchMedia("(min-width: 821px)"), LEAST = 25, MORNING = 7;
const slots = $$(".slot[data-at]", board), ends = (one) => +one.dataset.at + one.dataset.minutes * 60;
const slotAt = (at) => slots.find((one) => +one.dataset.at <= at && at < ends(one));
const line = document.createElement("div");
line.className = "nowline";

/** Overlapping entries get columns beside each other; each run of them has as many as it needs. */
function lay(lane) {
  const cards = $$(".slot[data-at] .entry", lane).map((card) => ({ card, from: +card.dataset.at, to: +card.dataset.at + Math.max(card.dataset.minutes, LEAST) * 60 })).sort((a, b) => a.from - b.from || b.to - a.to);
  let run = [], columns = [];
  const close = () => {
    for (const { card, column } of run) put(card, column, columns.length);
    run = [], columns = [];
  };
  for (const one of cards) {
    if (columns.every((end) => end <= one.from)) close();
    const free = columns.findIndex((end) => end <= one.from);
    one.column = free < 0 ? columns.length : free;
    columns[one.column] = one.to;
    run.push(one);
  }
  close();
}
function put(card, column, number) {
  const values = { top: (card.dataset.at - card.closest(".slot").dataset.at) / 60, long: Math.max(card.dataset.minutes, LEAST), column, number };
  for (const name in values) card.style.setProperty(`--${name}`, values[name]);
}

/** What was moved stands at its hour; what has no time any more, above. */
function settle() {
  for (const card of $$(".entry", board)) {
    const home = card.dataset.at ? slotAt(+card.dataset.at) : $(".whole", card.closest(".lane"));
    if (home && card.closest(".slot") !== home) {
      const held = card.contains(document.activeElement);
      $("ol", home).append(card);
      if (held) $("h3 a", card).focus();
    }
  }
  for (const one of $$(".slot, .lane", board)) one.classList.toggle("none", !$(".entry", one));
  $$(".lane", board).forEach(lay);
  seen.takeRecords();
}
const seen = new MutationObserver(settle);

function tick() {
  const now = Date.now() / 1000, slot = slotAt(now);
  if (!slot) return line.remove();
  line.style.setProperty("--top", (now - slot.dataset.at) / 60);
  if (line.parentNode !== slot) slot.append(line);
  seen.takeRecords();
}
function show() {
  board.classList.toggle("laid", wide.matches || board.matches(".day"));
}

for (const slot of slots) slot.style.setProperty("--minutes", slot.dataset.minutes);
show();
settle();
tick();
if (board.matches(".laid")) {
  const starts = [$(".day > .slot:not(.none)", board), $(".day", board).children[MORNING]].filter(Boolean).map((one) => one.offsetTop);
  board.scrollTop = Math.min(...starts); // offsets count from the lane, beneath its head that stays
  board.scrollTop -= $("header", board).offsetHeight;
}
seen.observe(board, { childList: true, subtree: true });
wide.addEventListener("change", show);
setInterval(tick, 30000);
