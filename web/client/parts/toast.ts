/** The bar at the foot of the screen: what just happened, and ten seconds to take it back. */

import { reactive } from "vue";

import { UNDO_MS } from "../store/save";

/** What else it could have been: one more tap instead of taking it back first. */
export interface Choice {
  words: string;
  act: () => Promise<void>;
}

export interface Toast {
  id: number;
  words: string;
  tone: "done" | "again" | "urgent";
  undo: (() => Promise<void>) | null;
  choices: Choice[];
}

export const toast = reactive({ current: null as Toast | null });
let timer: ReturnType<typeof setTimeout> | undefined;
let count = 0;

export function tell(words: string, tone: Toast["tone"] = "done", undo: Toast["undo"] = null, choices: Choice[] = []): void {
  clearTimeout(timer);
  count += 1;
  toast.current = { id: count, words, tone, undo, choices };
  timer = setTimeout(hush, UNDO_MS);
}

export function hush(): void {
  clearTimeout(timer);
  toast.current = null;
}

export async function undo(): Promise<void> {
  const back = toast.current?.undo;
  hush();
  await back?.();
}

export async function choose({ act }: Choice): Promise<void> {
  hush();
  await act();
}
