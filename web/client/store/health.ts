/** How safely the browser keeps this phone's book. */

import type { Database } from "./database";

export interface StorageHealth {
  persisted: boolean | null;
  used: number | null;
  quota: number | null;
}

/** Ask the browser to keep the data, and write its answer down. */
export async function askToPersist(db: Database): Promise<boolean | null> {
  if (!navigator.storage?.persist) return null;
  const granted = (await navigator.storage.persisted()) || (await navigator.storage.persist());
  await db.set("persist", { granted, at: Date.now() }).catch(() => undefined); // only a note: the answer holds without it
  return granted;
}

export async function storageHealth(): Promise<StorageHealth> {
  if (!navigator.storage?.estimate) return { persisted: null, used: null, quota: null };
  const { usage, quota } = await navigator.storage.estimate();
  return { persisted: await navigator.storage.persisted(), used: usage ?? null, quota: quota ?? null };
}

export const NEARLY_FULL = 0.9;
