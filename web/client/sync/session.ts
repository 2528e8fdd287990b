/** Who is signed in, as the server says it; anything else is somebody in between, and no answer. */

import type { Session } from "../model/wire";
import { CallFailed, type Transport } from "./transport";

export async function askSession(transport: Transport, method: "POST" | "GET", body?: unknown): Promise<Session> {
  const session: unknown = (await transport.json<unknown>(method, "/api/v1/session", body)).body;
  if (!isSession(session)) throw new CallFailed({ kind: "offline" });
  return session;
}

/** It is kept, and the whole app stands on it. */
function isSession(body: unknown): body is Session {
  const { account, device, books } = (body ?? {}) as Partial<Session>;
  return typeof account?.id === "string" && Array.isArray(account.roles) && typeof device === "string" && Array.isArray(books);
}
