/* Security keys: the one thing that a page cannot do without a script. No request is made here; an answer goes into the form. */
"use strict";

(() => {
  const show = (selector, shown) => document.querySelectorAll(selector).forEach((each) => { each.hidden = !shown; });

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (each) => each.charCodeAt(0));

  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  const listed = (credentials) => (credentials || []).map((each) => ({ ...each, id: bytes(each.id) }));

  /* What the server asks, with its base64url texts as the bytes that a browser wants. */
  const question = (options) => ({
    ...options,
    challenge: bytes(options.challenge),
    ...(options.user && { user: { ...options.user, id: bytes(options.user.id) } }),
    ...(options.excludeCredentials && { excludeCredentials: listed(options.excludeCredentials) }),
    ...(options.allowCredentials && { allowCredentials: listed(options.allowCredentials) }),
  });

  /* What the key answered, with its bytes as base64url texts. */
  const answer = (credential) => {
    const told = { clientDataJSON: text(credential.response.clientDataJSON) };
    for (const part of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (credential.response[part]) told[part] = text(credential.response[part]);
    }
    if (credential.response.getTransports) told.transports = credential.response.getTransports();
    return {
      id: credential.id, rawId: text(credential.rawId), type: credential.type, response: told,
      clientExtensionResults: credential.getClientExtensionResults(),
    };
  };

  const ask = async (form) => {
    show("[data-key-waiting]", true);
    show("[data-key-failed], [data-key-again]", false);
    try {
      const publicKey = question(JSON.parse(form.dataset.options));
      form.elements.answer.value = JSON.stringify(answer(await navigator.credentials[form.dataset.key]({ publicKey })));
    } catch (problem) {
      show("[data-key-waiting]", false);
      show("[data-key-failed], [data-key-again]", true);
      return;
    }
    form.submit();
  };

  if (!window.PublicKeyCredential) return;
  show("[data-key-missing]", false);
  show("[data-key-start]", true);
  const form = document.querySelector("form[data-key]");
  if (form) {
    document.querySelector("[data-key-again]").addEventListener("click", () => ask(form));
    ask(form);
  }
})();
