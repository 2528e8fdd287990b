/** 找碴本, the fault notebook: reports being written, on disk before the camera opens and after every change. */

import { open, seal } from "./codec";
import type { Database } from "./database";
import type { BytesRow, Draft, Picture } from "./rows";

export async function putDraft(db: Database, draft: Draft): Promise<void> {
  const row = { id: draft.id, changed_at: draft.changed_at, binned: 0 as const, body: seal(draft) };
  await db.run(() => db.transaction("rw", db.drafts, () => db.drafts.put(row)));
}

/** A picture was taken: its bytes and the draft that names it, together or not at all. */
export async function addPicture(db: Database, draft: Draft, shot: Shot): Promise<Draft> {
  const next = { ...draft, pictures: [...draft.pictures, shot.picture], changed_at: Date.now() };
  await db.run(() =>
    db.transaction("rw", [db.drafts, db.bytes], async () => {
      await keepBytes(db, shot);
      await db.drafts.put({ id: next.id, changed_at: next.changed_at, binned: 0, body: seal(next) });
    }),
  );
  return next;
}

export interface Shot {
  picture: Picture;
  full: ArrayBuffer;
  preview: ArrayBuffer;
}

/** Bytes are written once and never again. */
export async function keepBytes(db: Database, { picture, full, preview }: Shot): Promise<void> {
  const rows: BytesRow[] = [
    { sha256: picture.sha256, type: picture.type, pulled_for: null, data: full },
    { sha256: picture.preview, type: picture.type, pulled_for: null, data: preview },
  ];
  for (const row of rows) if (!(await db.bytes.get(row.sha256))) await db.bytes.add(row);
}

export async function getDraft(db: Database, id: string): Promise<Draft | null> {
  const row = await db.run(() => db.drafts.get(id));
  return row && !row.binned ? open(row.body) : null;
}

/** Newest first; those in the bin left out. */
export async function listDrafts(db: Database): Promise<Draft[]> {
  const rows = await db.drafts.orderBy("changed_at").reverse().toArray();
  return rows.filter((row) => !row.binned).map((row) => open(row.body));
}

export async function binDraft(db: Database, id: string, binned: 0 | 1): Promise<void> {
  await db.run(() => db.drafts.update(id, { binned }));
}

/** At the start: what was binned longer than the ten seconds ago is gone, with bytes that nothing names any more. */
export async function emptyBin(db: Database): Promise<void> {
  await db.run(() =>
    db.transaction("rw", [db.drafts, db.bytes, db.uploads], async () => {
      await db.drafts.filter((row) => row.binned === 1).delete();
      await sweepBytes(db);
    }),
  );
}

async function sweepBytes(db: Database): Promise<void> {
  const drafts = (await db.drafts.toArray()).flatMap((row) => open(row.body).pictures);
  const uploads = (await db.uploads.toCollection().primaryKeys()) as string[];
  const named = new Set([...uploads, ...drafts.flatMap((each) => [each.sha256, each.preview])]);
  await db.bytes.filter((row) => row.pulled_for === null && !named.has(row.sha256)).delete();
}

export function isEmpty(draft: Draft): boolean {
  return draft.pictures.length === 0 && draft.note.trim() === "" && draft.category === null;
}
