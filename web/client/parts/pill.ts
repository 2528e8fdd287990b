/** The sync pill: three words at most, and always true. */

import type { Counts } from "../store/entries";
import type { Line } from "../sync/loop";
import { t } from "../words";

export interface PillFacts {
  line: Line;
  counts: Counts;
  syncedAt: number | null;
  alarm: unknown;
}

export interface Pill {
  words: string;
  tone: "done" | "again" | "urgent" | "quiet";
}

export function pill({ line, counts, syncedAt, alarm }: PillFacts): Pill {
  if (alarm) return { words: t("phone.pill.alarm"), tone: "urgent" };
  if (line === "signed_out" || line === "copied") return { words: t("phone.pill.signed_out"), tone: "urgent" };
  const toSee = counts.refused + (counts.missing ?? 0);
  if (toSee > 0) return { words: t("phone.pill.refused", { n: toSee }), tone: "urgent" };
  if (line === "full") return { words: t("phone.pill.full"), tone: "urgent" };
  const left = counts.unsent + counts.pictures;
  if (line === "offline" && left === 0) return { words: t("phone.pill.offline"), tone: "quiet" };
  if (counts.unsent > 0) return { words: t("phone.pill.unsent", { n: counts.unsent }), tone: "again" };
  if (counts.voices) return { words: t("phone.pill.files", { n: counts.pictures }), tone: "again" };
  if (counts.pictures > 0) return { words: t("phone.pill.pictures", { n: counts.pictures }), tone: "again" };
  if (line === "syncing" && syncedAt === null) return { words: t("phone.pill.first"), tone: "quiet" };
  if (line === "busy" || line === "trouble") return { words: t("phone.pill.later"), tone: "quiet" };
  return { words: t("phone.pill.synced"), tone: "done" };
}
