// The console's own script: what htmx does not do. Without it every page can still be read.

import { listenToKeys } from "./keys.js";
import { follow } from "./live.js";
import { isPreparing, listenToPictures, releasePictures } from "./pictures.js";
import { sendWaiting } from "./uploads.js";
import { sayTrouble } from "./words.js";

const account = document.body.dataset.account;

// ---- forms: what was typed stays until the server has taken it

document.addEventListener("htmx:before:request", (event) => {
  const form = event.target.closest?.("form[data-pictures]");
  if (form && isPreparing(form)) event.preventDefault();
});

document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  const outcome = ctx.response?.headers.get("X-Gridwalk-Outcome");
  if (!outcome || outcome === "refused") return;
  const form = ctx.sourceElement.closest("form");
  form?.reset();
  form?.closest("details.action")?.removeAttribute("open");
  if (form?.matches("[data-pictures]")) releasePictures(form).then(() => sendWaiting(account));
});

document.addEventListener("htmx:after:swap", (event) => {
  const notice = answered(event).querySelector("[data-notice] > .notice");
  if (!notice) return;
  notice.parentElement.focus({ preventScroll: true });
  notice.scrollIntoView({ block: "nearest" });
});

/** What an answer was put in place of: on a desk several things wait, and each has its own notice. */
function answered(event) {
  const id = event.detail?.ctx?.target?.id;
  return (id && document.getElementById(id)) || document;
}

document.addEventListener("htmx:response:error", (event) => {
  const { status } = event.detail.ctx.response;
  const name = { 401: "signedOut", 403: "refused", 413: "tooLarge" }[status];
  if (name) sayTrouble(name);
  else if (status >= 500 || status === 429) sayTrouble("trouble");
});

document.addEventListener("htmx:error", () => sayTrouble("offline"));

// ---- small things

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]");
  if (opener) document.getElementById(opener.dataset.open)?.showModal();
  if (event.target.closest("[data-back]") && cameFromList()) {
    event.preventDefault();
    history.back();
  }
  if (event.target.closest("[data-print]")) {
    event.preventDefault();
    print();
  }
  const picture = event.target.closest("[data-large-picture]");
  if (picture && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    enlarge(picture);
  }
  const here = event.target.closest("[data-here]");
  if (here) writeWhere(here);
  const theme = event.target.closest("[data-theme-button]");
  if (theme) document.documentElement.dataset.theme = theme.value;
});

/** Back to the list as it was left, with its filters and its place. */
function cameFromList() {
  const from = URL.canParse(document.referrer) ? new URL(document.referrer) : null;
  return from?.origin === location.origin && from.pathname === new URL(document.querySelector("[data-back]").href).pathname;
}

/** Where this device is now, into the field beside the button. */
function writeWhere(button) {
  const form = button.closest("form");
  const none = () => (form.querySelector("[data-point-words]").textContent = button.dataset.none);
  if (!navigator.geolocation) return none();
  const found = ({ coords }) => (form.querySelector("[data-point]").value = `${coords.latitude.toFixed(6)}, ${coords.longitude.toFixed(6)}`);
  navigator.geolocation.getCurrentPosition(found, none, { enableHighAccuracy: true, timeout: 15_000, maximumAge: 0 });
}

function enlarge(link) {
  const dialog = document.getElementById("picture-large");
  const image = dialog.querySelector("[data-large]");
  image.src = link.href;
  image.alt = link.dataset.alt;
  dialog.showModal();
}

function prepareTheme() {
  const button = document.querySelector("[data-theme-button]");
  if (!button) return;
  const dark = document.documentElement.dataset.theme
    ? document.documentElement.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  button.value = dark ? "light" : "dark";
}

prepareTheme();
listenToKeys();
listenToPictures();
follow();
sendWaiting(account, true);
addEventListener("online", () => sendWaiting(account));
