// Files on a record: chosen or dropped, each goes up by itself with its progress; the list comes back with the answer.
import { $, on, headers, say, toast, word } from "tendero/dom";

const zone = (event) => event.target.closest?.("[data-drop-many]");
const carries = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");

/** One file to the server; resolves with its answer, however it went. */
function send(form, file) {
  const line = document.createElement("li"), name = document.createElement("span"), bar = document.createElement("progress");
  name.className = "cut";
  name.textContent = file.name;
  bar.max = file.size || 1;
  bar.value = 0;
  bar.setAttribute("aria-label", file.name);
  line.append(name, bar);
  $(".going", form).append(line);
  return new Promise((done) => {
    const request = new XMLHttpRequest(), body = new FormData();
    body.append("files", file);
    request.open("POST", form.action);
    for (const [key, value] of Object.entries({ ...headers(), "HX-Request": "true" })) request.setRequestHeader(key, value);
    request.upload.onprogress = (event) => (bar.value = Math.min(event.loaded, bar.max));
    request.onloadend = () => {
      line.remove();
      done({ status: request.status, text: request.responseText, name: file.name });
    };
    request.send(body);
  });
}

/** All of them one after the other; what was refused is named together at the end. */
async function sendAll(form, files) {
  const problems = [];
  let last;
  const { most, tooLarge } = form.dataset;
  for (const file of files) {
    if (file.size > most * 1e6) {
      problems.push([file.name, tooLarge]);
      continue;
    }
    const answer = await send(form, file);
    if (answer.status === 200 || answer.status === 422) last = answer;
    if (answer.status === 422) problems.push([file.name, part(answer.text)?.querySelector("[data-errors] li")?.textContent]);
    else if (answer.status !== 200) problems.push([file.name, word(answer.status ? "failed" : "offline")]);
  }
  if (last) show(form, part(last.text), problems);
  else for (const [name, text] of problems.slice(0, 3)) toast(`${name}: ${text}`, { kind: "error" });
}

const part = (html) => new DOMParser().parseFromString(html, "text/html").querySelector("#files");

function show(form, fresh, problems) {
  if (!fresh) return location.reload();
  const list = fresh.querySelector("[data-errors] ul");
  if (list) list.replaceChildren(...problems.map(([name, text]) => Object.assign(document.createElement("li"), { textContent: `${name}: ${text}` })));
  else for (const [name, text] of problems.slice(0, 3)) toast(`${name}: ${text}`, { kind: "error" });
  form.closest("#files").replaceWith(document.adoptNode(fresh));
  document.body.dispatchEvent(new CustomEvent("htmx:after:swap", { bubbles: true, detail: {} }));
  const errors = $("#files [data-errors]");
  if (errors) errors.focus();
  else say($("#files .filed .cut")?.textContent ?? "");
}

on("change", "[data-upload] [type=file]", (_, input) => {
  const files = [...input.files], form = input.form;
  input.value = "";
  if (files.length) sendAll(form, files);
});
on("dragover", "[data-drop-many]", (event, el) => {
  if (!carries(event)) return;
  event.preventDefault();
  el.classList.add("over");
});
document.addEventListener("dragleave", (event) => zone(event)?.classList.remove("over"));
on("drop", "[data-drop-many]", (event, el) => {
  if (!carries(event)) return;
  event.preventDefault();
  el.classList.remove("over");
  sendAll(el.closest("form"), [...event.dataTransfer.files]);
});
