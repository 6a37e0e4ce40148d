// Widths of a list's columns: dragged at the edge of a heading, or by arrows on it; kept by themselves. The last column that nobody sized takes what is left.
import { $, $$, on, send, toast, word } from "tendero/dom";
import "tendero/lists"; // what it puts into the rows counts

const LEAST = 48, MOST = 800, STEP = 16, WAIT = 500;
const wide = matchMedia("(min-width: 821px)"); // on a phone a row is no row of columns
const table = () => $("table[data-widths]");
const headings = (of) => $$("thead th:not(.pickcol)", of).map((th, at) => ({ th, name: at ? of.dataset.columns.split(",")[at - 1] : "name" }));
const shown = (of) => headings(of).filter(({ th }) => th.offsetParent);

let kept = {}; // pixels by column of the list that is shown

function lay(of, natural) {
  const all = shown(of), loose = all.findLast(({ name }) => !(name in kept));
  let sum = $("th.pickcol", of)?.offsetWidth ?? 0;
  for (const { th, name } of all) {
    const width = kept[name] ?? natural.get(th);
    th.style.width = th === loose?.th ? "auto" : `${width}px`;
    $("[role=separator]", th).ariaValueNow = width;
    sum += width;
  }
  of.style.tableLayout = "fixed";
  of.style.width = loose ? `max(100%, ${sum}px)` : `${sum}px`;
}
// As wide as what is in them: that is where every layout begins.
function measure(of) {
  of.style.tableLayout = of.style.width = "";
  for (const { th } of headings(of)) th.style.width = "";
  return new Map(shown(of).map(({ th }) => [th, th.offsetWidth]));
}
function apply(of = table()) {
  if (!of) return;
  const natural = measure(of);
  if (wide.matches && Object.keys(kept).length) return lay(of, natural);
  for (const { th } of shown(of)) $("[role=separator]", th).ariaValueNow = natural.get(th);
}
function edges() {
  const of = table();
  if (!of || $("[role=separator]", of)) return;
  kept = { ...JSON.parse(of.dataset.widths).of };
  for (const { th, name } of headings(of)) {
    const edge = document.createElement("span");
    Object.assign(edge, { className: "edge", role: "separator", ariaOrientation: "vertical", ariaValueMin: LEAST, ariaValueMax: MOST, ariaLabel: word("width", th.textContent.trim()), tabIndex: 0 });
    edge.dataset.name = name;
    th.ariaLabel = th.textContent.trim(); // its edge has a name of its own
    th.append(edge);
  }
  apply(of);
}
const timers = {};
function keep(name) {
  clearTimeout(timers[name]);
  const { room, view } = JSON.parse(table().dataset.widths), width = kept[name] ?? "";
  timers[name] = setTimeout(async () => {
    const answer = await send("/lists/widths", { room, view, name, width }).catch(() => null);
    if (!answer?.ok) toast(word(answer?.status === 403 ? "denied" : "failed"), { kind: "error" });
  }, WAIT);
}
const sized = (name, width) => (kept[name] = Math.round(Math.max(LEAST, Math.min(MOST, width))));
function put_back(edge) {
  delete kept[edge.dataset.name];
  apply();
  keep(edge.dataset.name);
}
// From here on every column has the width that it shows, so that only this one moves.
function begin(edge) {
  const th = edge.closest("th"), of = table();
  return { of, at: th.offsetWidth, natural: new Map(shown(of).map((one) => [one.th, one.th.offsetWidth])) };
}
on("pointerdown", ".edge", (event, edge) => {
  if (event.button) return;
  event.preventDefault();
  edge.focus({ preventScroll: true });
  edge.setPointerCapture(event.pointerId);
  const { of, at, natural } = begin(edge), from = event.clientX, name = edge.dataset.name;
  let moved = false;
  edge.onpointermove = ({ clientX }) => {
    if (!moved && Math.abs(clientX - from) < 3) return;
    moved = true;
    sized(name, at + clientX - from);
    lay(of, natural);
  };
  edge.onpointerup = edge.onpointercancel = () => {
    edge.onpointermove = edge.onpointerup = edge.onpointercancel = null;
    if (moved) keep(name);
  };
});
on("click", ".edge", (event) => event.stopPropagation());
on("dblclick", ".edge", (_, edge) => put_back(edge));
on("keydown", ".edge", (event, edge) => {
  const step = { ArrowRight: STEP, ArrowLeft: -STEP }[event.key];
  if (event.altKey || event.ctrlKey || event.metaKey || !(step || ["Home", "Enter"].includes(event.key))) return;
  event.preventDefault();
  event.stopPropagation();
  if (!step) return put_back(edge);
  const { of, at, natural } = begin(edge), name = edge.dataset.name;
  sized(name, (kept[name] ?? at) + step);
  lay(of, natural);
  keep(name);
}, true);
on("focusin", ".edge", (_, edge) => (edge.ariaValueNow = edge.closest("th").offsetWidth));
edges();
document.fonts.ready.then(() => apply());
document.addEventListener("htmx:after:swap", edges);
wide.addEventListener("change", () => apply());
