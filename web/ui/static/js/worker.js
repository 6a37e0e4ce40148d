// The service worker of one workspace: the records that a person opened last stay readable without a network.
// It keeps the files of this build and at most 20 briefs (the server marks them: X-Brief), for 7 days and one person. It keeps
// nothing else, and lets go of everything at sign-out, at the sign-in page, and when rights or the person change (X-Person).
// ASSETS, the files of this build, stands before this text (web/install/views.py).
const STATIC = "static", BRIEFS = "briefs", MOST = 20, DAYS = 7, ASK_EVERY = 5 * 60e3;
const RECORD = /^\/(accounts|contacts)\/[0-9a-f-]{36}(\/brief)?$/, FRAME = "/offline", PERSON = "/_person", ASKED = "/_asked";

addEventListener("install", (event) => event.waitUntil(caches.open(STATIC).then((cache) => cache.addAll(ASSETS)).then(() => skipWaiting())));
addEventListener("activate", (event) => event.waitUntil(Promise.all([sweep(), clients.claim()])));
addEventListener("fetch", (event) => {
  const { request } = event, url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (request.method === "POST" && url.pathname === "/sign-out") return event.waitUntil(wipe());
  if (request.method !== "GET") return;
  if (url.pathname.startsWith("/static/")) return event.respondWith(file(request));
  if (request.mode === "navigate") event.respondWith(page(event, url));
});

// ---- files: their names hold their hashes, so what is here is right ----
async function file(request) {
  return (await caches.match(request, { cacheName: STATIC })) ?? fetch(request);
}
async function sweep() {
  const cache = await caches.open(STATIC), names = new Set(ASSETS);
  for (const request of await cache.keys()) if (!names.has(new URL(request.url).pathname)) await cache.delete(request);
}

// ---- pages: from the network; without one, the brief as it was or the list of briefs ----
async function page(event, url) {
  try {
    const answer = await fetch(event.request);
    event.waitUntil(learn(url, answer.clone()).catch(() => {}));
    return answer;
  } catch (problem) {
    return (await offline(url)) ?? Promise.reject(problem);
  }
}
async function learn(url, answer) {
  if (answer.status === 401 || (answer.ok && url.pathname === "/sign-in")) return wipe();
  const cache = await caches.open(BRIEFS), person = answer.headers.get("X-Person");
  if (RECORD.test(url.pathname) && [403, 404, 410].includes(answer.status)) return cache.delete(url.pathname);
  if (!answer.ok || !person) return;
  const before = await cache.match(PERSON);
  if (!before || (await before.text()) !== person) {
    await wipe();
    const anew = await caches.open(BRIEFS);
    await anew.put(PERSON, new Response(person));
    const frame = await fetch(FRAME, { credentials: "same-origin" });
    if (frame.ok && !frame.redirected) await anew.put(FRAME, frame);
  }
  if (answer.headers.has("X-Brief") && !url.search) await put(url.pathname, answer);
  await ask();
}
async function put(path, answer) {
  const cache = await caches.open(BRIEFS), headers = new Headers(answer.headers);
  headers.set("X-At", Date.now());
  headers.delete("Content-Encoding");
  await cache.delete(path); // what is opened again counts as opened last
  await cache.put(path, new Response(await answer.text(), { headers }));
  const kept = await briefs(cache);
  for (const one of kept.slice(0, Math.max(0, kept.length - MOST))) await cache.delete(one.path);
}
/** [{path, answer, at}] in the order in which they were opened; what is too old goes. */
async function briefs(cache) {
  const found = [];
  for (const request of await cache.keys()) {
    const path = new URL(request.url).pathname, answer = RECORD.test(path) && (await cache.match(path)), at = Number(answer && answer.headers.get("X-At"));
    if (!answer) continue;
    if (Date.now() - at > DAYS * 864e5) await cache.delete(path);
    else found.push({ path, answer, at });
  }
  return found;
}
/** Does this person still see what is kept here? Records are handed over, deleted, moved to another team. */
async function ask() {
  const cache = await caches.open(BRIEFS), last = await cache.match(ASKED), kept = await briefs(cache);
  if (!kept.length || Date.now() - Number(last ? await last.text() : 0) < ASK_EVERY) return;
  const answer = await fetch(`${FRAME}/seen?${kept.map((one) => `path=${one.path}`).join("&")}`, { credentials: "same-origin" });
  if (!answer.ok || answer.redirected) return;
  const seen = new Set((await answer.json()).seen);
  for (const one of kept) if (!seen.has(one.path)) await cache.delete(one.path);
  await cache.put(ASKED, new Response(String(Date.now())));
}
const wipe = () => caches.delete(BRIEFS);

async function offline(url) {
  const cache = await caches.open(BRIEFS), kept = await briefs(cache), brief = kept.find((one) => one.path === url.pathname);
  if (brief) return told(brief.answer, (text, when) => text.replace(' id="as-of" hidden', ' id="as-of"').replace("{as-of}", () => escaped(when(brief.at))));
  const frame = await cache.match(FRAME);
  if (!frame) return null;
  return told(frame, (text, when) => !kept.length ? text : text.replace(/<!--kept-->.*<!--\/kept-->/, () => kept.reverse().map((one) =>
    `<a class="rel" href="${one.path}"><span class="grow cut">${escaped(decodeURIComponent(one.answer.headers.get("X-Brief")))}<small>${escaped(when(one.at))}</small></span></a>`).join("")));
}
async function told(answer, change) {
  const text = await answer.text(), lang = /<html lang="([^"]+)"/.exec(text)?.[1], zone = /data-zone="([^"]+)"/.exec(text)?.[1];
  const when = (at) => new Intl.DateTimeFormat(lang, { dateStyle: "medium", timeStyle: "short", timeZone: zone }).format(at);
  return new Response(change(text, when), { headers: answer.headers });
}
const escaped = (text) => text.replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`);
