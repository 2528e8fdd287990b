/** What a writer is told of once: that something of their own stands aside now (M8). Kept, so that nobody nags. */

import { lossesOf, same, valueOf, type Answered, type Loss } from "../model/told";
import type { BookRecord, Json } from "../model/wire";
import { open, seal } from "./codec";
import type { Database } from "./database";
import { one, type OneView } from "./reads";
import type { TellingRow } from "./rows";

export interface OwnAnswers {
  account: string;
  byRecord: Map<string, Answered[]>;
}

/** The own answered changes by record, oldest first; read once for a whole reply. */
export async function ownAnswers(db: Database, account: string): Promise<OwnAnswers> {
  const byRecord = new Map<string, Answered[]>();
  for (const row of await db.journal.orderBy("id").toArray()) {
    const { change, receipt } = open(row.body);
    byRecord.set(row.record, [...(byRecord.get(row.record) ?? []), { change, receipt }]);
  }
  return { account, byRecord };
}

/** What of one's own stands aside in `record`, of which `before` is what this phone held. */
export function lossesIn(record: BookRecord, before: BookRecord | undefined, own: OwnAnswers): Noticed[] {
  const answered = own.byRecord.get(record.id) ?? [];
  if (answered.length === 0 && !record.others && !before?.conflicts) return [];
  return lossesOf(record, before, answered, own.account).map((loss) => {
    // A phone that is new to the record tells no old stories: its case page has them.
    const happened = before !== undefined || answered.some((each) => each.change.id === loss.change);
    return { record: record.id, loss, state: happened ? "new" : "known" };
  });
}

export interface Noticed {
  record: string;
  loss: Loss;
  state: TellingRow["state"];
}

/** Within the transaction that stores the records: note what was not noted before. */
export async function notice(db: Database, losses: readonly Noticed[]): Promise<void> {
  const rows = losses.map(({ record, loss, state }): TellingRow => (
    { id: `${loss.change}:${loss.field}:${loss.key ?? ""}`, record, state, at: Date.now(), body: seal(loss) }));
  const known = await db.tellings.bulkGet(rows.map((row) => row.id));
  await db.tellings.bulkPut(rows.filter((_, index) => !known[index]));
}

/** A loss as it stands now. */
export interface Telling extends Loss {
  id: string;
  state: TellingRow["state"];
  now: Json;
  found: OneView;
}

/** Newest first; what has come right by itself, or is not on this phone any more, is not told. */
export async function tellings(db: Database, account: string, record?: string): Promise<Telling[]> {
  const rows = await (record ? db.tellings.where("record").equals(record) : db.tellings.filter((row) => row.state === "new")).toArray();
  const told: Telling[] = [];
  for (const row of rows) {
    const found = await one(db, row.record, account);
    const loss = open(row.body);
    const now = found && valueOf(found.view, loss.field, loss.key);
    if (!found || same(now!, loss.mine) || found.view.settled.includes(loss.field)) continue;
    told.push({ ...loss, id: row.id, state: row.state, now: now!, found });
  }
  return told.sort((a, b) => (a.change < b.change ? 1 : -1));
}

export async function markTelling(db: Database, id: string, state: TellingRow["state"]): Promise<void> {
  await db.run(() => db.tellings.update(id, { state }));
}
