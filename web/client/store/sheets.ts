/** Questions that are being answered at a door: on disk after every answer, gone once they are saved as a change. */

import type { Fields } from "../model/wire";
import { open, seal, type Sealed } from "./codec";
import type { Database } from "./database";

export interface Sheet {
  /** That of the record that the answers will be: one a door and campaign. */
  id: string;
  task: string;
  answers: Fields;
  /** The question that is being asked; null once all are answered. */
  at: string | null;
  changed_at: number;
  /** Refused changes that this one is sent in place of, and why they were not taken, in words. */
  mends?: string[];
  why?: string;
}

export interface SheetRow {
  id: string;
  changed_at: number;
  body: Sealed<Sheet>;
}

export async function putSheet(db: Database, sheet: Sheet): Promise<void> {
  const row = { id: sheet.id, changed_at: sheet.changed_at, body: seal(sheet) };
  await db.run(() => db.transaction("rw", db.sheets, () => db.sheets.put(row)));
}

export async function getSheet(db: Database, id: string): Promise<Sheet | null> {
  const row = await db.run(() => db.sheets.get(id));
  return row ? open(row.body) : null;
}

/** Those of these tasks that were begun and not finished, by task. */
export async function begunSheets(db: Database): Promise<Map<string, Sheet>> {
  const rows = await db.sheets.toArray();
  return new Map(rows.map((row) => open(row.body)).map((sheet) => [sheet.task, sheet]));
}
