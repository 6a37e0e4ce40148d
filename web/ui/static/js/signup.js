// Sign-up, a little easier with script: the address follows the company, the time zone is the browser's, one click sends once.
const form = document.getElementById("sign-up");
const { company, slug, timezone } = form.elements;
const hint = document.getElementById("slug-hint");
let own = slug.value !== "";

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (!form.querySelector("[aria-invalid=true]") && [...timezone.options].some((option) => option.value === zone)) timezone.value = zone;

const show = () => {
  if (!slug.value) return;
  const host = slug.closest(".affix").querySelector("span").textContent;
  hint.textContent = form.dataset.shown.replace("{}", slug.value.trim().toLowerCase() + host);
};
slug.addEventListener("input", () => {
  own = slug.value !== "";
  show();
});
const suggest = async () => {
  if (own || !company.value.trim()) return;
  try {
    const answer = await fetch(`${form.dataset.address}?company=${encodeURIComponent(company.value)}`);
    const text = answer.ok ? (await answer.text()).trim() : "";
    if (text && !own) {
      slug.value = text;
      // whoever is in the field already types over it, not behind it
      if (document.activeElement === slug) slug.select();
      show();
    }
  } catch {
    own = false; // no answer: the address is made on the server
  }
};
company.addEventListener("change", suggest);
// Whoever typed and went on before this script was there gets it too.
if (document.activeElement !== company) suggest();

form.addEventListener("submit", (event) => {
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});
addEventListener("pageshow", () => delete form.dataset.sent);
document.querySelector("[aria-invalid=true]")?.focus();
