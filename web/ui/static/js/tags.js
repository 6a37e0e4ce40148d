// Tags are words with commas between them: while one is typed, those that there are with its letters are offered. Any other word is a new one.
import { $$, say, word } from "tendero/dom";

let input, list, timer, asked, chosen;

function close() {
  clearTimeout(timer);
  asked?.abort();
  list?.remove();
  input?.setAttribute("aria-expanded", "false");
  input?.removeAttribute("aria-activedescendant");
  list = chosen = undefined;
}
// The word that the caret stands in, and where it begins and ends.
function current() {
  const before = input.value.slice(0, input.selectionStart), from = Math.max(before.lastIndexOf(","), before.lastIndexOf(";")) + 1;
  const rest = input.value.slice(from).search(/[,;]/), to = rest < 0 ? input.value.length : from + rest;
  return { from, to, text: input.value.slice(from, to).trim() };
}
function mark(option) {
  chosen?.setAttribute("aria-selected", "false");
  chosen = option;
  chosen?.setAttribute("aria-selected", "true");
  chosen?.scrollIntoView({ block: "nearest" });
  if (chosen) input.setAttribute("aria-activedescendant", chosen.id);
  else input.removeAttribute("aria-activedescendant");
}
function take(option) {
  const { from, to } = current(), head = input.value.slice(0, from).trimEnd(), tail = input.value.slice(to).replace(/^[,;]\s*/, "");
  const made = `${head ? `${head} ` : ""}${option.dataset.text}, `;
  input.value = made + tail;
  input.setSelectionRange(made.length, made.length);
  close();
  input.dispatchEvent(new Event("input", { bubbles: true }));
}
async function find() {
  const { text } = current();
  asked?.abort();
  if (!text) return close();
  asked = new AbortController();
  const found = await fetch(`/tags/options?q=${encodeURIComponent(text)}`, { headers: { "HX-Request": "true" }, signal: asked.signal }).then((answer) => (answer.ok ? answer.text() : null)).catch(() => null);
  if (found === null || document.activeElement !== input) return;
  const part = new DOMParser().parseFromString(`<ul>${found}</ul>`, "text/html");
  const has = new Set(input.value.split(/[,;]/).map((one) => one.trim().toLowerCase()));
  const options = $$("li", part).filter((li) => li.dataset.text.toLowerCase() === text.toLowerCase() || !has.has(li.dataset.text.toLowerCase()));
  close();
  if (!options.length) return;
  list = Object.assign(document.createElement("ul"), { className: "opts", id: "tag-options", role: "listbox", ariaLabel: input.ariaLabel ?? input.labels?.[0]?.textContent ?? "" });
  list.append(...options);
  options.forEach((li, i) => (li.id = `tag-option-${i}`));
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => event.target.closest("li") && take(event.target.closest("li")));
  input.after(list);
  put(list);
  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-expanded", "true");
  say(word("results", options.length));
}
// Below the field; above it where more room is there, as with a keyboard on the screen. It never ends outside of what is seen.
function put(list) {
  const box = input.getBoundingClientRect(), height = visualViewport?.height ?? innerHeight, below = height - box.bottom - 8, above = box.top - 8;
  const up = below < Math.min(list.offsetHeight, 200) && above > below, most = Math.max(up ? above : below, 96);
  Object.assign(list.style, { position: "fixed", insetInlineStart: `${box.left}px`, insetInlineEnd: "auto", inlineSize: `${Math.max(box.width, 180)}px`, maxBlockSize: `min(280px, ${most}px)` });
  list.style.insetBlockStart = `${up ? Math.max(4, box.top - 3 - Math.min(list.offsetHeight, most)) : box.bottom + 3}px`;
}
function typed(event) {
  if (event.isComposing) return;
  clearTimeout(timer);
  if (event.isTrusted) timer = setTimeout(find, 120);
}
// Before whoever else waits for these keys: a list's cell is saved by Enter, a drawer closed by Escape.
function pressed(event) {
  if (!list || event.isComposing) return;
  const all = [...list.children], step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) mark(all[(all.indexOf(chosen) + step + all.length + (chosen || step > 0 ? 0 : 1)) % all.length]);
  else if (event.key === "Escape") close();
  else if ((event.key === "Enter" || event.key === "Tab") && chosen) take(chosen);
  else return;
  event.preventDefault();
  event.stopImmediatePropagation();
}
/** A field of tags has the focus. What was typed before this script was there is answered too. */
export function offer(target) {
  if (target === input) return;
  input = target;
  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"]]) input.setAttribute(name, value);
  input.addEventListener("input", typed);
  input.addEventListener("compositionend", typed);
  input.addEventListener("keydown", pressed, true);
  input.addEventListener("blur", close);
  if (document.activeElement === input && input.value !== input.defaultValue) timer = setTimeout(find, 120);
}
addEventListener("scroll", ({ target }) => list && target !== list && close(), { capture: true, passive: true });
