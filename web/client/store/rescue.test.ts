import { beforeEach, expect, test } from "vitest";

import { BOOK, freshDatabase, ME, report, steadyClock } from "../testing/fakes";
import type { Database } from "./database";
import { counts } from "./entries";
import { packRescue } from "./rescue";
import { save } from "./save";

let db: Database;
const clock = steadyClock();
const who = { account: ME, device: "d" };
const at = new Date(2026, 5, 13, 8, 40);
const picture = { sha256: "f".repeat(64), preview: "e".repeat(64), type: "image/jpeg", bytes: 3, width: 1, height: 1, taken_at: "x" };

beforeEach(() => {
  db = freshDatabase();
});

/** The first file of a zip that is stored as it is: its size, the length of its name, then name and bytes. */
async function textOf(blob: Blob): Promise<{ changes: unknown[]; journal?: unknown[] } & Record<string, unknown>> {
  const head = new DataView(await blob.slice(0, 30).arrayBuffer());
  const begin = 30 + head.getUint16(26, true) + head.getUint16(28, true);
  return JSON.parse(await blob.slice(begin, begin + head.getUint32(18, true)).text()) as never;
}

test("L5 the file carries what is unsent, oldest first, letter for letter, with account, device and epoch", async () => {
  const changes = [await save(db, ME, report("r1"), clock), await save(db, ME, report("r2"), clock)];
  await db.set("epoch", "e1");
  const rescue = await packRescue(db, who, at);
  expect(rescue).toMatchObject({ name: "gridwalk-rescue-20260613-0840.zip", changes: 2, pictures: 0, gone: 0 });
  expect(await textOf(rescue.blob)).toEqual({ format: "gridwalk-rescue", version: 1, ...who, epoch: "e1", made_at: at.toISOString(), changes });
});

test("L5 pictures that the server has not confirmed are in it, under their hash; what the phone lost is said", async () => {
  await save(db, ME, { ...report("r1"), pictures: [picture, { ...picture, sha256: "a".repeat(64), preview: "b".repeat(64) }] }, clock);
  for (const sha256 of [picture.sha256, picture.preview]) await db.bytes.add({ sha256, type: "t", pulled_for: null, data: new Uint8Array([1, 2, 3]).buffer });
  const rescue = await packRescue(db, who, at);
  expect([rescue.pictures, rescue.gone]).toEqual([1, 1]);
  const text = await rescue.blob.text();
  expect([picture.sha256, picture.preview].every((sha) => text.includes(`pictures/${sha}`))).toBe(true);
  await db.uploads.toCollection().modify({ state: "done" });
  expect((await packRescue(db, who, at)).pictures).toBe(0);
});

test("L6 what was sent again and is missing still can go by hand", async () => {
  const change = await save(db, ME, report("r1"), clock);
  await db.outbox.clear();
  const receipt = { index: 0, id: change.id, outcome: "applied" as const, seq: 1, fields: {}, reason: null, errors: null };
  await db.journal.add({ id: change.id, record: "r1", book: BOOK, answered_at: 1, resend: 0, laid: 1, body: { v: 1, plain: { change, receipt } } });
  await db.set("epoch", "e1");
  await db.set("proof", { at: 1, epoch: "e1", count: 1, missing: [change.id], stuck: true });
  expect(await textOf((await packRescue(db, who, at)).blob)).toMatchObject({ changes: [], journal: [change] });
  expect((await counts(db)).missing).toBe(1);
  await db.set("epoch", "e2");
  expect(await textOf((await packRescue(db, who, at)).blob)).not.toHaveProperty("journal");
});

test("L3 what a restored server has to be told again goes along as journal", async () => {
  const change = await save(db, ME, report("r1"), clock);
  await db.outbox.clear();
  const receipt = { index: 0, id: change.id, outcome: "applied" as const, seq: 1, fields: {}, reason: null, errors: null };
  await db.journal.add({ id: change.id, record: "r1", book: BOOK, answered_at: 1, resend: 1, laid: 1, body: { v: 1, plain: { change, receipt } } });
  expect(await textOf((await packRescue(db, who, at)).blob)).toMatchObject({ changes: [], journal: [change] });
});
