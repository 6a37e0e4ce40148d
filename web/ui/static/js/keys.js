// Keyboard: data-hotkey="g d" on links, buttons and fields; Ctrl Enter saves; Ctrl Z takes the last notice back; ? helps.
import { install, uninstall } from "@github/hotkey";
import { $, $$, pressed, typing, covered } from "tendero/dom";

const off = document.body?.dataset.keys === "off"; // one-letter keys can be turned off (WCAG 2.1.4)
const done = new WeakSet();

/** Give new elements their keys. */
export function wire(root) {
  if (off) return;
  for (const el of $$("[data-hotkey]", root)) {
    if (done.has(el)) continue;
    done.add(el);
    install(el);
  }
}
document.addEventListener("htmx:before:cleanup", (event) => {
  if (event.target.matches?.("[data-hotkey]")) uninstall(event.target);
});
wire(document);

// Keys don't reach the page behind an open dialog, and Russian or Korean letters count as the Latin ones on the same key.
window.addEventListener("keydown", (event) => {
  if (event.isComposing || !event.isTrusted || typing(event.target)) return;
  const latin = /^Key([A-Z])$/.exec(event.code);
  if (!latin || event.key.length !== 1 || event.key.charCodeAt(0) < 128) return;
  event.stopImmediatePropagation();
  const { ctrlKey, metaKey, altKey, shiftKey, code } = event;
  const key = shiftKey ? latin[1] : latin[1].toLowerCase();
  const copy = new KeyboardEvent("keydown", { key, code, ctrlKey, metaKey, altKey, shiftKey, bubbles: true, cancelable: true });
  if (!event.target.dispatchEvent(copy)) event.preventDefault();
}, true);
document.addEventListener("hotkey-fire", (event) => covered() && event.preventDefault(), true);

document.addEventListener("keydown", (event) => {
  if (pressed(event, "save")) {
    const form = event.target.closest?.("form") ?? $("main form:has([data-save])");
    if (!form) return;
    event.preventDefault();
    form.requestSubmit($("[data-save]", form) ?? undefined);
  }
  if (pressed(event, "undo") && !typing(event.target)) {
    const undo = $$("#toasts [data-undo]").at(-1);
    if (undo) {
      event.preventDefault();
      undo.click();
    }
  }
  if (pressed(event, "help") && !off && !typing(event.target) && !covered()) $("#keys")?.showModal();
});
