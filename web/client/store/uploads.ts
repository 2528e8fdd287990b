/** Pictures: what still has to reach the server, and what was fetched to be seen without a line. */

import type { Database } from "./database";
import type { BytesRow, UploadRow } from "./rows";

/** Those whose text has arrived: previews of all of them first, then the full ones, oldest change first (P1). */
export async function dueUploads(db: Database): Promise<UploadRow[]> {
  const rows = await db.uploads.where("state").equals("waiting").toArray();
  const unsent = new Set(await db.outbox.toCollection().primaryKeys());
  // The server never got the text of these: it would not know the picture (P3).
  const stuck = await db.refused.filter((row) => row.sent === 0).primaryKeys();
  for (const change of stuck) unsent.add(change);
  const due = rows.filter((row) => !unsent.has(row.change));
  const order = (row: UploadRow): string => (row.kind === "preview" ? "0" : "1") + row.change;
  return due.sort((a, b) => (order(a) < order(b) ? -1 : 1));
}

export async function noteUploadUrl(db: Database, sha256: string, url: string | null): Promise<void> {
  await db.run(() => db.uploads.update(sha256, { url }));
}

/** The server has confirmed the hash; until here the bytes were sacred (P2). */
export async function confirmUpload(db: Database, sha256: string): Promise<void> {
  await db.run(() => db.uploads.update(sha256, { state: "done", url: null }));
}

export async function bytesOf(db: Database, sha256: string): Promise<BytesRow | null> {
  return (await db.run(() => db.bytes.get(sha256))) ?? null;
}

/** A picture of somebody else's, fetched so that it can be looked at later. */
export async function keepPulled(db: Database, row: BytesRow): Promise<void> {
  await db.run(() =>
    db.transaction("rw", db.bytes, async () => {
      if (!(await db.bytes.get(row.sha256))) await db.bytes.add(row);
    }),
  );
}
