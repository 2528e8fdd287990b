/** Who works where: fetched once a day, so that a name can be said where there is no line. */

import type { Colleague } from "../model/wire";
import type { Phone } from "./round";
import { CallFailed } from "./transport";

const DAY_MS = 86_400_000;
const KEY = "colleagues";

interface Kept {
  at: number;
  colleagues: Colleague[];
}

export async function keptColleagues(db: Phone["db"]): Promise<Colleague[]> {
  return (await db.get<Kept>(KEY))?.colleagues ?? [];
}

/** After a round of the sync: the list anew, if it is a day old or `stale`. Null where nothing was fetched; never fails loudly. */
export async function fetchColleagues(phone: Phone, stale: boolean): Promise<Colleague[] | null> {
  const kept = await phone.db.get<Kept>(KEY);
  const age = phone.now() - (kept?.at ?? 0);
  if (!stale && age >= 0 && age < DAY_MS) return null;
  try {
    const { colleagues } = (await phone.transport.json<{ colleagues: Colleague[] }>("GET", "/api/v1/colleagues")).body;
    if (!Array.isArray(colleagues)) return null; // somebody in between
    await phone.db.set(KEY, { at: phone.now(), colleagues });
    return colleagues;
  } catch (error) {
    if (error instanceof CallFailed) return null;
    throw error;
  }
}
