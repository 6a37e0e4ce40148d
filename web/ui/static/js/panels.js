// What opens and closes: theme, menus, dialogs, side bar on phones, undo on notices, values edited in place. The drawer is peek.js.
import { $, $$, drop, on, say, toast, word, send } from "tendero/dom";
import { forget, keep, kept } from "tendero/drafts";

// ---- theme: a cookie, so the server renders it and nothing flashes ----
on("click", "[data-theme-set]", (_, button) => {
  const value = button.dataset.themeSet;
  document.documentElement.dataset.theme = value;
  document.cookie = `theme=${value}; path=/; max-age=31536000; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`;
  $$("[data-theme-set]").forEach((el) => el.setAttribute("aria-pressed", el.dataset.themeSet === value));
});

// ---- menus: native popovers; placed here only where the browser has no anchor positioning ----
if (!CSS.supports("position-area: block-end")) {
  document.addEventListener("toggle", (event) => {
    const menu = event.target;
    if (!menu.matches?.(".menu") || event.newState !== "open") return;
    const at = $(`[popovertarget="${menu.id}"]`)?.getBoundingClientRect();
    if (!at) return;
    const below = at.bottom + menu.offsetHeight + 8 < innerHeight;
    menu.style.top = `${below ? at.bottom : Math.max(8, at.top - menu.offsetHeight - 8)}px`;
    menu.style.left = `${Math.max(8, Math.min(at.left, innerWidth - menu.offsetWidth - 8))}px`;
  }, true);
}
on("click", ".menu a, .menu button:not([data-theme-set], .moves > *)", (_, el) => el.closest(".menu").hidePopover());
on("keydown", ".menu", (event, menu) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const items = $$("a, button", menu);
  items.at((items.indexOf(document.activeElement) + step + (items.includes(document.activeElement) || step > 0 ? 0 : 1)) % items.length)?.focus();
});
on("toggle", ".menu", (event, menu) => event.newState === "open" && !menu.contains(document.activeElement) && $("a, button, input", menu)?.focus(), true);

// ---- dialogs: command/commandfor, done here for browsers that don't know it ----
if (!("command" in HTMLButtonElement.prototype)) {
  on("click", "[command=show-modal]", (_, button) => $(`#${button.getAttribute("commandfor")}`)?.showModal());
}
on("click", "dialog [data-close]", (_, el) => el.closest("dialog").close());
on("click", "dialog.dlg", (event, dialog) => event.target === dialog && dialog.close());
on("close", "#modal", (_, dialog) => dialog.replaceChildren(), true);

// ---- side bar on phones ----
const side = $("#side");
on("click", "[data-side]", () => {
  side.popover = "auto";
  side.showPopover();
});
side?.addEventListener("toggle", (event) => event.newState === "closed" && side.removeAttribute("popover"));

// ---- notices: undo without leaving the page's scroll and input ----
on("click", ".toast form [data-undo]", async (event, button) => {
  event.preventDefault();
  const { action } = button.form;
  drop(button.closest(".toast"));
  const answer = await send(action).catch(() => null);
  // An undo that kept something, or takes a while, says so on a page of its own: its address has ?see.
  if (answer?.ok && new URL(answer.url).searchParams.has("see")) location.href = answer.url;
  else if (answer?.ok) location.reload();
  else toast(word("failed"), { kind: "error" });
});

// ---- values edited in place ----
function control(link) {
  const { kind, value, options, label } = link.dataset;
  let el;
  if (kind === "select") {
    el = document.createElement("select");
    for (const [v, text] of JSON.parse(options ?? "[]")) el.append(new Option(text, v, false, String(v) === value));
  } else {
    el = document.createElement(kind === "textarea" ? "textarea" : "input");
    if (kind !== "textarea") el.type = kind;
    el.value = value;
  }
  el.className = "inp";
  el.setAttribute("aria-label", label);
  return el;
}
const draftOf = ({ edit, name }) => `prop:${edit}:${name}`;
function edit(link, typed, take = true) {
  const box = link.closest(".prop"), el = control(link), { edit: url, name, value, version } = link.dataset, draft = draftOf(link.dataset);
  let over = false;
  const done = (save, refocus) => {
    if (over) return;
    over = true;
    const now = el.value;
    el.replaceWith(link);
    if (refocus) link.focus();
    if (!save || now === value) return forget(draft);
    keep(draft, { typed: now });
    link.firstChild.data = el.selectedOptions?.[0]?.text ?? now; // shown at once; the answer replaces it
    const after = () => settle(link.dataset, refocus);
    htmx.ajax("POST", url, { target: box, source: box, swap: "outerHTML", values: { [name]: now, [`_was_${name}`]: value, _version: version ?? "" } }).then(after, after);
  };
  if (typed !== undefined) el.value = typed;
  el.oninput = () => keep(draft, { typed: el.value });
  el.onkeydown = (key) => {
    if (key.isComposing) return;
    if (key.key === "Enter" && (el.tagName !== "TEXTAREA" || key.ctrlKey || key.metaKey)) { key.preventDefault(); key.stopPropagation(); done(true, true); }
    if (key.key === "Escape") { key.preventDefault(); key.stopPropagation(); done(false, true); }
  };
  el.onblur = () => $("#modal[open]") ?? done(true, false); // what is asked about another value does not end this one
  if (el.tagName === "SELECT") el.onchange = () => done(true, true);
  link.replaceWith(el);
  if (take) el.focus();
  if (typed === undefined) el.select?.();
}
on("click", "a[data-edit]", (event, link) => {
  if (event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  edit(link);
});
/** Whoever types in another value is left there. */
const idle = () => !$(".prop .inp:focus");
/** The answer is here: what was not saved stands in its field again, or in the choice between two values. */
function settle(data, refocus) {
  const link = $(`#prop-${CSS.escape(data.name)} a[data-edit]`), draft = draftOf(data), conflict = $("#modal[open] form.conflict");
  if (conflict) {
    conflict.dataset.draftOf = draft;
    $("#modal").addEventListener("close", () => forget(draft), { once: true });
  } else if (link && kept(draft)) edit(link, kept(draft).typed, idle());
  else if (refocus) link?.focus();
}
document.addEventListener("htmx:after:request", (event) => {
  const link = $("a[data-edit]", event.target.closest?.(".prop") ?? document.createElement("p"));
  if (link && event.detail.ctx.response?.status < 400) forget(draftOf(link.dataset));
});
// A failed save puts the old value back under the field.
on("htmx:finally:request", ".prop", (event, box) => {
  const link = $("a[data-edit]", box), { ctx } = event.detail;
  if (link && box.isConnected && (!ctx.response || ctx.response.status >= 400)) link.firstChild.data = link.dataset.value || word("add");
});
for (const link of $$("a[data-edit]")) {
  const draft = kept(draftOf(link.dataset));
  if (draft && draft.typed !== link.dataset.value) edit(link, draft.typed, idle());
}
