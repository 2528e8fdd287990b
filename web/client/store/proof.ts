/** What a proof after a sync is made over, and what it said (sync/proof.ts asks). */

import type { Change } from "../model/wire";
import { open, seal } from "./codec";
import type { Database } from "./database";

/** The last comparison with the server. */
export interface Proof {
  at: number;
  epoch: string;
  count: number;
  /** Ids of own entries that the server did not have. */
  missing: string[];
  /** They were put back before, and are missing still: somebody has to look. */
  stuck: boolean;
}

const MOST_RESENT = 2;

export const lastProof = (db: Database): Promise<Proof | null> => db.get<Proof>("proof");
/** What was sent again and is missing still: it can go by hand, in a rescue file. */
export async function stuckIds(db: Database): Promise<string[]> {
  const proof = await lastProof(db);
  return proof?.stuck && proof.epoch === (await db.get<string>("epoch")) ? proof.missing : [];
}

export const noteProof = (db: Database, proof: Proof): Promise<void> => db.run(() => db.set("proof", proof));

/** Nothing to send, to send again or to take back: only then is there something to prove. */
export async function isAllSent(db: Database): Promise<boolean> {
  const again = await db.journal.where("resend").equals(1).count();
  return again === 0 && (await db.outbox.count()) === 0;
}

/** By book, the own changes that the server has answered: those of books that the person still keeps. */
export async function provable(db: Database, device: string): Promise<Map<string, Change[]>> {
  const found = new Map<string, Change[]>();
  const kept = new Set((await db.cursors.filter((row) => row.dropped === 0).toArray()).map((row) => row.book));
  const add = (change: Change): void => {
    if (kept.has(change.book)) found.set(change.book, [...(found.get(change.book) ?? []), change]);
  };
  // What another device of this account has sent is proven by its receipt: the server counts it to that device.
  const journal = await db.journal.filter((row) => (row.device ?? device) === device).toArray();
  for (const row of journal) add(open(row.body).change);
  for (const row of await db.refused.filter((each) => each.sent === 1).toArray()) {
    const { change, reason } = open(row.body);
    if (!UNPROVABLE.has(reason)) add(change);
  }
  return found;
}

/** Of these the server keeps something else, or nothing, on purpose. */
const UNPROVABLE = new Set(["id_reused", "malformed", "too_large", "unknown_book", "gone"]);

/** Put entries back to be sent again, as they were (X2). Returns how many; those put back too often are left. */
export async function sendAgain(db: Database, ids: readonly string[]): Promise<number> {
  return db.run(() =>
    db.transaction("rw", [db.journal, db.refused, db.outbox], async () => {
      let again = 0;
      for (const id of ids) {
        const answered = await db.journal.get(id);
        const refused = answered ? undefined : await db.refused.get(id);
        const resent = ((answered ?? refused)?.resent ?? 0) + 1;
        if (resent > MOST_RESENT || !(answered ?? refused)) continue;
        again += 1;
        if (answered) await db.journal.update(id, { resend: 1, resent });
        if (!refused) continue;
        const change = seal(open(refused.body).change);
        await db.refused.update(id, { resent });
        await db.outbox.put({ id, record: refused.record, book: refused.book, after: 0, body: change });
      }
      return again;
    }),
  );
}

/** Everything was there: whatever was put back on the way counts no more. */
export async function allProven(db: Database): Promise<void> {
  await db.run(() =>
    db.transaction("rw", [db.journal, db.refused], async () => {
      await db.journal.filter((row) => (row.resent ?? 0) > 0).modify({ resent: 0 });
      await db.refused.filter((row) => (row.resent ?? 0) > 0).modify({ resent: 0 });
    }),
  );
}
