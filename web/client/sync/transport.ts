/** The one fetch. Tells apart: an answer, a problem that the server names, and "no line" in all its disguises. */

import type { Problem } from "../model/wire";
import { Packing, ZLIB } from "./packing";

export type Failure =
  | { kind: "offline"; status?: number }
  | { kind: "problem"; code: string; status: number; retryAfter: number | null; problem: Problem };

export class CallFailed extends Error {
  constructor(readonly failure: Failure) {
    super(failure.kind === "problem" ? failure.code : failure.kind);
  }
}

export interface Answer<T> {
  body: T;
  /** The phone's own milliseconds, just before the call went out and just after the answer came. */
  sentAt: number;
  gotAt: number;
}

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

const TIMEOUT_MS = 90_000;
const UNKNOWN_FORM = 415;
/** What one page has learnt of its server holds for all its calls. */
const common = new Packing();

export class Transport {
  constructor(
    private readonly base: string = "",
    private readonly fetching: Fetch = (url, init) => fetch(url, init),
    private readonly now: () => number = () => Date.now(),
    private readonly packing: Packing = common,
  ) {}

  private over = false;

  /** Nobody is there any more: what is still on its way is no answer to anybody. */
  hangUp(): void {
    this.over = true;
  }

  async json<T>(method: string, path: string, body?: unknown): Promise<Answer<T>> {
    const init = await this.requestOf(method, body);
    const sentAt = this.now();
    const response = await this.reach(path, init);
    if (response.status === UNKNOWN_FORM && typeOf(init) === ZLIB) {
      this.packing.giveUp();
      return this.json(method, path, body);
    }
    const text = await this.bodyOf(response);
    if (this.over) throw new CallFailed({ kind: "offline" });
    if (response.status === 204) return { body: null as T, sentAt, gotAt: this.now() };
    const value = parse(text);
    if (response.ok && isJson(response) && value !== undefined) {
      void this.packing.learn();
      return { body: value as T, sentAt, gotAt: this.now() };
    }
    throw new CallFailed(failureOf(response, value));
  }

  /** Bytes of a picture, or null where it is not (yet) to be had. */
  async bytes(path: string): Promise<{ data: ArrayBuffer; type: string } | null> {
    const response = await this.reach(path, { method: "GET", headers: { accept: "image/*, audio/*" } });
    const type = response.headers.get("content-type") ?? "";
    if (!response.ok || !/^(image|audio)\//.test(type)) return null;
    try {
      return { data: await response.arrayBuffer(), type };
    } catch {
      throw new CallFailed({ kind: "offline" }); // cut off in the middle
    }
  }

  /** Has the server these bytes, a picture or a voice note? Null where nobody who knows can be asked: a log-in page is no yes. */
  async has(path: string): Promise<boolean | null> {
    try {
      const response = await this.reach(path, { method: "HEAD", headers: { accept: "*/*" } });
      const type = response.headers.get("content-type") ?? "";
      if (response.ok) return /^(image|audio)\//.test(type) ? true : null;
      return response.status === 404 ? false : null;
    } catch (error) {
      if (error instanceof CallFailed) return null;
      throw error;
    }
  }

  private async requestOf(method: string, body: unknown): Promise<RequestInit> {
    const headers: Record<string, string> = { accept: "application/json" };
    if (method !== "GET") headers["x-gridwalk"] = "1";
    if (body === undefined) return { method, headers };
    const packed = await this.packing.pack(JSON.stringify(body));
    return { method, headers: { ...headers, ...packed.headers }, body: packed.body };
  }

  private async reach(path: string, init: RequestInit): Promise<Response> {
    if (this.over) throw new CallFailed({ kind: "offline" });
    const signal = AbortSignal.timeout?.(TIMEOUT_MS) ?? null;
    try {
      // A redirect to a log-in page of the network is "no line", never an answer.
      return await this.fetching(this.base + path, { ...init, signal, keepalive: isLeaving(init), credentials: "same-origin", cache: "no-store" });
    } catch {
      throw new CallFailed({ kind: "offline" });
    }
  }

  private async bodyOf(response: Response): Promise<string> {
    try {
      if (typeOf(response) === ZLIB) return this.packing.unpack(await response.arrayBuffer());
      return await response.text();
    } catch {
      throw new CallFailed({ kind: "offline" }); // cut off in the middle
    }
  }
}

const KEEPALIVE_BYTES = 60_000;

/** What goes out while the person puts the phone away should not be cut off with the page. */
function isLeaving({ body }: RequestInit): boolean {
  const size = typeof body === "string" ? body.length * 3 : ((body as ArrayBuffer | undefined)?.byteLength ?? 0);
  return globalThis.document?.visibilityState === "hidden" && size < KEEPALIVE_BYTES;
}

function typeOf({ headers }: { headers?: HeadersInit | undefined }): string | null {
  return new Headers(headers).get("content-type");
}

function isJson(response: Response): boolean {
  return /[/+](json|zlib)\b/.test(typeOf(response) ?? "");
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Only problem+json with a code is the server's word. Everything else is somebody in between, or half an answer. */
function failureOf(response: Response, value: unknown): Failure {
  const problem = value as Problem | undefined;
  if (!isJson(response) || typeof problem?.code !== "string") return { kind: "offline", status: response.status };
  const after = Number(response.headers.get("retry-after"));
  const retryAfter = Number.isFinite(after) && after > 0 ? after : null;
  return { kind: "problem", code: problem.code, status: response.status, retryAfter, problem };
}
