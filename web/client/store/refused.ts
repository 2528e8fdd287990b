/** What was not taken: put aside, or mended and sent as a new change. Nothing is thrown away. */

import { open } from "./codec";
import type { Database } from "./database";
import type { Change } from "../model/wire";
import type { Draft } from "./rows";
import { putDraft } from "./drafts";

export async function putAside(db: Database, id: string, aside: 0 | 1): Promise<void> {
  await db.run(() => db.refused.update(id, { put_aside: aside }));
}

export async function getRefused(db: Database, id: string): Promise<Change | null> {
  const row = await db.refused.get(id);
  return row ? open(row.body).change : null;
}

/** A refused report goes back into the fault notebook; its words and pictures are all there. */
export async function mend(db: Database, id: string, draft: Draft): Promise<void> {
  await putDraft(db, draft);
  await putAside(db, id, 1);
}
