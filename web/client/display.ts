/** How the person wants to see it: language, size of the letters, day or night. Kept on the phone, not in the book. */

import { reactive } from "vue";

import { CHINESE, speak, type Language } from "./words";

export type TextSize = "field" | "elder" | "largest";
export type Theme = "auto" | "light" | "dark";

export interface Display {
  language: Language;
  text: TextSize;
  theme: Theme;
  /** False until the person chose a size: then a role may suggest one. */
  chosen: boolean;
}

const KEY = "gridwalk.display";
export const display = reactive<Display>({ language: "zh-CN", text: "field", theme: "auto", chosen: false });

export async function recallDisplay(): Promise<void> {
  try {
    Object.assign(display, JSON.parse(localStorage.getItem(KEY) ?? "{}"));
  } catch {
    // Notes that cannot be read are as good as none.
  }
  paint();
  if (!(await speak(display.language))) display.language = CHINESE;
}

export async function setDisplay(change: Partial<Display>): Promise<void> {
  Object.assign(display, change);
  if (change.text) display.chosen = true;
  localStorage.setItem(KEY, JSON.stringify(display));
  paint();
  if (change.language && !(await speak(change.language))) await setDisplay({ language: CHINESE });
}

/** A building captain starts with large letters, unless somebody chose otherwise. */
export function suggestText(roles: readonly string[]): void {
  if (!display.chosen && roles.includes("building_captain")) display.text = "elder";
  paint();
}

const SIZES: TextSize[] = ["field", "elder", "largest"];

export function nextSize(): Promise<void> {
  return setDisplay({ text: SIZES[(SIZES.indexOf(display.text) + 1) % SIZES.length]! });
}

function paint(): void {
  const root = document.documentElement;
  root.dataset.text = display.text;
  if (display.theme === "auto") delete root.dataset.theme;
  else root.dataset.theme = display.theme;
}
