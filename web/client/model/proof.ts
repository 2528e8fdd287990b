/** What phone and server compare after a sync: one line an entry, sorted, hashed (`POST /api/v1/proof`). Pure. */

import { canonical } from "./canonical";
import { sha256Of } from "./hash";
import type { Change, Json } from "./wire";

/** Id of a change and the SHA-256 of its canonical form. */
export type ProofEntry = [string, string];

export interface BookProof {
  after: string | null;
  until: string;
  count: number;
  digest: string;
}

export type BookAnswer = { same: true; count: number } | { same: false; count: number; entries: ProofEntry[] };

const bytesOf = (text: string): ArrayBuffer => new TextEncoder().encode(text).buffer as ArrayBuffer;

export async function hashOf(change: Change): Promise<string> {
  return sha256Of(bytesOf(canonical(change as unknown as Json)));
}

export async function proofOf(entries: readonly ProofEntry[]): Promise<BookProof> {
  const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
  const lines = sorted.map(([id, hash]) => `${id} ${hash}\n`).join("");
  const digest = await sha256Of(bytesOf(lines));
  return { after: before(sorted[0]![0]), until: sorted.at(-1)![0], count: sorted.length, digest };
}

/** Of the phone's entries those that the server does not hold, or holds with another content. */
export function missing(mine: readonly ProofEntry[], answer: BookAnswer | undefined): string[] {
  if (answer?.same) return [];
  const theirs = new Set((answer?.entries ?? []).map(([id, hash]) => `${id} ${hash}`));
  return mine.filter(([id, hash]) => !theirs.has(`${id} ${hash}`)).map(([id]) => id);
}

/** The id just before: what was written earlier, and has left the journal, is not asked for. */
function before(id: string): string {
  const bits = BigInt(`0x${id.replaceAll("-", "")}`) - 1n;
  const hex = bits.toString(16).padStart(32, "0");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
