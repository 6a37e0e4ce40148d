// Entry: starts every module and answers for what htmx sends and receives.
import { $, $$, on, say, toast, word, expire } from "tendero/dom";
import { wire } from "tendero/keys";
import "tendero/palette";
import "tendero/panels";
import "tendero/peek";
import { ready } from "tendero/forms";
import "tendero/fields";
import "tendero/walk";

// What only a list and its bar need comes with them.
const lists = () => $("[data-list], [data-sift], [data-order], [data-any]") && Promise.all([import("tendero/lists"), import("tendero/cells"), $("[data-sized]") && import("tendero/widths")]);
await lists();
// The edges of headings come with the first hand that goes there, or with widths that were kept.
for (const going of ["pointerover", "focusin"]) on(going, "[data-widths] thead", () => import("tendero/widths"));
// And what offers tags with the first field of them that has the focus.
on("focusin", "input[data-tags], td[data-cell=tags] input, #prop-tags input", async (_, field) => (await import("tendero/tags")).offer(field));

const waiting = $$("#toasts .toast");
waiting.forEach((el) => expire(el));
if (waiting.length) say(waiting.map((el) => $("span", el).textContent).join(". "));

// ---- htmx: new parts get their keys and drafts; 422 and 409 are parts of the page, other errors are a notice ----
document.addEventListener("htmx:after:swap", (event) => {
  const root = event.detail?.ctx?.target;
  wire(document);
  ready(document);
  lists();
  if (root?.querySelector) ($("[data-errors]", root) ?? $("[aria-invalid=true]", root))?.focus();
  const modal = $("#modal");
  if (modal?.childElementCount && !modal.open) {
    modal.showModal();
    $("h2", modal)?.focus();
  }
});
document.addEventListener("htmx:before:response", (event) => {
  const { status, headers } = event.detail.ctx.response;
  if (status < 400 || status === 422 || status === 409) return;
  event.preventDefault();
  if (status === 401) return location.reload();
  if (headers.get("HX-Trigger")) return;
  toast(word({ 403: "denied", 404: "gone", 410: "gone", 429: "slow" }[status] ?? "failed"), { kind: "error" });
});
document.addEventListener("htmx:error", () => toast(word("offline"), { kind: "error" }));

// The server says: HX-Trigger: {"toast": {"text": "Deal moved", "undo": "/undo/1"}}, {"say": {"text": "…"}}, {"close": {}}
document.addEventListener("part", () => wire(document));
document.addEventListener("toast", (event) => toast(event.detail.text, event.detail));
document.addEventListener("say", (event) => say(event.detail.text));
document.addEventListener("close", (event) => {
  if (event.target.matches?.("dialog")) return;
  $("#modal")?.close();
});

// Records that were opened stay readable without a network (worker.js).
const worker = document.body.dataset.worker;
const register = () => navigator.serviceWorker.register(worker).catch(() => {});
if (worker && "serviceWorker" in navigator) { // modules may come after the page's own "load"
  if (document.readyState === "complete") register();
  else addEventListener("load", register);
}

document.documentElement.dataset.ready = "";
