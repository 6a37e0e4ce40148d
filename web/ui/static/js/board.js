// The board: a card is moved by a pointer, by [ and ], or by its menu. The page changes first; what the server refuses goes back.
import { $, $$, on, pressed, send, toast, typing } from "tendero/dom";

const board = $(".board"), menu = $("#move-to"), lost = $("#lost"), zones = $(".drop");
const lanes = () => $$(".lane", board), laneOf = (card) => card.closest(".lane"), link = (card) => $("h3 a", card);
const target = (stage) => $(`[data-stage="${stage}"]`);
const steps = board.dataset.steps ?? ".lane"; // by what [ and ] move a card
let at = null; // the card that the menu or the question is about

/** Minutes that a card stands behind the beginning of its hour, for a calendar with hours. */
const behindHour = (card, hour) => (hour && card.dataset.at ? (card.dataset.at - hour.dataset.at) / 60 : 0);
const momentIn = (hour, minutes) => new Date((+hour.dataset.at + minutes * 60) * 1000).toISOString();

async function move(card, to, reason = "", minutes = 0) {
  const from = laneOf(card), home = card.parentNode, behind = card.nextSibling;
  if (!to || to === from || "fixed" in to.dataset) return;
  const stage = to.dataset.at ? momentIn(to, minutes) : to.dataset.stage;
  if (card.dataset.at && to.dataset.at && Date.parse(stage) === card.dataset.at * 1000) return;
  if (to.dataset.kind === "lost" && !reason) return ask(card, to);
  const held = card.contains(document.activeElement);
  to.matches(".lane, .slot") ? $("ol", to).prepend(card) : card.remove();
  if (held) link(card).focus();
  const back = () => { home.insertBefore(card, behind?.parentNode === home ? behind : null); if (held) link(card).focus(); };
  const fields = { stage_id: stage, version: card.dataset.version, owner: board.dataset.owner, ...(reason && { loss_reason: reason }) };
  let told;
  try {
    const answer = await send(`${board.dataset.board}/${card.dataset.id}/${board.dataset.noun ?? "stage"}${board.dataset.search ?? ""}`, fields);
    told = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : {};
    if (!answer.ok) throw 0;
  } catch {
    back();
    return toast(told?.text ?? board.dataset.failed, { kind: "error" });
  }
  for (const [stage, html] of Object.entries(told.lanes)) if (target(stage)) $("header", target(stage)).innerHTML = html;
  if (told.card) {
    const made = document.createElement("template");
    made.innerHTML = told.card.trim();
    const fresh = made.content.firstElementChild, focused = card.contains(document.activeElement);
    card.replaceWith(fresh);
    if (focused) link(fresh).focus();
  } else $("h3 a", from)?.focus();
  toast(told.text, { undo: told.undo });
}
function ask(card, to) {
  at = { card, to };
  lost.showModal();
}
on("submit", "[data-lost]", (event) => {
  event.preventDefault();
  const reason = $("input", lost).value.trim();
  if (!reason) return;
  lost.close();
  $("input", lost).value = "";
  move(at.card, at.to, reason);
});

on("click", ".deal [data-move]", (event, button) => {
  event.preventDefault();
  at = { card: button.closest(".deal") };
  const box = button.getBoundingClientRect();
  menu.showPopover();
  menu.style.top = `${Math.min(box.bottom, innerHeight - menu.offsetHeight - 8)}px`;
  menu.style.left = `${Math.max(8, box.right - menu.offsetWidth)}px`;
  for (const one of $$("[data-to]", menu)) one.hidden = one.dataset.to === (at.card.closest(steps) ?? laneOf(at.card)).dataset.stage;
  $("[data-to]:not([hidden])", menu).focus();
});
on("click", "#move-to [data-to]", (event, button) => {
  menu.hidePopover();
  link(at.card).focus();
  move(at.card, target(button.dataset.to));
});

document.addEventListener("keydown", (event) => {
  const card = document.activeElement.closest?.(".deal");
  if (!card || typing(document.activeElement) || $("dialog[open]")) return;
  const lane = laneOf(card), all = lanes(), place = all.indexOf(lane), step = pressed(event, "stage_on") ? 1 : pressed(event, "stage_back") ? -1 : 0;
  if (step) {
    event.preventDefault();
    const own = card.closest(steps), line = $$(steps, board);
    if (card.draggable) move(card, own ? line[line.indexOf(own) + step] ?? (step > 0 && zones ? $("[data-kind=won]", zones) : null) : $("[data-first]", board), "", behindHour(card, steps === ".lane" ? null : own));
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    const cards = $$(".deal", lane), next = cards[cards.indexOf(card) + (event.key === "ArrowDown" ? 1 : -1)];
    link(next ?? card).focus();
  } else if (event.key.startsWith("Arrow")) {
    event.preventDefault();
    const row = $$(".deal", lane).indexOf(card), way = { ArrowRight: 1 }[event.key] ?? -1;
    const beside = (way > 0 ? all.slice(place + 1) : all.slice(0, place).reverse()).find((one) => $(".deal", one));
    const cards = beside ? $$(".deal", beside) : [];
    if (cards.length) link(cards[Math.min(row, cards.length - 1)]).focus();
  }
});

const over = (event) => event.target.closest?.(".slot, .lane, .drop > div");
on("dragstart", ".deal", (event, card) => {
  at = { card, grip: event.clientY - card.getBoundingClientRect().top };
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", card.dataset.name);
  requestAnimationFrame(() => { card.classList.add("ghost"); document.body.classList.add("dragging"); });
});
document.addEventListener("dragover", (event) => at && over(event) && event.preventDefault());
document.addEventListener("drop", (event) => {
  const to = at && over(event);
  if (!to) return;
  event.preventDefault();
  if (!to.dataset.at) return move(at.card, to.matches(".lane, .slot") ? to : target(to.dataset.stage));
  const box = to.getBoundingClientRect(); // the quarter of the hour at which the card's top was let go
  move(at.card, to, "", Math.round(((event.clientY - at.grip - box.top) / box.height) * (to.dataset.minutes / 15)) * 15);
});
document.addEventListener("dragend", () => {
  at?.card?.classList.remove("ghost");
  document.body.classList.remove("dragging");
});
