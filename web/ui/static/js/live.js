// Every 20 s while the page is looked at: how much is unread, and did somebody else change the record that is shown.
import { $, $$, say } from "tendero/dom";

const PAUSE = 20000, KEPT = "tendero:unread";
const links = $$('.nav[href="/notifications"], .tabbar a[href="/notifications"]');
const shown = $("[data-live]");
let since = "", timer;

/** The number beside the bell, in the side bar and on the phone's bar. */
function count(number, label) {
  for (const link of links) {
    let box = $(".count", link);
    if (!number) { box?.remove(); continue; }
    if (!box) link.append((box = Object.assign(document.createElement("span"), { className: "count" })));
    if (box.dataset.number === number) continue;
    box.dataset.number = number;
    const told = Object.assign(document.createElement("span"), { className: "sr", textContent: label });
    const sign = Object.assign(document.createElement("span"), { textContent: number });
    sign.setAttribute("aria-hidden", "true");
    box.replaceChildren(sign, told);
  }
}

/** "Changed by Anna just now", with a way to see it. Nothing moves by itself. */
function chip({ text, reload }) {
  $(".top .live")?.remove();
  const el = Object.assign(document.createElement("span"), { className: "chip live" });
  const words = Object.assign(document.createElement("span"), { className: "cut", textContent: text });
  const link = Object.assign(document.createElement("a"), { className: "link", href: location.pathname + location.search, textContent: reload });
  link.onclick = (event) => { event.preventDefault(); location.reload(); };
  el.append(words, link);
  ($(".top .crumbs") ?? $(".top h1"))?.after(el);
  say(text);
}

async function look() {
  clearTimeout(timer);
  if (document.hidden) return;
  const query = shown ? `&${shown.dataset.live}` : "";
  const answer = await fetch(`/_live?since=${since}${query}`, { headers: { "HX-Request": "true" }, credentials: "same-origin" }).catch(() => null);
  if (answer?.status === 401) return; // signed out elsewhere: the next click says so
  if (answer?.status === 200) {
    const { mark, unread, label, changed } = await answer.json();
    since = mark;
    count(unread, label);
    try { sessionStorage.setItem(KEPT, JSON.stringify([unread, label])); } catch { /* no storage: the number comes a moment later */ }
    if (changed) chip(changed);
  }
  timer = setTimeout(look, PAUSE);
}

if (links.length) {
  try { count(...JSON.parse(sessionStorage.getItem(KEPT) ?? '["",""]')); } catch { /* as above */ }
  document.addEventListener("visibilitychange", look);
  document.addEventListener("told", look);
  look();
}
