/** How far an entry has come (SYNC.md P4), and what stands in its way. */

import type { Outcome } from "./wire";

export const RUNGS = ["phone", "text", "photos", "seen"] as const;
export type Rung = (typeof RUNGS)[number];
export type Stop = "held" | "refused" | null;

export interface EntryFacts {
  /** Outcome of its receipt, null while it has none. */
  outcome: Outcome | null;
  /** Pictures (previews and full ones alike) that the server has not confirmed yet, and all that it names. */
  picturesLeft: number;
  pictures: number;
  /** Voice notes among `pictures`. */
  voices?: number;
  /** The case was opened by the people who decide about it. */
  seen: boolean;
}

export interface Ladder {
  rung: Rung;
  /** The rungs that apply: an entry without pictures has no rung for them. */
  rungs: Rung[];
  stop: Stop;
  /** It names no picture, only what was said: the rung is called after that. */
  sound?: true;
}

export function ladder(facts: EntryFacts): Ladder {
  const rungs = RUNGS.filter((rung) => rung !== "photos" || facts.pictures > 0);
  const stop = facts.outcome === "held" || facts.outcome === "refused" ? facts.outcome : null;
  const sound = facts.pictures > 0 && facts.voices === facts.pictures;
  return { rung: reached(facts), rungs, stop, ...(sound ? { sound: true as const } : {}) };
}

function reached(facts: EntryFacts): Rung {
  if (facts.outcome === null || facts.outcome === "refused") return "phone";
  const allThere = facts.pictures > 0 && facts.picturesLeft === 0;
  if (facts.seen && (facts.pictures === 0 || allThere)) return "seen";
  return allThere ? "photos" : "text";
}
