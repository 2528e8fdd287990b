import { beforeEach, expect, test } from "vitest";

import type { Change, Parked, Receipt, SyncCall } from "../model/wire";
import { applyReply } from "../store/apply";
import { LIMITS, nextCall } from "../store/batch";
import type { Database } from "../store/database";
import { counts, entries, standingOf, type Entry } from "../store/entries";
import { handOn, mend, putAside, takeFates, unmended } from "../store/refused";
import { save, takeBack } from "../store/save";
import type { Draft } from "../store/rows";
import { applied, BOOK, freshDatabase, ME, phoneWith, problem, reply, report, steadyClock } from "../testing/fakes";
import { hearOfParked } from "./parked";
import { Transport } from "./transport";
import type { Phone } from "./round";

let db: Database;
const clock = steadyClock();

beforeEach(() => {
  db = freshDatabase();
});

async function answered(outcome: Receipt["outcome"], reason: string, record = "r1"): Promise<Change> {
  const change = await save(db, ME, report(record), clock);
  const call: SyncCall = { ...(await nextCall(db, "device", LIMITS, clock.now())), changes: [change] };
  await applyReply(db, ME, call, reply({ receipts: [{ ...applied([change], 0)[0]!, outcome, seq: null, reason }] }));
  return change;
}

function told(change: Change, state: Parked["state"], more: Partial<Parked> = {}): Parked {
  const decided = state === "let_in" || state === "declined" ? { by: "head", at: "x", note: "写清楚些" } : null;
  return { change, state, reason: "x", at: "x", book: BOOK, decided, for_book: null, handed_to: null, ...more };
}

/** A phone whose door answers `GET /parked` with `list`, and every other call with `other`; `asked` is what it heard. */
function door(list: Parked[], asked: string[] = [], other: () => Response = () => Response.json({ changes: [] })): Phone {
  const answer = async (url: string, init: RequestInit): Promise<Response> => {
    asked.push(`${init.method} ${url} ${String(init.body ?? "")}`.trim());
    return init.method === "GET" ? Response.json({ changes: list }) : other();
  };
  return { ...phoneWith(db, () => reply()), transport: new Transport("", answer, clock.now) };
}

async function only(): Promise<Entry> {
  const [entry, ...more] = await entries(db);
  expect(more).toEqual([]);
  return entry!;
}

test("S3 the server is asked only while something of one's own waits for a person", async () => {
  const asked: string[] = [];
  await hearOfParked(door([], asked));
  await answered("refused", "invalid");
  await hearOfParked(door([], asked));
  expect(asked).toEqual([]);
  await answered("held", "not_entitled", "r2");
  await hearOfParked(door([], asked));
  expect(asked).toEqual(["GET /api/v1/parked"]);
});

test("S6 what was taken in counts as confirmed, what was declined stands with the words of who declined it", async () => {
  const [a, b] = [await answered("held", "moved", "r1"), await answered("held", "suggestion", "r2")];
  expect(await counts(db)).toMatchObject({ held: 2, confirmed: 0, refused: 0 });
  await hearOfParked(door([told(a, "let_in"), told(b, "declined")]));
  expect(await counts(db)).toMatchObject({ held: 0, confirmed: 1, refused: 1 });
  const found = await entries(db);
  expect(found.map((entry) => [standingOf(entry), entry.fate?.decided?.note, entry.ladder.stop])).toEqual([
    ["refused", "写清楚些", "refused"], ["confirmed", "写清楚些", null]]);
  const asked: string[] = [];
  await hearOfParked(door([], asked));
  expect(asked).toEqual([]);
});

test("S7 it is said where a held change went", async () => {
  const change = await answered("held", "moved");
  const names: Record<string, string> = {};
  await hearOfParked({ ...door([told(change, "held", { for_book: "b2", for_book_name: "柳湾二网格" })]), named: async (said) => void Object.assign(names, said) });
  expect([(await only()).fate?.for_book, names]).toEqual(["b2", { b2: "柳湾二网格" }]);
});

test("S6 a refusal that is handed on waits for a line, then for a person, and counts as refused no more", async () => {
  const change = await answered("refused", "not_allowed");
  await handOn(db, change.id, 1);
  expect(await counts(db)).toMatchObject({ held: 1, refused: 0 });
  await hearOfParked(door([], [], () => { throw new TypeError("no line"); }));
  expect((await only()).refused?.ask).toBe(1);
  const asked: string[] = [];
  await hearOfParked(door([told(change, "asked")], asked));
  expect(asked).toEqual([`POST /api/v1/parked/${change.id}/ask {"book":"${BOOK}"}`, "GET /api/v1/parked"]);
  expect((await only()).refused?.ask).toBe(2);
  await takeFates(db, [told(change, "let_in")]);
  expect(standingOf(await only())).toBe("confirmed");
  expect(await counts(db)).toMatchObject({ held: 0, confirmed: 1, refused: 0 });
});

test("S6 what the server will not hand on comes back to its writer, and a declined one too", async () => {
  const change = await answered("refused", "not_allowed");
  await handOn(db, change.id, 1);
  await hearOfParked(door([], [], () => problem(404, "not_found")));
  expect(await counts(db)).toMatchObject({ held: 0, refused: 1 });
  await handOn(db, change.id, 2);
  await takeFates(db, [told(change, "declined")]);
  expect(await only()).toMatchObject({ reason: "declined", fate: { decided: { note: "写清楚些" } }, refused: { ask: 0 } });
});

test("what is put aside leaves the count and is found again; sent again by a proof it stays where it was put", async () => {
  const change = await answered("refused", "invalid");
  await putAside(db, change.id, 1);
  expect(await counts(db)).toMatchObject({ refused: 0 });
  expect(standingOf(await only())).toBe("aside");
  const call: SyncCall = { ...(await nextCall(db, "device", LIMITS, clock.now())), changes: [change] };
  await applyReply(db, ME, call, reply({ receipts: [{ ...applied([change], 0)[0]!, outcome: "refused", seq: null, reason: "invalid" }] }));
  expect(standingOf(await only())).toBe("aside");
});

test("X5 a mended report takes along what was not sent yet; taken back, everything stands as it did", async () => {
  const refused = await answered("refused", "invalid");
  const unsent = await save(db, ME, { ...report("r1", { additions: { a: { text: "又来" } } }), create: false, seen: 0, knew: refused.id }, clock);
  expect((await unmended(db, "r1")).map((each) => each.reason)).toEqual(["invalid", null]);
  const draft = { id: "d1", kind: "report", record: "r1", book: BOOK, pictures: [], changed_at: 1, mends: [refused.id, unsent.id] } as unknown as Draft;
  await mend(db, draft);
  expect(await counts(db)).toMatchObject({ unsent: 0, refused: 0 });
  await db.uploads.add({ sha256: "s", change: refused.id, record: "r1", book: BOOK, kind: "full", state: "waiting", size: 1, type: "t", url: null });
  const picture = { sha256: "s", preview: "p", type: "t", bytes: 1, width: 1, height: 1, taken_at: "x" };
  const sent = await save(db, ME, { ...report("r1"), pictures: [picture], draft: "d1", mends: draft.mends!, undo: 10_000 }, clock);
  expect((await entries(db)).map(standingOf)).toEqual(["waiting", "mended", "mended"]);
  await takeBack(db, ME, sent.id, clock.now(), draft);
  expect((await entries(db)).map(standingOf)).toEqual(["aside", "aside"]);
  expect((await db.uploads.get("s"))!.change).toBe(refused.id);
});
