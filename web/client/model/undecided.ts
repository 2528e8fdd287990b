/** Open conflicts of a record: what differs, who may decide it, and the edit that does. Pure. */

import { fieldOf } from "./declared";
import type { View } from "./overlay";
import { standings } from "./told";
import type { Fields, Json, Standing } from "./wire";

export interface Undecided {
  field: string;
  key: string | null;
  /** In the order of the server: by the time of writing. */
  candidates: Standing[];
  /** Somebody who may decide is asking the writers by telephone (先打电话问): whom else it may concern need not. */
  asking: boolean;
  /** An own decision about it lies on this phone and has not come back yet. */
  decided: boolean;
}

export function undecidedOf(view: View): Undecided[] {
  const found = new Map<string, Undecided>();
  for (const { field, key, standing } of standings(view.conflicts)) {
    const name = `${field}:${key ?? ""}`;
    const entry = found.get(name) ?? { field, key, candidates: [], asking: isAsked(view, field, key), decided: view.settled.includes(field) };
    entry.candidates.push(standing);
    found.set(name, entry);
  }
  return [...found.values()];
}

function isAsked(view: View, field: string, key: string | null): boolean {
  const about = key === null ? field : `${field}.${key}`;
  const asking = Object.values((view.fields.asking ?? {}) as { [account: string]: { about?: string } | null });
  return asking.some((each) => each?.about === about);
}

/** Nearest first: the head of the grid is asked before the community. */
const NEAREST = ["grid_head", "supervisor", "command_room"];

/** The role that decides, as people would ask for it; null where the declaration names none. */
export function whoDecides(type: string, field: string): string | null {
  const deciders = fieldOf(type, field)?.deciders ?? [];
  return NEAREST.find((role) => deciders.includes(role)) ?? deciders[0] ?? null;
}

export function mayDecide(type: string, field: string, roles: readonly string[]): boolean {
  const deciders = fieldOf(type, field)?.deciders ?? [];
  return roles.some((role) => deciders.includes(role));
}

/** 用这个: an ordinary edit that writes what this candidate wrote. */
export function decision(type: string, { field, key }: Pick<Undecided, "field" | "key">, chosen: Json): Fields {
  if (key !== null) return { [field]: { [key]: chosen } };
  if (fieldOf(type, field)?.rule !== "furthest") return { [field]: chosen };
  const { status, cycle } = chosen as { status: string; cycle: number };
  return { [field]: { from: status, to: status, cycle } };
}
