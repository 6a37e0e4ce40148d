// What is logged without a network waits in this browser (IndexedDB) and is sent once when the network is back: the key of the form
// (web/once.py) sees to it that nothing is saved twice. What the server refuses stays, with the reason, until somebody throws it away.
import { $, $$, headers, moment, say, toast, word } from "tendero/dom";
import { called, kept, settled } from "tendero/drafts";
import { fresh } from "tendero/saving";

const STORE = "waiting", EVERY = 30e3, DAYS = 7;
const user = document.body?.dataset.user ?? "";

// ---- the shelf ----
const opened = () => new Promise((done, failed) => {
  const asked = indexedDB.open("tendero-queue", 1);
  asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "id" });
  asked.onsuccess = () => done(asked.result);
  asked.onerror = () => failed(asked.error);
});
async function shelf(act, mode = "readonly") {
  const db = await opened();
  return new Promise((done, failed) => {
    const work = db.transaction(STORE, mode), asked = act(work.objectStore(STORE));
    work.oncomplete = () => { db.close(); done(asked?.result); };
    work.onerror = work.onabort = () => { db.close(); failed(work.error); };
  });
}
const put = (item) => shelf((store) => store.put(item), "readwrite");
// Only what is there still: another window may have sent it, or thrown it away.
const change = (id, more) => shelf((store) => {
  const asked = store.get(id);
  asked.onsuccess = () => asked.result && store.put({ ...asked.result, ...more });
}, "readwrite");
const drop = (id) => shelf((store) => store.delete(id), "readwrite");
/** This person's entries, the oldest first; what another person left here goes, and what is too old. */
async function all() {
  const found = (await shelf((store) => store.getAll()).catch(() => [])) ?? [];
  for (const one of found) if (one.user !== user || Date.now() - one.at > DAYS * 864e5) await drop(one.id);
  return found.filter((one) => one.user === user && Date.now() - one.at <= DAYS * 864e5).sort((a, b) => a.at - b.at);
}
// What was not sent yet is not thrown away unasked: whoever has the device next must not read it. Asked at the window, before the
// drafts and the briefs are wiped: whoever stays keeps those too.
addEventListener("submit", (event) => {
  if (!event.target.matches?.("form[data-sign-out]")) return;
  if (!$("#waiting") || confirm(word("leave_waiting"))) indexedDB.deleteDatabase("tendero-queue");
  else { event.preventDefault(); event.stopImmediatePropagation(); }
}, true);

/** Keep a form that could not be sent; false where the browser can't. The form is empty again, with a key of its own. */
export async function wait(form, button) {
  const fields = [...new FormData(form, button?.name ? button : undefined)].filter(([name, value]) => name !== "_csrf" && typeof value === "string");
  const at = Date.now(), name = $(".hero :is(h1, h2), h1", form.closest("#peek") ?? document)?.textContent.trim() ?? "";
  if (!form.elements.namedItem("_written_at")) fields.push(["_written_at", new Date(at).toISOString()]);
  const body = fields.filter(([field, value]) => ["body", "next_contact", "next_contact_note", "when"].includes(field) && value.trim()).map(([, value]) => value.trim()).join(" · ");
  const item = { id: crypto.randomUUID(), user, at, url: form.getAttribute("action"), page: location.pathname, name, text: body, fields };
  if (!(await put(item).then(() => true, () => false))) return false;
  form.reset();
  const once = form.elements.namedItem("_once");
  if (once) once.value = crypto.randomUUID();
  settled(form);
  await draw();
  say(word("waits"));
  return true;
}

// ---- sending: one window at a time, one entry after the other ----
async function post(item) {
  const body = new URLSearchParams([...item.fields, ["_csrf", headers()["X-CSRF-Token"] ?? ""]]);
  return fetch(item.url, { method: "POST", body, credentials: "same-origin", signal: AbortSignal.timeout(60000), headers: { "X-Stay": "1" } }).catch(() => null);
}
/** "sent", "away" (try later), or "refused". */
async function send(item, again = false) {
  const answer = await post(item);
  if (!answer || answer.status >= 500 || answer.status === 429) return "away";
  if (answer.status === 401) {
    await change(item.id, { why: "", over: true });
    return "away";
  }
  if (answer.status === 204 || answer.redirected) {
    await drop(item.id);
    return "sent";
  }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (answer.headers.get("X-Refused") === "form_expired" && !again && (await fresh())) return send(item, true);
  const said = $("#entry .err span:not(:empty), [data-errors] li, [role=alert] .err, .err:not([hidden]) span:not(:empty)", page) ?? $("[role=alert] h1, h1", page);
  await change(item.id, { why: said?.textContent.trim() || word("failed"), over: false });
  return "refused";
}
let sent = [];
export async function flush() {
  if (!user) return;
  if (navigator.onLine === false) return draw();
  const work = async (lock) => {
    if (lock === null) return;
    for (const item of await all()) {
      if (item.why) continue;
      const became = await send(item);
      if (became === "sent") sent.push(item);
      if (became === "away") break;
    }
  };
  await (navigator.locks ? navigator.locks.request("queue", { ifAvailable: true }, work) : work());
  await draw();
  if (!sent.length) return;
  const here = sent.some((item) => item.page === location.pathname), typed = $$("form[data-draft]").some((form) => kept(called(form)));
  toast(word("sent", sent.map((item) => item.name).join(", ")));
  sent = [];
  if (here && !typed) location.reload();
}

// ---- what waits, above the page ----
function line(item) {
  const li = document.createElement("li"), text = document.createElement("span"), state = document.createElement("small"), link = document.createElement("a");
  Object.assign(link, { href: item.page, className: "link", textContent: item.name || item.page });
  Object.assign(text, { className: "said", textContent: item.text });
  state.textContent = item.why ? `${word("refused")} ${item.why}` : item.over ? word("over") : `${word("waits")} (${moment(item.at)})`;
  const button = (name, act) => {
    const el = Object.assign(document.createElement("button"), { type: "button", className: "btn", textContent: word(name), onclick: act });
    el.setAttribute("aria-label", `${word(name)}: ${item.name}`);
    return el;
  };
  const ways = Object.assign(document.createElement("span"), { className: "row wrap" });
  if (item.over) ways.append(Object.assign(document.createElement("a"), { href: `/sign-in?next=${encodeURIComponent(item.page)}`, className: "btn", textContent: word("sign_in") }));
  else ways.append(button("again", async () => { await change(item.id, { why: "" }); await flush(); }));
  ways.append(button("discard", async () => { await drop(item.id); await draw(); }));
  li.append(link, text, state, ways);
  return li;
}
async function draw() {
  const found = user ? await all().catch(() => []) : [];
  $("#waiting")?.remove();
  if (!found.length) return;
  const box = Object.assign(document.createElement("section"), { id: "waiting", className: "waiting h-amber" }), ul = document.createElement("ul");
  box.setAttribute("aria-label", word("waiting", found.length));
  ul.append(...found.map(line));
  box.append(Object.assign(document.createElement("p"), { className: "b", textContent: word("waiting", found.length) }), ul);
  $("#content")?.prepend(box);
}
if (user && "indexedDB" in window) {
  addEventListener("online", flush);
  document.addEventListener("visibilitychange", () => !document.hidden && $("#waiting") && flush()); // another window may have sent it
  setInterval(() => $("#waiting") && flush(), EVERY);
  draw().then(() => $("#waiting") && flush());
}
