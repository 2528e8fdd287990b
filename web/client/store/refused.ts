/** What was not taken: put aside, handed on, or mended and sent as a new change. Nothing is thrown away. */

import type { Change, Parked, Receipt } from "../model/wire";
import { refuse } from "./apply";
import { open, seal } from "./codec";
import type { Database } from "./database";
import type { Draft, Fate, RefusedRow } from "./rows";
import type { Sheet } from "./sheets";

export async function putAside(db: Database, id: string, aside: 0 | 1): Promise<void> {
  await db.run(() => db.refused.update(id, { put_aside: aside }));
}

/**
 * Refused changes go back into the fault notebook as one form; until it is sent they lie aside. What follows the
 * mended one and was not sent yet goes with it: alone it would be refused for want of its creation (X5).
 */
export async function mend(db: Database, draft: Draft): Promise<void> {
  await db.run(() =>
    db.transaction("rw", [db.drafts, db.refused, db.outbox, db.journal], async () => {
      for (const id of draft.mends ?? []) {
        const unsent = await db.outbox.get(id);
        if (unsent) await refuse(db, open(unsent.body), "needs", null, { sent: 0 });
        await db.refused.update(id, { put_aside: 1 });
      }
      await db.drafts.put({ id: draft.id, changed_at: draft.changed_at, binned: 0, body: seal(draft) });
    }),
  );
}

/** Refused answers go back to the questions that they answered; until they are kept again they lie aside. */
export async function mendSheet(db: Database, sheet: Sheet): Promise<void> {
  await db.run(() =>
    db.transaction("rw", [db.sheets, db.refused], async () => {
      for (const id of sheet.mends ?? []) await db.refused.update(id, { put_aside: 1 });
      await db.sheets.put({ id: sheet.id, changed_at: sheet.changed_at, body: seal(sheet) });
    }),
  );
}

/** What of one record waits to be mended: refused changes, and those not sent yet; oldest first. */
export async function unmended(db: Database, record: string): Promise<{ change: Change; reason: string | null; errors: Receipt["errors"] }[]> {
  const refused = await db.refused.where("record").equals(record).filter((row) => !row.mended).toArray();
  const unsent = await db.outbox.where("record").equals(record).toArray();
  const found = [...refused.map((row) => open(row.body)), ...unsent.map((row) => ({ change: open(row.body), reason: null, errors: null }))];
  return found.sort((a, b) => (a.change.id < b.change.id ? -1 : 1));
}

/** 转给网格长: 1 as soon as there is a line, 2 once they have it, 0 if they cannot take it. */
export async function handOn(db: Database, id: string, ask: 0 | 1 | 2): Promise<void> {
  await db.run(() => db.refused.update(id, { ask, put_aside: 0 }));
}

export async function toHandOn(db: Database): Promise<RefusedRow[]> {
  return db.run(() => db.refused.filter((row) => row.ask === 1).toArray());
}

/** Does anything of one's own wait for a person, so that asking what became of it makes sense? */
export async function awaitsPeople(db: Database): Promise<boolean> {
  const asked = await db.refused.filter((row) => row.ask === 2 && !row.mended).count();
  if (asked > 0) return true;
  const held = await db.journal.filter((row) => {
    const { receipt, fate } = open(row.body);
    return receipt.outcome === "held" && fate?.state !== "let_in";
  }).count();
  return held > 0;
}

/** What `GET /api/v1/parked` told. Taken in: it is in its book. Declined: it stands with what was not taken. */
export async function takeFates(db: Database, told: readonly Parked[]): Promise<void> {
  await db.run(() =>
    db.transaction("rw", [db.journal, db.refused], async () => {
      for (const { change, state, decided, for_book, reason } of told) {
        const fate: Fate = { state, decided, for_book };
        const held = await db.journal.get(change.id);
        const refused = await db.refused.get(change.id);
        if (held) await fateOfHeld(db, held.id, fate);
        else if (refused?.ask) await fateOfAsked(db, refused, fate, reason);
      }
    }),
  );
}

async function fateOfHeld(db: Database, id: string, fate: Fate): Promise<void> {
  const row = (await db.journal.get(id))!;
  const { change, receipt } = open(row.body);
  if (receipt.outcome !== "held") return;
  if (fate.state !== "declined") return void (await db.journal.update(id, { body: seal({ change, receipt, fate }) }));
  await db.journal.delete(id);
  const kept = { id, record: row.record, book: row.book, at: Date.now(), put_aside: 0 as const, sent: 1 as const };
  await db.refused.put({ ...kept, body: seal({ change, reason: "declined", errors: null, fate }) });
}

async function fateOfAsked(db: Database, row: RefusedRow, fate: Fate, reason: string): Promise<void> {
  const { change, errors } = open(row.body);
  if (fate.state === "declined") {
    const body = seal({ change, reason: "declined", errors, fate });
    await db.refused.update(row.id, { ask: 0 as const, body });
  } else if (fate.state === "let_in") {
    const receipt = { index: 0, id: row.id, outcome: "held" as const, seq: null, fields: {}, reason, errors };
    const kept = { id: row.id, record: row.record, book: row.book, answered_at: Date.now(), resend: 0 as const, laid: 0 as const };
    await db.journal.put({ ...kept, body: seal({ change, receipt, fate }) });
    await db.refused.delete(row.id);
  } else {
    await db.refused.update(row.id, { body: seal({ ...open(row.body), fate }) });
  }
}
