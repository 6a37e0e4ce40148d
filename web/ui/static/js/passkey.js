// Passkeys: what the server asks goes to the browser's keys, and their answer back. Bytes travel as base64url.
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const listed = (found = []) => found.map((one) => ({ ...one, id: bytes(one.id) }));

const answered = (key) => {
  const { response } = key;
  const said = { clientDataJSON: text(response.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[name]) said[name] = text(response[name]);
  }
  return JSON.stringify({ id: key.id, rawId: text(key.rawId), type: key.type, response: said, clientExtensionResults: {} });
};

const make = document.querySelector("[data-passkey-new]");
make?.addEventListener("submit", async (event) => {
  if (make.answer.value) return;
  event.preventDefault();
  const said = make.querySelector("[data-passkey-said]");
  said.hidden = true;
  try {
    const wanted = JSON.parse(make.dataset.passkeyNew);
    const publicKey = { ...wanted, challenge: bytes(wanted.challenge), user: { ...wanted.user, id: bytes(wanted.user.id) }, excludeCredentials: listed(wanted.excludeCredentials) };
    make.answer.value = answered(await navigator.credentials.create({ publicKey }));
    make.submit();
  } catch {
    said.hidden = false;
  }
});

const asked = async (where) => {
  const found = await (await fetch(where + "challenge", { method: "POST" })).json();
  return answered(await navigator.credentials.get({ publicKey: { ...found, challenge: bytes(found.challenge), allowCredentials: listed(found.allowCredentials) } }));
};

const confirm = document.querySelector("[data-passkey-confirm]");
if (confirm && window.PublicKeyCredential) {
  const part = confirm.querySelector("[data-passkey-part]");
  part.hidden = false;
  part.querySelector("button").addEventListener("click", async () => {
    part.querySelector(".err").hidden = true;
    try {
      confirm.answer.value = await asked(confirm.dataset.passkeyConfirm);
      confirm.submit();
    } catch {
      part.querySelector(".err").hidden = false;
    }
  });
}

const enter = document.querySelector("[data-passkey-enter]");
if (enter && window.PublicKeyCredential) {
  enter.hidden = false;
  const button = enter.querySelector("button");
  const said = enter.querySelector("[data-passkey-said]");
  const tell = (words) => {
    said.querySelector("span").textContent = words;
    said.hidden = false;
  };
  button.addEventListener("click", async () => {
    said.hidden = true;
    button.disabled = true;
    try {
      const body = new URLSearchParams({ answer: await asked(enter.dataset.passkeyEnter), next: document.querySelector("[name=next]")?.value ?? "" });
      const found = await (await fetch(enter.dataset.passkeyEnter, { method: "POST", body })).json();
      if (found.next) return location.assign(found.next);
      tell(found.error);
    } catch {
      tell(said.dataset.passkeySaid);
    }
    button.disabled = false;
  });
}
