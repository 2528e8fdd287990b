/** 只用Wi-Fi传大图: when full pictures may go. Text, previews and voice never wait for this. */

import type { Database } from "../store/database";

export type FullPictures = "always" | "wifi" | "not_now";

interface Connection extends EventTarget {
  type?: string;
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

/** Calls `heard` when the line becomes another one; returns the way to stop. */
export function onOtherLine(heard: () => void): () => void {
  const line = connection();
  line?.addEventListener("change", heard);
  return () => line?.removeEventListener("change", heard);
}
