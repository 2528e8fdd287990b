/** 找碴本, the fault notebook: reports being written, on disk before the camera opens and after every change. */

import { open, seal } from "./codec";
import type { Database } from "./database";
import { allHeld } from "./held";
import type { BytesRow, Draft, Picture, Voice } from "./rows";
import { writeOwn } from "./unkept";
import { hashesOf } from "./uploads";

export async function putDraft(db: Database, draft: Draft): Promise<void> {
  const row = { id: draft.id, changed_at: draft.changed_at, binned: 0 as const, body: seal(draft) };
  await db.run(() => db.transaction("rw", db.drafts, () => db.drafts.put(row)));
}

/** 打码: another picture stands in the place of `old`, whose bytes leave the phone in the same stroke. */
export async function replacePicture(db: Database, draft: Draft, old: string, shot: Shot): Promise<Draft> {
  const before = draft.pictures.filter((each) => each.sha256 === old);
  const pictures = draft.pictures.map((each) => (each.sha256 === old ? shot.picture : each));
  const next = { ...draft, pictures, changed_at: Date.now() };
  await db.run(() =>
    db.transaction("rw", [db.drafts, db.bytes, db.uploads, db.meta], async () => {
      await keepBytes(db, shot);
      await db.drafts.put({ id: next.id, changed_at: next.changed_at, binned: 0, body: seal(next) });
      const named = await namedBytes(db);
      for (const each of before.flatMap(({ sha256, preview }) => [sha256, preview])) if (!named.has(each)) await db.bytes.delete(each);
    }),
  );
  return next;
}

export interface Said {
  voice: Voice;
  data: ArrayBuffer;
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
  for (const row of rows) await writeOwn(db, row);
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
    db.transaction("rw", [db.drafts, db.bytes, db.uploads, db.meta], async () => {
      await db.drafts.filter((row) => row.binned === 1).delete();
      await sweepBytes(db);
    }),
  );
}

/** What an entry or a form still speaks of. */
async function namedBytes(db: Database): Promise<Set<string>> {
  const drafts = (await db.drafts.toArray()).flatMap((row) => hashesOf(open(row.body)));
  const held = hashesOf({ pictures: await allHeld(db) });
  return new Set([...(await db.uploads.toCollection().primaryKeys()), ...drafts, ...held]);
}

async function sweepBytes(db: Database): Promise<void> {
  // By their keys: to look at the pictures themselves would read every one of them at every start. Own ones stand in no index of what was pulled for.
  const [named, pulled, all] = [await namedBytes(db), await db.bytes.orderBy("pulled_for").primaryKeys(), await db.bytes.toCollection().primaryKeys()];
  const kept = new Set([...named, ...pulled]);
  await db.bytes.bulkDelete(all.filter((sha256) => !kept.has(sha256)));
}

export function isEmpty(draft: Draft): boolean {
  return draft.pictures.length === 0 && !draft.voices?.length && draft.note.trim() === "" && draft.category === null;
}
