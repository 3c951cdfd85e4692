// Passkeys: the browser asks the device, and the form carries its answer. Without this file these forms stay hidden.
(() => {
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
  const opened = (key) => ({ ...key, id: bytes(key.id) });

  const asked = (options, isNew) => {
    const key = { ...options.publicKey, challenge: bytes(options.publicKey.challenge) };
    if (isNew) key.user = opened(key.user);
    for (const list of ['allowCredentials', 'excludeCredentials']) if (key[list]) key[list] = key[list].map(opened);
    return { publicKey: key };
  };
  const told = (credential) => {
    const response = {};
    for (const name of ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle']) {
      if (credential.response[name]) response[name] = text(credential.response[name]);
    }
    const { id, type, authenticatorAttachment } = credential;
    return { id, rawId: id, type, authenticatorAttachment, response, clientExtensionResults: credential.getClientExtensionResults() };
  };

  for (const form of document.querySelectorAll('[data-passkey]')) {
    if (!window.PublicKeyCredential) continue;
    const isNew = 'passkeyNew' in form.dataset;
    const said = form.querySelector('[data-passkey-said]');
    form.hidden = false;
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      said.hidden = true;
      for (const earlier of document.querySelectorAll('.errors')) earlier.remove();
      try {
        const body = new URLSearchParams({ csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value });
        const answer = await fetch(form.dataset.passkey, { method: 'POST', body });
        const options = asked(await answer.json(), isNew);
        const made = await navigator.credentials[isNew ? 'create' : 'get'](options);
        form.elements[isNew ? 'credential' : form.elements.passkey ? 'passkey' : 'confirm-passkey'].value = JSON.stringify(told(made));
        form.submit();
      } catch {
        said.hidden = false;
      }
    });
  }
})();
