// Command palette: what one may do, pages and what was seen last stand in the page; records come from the server
// (data-url?q=, answers ui.command lines). The page's own entries come first, so that Enter means the same before and
// after the answer.
import Combobox from "@github/combobox-nav";
import { $, $$, headers, pressed, say, toast, word } from "tendero/dom";
import { recent } from "tendero/recent";

const pal = $("#palette");
const RECORD = /^\/(accounts|contacts)\//;

if (pal) {
  const input = $("input", pal), list = $("ul", pal), none = $(".none", pal);
  let box, asked, timer, step = "", waiting = false, hasty = false;

  const open = () => {
    $$("[popover]:popover-open").forEach((el) => el.hidePopover());
    pal.showModal();
    box = new Combobox(input, list, { firstOptionSelectionMode: "selected", tabInsertsSuggestions: false });
    box.start();
    begin("");
  };
  /** An empty question: of everything, or only for whom something is to be done. */
  const begin = (next) => {
    step = next;
    input.value = "";
    input.placeholder = word(step ? "for_whom" : "ask");
    input.setAttribute("aria-label", input.placeholder);
    asked?.abort();
    waiting = hasty = false;
    show([]);
    if (step) say(input.placeholder);
  };
  const fits = (li, query) => {
    const text = `${$(".grow", li)?.textContent ?? ""} ${li.dataset.asked ?? ""}`.normalize("NFKC").toLowerCase(), words = text.split(/[\s.,·]+/);
    return query.split(/\s+/).every((part) => (part.charCodeAt(0) > 0x2e80 ? text.includes(part) : words.some((one) => one.startsWith(part))));
  };
  /** Show the page's own entries that fit, then what the server found. */
  const show = (found) => {
    const query = input.value.trim().normalize("NFKC").toLowerCase();
    $$("[data-found], [data-recent]", list).forEach((el) => el.remove());
    if (!query) list.prepend(...seen());
    let group, shown = 0;
    for (const li of $$("li:not([data-recent])", list)) {
      if (li.matches(".group")) {
        group = li;
        li.hidden = true;
        continue;
      }
      li.hidden = Boolean(step) || (query ? !fits(li, query) : li.dataset.asked !== undefined);
      if (li.hidden) continue;
      shown += 1;
      if (group) group.hidden = false;
    }
    list.append(...found);
    shown += $$("[data-found][role=option], [data-recent][role=option]", list).length;
    none.hidden = shown > 0;
    none.textContent = waiting ? none.dataset.wait : none.dataset.none;
    box?.clearSelection();
    if (shown) box?.navigate(1);
    if (query && !waiting) say(shown ? word("results", shown) : none.textContent);
    if (hasty && !waiting && shown) $("[aria-selected=true]", list)?.click();
  };
  const seen = () => {
    const rows = recent().filter((one) => !step || RECORD.test(one.url)).slice(0, 6).map((one) => {
      const li = $("#recent").content.querySelector("li").cloneNode(true);
      $(".grow", li).textContent = one.name;
      li.dataset.href = step ? `${one.url}?log=call#body` : one.url;
      return li;
    });
    if (!rows.length) return [];
    const head = Object.assign(document.createElement("li"), { className: "group", textContent: word("recent") });
    head.setAttribute("role", "presentation");
    return [head, ...rows].map((li) => { li.dataset.recent = ""; return li; });
  };
  const ask = async () => {
    const query = input.value.trim();
    asked?.abort();
    if (!query) return;
    asked = new AbortController();
    let found = [];
    try {
      const answer = await fetch(`${pal.dataset.url}?q=${encodeURIComponent(query)}${step ? `&for=${step}` : ""}`, { headers: { "HX-Request": "true" }, signal: asked.signal });
      if (answer.ok) found = $$("li", new DOMParser().parseFromString(`<ul>${await answer.text()}</ul>`, "text/html"));
      else if (answer.status !== 401) toast(word(answer.status === 429 ? "slow" : "failed"), { kind: "error" });
    } catch (problem) {
      if (problem.name === "AbortError") return; // a later question is under way
      toast(word("offline"), { kind: "error" });
    }
    waiting = false;
    found.forEach((el, i) => { el.dataset.found = ""; el.id = `found-${i}`; });
    show(found);
  };
  /** Of what was found before, what fits the longer question: nothing flickers, and Enter never means what no longer fits. */
  const still = () => {
    const query = input.value.trim().normalize("NFKC").toLowerCase(), rows = [];
    let head;
    for (const li of query ? $$("[data-found]", list) : []) {
      if (li.matches(".group")) head = li;
      else if (fits(li, query)) rows.push(...(head ? [head] : []), li), (head = null);
    }
    return rows;
  };
  const later = (event) => {
    if (event.isComposing) return;
    hasty = false;
    asked?.abort();
    clearTimeout(timer);
    waiting = Boolean(input.value.trim());
    show(still());
    if (waiting) timer = setTimeout(ask, 120);
  };

  // On the dialog, so that it runs after the combobox has cleared its choice.
  pal.addEventListener("input", later);
  pal.addEventListener("compositionend", later);
  pal.addEventListener("keydown", (event) => {
    // Enter before the answer: it means the first that will be found.
    if (event.key === "Enter" && waiting && !$("[role=option]:not([hidden])", list)) hasty = true;
    if (step && (event.key === "Escape" || (event.key === "Backspace" && !input.value))) {
      event.preventDefault();
      event.stopPropagation();
      begin("");
    }
  });
  pal.addEventListener("cancel", (event) => step && event.preventDefault());
  pal.addEventListener("close", () => { clearTimeout(timer); asked?.abort(); box?.stop(); box = null; step = ""; });
  pal.addEventListener("click", (event) => event.target === pal && pal.close());
  list.addEventListener("combobox-commit", (event) => {
    const { href, step: next, lookOf, speak, show: dialog, out } = event.target.closest("[role=option]").dataset;
    if (next) return begin(next);
    pal.close();
    if (href) go(href);
    if (lookOf) $(`[data-theme-set="${lookOf}"]`)?.click();
    if (speak) speakIn(speak);
    if (dialog) $(`#${dialog}`)?.showModal();
    if (out !== undefined) $("form[data-sign-out]")?.requestSubmit();
  });
  const go = (href) => {
    const to = new URL(href, location.href);
    if (to.pathname + to.search === location.pathname + location.search && to.hash) return (location.hash = to.hash);
    location.href = href;
  };
  const speakIn = async (locale) => {
    const answer = await fetch(pal.dataset.profile, { method: "POST", headers: { ...headers(), "X-Stay": "1" }, body: new URLSearchParams({ locale }), credentials: "same-origin" }).catch(() => null);
    if (answer?.ok || answer?.status === 401) location.reload();
    else toast(word("failed"), { kind: "error" });
  };
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-palette]") || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    open();
  });
  document.addEventListener("keydown", (event) => {
    if (!pressed(event, "palette")) return;
    event.preventDefault();
    if (pal.open) pal.close();
    else open();
  });
}
