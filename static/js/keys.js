// The console by keyboard. Single letters can be switched off in the list of keys (WCAG 2.1.4).

import { toTop } from "./live.js";

const OFF = "gridwalk-keys-off";
let before = "";

const actions = {
  j: () => step(1),
  k: () => step(-1),
  n: toTop,
  u: () => document.querySelector("[data-back]")?.click(),
  "/": () => document.querySelector("#filters input:checked, #filters input")?.focus(),
  "?": () => document.getElementById("keys")?.showModal(),
  "g l": () => document.querySelector(".brand")?.click(),
};

export function listenToKeys() {
  document.addEventListener("keydown", pressed);
  const toggle = document.querySelector("[data-keys-toggle]");
  if (!toggle) return;
  toggle.checked = !off();
  toggle.addEventListener("change", () => localStorage.setItem(OFF, toggle.checked ? "" : "1"));
}

const off = () => localStorage.getItem(OFF) === "1";

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isTyping(event.target)) return;
  if (document.querySelector("dialog[open]") || (off() && event.key !== "?")) return;
  const action = actions[`${before} ${event.key}`] ?? actions[event.key];
  before = event.key;
  if (!action) return;
  event.preventDefault();
  action();
}

function isTyping(element) {
  if (element.tagName === "INPUT") return !["radio", "checkbox"].includes(element.type);
  return ["TEXTAREA", "SELECT"].includes(element.tagName) || element.isContentEditable;
}

function step(by) {
  const rows = [...document.querySelectorAll(".row-link")];
  const at = rows.indexOf(document.activeElement);
  const next = at === -1 ? firstInView(rows) : rows[at + by];
  if (next) {
    next.focus();
    next.closest(".row").scrollIntoView({ block: "nearest" });
  } else if (by > 0) document.querySelector("#more a")?.click();
}

function firstInView(rows) {
  return rows.find((each) => each.getBoundingClientRect().top >= 0) ?? rows[0];
}
