// After the confirmation of a download: fetch it once, and go back where the person came from as soon as it has begun.
const form = document.querySelector("[data-fetch]"), FETCHED = /(^|; )fetched=1/;
document.cookie = "fetched=; max-age=0; path=/";
const watch = setInterval(() => {
  if (!FETCHED.test(document.cookie)) return;
  clearInterval(watch);
  document.cookie = "fetched=; max-age=0; path=/";
  location.replace(form.dataset.fetch);
}, 200);
// A reload or the way back here fetches nothing: the button does.
if (!history.state?.fetched) {
  history.replaceState({ fetched: true }, "");
  form.requestSubmit();
}
