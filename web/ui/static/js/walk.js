// From record to record as the list had them: the page of a record shows its place there and leads to its neighbours, j and k too.
import { $, $$, covered, pressed, typing } from "tendero/dom";

const key = `walk:${document.body.dataset.user ?? ""}`, nav = $("[data-walk]");
const read = () => {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? "{}");
  } catch {
    return {};
  }
};
addEventListener("pagehide", () => {
  const list = $("[data-list][data-walked]");
  const paths = list ? $$("tbody .open", list).map((link) => link.pathname) : [];
  try {
    if (paths.length) sessionStorage.setItem(key, JSON.stringify({ paths, total: "first" in list.dataset ? list.dataset.walked : "" }));
  } catch { /* full or forbidden: then records are opened one by one */ }
});

const { paths = [], total } = read(), at = nav ? paths.indexOf(location.pathname) : -1;
if (at >= 0) {
  nav.hidden = false;
  const [before, after] = $$("a", nav), text = $("span", nav);
  for (const [link, path] of [[before, paths[at - 1]], [after, paths[at + 1]]]) path ? (link.href = path) : Object.assign(link, { role: "link", ariaDisabled: "true" });
  text.textContent = total ? text.dataset.of.replace("{}", at + 1).replace("{all}", total) : "";
  document.addEventListener("keydown", (event) => {
    if (document.body.dataset.keys === "off" || event.defaultPrevented || typing(event.target) || covered() || $("[data-list]")) return;
    const link = pressed(event, "next") ? after : pressed(event, "previous") ? before : null;
    if (link?.href) link.click();
  });
}
