/** 腾出空间: what the server has may leave the phone. It is asked once more, piece by piece, before anything goes. */

import type { Database } from "./database";
import { letGoOf, type Spare } from "./uploads";

/** Does the server have these bytes at this moment, for this person to fetch again? Null: nobody answered. */
export type Asked = (sha256: string) => Promise<boolean | null>;

export interface Freed {
  bytes: number;
  count: number;
  /** Nobody answered: the rest stays until there is a line. */
  offline: boolean;
}

export async function makeRoom(db: Database, spare: readonly Spare[], asked: Asked, told: (freed: Freed) => void = () => undefined): Promise<Freed> {
  const freed: Freed = { bytes: 0, count: 0, offline: false };
  for (const { sha256, bytes, own } of spare) {
    const there = own ? await asked(sha256) : true; // a copy of other people's is only a copy
    if (there === null) {
      freed.offline = true;
      continue;
    }
    if (!there || !(await letGoOf(db, sha256))) continue;
    freed.bytes += bytes;
    freed.count += 1;
    told({ ...freed });
  }
  return freed;
}
