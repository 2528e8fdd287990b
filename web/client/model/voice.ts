/** What was said about a record, oldest first. */

import type { BookRecord } from "./wire";

export interface VoiceNote {
  sha256: string;
  bytes: number;
  ms: number;
  wave: number[];
  taken_at: string;
}

export function voicesOf(record: Pick<BookRecord, "fields">): VoiceNote[] {
  const said = (record.fields.voice ?? {}) as unknown as { [sha: string]: Partial<VoiceNote> };
  const found = Object.entries(said).map(([sha256, { bytes = 0, ms = 0, wave = [], taken_at = "" }]) => ({ sha256, bytes, ms, wave, taken_at }));
  return found.sort((a, b) => (a.taken_at < b.taken_at ? -1 : 1));
}
