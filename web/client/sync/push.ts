/** Being nudged to look: whether this phone can, and the switch. It is a help; nothing here is needed for anything else. */

import type { Database } from "../store/database";
import { CallFailed, type Transport } from "./transport";

export interface Quiet {
  /** Minutes of the place's day; the same twice: never quiet. */
  from: number;
  to: number;
}

/** As `GET /api/v1/push` says it. */
interface Said {
  key: string;
  on: boolean;
  quiet: Quiet;
}

/** `no_home`: an iPhone wants the app on its home screen first. `no_service`: the browser finds nobody who would deliver. */
export type Can = "on" | "off" | "unsupported" | "no_home" | "denied" | "no_service" | "no_line";

export interface Nudging {
  can: Can;
  quiet: Quiet;
}

export const NIGHT: Quiet = { from: 21 * 60 + 30, to: 6 * 60 + 30 };
const KEY = "push";
/** Where nobody can be reached some browsers never answer. */
const PATIENCE_MS = 12_000;

interface Kept {
  key: string;
  quiet: Quiet;
}

/** What this browser says before anybody is asked. */
function lacking(onApple: boolean, installed: boolean): Can | null {
  if (onApple && !installed) return "no_home";
  if (!("serviceWorker" in navigator) || !("PushManager" in window) || !("Notification" in window)) return "unsupported";
  return Notification.permission === "denied" ? "denied" : null;
}

export async function stands(db: Database, transport: Transport, onApple: boolean, installed: boolean): Promise<Nudging> {
  const lacks = lacking(onApple, installed);
  if (lacks) return { can: lacks, quiet: NIGHT };
  const kept = await db.get<Kept>(KEY);
  const said = await ask(transport, "GET");
  if (!said) return { can: kept ? "on" : "no_line", quiet: kept?.quiet ?? NIGHT };
  const here = (await worker()) ? await subscription() : null;
  return { can: said.on && here && kept ? "on" : "off", quiet: said.quiet };
}

/** Asks the person, if the browser has not done so yet. Must come from a tap. */
export async function turnOn(db: Database, transport: Transport, quiet: Quiet): Promise<Can> {
  if ((await Notification.requestPermission()) !== "granted") return "denied";
  return subscribe(db, transport, quiet);
}

async function subscribe(db: Database, transport: Transport, quiet: Quiet): Promise<Can> {
  const said = await ask(transport, "GET");
  if (!said) return "no_line";
  let found: PushSubscription;
  try {
    found = await inTime(subscribed(said.key, (await db.get<Kept>(KEY))?.key ?? null));
  } catch {
    return "no_service";
  }
  const { endpoint, keys } = found.toJSON();
  const answer = await ask(transport, "POST", { endpoint, keys: { p256dh: keys?.p256dh, auth: keys?.auth }, quiet });
  if (!answer) return "no_line";
  await db.set(KEY, { key: said.key, quiet: { ...quiet } }); // a plain copy: what a screen watches cannot be stored
  return "on";
}

export async function turnOff(db: Database, transport: Transport): Promise<Can> {
  if (!(await ask(transport, "DELETE"))) return "no_line";
  await (await subscription())?.unsubscribe().catch(() => false);
  await db.meta.delete(KEY);
  return "off";
}

/** The browser may have got a new address, or the server a new key, while nobody looked: said again, quietly. */
export async function keepUp(db: Database, transport: Transport): Promise<void> {
  const kept = await db.get<Kept>(KEY);
  if (!kept || lacking(false, true) || Notification.permission !== "granted") return;
  const said = await ask(transport, "GET");
  if (said && (!said.on || said.key !== kept.key || !(await subscription()))) await subscribe(db, transport, kept.quiet);
}

const worker = (): Promise<ServiceWorkerRegistration | undefined> => navigator.serviceWorker.getRegistration("/app/");
const subscription = async (): Promise<PushSubscription | null> => (await (await worker())?.pushManager.getSubscription()) ?? null;

async function subscribed(key: string, before: string | null): Promise<PushSubscription> {
  const { pushManager } = await navigator.serviceWorker.ready;
  const stood = await pushManager.getSubscription();
  if (stood && before === key) return stood;
  await stood?.unsubscribe();
  return pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytesOf(key) });
}

function inTime<T>(work: Promise<T>): Promise<T> {
  return Promise.race([work, new Promise<never>((_, fail) => setTimeout(() => fail(new Error("nobody answers")), PATIENCE_MS))]);
}

function bytesOf(key: string): Uint8Array<ArrayBuffer> {
  const text = atob(key.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(text, (each) => each.charCodeAt(0));
}

async function ask(transport: Transport, method: "GET" | "POST" | "DELETE", body?: unknown): Promise<Said | null> {
  try {
    const said = (await transport.json<Said>(method, "/api/v1/push", body)).body;
    return typeof said?.key === "string" ? said : null; // somebody in between
  } catch (error) {
    if (error instanceof CallFailed) return null;
    throw error;
  }
}
