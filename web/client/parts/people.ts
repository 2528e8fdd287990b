/** What people are called. */

import { app, me } from "../app";
import type { Colleague } from "../model/wire";
import { t } from "../words";

/** 您 for oneself, the work name of a colleague, 同事 of whoever this phone does not know. */
export function nameOf(account: string | null | undefined): string {
  if (!account) return t("phone.nobody");
  if (account === me()) return t("phone.you");
  return app.colleagues.find((each) => each.id === account)?.name ?? t("phone.somebody");
}

/** The posts held at a place: who is there to be called. */
export function peopleAt(place: string): Colleague[] {
  return app.colleagues.filter((each) => each.place === place);
}

/** The number somebody gave for work, or null. */
export function phoneOf(account: string): string | null {
  return app.colleagues.find((each) => each.id === account)?.phone ?? null;
}
