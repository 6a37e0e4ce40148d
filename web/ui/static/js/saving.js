// Saving a form that keeps drafts: the page stays until the server has answered, so a save that fails loses nothing.
import { $, $$, on, say, toast, word, headers } from "tendero/dom";
import { forget, note, settled, tell } from "tendero/drafts";
import { wait } from "tendero/queue";

// A conflict page saves what the form before it began: its draft goes with that.
// In the drawer every button stays on its page.
const FORMS = "form[data-draft], form[data-draft-of], #peek form[method=post]";

on("submit", FORMS, (event, form) => {
  const button = event.submitter;
  if (event.defaultPrevented || form.matches("[hx-post], [hx-put]") || button?.hasAttribute("formtarget")) return;
  event.preventDefault();
  if (form.dataset.busy === undefined) save(form, button);
});

async function save(form, button, again = false) {
  note(form, true);
  form.dataset.busy = "";
  button?.setAttribute("aria-busy", "true");
  const answer = await post(form, button);
  delete form.dataset.busy;
  button?.removeAttribute("aria-busy");
  if (!answer) return (form.matches("[data-queue]") && (await wait(form, button))) || failed(form, word("offline"), button);
  const go = answer.headers.get("X-Go");
  if (answer.status === 204 && go) return done(form, go);
  if (answer.status === 401) return expired(form, go);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (answer.headers.get("X-Refused") === "form_expired" && !again && (await fresh())) return save(form, button, true);
  if (answer.ok) settled(form);
  if ((answer.ok || [409, 422].includes(answer.status)) && $("#content", page)) return show(page, form);
  failed(form, $("[role=alert] h1", page)?.textContent ?? word("failed"), button);
}
async function post(form, button) {
  const fields = new FormData(form, button?.name ? button : undefined);
  const files = [...fields.values()].some((value) => value instanceof File);
  const address = button?.getAttribute("formaction") ?? form.getAttribute("action");
  try {
    return await fetch(address, {
      method: "POST", body: files ? fields : new URLSearchParams(fields), credentials: "same-origin", signal: AbortSignal.timeout(60000),
      headers: { "X-Stay": "1", ...(form.closest("#peek") ? { "HX-Target": "aside#peek" } : {}) },
    });
  } catch {
    return null;
  }
}

/** It is saved: the draft goes, and the page follows. In the drawer only the drawer is fetched anew. */
function done(form, go) {
  settled(form);
  if (form.dataset.draftOf) forget(form.dataset.draftOf);
  const peek = form.closest("#peek");
  if (peek) return peek.dispatchEvent(new Event("again"));
  const to = new URL(go, location.href), stays = to.href.split("#")[0] === location.href.split("#")[0];
  if (stays && to.hash) location.hash = to.hash;
  if (stays) location.reload();
  else location.assign(to);
}
/** Nothing was saved, and all of it is still there: say why, and offer the same once more. */
function failed(form, text, button) {
  if (!form.dataset.draft) return toast(text, { kind: "error" });
  note(form, true);
  tell(form, text, [[word("again"), () => (form.isConnected ? save(form, button) : null)]], "bad");
}
/** The session is over: the text waits here, for this person only, until he is back. */
function expired(form, address) {
  note(form, true);
  const way = new URL(address ?? "/sign-in", location.href);
  way.searchParams.set("next", location.pathname + location.search);
  const link = Object.assign(document.createElement("a"), { href: way.href, className: "btn primary", textContent: word("sign_in") });
  const box = Object.assign(document.createElement("div"), { className: "in" }), row = Object.assign(document.createElement("div"), { className: "actions" });
  row.append(link);
  box.append(Object.assign(document.createElement("p"), { textContent: word("expired") }), row);
  $("#modal").replaceChildren(box);
  $("#modal").showModal();
  link.focus();
}
/** What proves that requests are ours, anew: somebody signed in again in another window. False where it is somebody else. */
export async function fresh() {
  const answer = await fetch(location.href, { credentials: "same-origin" }).catch(() => null);
  if (!answer?.ok || answer.redirected) return false;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (page.body.dataset.user !== document.body.dataset.user) return false;
  const name = "hx-headers:inherited", proof = page.body.getAttribute(name);
  document.body.setAttribute(name, proof);
  $$("input[name=_csrf]").forEach((el) => (el.value = headers()["X-CSRF-Token"]));
  return true;
}
/** The answer is a page of the same frame: the form with its complaints, or the choice between two values. */
function show(page, form) {
  for (const part of ["main > header.top", "main > .bar", "#content"]) {
    const now = $(part), then = $(part, page);
    if (now && then) now.replaceWith(document.adoptNode(then));
  }
  document.title = page.title;
  const conflict = $("form.conflict");
  if (conflict) conflict.dataset.draftOf = form.dataset.draft ?? form.dataset.draftOf ?? "";
  window.htmx?.process($("#content"));
  document.dispatchEvent(new CustomEvent("part", { detail: $("#content") }));
  const target = $("[data-errors]") ?? $("#content [aria-invalid=true]") ?? $("#content h2[tabindex]");
  $("#content").scrollTo?.({ top: 0 });
  target?.focus(); // after it, or a form far down would hide what was refused
  if (conflict) say($("h2", conflict).textContent);
}
document.addEventListener("htmx:after:request", (event) => {
  const form = event.target.closest?.("form[data-draft][hx-post], form[data-draft][hx-put]"), { status } = event.detail.ctx.response ?? {};
  if (form && status < 400 && event.detail.ctx.request.method !== "GET") settled(form);
});
