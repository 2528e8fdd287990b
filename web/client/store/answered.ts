/** The journal in memory: thirty days of it are not read anew because something else was written. */

import Dexie from "dexie";

import type { Database } from "./database";
import type { JournalRow } from "./rows";

interface Memory {
  rows: readonly JournalRow[];
  /** One of them has changed since, in this window or in another. */
  stale: boolean;
}

const memories = new WeakMap<Database, Memory>();

function memoryOf(db: Database): Memory {
  const known = memories.get(db);
  if (known) return known;
  const memory: Memory = { rows: [], stale: true };
  const journal = `idb://${db.name}/journal/`;
  Dexie.on("storagemutated", (parts) => {
    memory.stale ||= Object.keys(parts).some((part) => part === "all" || part.startsWith(journal));
  });
  memories.set(db, memory);
  return memory;
}

/** All answered changes. In a transaction that reads the journal; nobody changes what they are given. */
export async function answered(db: Database): Promise<readonly JournalRow[]> {
  const memory = memoryOf(db);
  // Counting is cheap, lets a watcher hear of every change, and finds what another transaction has just moved here.
  const count = await db.journal.count();
  if (!memory.stale && count === memory.rows.length) return memory.rows;
  memory.stale = false;
  try {
    memory.rows = await db.journal.toArray();
  } catch (error) {
    memory.stale = true;
    throw error;
  }
  return memory.rows;
}
