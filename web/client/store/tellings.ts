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

/** Within the transaction that stores `record`: note what of one's own now stands aside. */
export async function notice(
  db: Database, record: BookRecord, before: BookRecord | undefined, own: OwnAnswers,
): Promise<void> {
  const answered = own.byRecord.get(record.id) ?? [];
  if (answered.length === 0 && !record.others && !before?.conflicts) return;
  for (const loss of lossesOf(record, before, answered, own.account)) {
    const id = `${loss.change}:${loss.field}:${loss.key ?? ""}`;
    if (!(await db.tellings.get(id))) await db.tellings.add({ id, record: record.id, state: "new", at: Date.now(), body: seal(loss) });
  }
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
