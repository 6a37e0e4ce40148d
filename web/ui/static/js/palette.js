// Command palette: navigation is in the page, records come from the server (data-url?q=, answers ui.command lines).
import Combobox from "@github/combobox-nav";
import { $, $$, say, word } from "tendero/dom";

const pal = $("#palette");
if (pal) {
  const input = $("input", pal), list = $("ul", pal), none = $(".none", pal);
  let box, asked, timer;

  const open = () => {
    $$("[popover]:popover-open").forEach((el) => el.hidePopover());
    input.value = "";
    pal.showModal();
    box = new Combobox(input, list, { firstOptionSelectionMode: "selected", tabInsertsSuggestions: false });
    box.start();
    show([]);
  };
  const choose = () => {
    box?.clearSelection();
    if ($$("[role=option]:not([hidden])", list).length) box?.navigate(1);
  };
  /** Keep the page's own entries that match; put the server's first. */
  const show = (found) => {
    const query = input.value.trim().toLowerCase();
    $$("[data-found]", list).forEach((el) => el.remove());
    list.prepend(...found);
    let group, shown = found.filter((el) => el.role === "option").length;
    for (const li of $$("li:not([data-found])", list)) {
      if (li.matches(".group")) {
        group = li;
        li.hidden = true;
        continue;
      }
      li.hidden = Boolean(query) && !li.textContent.toLowerCase().includes(query);
      if (li.hidden) continue;
      shown += 1;
      if (group) group.hidden = false;
    }
    none.hidden = shown > 0;
    choose();
    if (query) say(shown ? word("results", shown) : none.textContent);
  };
  const ask = async () => {
    const query = input.value.trim();
    asked?.abort();
    if (!query) return show([]);
    asked = new AbortController();
    try {
      const answer = await fetch(`${pal.dataset.url}?q=${encodeURIComponent(query)}`, { headers: { "HX-Request": "true" }, signal: asked.signal });
      if (!answer.ok) return;
      const part = new DOMParser().parseFromString(`<ul>${await answer.text()}</ul>`, "text/html");
      const found = $$("li", part);
      found.forEach((el, i) => { el.dataset.found = ""; el.id = `found-${i}`; });
      show(found);
    } catch (problem) {
      if (problem.name !== "AbortError") show([]);
    }
  };

  // On the dialog, so that it runs after the combobox has cleared its choice.
  pal.addEventListener("input", (event) => {
    if (event.isComposing) return;
    show($$("[data-found]", list));
    clearTimeout(timer);
    timer = setTimeout(ask, 120);
  });
  pal.addEventListener("close", () => { asked?.abort(); box?.stop(); box = null; });
  pal.addEventListener("click", (event) => event.target === pal && pal.close());
  list.addEventListener("combobox-commit", (event) => {
    const { href } = event.target.closest("[data-href]")?.dataset ?? {};
    pal.close();
    if (href) location.href = href;
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-palette]") || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    open();
  });
  document.addEventListener("keydown", (event) => {
    if (!(event.metaKey || event.ctrlKey) || event.shiftKey || event.altKey) return;
    if (event.key.toLowerCase() !== "k" && !(event.code === "KeyK" && event.key.charCodeAt(0) > 127)) return;
    event.preventDefault();
    if (pal.open) pal.close();
    else open();
  });
}
