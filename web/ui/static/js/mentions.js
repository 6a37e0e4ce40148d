// Behind an @ in a textarea with data-mentions: colleagues who may be mentioned, by keyboard and by click.
import { $, $$, on, say } from "tendero/dom";

const BEGUN = /(^|[\s([{"'«“「（,;:.!?/-])@([^\n@]{0,40})$/u;
let list, field, timer, asked = 0;

/** What is typed behind the last @ before the caret; null where there is none. */
const typed = (area) => BEGUN.exec(area.value.slice(0, area.selectionStart))?.[2] ?? null;
const options = () => $$("[role=option]", list);
const chosen = () => $("[aria-selected=true]", list);

function close() {
  clearTimeout(timer);
  asked += 1;
  list?.remove();
  for (const name of ["aria-activedescendant", "aria-controls"]) field?.removeAttribute(name);
  list = field = undefined;
}

function choose(option) {
  chosen()?.setAttribute("aria-selected", "false");
  option?.setAttribute("aria-selected", "true");
  option?.scrollIntoView({ block: "nearest" });
  if (option) field.setAttribute("aria-activedescendant", option.id);
}

/** Show what the server knows of that beginning of a name. */
async function open(area, words) {
  const mine = (asked += 1);
  const answer = await fetch(`${area.dataset.mentions}?q=${encodeURIComponent(words)}`, { headers: { "HX-Request": "true" }, credentials: "same-origin" }).catch(() => null);
  if (!answer?.ok || mine !== asked || typed(area) === null) return;
  const html = await answer.text();
  if (mine !== asked) return;
  if (!list || field !== area) {
    list?.remove();
    field = area;
    list = Object.assign(document.createElement("ul"), { className: "opts", id: "mentions" });
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", area.getAttribute("aria-label"));
    area.after(list);
    area.setAttribute("aria-controls", "mentions");
  }
  list.innerHTML = html;
  if (!options().length && words.includes(" ")) return close(); // a sentence that goes on, no name
  choose(options().find((one) => !one.ariaDisabled));
  const first = chosen();
  if (first) say(first.textContent.trim());
}

/** Put the name where the typed beginning stood. */
function take(option) {
  const area = field;
  if (option.ariaDisabled === "true") return say(option.textContent.trim());
  const end = area.selectionStart, begin = end - typed(area).length;
  area.setRangeText(`${option.dataset.value} `, begin, end, "end");
  close();
  area.focus();
  area.dispatchEvent(new Event("change", { bubbles: true }));
}

on("input", "textarea[data-mentions]", (event, area) => {
  const words = event.isComposing ? null : typed(area);
  if (words === null || words.startsWith(" ")) return close();
  clearTimeout(timer);
  timer = setTimeout(open, 120, area, words);
});
on("keydown", "textarea[data-mentions]", (event) => {
  if (!list || event.isComposing) return;
  const all = options(), at = all.indexOf(chosen());
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) choose(all[(at + step + all.length) % all.length]);
  else if ((event.key === "Enter" || event.key === "Tab") && chosen() && !event.ctrlKey && !event.metaKey) take(chosen());
  else if (event.key === "Escape") close();
  else return;
  event.preventDefault();
  event.stopPropagation();
}, true);
on("mousedown", "#mentions", (event) => {
  event.preventDefault(); // the caret stays in the text
  const option = event.target.closest("[role=option]");
  if (option) take(option);
});
on("focusout", "textarea[data-mentions]", close);

// "Comment" above the record leads into the field.
on("click", "[data-to-comment]", (event) => {
  const area = $("#comment");
  if (!area) return;
  event.preventDefault();
  area.scrollIntoView({ block: "center" });
  area.focus();
});
