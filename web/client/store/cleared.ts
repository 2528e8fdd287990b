/**
 * What a writer is told when somebody withdrew a consent (S4): that something of theirs was not taken and is gone from
 * this phone, and at which door. Nothing of what it said is kept, here neither.
 */

import { TYPES } from "../model/declared";
import type { Change } from "../model/wire";
import { open } from "./codec";
import type { Database } from "./database";

const KEY = "cleared";
const MOST = 50;

export interface Cleared {
  /** The record that is gone. */
  id: string;
  type: string;
  place: string | null;
  at: number;
}

/** Does it stand on somebody's consent? Then what comes too late is not kept for mending, but goes. */
export function standsOnConsent(type: string): boolean {
  return TYPES[type]?.fields.consent !== undefined;
}

export async function cleared(db: Database): Promise<Cleared[]> {
  return (await db.get<Cleared[]>(KEY)) ?? [];
}

/** Within the transaction that clears it. */
export async function noteCleared(db: Database, change: Change): Promise<void> {
  const row = await db.records.get(change.record);
  const place = change.set?.place_id ?? (row && open(row.body).fields.place_id) ?? null;
  const before = await cleared(db);
  const known = before.find((each) => each.id === change.record);
  const told: Cleared = { id: change.record, type: change.type, place: (place as string | null) ?? known?.place ?? null, at: Date.now() };
  await db.set(KEY, [...before.filter((each) => each !== known), told].slice(-MOST));
}

/** 知道了 */
export async function readCleared(db: Database, id: string): Promise<void> {
  await db.run(async () => db.set(KEY, (await cleared(db)).filter((each) => each.id !== id)));
}
