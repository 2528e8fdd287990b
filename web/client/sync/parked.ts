/** What lies on other people's desks: hand on what was refused, and hear what became of what is held. */

import type { Parked } from "../model/wire";
import { awaitsPeople, handOn, takeFates, toHandOn } from "../store/refused";
import type { Phone } from "./round";
import { CallFailed } from "./transport";

/** Asks the server only while something of one's own waits there. Never fails loudly: the next round asks again. */
export async function hearOfParked(phone: Phone): Promise<void> {
  try {
    for (const row of await toHandOn(phone.db)) await handOver(phone, row.id, row.book);
    if (!(await awaitsPeople(phone.db))) return;
    const told = (await phone.transport.json<{ changes?: Parked[] }>("GET", "/api/v1/parked")).body?.changes;
    if (!Array.isArray(told)) return;
    await phone.named(Object.fromEntries(told.flatMap((each) => (each.for_book && each.for_book_name ? [[each.for_book, each.for_book_name]] : []))));
    await takeFates(phone.db, told.filter((each) => typeof each.change?.id === "string"));
  } catch (error) {
    if (!(error instanceof CallFailed)) throw error;
  }
}

async function handOver(phone: Phone, id: string, book: string): Promise<void> {
  try {
    await phone.transport.json("POST", `/api/v1/parked/${id}/ask`, { book });
    await handOn(phone.db, id, 2);
  } catch (error) {
    // The server says no, and will say so again: it goes back to where its writer can do something else with it.
    const no = error instanceof CallFailed && error.failure.kind === "problem" && [400, 403, 404, 409, 422].includes(error.failure.status);
    if (!no) throw error;
    await handOn(phone.db, id, 0);
  }
}
