import { expect, test } from "vitest";

import type { Declarations } from "../model/declared";
import type { BookRecord, Fields } from "../model/wire";
import { applyReply } from "./apply";
import { Database } from "./database";
import { views } from "./reads";
import { save } from "./save";
import { tidy, tidyDaily } from "./tidy";

const NOW = Date.parse("2026-06-13T04:00:00.000Z");
const DAY = 86_400_000;
const step = { rule: "furthest" as const, kind: "step", keyed: false, ends: ["closed"], labels: {} };
const date = { rule: "owner" as const, kind: "date", keyed: false, labels: {} };
const TYPES: Declarations = {
  case: { type: "case", schema: 1, labels: {}, fields: { status: step }, steps: [], phone_days: 90 },
  shift: { type: "shift", schema: 1, labels: {}, fields: { date }, steps: [], phone_days: 35 },
  household: { type: "household", schema: 1, labels: {}, fields: {}, steps: [], phone_days: 36_500 },
};
const CALL = { protocol: 1 as const, device: "d", epoch: null, last: null, newest: null, cursors: {}, changes: [], limit: 5000 };
const CLOCKS = { now: (): number => NOW, skew: (): number => 0 };
let count = 0;

async function phone(...records: BookRecord[]): Promise<Database> {
  const db = new Database("test", `tidy-${(count += 1)}`);
  const page = { book: "b", cursor: [99, "c", "s"] as [number, string, string], head: 99, restart: false, erased: [], forget: [], records };
  await applyReply(db, "a", CALL, { protocol: 1, epoch: "e", server_time: new Date(NOW).toISOString(), receipts: [], books: [page], dropped: [], busy: [], reoffer: false, more: false });
  return db;
}

function record(id: string, type: string, days: number, fields: Fields = {}): BookRecord {
  const at = new Date(NOW - days * DAY).toISOString();
  return { id, type, book: "b", seq: 5, schema: 1, fields, by: "a", made_at: at, changed_at: at, void: false };
}

const ended = { status: { status: "closed", cycle: 1 } };
const going = { status: { status: "working", cycle: 1 } };

test("what ended long ago leaves the phone, what goes on or is fresh stays, doors stay for ever", async () => {
  const db = await phone(record("old", "case", 91, ended), record("fresh", "case", 89, ended), record("open", "case", 400, going), record("door", "household", 4000));
  expect(await tidy(db, NOW, TYPES)).toBe(1);
  expect((await db.records.toCollection().primaryKeys()).sort()).toEqual(["door", "fresh", "open"]);
  expect((await views(db, "case", "a")).map((view) => view.id).sort()).toEqual(["fresh", "open"]);
});

test("a duty of the coming weeks stays, however long ago it was planned", async () => {
  const coming = new Date(NOW + 10 * DAY).toISOString().slice(0, 10);
  const past = new Date(NOW - 40 * DAY).toISOString().slice(0, 10);
  const db = await phone(record("coming", "shift", 60, { date: coming }), record("past", "shift", 60, { date: past }));
  expect(await tidy(db, NOW, TYPES)).toBe(1);
  expect(await db.records.toCollection().primaryKeys()).toEqual(["coming"]);
});

test("nothing leaves of which something here is not confirmed", async () => {
  const db = await phone(...["written", "answered", "picture", "told", "refused"].map((id) => record(id, "case", 200, ended)));
  const edit = { book: "b", type: "case", schema: 1, seen: 5, knew: null, set: { note: "x" } };
  await save(db, "a", { ...edit, record: "written" }, CLOCKS);
  const change = await save(db, "a", { ...edit, record: "answered" }, CLOCKS);
  await db.outbox.delete(change.id);
  const receipt = { index: 0, id: change.id, outcome: "applied" as const, seq: 6, fields: {}, reason: null, errors: null };
  await db.journal.put({ id: change.id, record: "answered", book: "b", answered_at: NOW, resend: 0, laid: 1, body: { v: 1, plain: { change, receipt } } });
  await db.uploads.put({ sha256: "s", change: "c", record: "picture", book: "b", kind: "full", state: "waiting", size: 1, type: "image/jpeg", url: null });
  await db.tellings.put({ id: "t", record: "told", state: "new", at: NOW, body: { v: 1, plain: {} as never } });
  await db.refused.put({ id: "r", record: "refused", book: "b", at: NOW, put_aside: 0, body: { v: 1, plain: { change, reason: "needs", errors: null } } });
  expect(await tidy(db, NOW, TYPES)).toBe(0);
  await db.outbox.clear();
  await db.uploads.clear();
  await db.records.update("answered", { seq: 6, body: { v: 1, plain: { ...record("answered", "case", 200, ended), seq: 6 } } });
  expect(await tidy(db, NOW, TYPES)).toBe(3);
  expect((await db.records.toCollection().primaryKeys()).sort()).toEqual(["refused", "told"]);
});

test("once a day is enough", async () => {
  const db = await phone();
  await tidyDaily(db, NOW);
  expect(await db.get<number>("tidied_at")).toBe(NOW);
  await tidyDaily(db, NOW + DAY / 2);
  expect(await db.get<number>("tidied_at")).toBe(NOW);
});
