/** Pictures and voice notes: what still has to reach the server, what it has confirmed, and what is kept to be seen. */

import { open } from "./codec";
import { waiting } from "./batch";
import type { Database } from "./database";
import { heldBytes } from "./unkept";
import type { BytesRow, UploadRow } from "./rows";

const RANK = { preview: "0", voice: "1", full: "2" } as const;
const order = (row: UploadRow): string => RANK[row.kind] + row.change + row.sha256;

/** Those whose text has arrived: previews of all of them first, then what was said, then the full ones, oldest first (P1). */
export async function dueUploads(db: Database): Promise<UploadRow[]> {
  return db.transaction("r", [db.uploads, db.outbox, db.refused], async () => {
    const rows = await db.uploads.where("state").equals("waiting").toArray();
    const unsent = new Set(await db.outbox.toCollection().primaryKeys());
    // The server never got the text of these: it would not know the picture (P3).
    const stuck = await db.refused.filter((row) => row.sent === 0).primaryKeys();
    for (const change of stuck) unsent.add(change);
    return rows.filter((row) => !unsent.has(row.change)).sort((a, b) => (order(a) < order(b) ? -1 : 1));
  });
}

/** What goes next. No full picture while text is waiting that could go, nor while its owner wants none to go. */
export async function nextUpload(db: Database, skip: ReadonlySet<string>, full: boolean): Promise<UploadRow | null> {
  const next = (await dueUploads(db)).find((row) => !skip.has(row.sha256));
  if (!next || next.kind !== "full") return next ?? null;
  return full && (await waiting(db, Date.now())).ready === 0 ? next : null;
}

export async function noteUploadUrl(db: Database, sha256: string, url: string | null): Promise<void> {
  await db.run(() => db.uploads.update(sha256, { url }));
}

export async function noteUpload(db: Database, sha256: string, now: Partial<UploadRow>): Promise<void> {
  await db.run(() => db.uploads.update(sha256, now));
}

/** The server has confirmed the hash; until here the bytes were sacred (P2). */
export async function confirmUpload(db: Database, sha256: string): Promise<void> {
  await noteUpload(db, sha256, { state: "done", url: null });
}

export async function allDelivered(db: Database): Promise<boolean> {
  return (await db.uploads.where("state").equals("waiting").count()) === 0;
}

/** The server has not got these, or has lost them: what the phone has of them goes out again. Returns how many. */
export async function putBack(db: Database, missing: readonly string[]): Promise<number> {
  return db.run(() =>
    db.transaction("rw", [db.uploads, db.bytes], async () => {
      const rows = await db.uploads.where("sha256").anyOf([...missing]).filter((row) => row.state !== "waiting").toArray();
      const here = new Set(await db.bytes.where("sha256").anyOf(rows.map((row) => row.sha256)).primaryKeys());
      for (const { sha256 } of rows) {
        if (here.has(sha256)) await db.uploads.update(sha256, { state: "waiting", url: null });
      }
      return here.size;
    }),
  );
}

export async function bytesOf(db: Database, sha256: string): Promise<BytesRow | null> {
  return heldBytes(sha256) ?? (await db.run(() => db.bytes.get(sha256))) ?? null;
}

/** A picture of somebody else's, fetched so that it can be looked at later. */
export async function keepPulled(db: Database, row: BytesRow): Promise<void> {
  await db.run(() =>
    db.transaction("rw", db.bytes, async () => {
      if (!(await db.bytes.get(row.sha256))) await db.bytes.add(row);
    }),
  );
}

/** What is on its way, and what is not. */
export interface Freight {
  /** Full pictures and voice notes that are waiting, and everything's bytes. */
  pictures: number;
  voices: number;
  bytes: number;
  /** Bytes of full pictures alone: what waits for Wi-Fi. */
  fullBytes: number;
  refused: UploadRow[];
  lost: number;
}

const SOME_PREVIEW = 10_000;

export async function freight(db: Database): Promise<Freight> {
  const found: Freight = { pictures: 0, voices: 0, bytes: 0, fullBytes: 0, refused: [], lost: 0 };
  await db.uploads.where("state").notEqual("done").each((row) => {
    if (row.state === "lost") found.lost += 1;
    else if (row.state === "refused") found.refused.push(row);
    else {
      const size = row.size || SOME_PREVIEW;
      found.bytes += size;
      if (row.kind === "full") [found.pictures, found.fullBytes] = [found.pictures + 1, found.fullBytes + size];
      if (row.kind === "voice") found.voices += 1;
    }
  });
  return found;
}

/** What could make room: own pictures and sound that have arrived, and copies of other people's. Previews stay. */
export interface Spare {
  sha256: string;
  bytes: number;
  /** Own: the server has to say once more that it has it, before it goes. */
  own: boolean;
}

export async function spare(db: Database): Promise<Spare[]> {
  return db.transaction("r", [db.bytes, db.uploads, db.drafts], async () => {
    const inDrafts = new Set((await db.drafts.toArray()).flatMap((row) => hashesOf(open(row.body))));
    const done = new Set<string>();
    await db.uploads.where("state").equals("done").each((row) => {
      if (row.kind !== "preview" && !inDrafts.has(row.sha256)) done.add(row.sha256);
    });
    const found: Spare[] = [];
    await db.bytes.each((row) => {
      const own = row.pulled_for === null;
      if (own ? done.has(row.sha256) : !inDrafts.has(row.sha256)) found.push({ sha256: row.sha256, bytes: row.data.byteLength, own });
    });
    return found;
  });
}

/** Let it go, unless it has begun to be needed in the meantime. */
export async function letGoOf(db: Database, sha256: string): Promise<boolean> {
  return db.run(() =>
    db.transaction("rw", [db.bytes, db.uploads], async () => {
      const row = await db.uploads.get(sha256);
      if (row && row.state !== "done") return false;
      await db.bytes.delete(sha256);
      return true;
    }),
  );
}

/** Everything that a form holds. */
export function hashesOf(draft: { pictures: { sha256: string; preview: string }[]; voices?: { sha256: string }[] }): string[] {
  return [...draft.pictures.flatMap((each) => [each.sha256, each.preview]), ...(draft.voices ?? []).map((each) => each.sha256)];
}
