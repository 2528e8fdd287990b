import { beforeEach, expect, test } from "vitest";

import type { SyncCall } from "../model/wire";
import type { Database } from "../store/database";
import { counts } from "../store/entries";
import { save } from "../store/save";
import { applied, BOOK, freshDatabase, ME, page, phoneWith, problem, recordOf, reply, report, steadyClock } from "../testing/fakes";
import { syncRound } from "./round";
import { CallFailed } from "./transport";

let db: Database;
let calls: SyncCall[];
const clock = steadyClock();
const write = (record: string, set = {}) => save(db, ME, report(record, set), clock);

beforeEach(() => {
  db = freshDatabase();
  calls = [];
});

test("O5 push and pull are one call", async () => {
  await write("r1");
  const round = await syncRound(phoneWith(db, (call) => reply({ receipts: applied(call.changes, 1), books: [page([recordOf("r1", 1)], 1)] }), calls));
  expect(calls.length).toBe(1);
  expect(round.changed).toEqual(["r1"]);
  expect((await counts(db)).unsent).toBe(0);
});

test("O3 while there is more, it is asked for from where the last page ended", async () => {
  const pages = [page([recordOf("r1", 1)], 2, { cursor: [1, "c1", "s"] }), page([recordOf("r2", 2)], 2)];
  await syncRound(phoneWith(db, (_call, nth) => reply({ books: [pages[nth - 1]!], more: nth === 1 }), calls));
  expect(calls.map((call) => call.cursors[BOOK]?.[0])).toEqual([undefined, 1]);
});

test.each([
  ["a log-in page of the network", () => new Response("<html>portal</html>", { headers: { "content-type": "text/html" } })],
  ["half an answer", () => new Response('{"protocol":1,"rec', { headers: { "content-type": "application/json" } })],
  ["somebody else's JSON", () => Response.json({ hello: 1 })],
  ["a broken server", () => new Response("oops", { status: 500 })],
  ["an answer cut off", () => { throw new TypeError("network"); }],
])("%s is no line, and nothing is dropped", async (_name, answer) => {
  await write("r1");
  const failed = syncRound(phoneWith(db, answer));
  await expect(failed).rejects.toMatchObject({ failure: { kind: "offline" } });
  expect((await counts(db)).unsent).toBe(1);
});

test.each([[401, "signed_out"], [403, "device_revoked"], [409, "device_copied"], [429, "busy"], [503, "busy"], [400, "malformed"]])(
  "a %i %s keeps every entry", async (status, code) => {
    await write("r1");
    const failed = syncRound(phoneWith(db, () => problem(status, code, { "retry-after": "7" })));
    await expect(failed).rejects.toBeInstanceOf(CallFailed);
    await expect(failed).rejects.toMatchObject({ failure: { kind: "problem", code, retryAfter: 7 } });
    expect((await counts(db)).unsent).toBe(1);
  });

test("413 halves the batch until it fits", async () => {
  for (let n = 0; n < 5; n += 1) await write(`r${n}`);
  await syncRound(phoneWith(db, (call) => (call.changes.length > 2 ? problem(413, "too_large") : reply({ receipts: applied(call.changes, 1) })), calls));
  expect(calls.map((call) => call.changes.length)).toEqual([5, 3, 2, 3, 2, 1]);
  expect((await counts(db)).unsent).toBe(0);
});

test("413 a single change that fits no call is put aside and shown, and blocks nothing", async () => {
  const fat = await write("fat");
  await write("r1");
  const script = (call: SyncCall) => (call.changes.some((change) => change.id === fat.id) ? problem(413, "too_large") : reply({ receipts: applied(call.changes, 1) }));
  await syncRound(phoneWith(db, script, calls));
  expect(await counts(db)).toMatchObject({ unsent: 0, refused: 1 });
});

test("X4 the entries of a busy book are kept, and the round ends instead of asking on and on", async () => {
  await write("r1");
  const round = await syncRound(phoneWith(db, () => reply({ busy: [BOOK] }), calls));
  expect([round.busy, calls.length, (await counts(db)).unsent]).toEqual([[BOOK], 1, 1]);
});

test("L3 a restored server gets the journal, then the outbox, each in its order", async () => {
  const first = await write("r1");
  await syncRound(phoneWith(db, (call) => reply({ receipts: applied(call.changes, 1), books: [page([recordOf("r1", 1)], 1)] })));
  const second = await write("r2");
  const script = (call: SyncCall, nth: number) => (nth === 1 ? reply({ reoffer: true, epoch: "new" }) : reply({ epoch: "new", receipts: applied(call.changes, 1) }));
  await syncRound(phoneWith(db, script, calls));
  expect(calls.map((call) => call.changes.map((change) => change.id))).toEqual([[second.id], [first.id], [second.id]]);
  expect(calls[1]).toMatchObject({ epoch: "new", cursors: {}, last: first.id });
});

test("what can still be taken back is not sent, and nothing that was written after it overtakes it", async () => {
  await save(db, ME, { ...report("r1"), undo: 10_000 }, clock);
  await write("r2");
  await syncRound(phoneWith(db, (call) => reply({ receipts: applied(call.changes, 1) }), calls));
  expect(calls.map((call) => call.changes)).toEqual([[]]); // and it is not asked for again and again
  expect((await counts(db)).unsent).toBe(2);
});

test("the phone's clock is compared with the server's", async () => {
  const phone = phoneWith(db, () => reply({ server_time: "2026-06-13T08:30:12.123Z" }));
  await syncRound(phone);
  expect(phone.skew).toBe(10 * 60_000);
});

test("a large call travels as gzip", async () => {
  for (let n = 0; n < 20; n += 1) await write(`r${n}`, { description: { text: "楼道里堆着旧沙发".repeat(20) } });
  await syncRound(phoneWith(db, (call) => reply({ receipts: applied(call.changes, 1) }), calls));
  expect(calls[0]!.changes.length).toBe(20);
});

test("X4 a reply whose receipts are those of another call is no answer, and nothing of it is taken", async () => {
  await write("r1");
  const strange = (call: SyncCall) => reply({ epoch: "other", receipts: applied(call.changes.map((change) => ({ ...change, id: "somebody-else" })), 1) });
  await expect(syncRound(phoneWith(db, strange, calls))).rejects.toMatchObject({ failure: { kind: "offline" } });
  expect([calls.length, (await counts(db)).unsent, await db.get("epoch")]).toEqual([1, 1, null]);
});

test("X4 a change without a receipt, where no book was busy, shows that it is not the server who answers", async () => {
  await write("r1");
  await expect(syncRound(phoneWith(db, () => reply()))).rejects.toMatchObject({ failure: { kind: "offline" } });
});

test("a page that only looks like one moves nothing", async () => {
  const almost = phoneWith(db, () => ({ ...reply(), books: [{ book: BOOK }] }) as never);
  await expect(syncRound(almost)).rejects.toMatchObject({ failure: { kind: "offline" } });
});

test("413 of a gateway halves the batch, and puts no entry aside", async () => {
  for (let n = 0; n < 3; n += 1) await write(`r${n}`);
  const gateway = () => new Response("<h1>Request Entity Too Large</h1>", { status: 413, headers: { "content-type": "text/html" } });
  await expect(syncRound(phoneWith(db, gateway, calls))).rejects.toMatchObject({ failure: { kind: "offline" } });
  expect(calls.map((call) => call.changes.length)).toEqual([3, 2, 1]);
  expect(await counts(db)).toMatchObject({ unsent: 3, refused: 0 });
});

test("a clock that was set back makes nobody wait longer than the ten seconds", async () => {
  await save(db, ME, { ...report("r1"), undo: 10_000 }, { now: () => clock.now() + 7_200_000, skew: () => 0 });
  await syncRound(phoneWith(db, (call) => reply({ receipts: applied(call.changes, 1) })));
  expect((await counts(db)).unsent).toBe(0);
});

test("L1 a phone that has grown old still sends everything, and is told to renew itself", async () => {
  await write("r1");
  const round = await syncRound(phoneWith(db, (call) => reply({ receipts: applied(call.changes, 1), upgrade: true })));
  expect([round.upgrade, round.sent, (await counts(db)).unsent]).toEqual([true, 1, 0]);
  expect((await syncRound(phoneWith(db, () => reply()))).upgrade).toBe(false);
});
