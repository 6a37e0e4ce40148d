// Copies what a page shows this one time. Without script it is text to be selected, and there is no button.
import { $, $$, on, say } from "tendero/dom";

const copied = (field) => navigator.clipboard?.writeText(field.value).then(() => true, () => false) ?? Promise.resolve(document.execCommand("copy"));

for (const button of $$("[data-copy]")) button.hidden = false;
on("click", "[data-copy]", async (_, button) => {
  const field = $(button.dataset.copy);
  field.select(); // where the browser refuses, it is chosen for Ctrl C
  if (!(await copied(field))) return;
  $("span", button).textContent = button.dataset.done;
  say(button.dataset.done);
});
