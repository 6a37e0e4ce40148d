// The list of leads: a accepts the row at hand, 1 to 6 return it with that reason; the drawer, where it is open, is looked at anew.
import { $, covered, headers, pressed, toast, typing, word } from "tendero/dom";
import { isOpen, openPeek } from "tendero/peek";

const REASONS = ["no_need", "no_budget", "wrong_person", "not_reachable", "competitor", "spam"];
const off = document.body?.dataset.keys === "off";

async function judge(row, fields) {
  const link = $(".open", row);
  let told;
  try {
    const answer = await fetch(`${link.pathname}/judgement`, {
      method: "POST", credentials: "same-origin", headers: { ...headers(), Accept: "application/json", "HX-Request": "true" },
      body: new URLSearchParams({ ...fields, _version: row.dataset.version }),
    });
    told = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : {};
    if (!answer.ok) throw 0;
  } catch {
    return toast(told?.text ?? word("failed"), { kind: "error" });
  }
  row.dataset.version = told.version;
  const columns = row.closest("table").dataset.columns.split(","), at = columns.indexOf("state");
  if (at >= 0) row.cells[row.cells.length - columns.length + at].innerHTML = told.pill;
  toast(told.text, { undo: told.undo });
  if (isOpen()) openPeek(link.href, link);
}
document.addEventListener("keydown", (event) => {
  if (off || event.defaultPrevented || typing(event.target) || covered()) return;
  const row = $("[data-list] tr.cur") ?? document.activeElement?.closest?.("[data-list] tbody tr:not(.head)");
  if (!row || !$(".open", row)) return;
  const reason = REASONS.find((_, n) => pressed(event, `return_${n + 1}`));
  if (!reason && !pressed(event, "accept")) return;
  event.preventDefault();
  judge(row, reason ? { state: "returned", reason } : { state: "accepted" });
});
