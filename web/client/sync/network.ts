/** 只用Wi-Fi传大图: when full pictures may go. Text, previews and voice never wait for this. */

import type { Database } from "../store/database";

export type FullPictures = "always" | "wifi" | "not_now";

interface Connection extends EventTarget {
  type?: string;
  /** "slow-2g" … "4g", as the browser has measured it. */
  effectiveType?: string;
  saveData?: boolean;
}

const connection = (): Connection | undefined => (navigator as { connection?: Connection }).connection;

/** Most phones' browsers do not say which kind of line they are on. Then nobody should pretend to know. */
export const canTell = (): boolean => typeof connection()?.type === "string";

export const onWifi = (): boolean => ["wifi", "ethernet"].includes(connection()?.type ?? "");

export async function fullPictures(db: Database): Promise<FullPictures> {
  return (await db.get<FullPictures>("full_pictures")) ?? "always";
}

export async function mayCarryFull(db: Database): Promise<boolean> {
  const wanted = await fullPictures(db);
  return wanted === "always" || (wanted === "wifi" && canTell() && onWifi());
}

const SLOW = new Set(["slow-2g", "2g", "3g"]);

/** Other people's voice notes are fetched ahead where full pictures may go, and not over a line that is slow or dear. */
export async function mayFetchSound(db: Database): Promise<boolean> {
  const { effectiveType = "", saveData = false } = connection() ?? {};
  return !saveData && !SLOW.has(effectiveType) && (await mayCarryFull(db));
}

/** Calls `heard` when the line becomes another one; returns the way to stop. */
export function onOtherLine(heard: () => void): () => void {
  const line = connection();
  line?.addEventListener("change", heard);
  return () => line?.removeEventListener("change", heard);
}
