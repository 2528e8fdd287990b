/** 救援文件: what has not reached the server, with its pictures, as one zip (docs/decisions/0092-rescue-file.md). */

import type { Change } from "../model/wire";
import { crc32, directory, localHeader, stampOf, type ZipFile } from "../model/zip";
import { open, type Sealed } from "./codec";
import type { Database } from "./database";
import { stuckIds } from "./proof";

export interface Rescue {
  name: string;
  blob: Blob;
  changes: number;
  /** Full pictures and voice notes. */
  pictures: number;
  /** Those that are named and that the phone does not have any more. */
  gone: number;
}

export interface Who {
  account: string;
  device: string;
}

/** Picture by picture: each is read, summed and handed to the browser as a Blob before the next is read. */
export async function packRescue(db: Database, who: Who, at: Date): Promise<Rescue> {
  const { changes, journal, epoch } = await unsent(db);
  const facts = { format: "gridwalk-rescue", version: 1, ...who, epoch, made_at: at.toISOString(), changes };
  const text = new TextEncoder().encode(JSON.stringify(journal.length > 0 ? { ...facts, journal } : facts));
  const files: ZipFile[] = [];
  const parts: BlobPart[] = [];
  const stamp = stampOf(at);
  const add = (name: string, bytes: Uint8Array<ArrayBuffer>): void => {
    const file = { name, size: bytes.length, crc: crc32(bytes) };
    files.push(file);
    parts.push(localHeader(file, stamp), new Blob([bytes]));
  };
  add("rescue.json", text);
  let [pictures, gone] = [0, 0];
  for (const { sha256, kind } of await db.uploads.where("state").equals("waiting").toArray()) {
    const row = await db.run(() => db.bytes.get(sha256));
    if (row) add(`pictures/${sha256}`, new Uint8Array(row.data));
    if (kind !== "preview" && row) pictures += 1;
    if (kind !== "preview" && !row) gone += 1;
  }
  parts.push(...directory(files, stamp));
  const blob = new Blob(parts, { type: "application/zip" });
  return { name: nameOf(at), blob, changes: changes.length, pictures, gone };
}

async function unsent(db: Database): Promise<{ changes: Change[]; journal: Change[]; epoch: string | null }> {
  return db.run(() =>
    db.transaction("r", [db.outbox, db.journal, db.refused, db.meta], async () => {
      const stuck = new Set(await stuckIds(db));
      const answered = await db.journal.filter((row) => row.resend === 1 || stuck.has(row.id)).toArray();
      const refused = await db.refused.where("id").anyOf([...stuck]).toArray();
      const again = [...answered, ...refused].map((row) => open(row.body as Sealed<{ change: Change }>).change);
      return {
        changes: (await db.outbox.orderBy("id").toArray()).map((row) => open(row.body)),
        journal: again.sort((a, b) => (a.id < b.id ? -1 : 1)), epoch: await db.get<string>("epoch"),
      };
    }),
  );
}

function nameOf(at: Date): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = `${at.getFullYear()}${two(at.getMonth() + 1)}${two(at.getDate())}`;
  return `gridwalk-rescue-${day}-${two(at.getHours())}${two(at.getMinutes())}.zip`;
}
