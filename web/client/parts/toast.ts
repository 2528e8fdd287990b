/** The bar at the foot of the screen: what just happened, and ten seconds to take it back. */

import { reactive } from "vue";

import { isFull, NotSaved } from "../store/database";
import { UNDO_MS } from "../store/save";
import { t } from "../words";

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
  try {
    await back?.();
  } catch (error) {
    if (!(error instanceof NotSaved)) throw error;
    tell(t("phone.not_undone"), "urgent", back);
  }
}

/** The last net: a phone that would not write says so in words, wherever nobody has said it more exactly. */
export function caught(error: unknown): void {
  if (error instanceof NotSaved || isFull(error)) tell(t("phone.not_kept"), "urgent");
  else console.error(error);
}

export async function choose({ act }: Choice): Promise<void> {
  hush();
  await act();
}
