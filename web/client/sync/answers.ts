/** So that an answer can be read where there is no line: steps, pictures and voice notes of one's own cases. */

import { voicesOf } from "../model/voice";
import type { BookRecord, Fields, HistoryChange } from "../model/wire";
import { open, seal } from "../store/codec";
import { NotSaved } from "../store/database";
import { keepPulled } from "../store/uploads";
import { mayFetchSound } from "./network";
import { CallFailed } from "./transport";
import type { Phone } from "./round";

const MOST_RECORDS = 10;
/** A minute of speech as phones record it is 180 KB; what is larger waits until somebody wants to hear it. */
const MOST_VOICE = 250_000;

/** Records with a picture or a voice note that had not reached the server when it was asked for: tried again with the next round. */
const wanting = new Set<string>();

/** After a round: fetch what belongs to the own cases among `changed`. Never fails loudly: it is a convenience. */
export async function fetchAnswers(phone: Phone, changed: readonly string[]): Promise<void> {
  const mine: BookRecord[] = [];
  for (const id of new Set([...changed, ...wanting])) {
    const row = await phone.db.records.get(id);
    if (row?.type === "case" && concerns(open(row.body), phone.account)) mine.push(open(row.body));
  }
  mine.sort((a, b) => (a.changed_at < b.changed_at ? 1 : -1));
  for (const record of mine.slice(0, MOST_RECORDS)) await fetchOne(phone, record);
}

export async function fetchOne(phone: Phone, record: BookRecord): Promise<void> {
  try {
    await fetchTrail(phone, record.id, record.seq);
    wanting.delete(record.id);
    for (const preview of previewsOf(record.fields)) {
      if (!(await fetchPreview(phone, record.id, preview))) wanting.add(record.id);
    }
    if (!(await mayFetchSound(phone.db))) return;
    for (const { sha256, bytes } of voicesOf(record)) {
      if (bytes <= MOST_VOICE && !(await fetchVoice(phone, record.id, sha256))) wanting.add(record.id);
    }
  } catch (error) {
    // No line, or no room: it was a convenience.
    if (!(error instanceof CallFailed) && !(error instanceof NotSaved)) throw error;
  }
}

function concerns(record: BookRecord, account: string): boolean {
  return record.by === account || account in ((record.fields.assignees ?? {}) as Fields);
}

interface HistoryPage {
  changes: HistoryChange[];
  next: string | null;
}

async function fetchTrail(phone: Phone, id: string, seq: number): Promise<void> {
  const held = await phone.db.trails.get(id);
  if (held && held.seq >= seq) return;
  const changes: HistoryChange[] = [];
  let path: string | null = `/api/v1/records/${id}/history`;
  while (path !== null && changes.length < 1000) {
    const page: HistoryPage = (await phone.transport.json<HistoryPage>("GET", path)).body;
    if (!Array.isArray(page?.changes)) throw new CallFailed({ kind: "offline" }); // somebody else's JSON
    changes.push(...page.changes);
    path = page.next;
  }
  await phone.db.run(() => phone.db.trails.put({ record: id, seq, body: seal(changes) }));
}

function previewsOf(fields: Fields): { full: string; preview: string }[] {
  const photos = (fields.photos ?? {}) as { [sha: string]: { preview?: string } };
  return Object.entries(photos).map(([full, photo]) => ({ full, preview: photo.preview ?? full }));
}

/** True when the picture can now be looked at without a line. */
async function fetchPreview(phone: Phone, record: string, { full, preview }: { full: string; preview: string }): Promise<boolean> {
  if ((await phone.db.bytes.get(preview)) || (await phone.db.bytes.get(full))) return true;
  const got = await phone.transport.bytes(`/api/v1/photos/${full}?size=preview`);
  if (got) await keepPulled(phone.db, { sha256: preview, type: got.type, pulled_for: record, data: got.data });
  return got !== null;
}

async function fetchVoice(phone: Phone, record: string, sha256: string): Promise<boolean> {
  if (await phone.db.bytes.get(sha256)) return true;
  const got = await phone.transport.bytes(`/api/v1/voices/${sha256}`);
  if (got) await keepPulled(phone.db, { sha256, type: got.type, pulled_for: record, data: got.data });
  return got !== null;
}
