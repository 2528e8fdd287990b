// Short words from the machine, in the reader's language: the texts stand in the page (data attributes of #toast).

let timer = 0;

/** Say one of the toast's own texts (`offline`, `signedOut`, …) for a few seconds. */
export function sayTrouble(name) {
  const toast = document.getElementById("toast");
  if (toast) say(toast.dataset[name] ?? "");
}

/** Show `text` in the corner; it is read aloud and goes by itself. */
export function say(text) {
  const toast = document.getElementById("toast");
  if (!toast || !text) return;
  toast.textContent = text;
  toast.hidden = false;
  clearTimeout(timer);
  timer = setTimeout(() => (toast.hidden = true), 8000);
}
