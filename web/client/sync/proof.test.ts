import { beforeEach, expect, test } from "vitest";

import { proofOf, hashOf, type BookProof, type ProofEntry } from "../model/proof";
import type { Change, SyncCall } from "../model/wire";
import { applyReply } from "../store/apply";
import { LIMITS, nextCall } from "../store/batch";
import type { Database } from "../store/database";
import { counts } from "../store/entries";
import { lastProof } from "../store/proof";
import { save } from "../store/save";
import { applied, bodyText, BOOK, EPOCH, freshDatabase, ME, page, phoneWith, problem, recordOf, reply, report, steadyClock } from "../testing/fakes";
import { prove } from "./proof";
import type { Phone } from "./round";
import { JOURNAL_DAYS, pruneJournal } from "../store/tidy";

let db: Database;
const clock = steadyClock();
const DEVICE = "019ec000-0000-7000-8000-0000000000de";

beforeEach(() => {
  db = freshDatabase();
});

async function sent(record: string, seq: number): Promise<Change> {
  const change = await save(db, ME, report(record), clock);
  await receive([change], seq);
  return change;
}

async function receive(changes: Change[], seq: number, part: Parameters<typeof reply>[0] = {}, device = DEVICE): Promise<void> {
  const call: SyncCall = { ...(await nextCall(db, device, LIMITS, clock.now())), changes };
  await applyReply(db, ME, call, reply({ receipts: applied(changes, seq), books: [page([recordOf("r0", seq)], seq)], ...part }));
}

/** A server that holds `held`, asked as the phone asks it; `asked` is what it heard. */
function server(held: Change[], asked: { [book: string]: BookProof }[] = []): Phone {
  const answer = async (_url: string, init: RequestInit): Promise<Response> => {
    const { books } = JSON.parse(await bodyText(init)) as { books: { [book: string]: BookProof } };
    asked.push(books);
    const said: { [book: string]: unknown } = {};
    for (const [book, proof] of Object.entries(books)) {
      const inside = held.filter((each) => each.book === book && each.id > (proof.after ?? "") && each.id <= proof.until);
      const entries = await Promise.all(inside.map(async (each): Promise<ProofEntry> => [each.id, await hashOf(each)]));
      const same = entries.length === proof.count && (entries.length === 0 || (await proofOf(entries)).digest === proof.digest);
      said[book] = same ? { same, count: entries.length } : { same, count: entries.length, entries };
    }
    return Response.json({ books: said });
  };
  const phone = phoneWith(db, () => reply());
  return { ...phone, transport: new (phone.transport.constructor as typeof import("./transport").Transport)("", answer, clock.now) };
}

test("L6 what the server holds is proven, entry by entry", async () => {
  const mine = [await sent("r1", 1), await sent("r2", 2)];
  const asked: { [book: string]: BookProof }[] = [];
  expect(await prove(server(mine, asked))).toBe("proven");
  expect(asked[0]![BOOK]).toMatchObject({ count: 2, until: mine[1]!.id });
  expect(await lastProof(db)).toEqual({ at: clock.now(), epoch: EPOCH, count: 2, missing: [], stuck: false });
});

test("L6 what is missing is named and put back to be sent again as it was, and in the end somebody has to look", async () => {
  const [kept, lost] = [await sent("r1", 1), await sent("r2", 2)];
  const forgetful = server([kept!]);
  for (const round of [1, 2]) {
    expect(await prove(forgetful)).toBe("again");
    expect(await lastProof(db)).toMatchObject({ missing: [lost!.id], stuck: false });
    expect((await nextCall(db, DEVICE, LIMITS, clock.now())).changes).toEqual([lost]);
    await receive([lost!], 2 + round);
  }
  expect(await prove(forgetful)).toBe("missing");
  expect(await lastProof(db)).toMatchObject({ missing: [lost!.id], stuck: true });
  expect((await nextCall(db, DEVICE, LIMITS, clock.now())).changes).toEqual([]);
  expect(await prove(server([kept!, lost!]))).toBe("proven");
  expect((await db.journal.get(lost!.id))!.resent).toBe(0);
});

test("L6 what the server holds besides, from before this journal or of another phone, takes nothing from the proof", async () => {
  const old = await sent("r1", 1);
  const mine = await sent("r2", 2);
  await db.journal.delete(old.id);
  const stranger = { ...mine, id: mine.id.replace(/.$/, "0"), record: "x" };
  expect(await prove(server([old, stranger, mine]))).toBe("proven");
});

test("L6 a refused entry is proven too: the server keeps it whole", async () => {
  const bad = await save(db, ME, report("r1"), clock);
  const receipt = { ...applied([bad], 0)[0]!, outcome: "refused" as const, seq: null, reason: "invalid" };
  await receive([bad], 0, { receipts: [receipt] });
  expect(await prove(server([]))).toBe("again");
  expect(await counts(db)).toMatchObject({ unsent: 1, refused: 1 });
  await receive([bad], 0, { receipts: [receipt] });
  expect(await prove(server([bad]))).toBe("proven");
  expect(await counts(db)).toMatchObject({ unsent: 0, refused: 1 });
});

test("L6 nothing is claimed while something is unsent, nor when the server does not say", async () => {
  await sent("r1", 1);
  const silent = phoneWith(db, () => reply());
  for (const status of [404, 503]) {
    expect(await prove({ ...silent, transport: phoneWith(db, () => problem(status, "busy")).transport })).toBe("nothing");
  }
  await save(db, ME, report("r2"), clock);
  expect(await prove(server([]))).toBe("nothing");
  expect(await lastProof(db)).toBeNull();
});

test("L6 what another device of this account has sent, and what stands in a lost place, is not asked for", async () => {
  const before = await save(db, ME, report("r1"), clock);
  await receive([before], 1, {}, "an older device");
  const elsewhere = await save(db, ME, { ...report("r2"), book: "lost" }, clock);
  await receive([elsewhere], 1);
  expect(await prove(server([]))).toBe("nothing");
  expect(await db.journal.count()).toBe(2);
});

test("L6 the journal that a proof is made over keeps thirty days", async () => {
  const mine = await sent("r1", 1);
  await pruneJournal(db, clock.now() + (JOURNAL_DAYS - 1) * 86_400_000);
  expect(await prove(server([mine]))).toBe("proven");
  await pruneJournal(db, clock.now() + (JOURNAL_DAYS + 1) * 86_400_000);
  expect(await prove(server([mine]))).toBe("nothing");
});
