/**
 * One transfer of bytes by tus 1.0.0, from where it stopped. Of tus-js-client only the protocol itself is taken:
 * half its weight are stores and readers for other worlds, and it would wait for ever on a line that died silently.
 */

import type { DetailedError, HttpRequest, HttpResponse } from "tus-js-client";
import BaseUpload from "tus-js-client/lib/upload.js";

export interface Cargo {
  data: ArrayBuffer;
  sha256: string;
  type: string;
  /** Where to go on; null begins anew. */
  url: string | null;
  /** In small pieces with a check sum each, for a line that has spoilt bytes before. */
  careful: boolean;
}

export interface Watch {
  /** The server has named the place; resolves once that is noted down. */
  begun(url: string): Promise<void>;
  /** Bytes that have left the phone; first of all those that the server had already. */
  sent(bytes: number): void;
  /** The person is leaving: not one call more in their name. */
  signal: AbortSignal;
}

/** Else the server's status (0: the line) and its code. */
export type Delivery = { done: true } | { done: false; status: number; code: string | null };

const PIECE = 32 * 1024;
const SILENCE_MS = 45_000;

export function deliver(endpoint: string, cargo: Cargo, watch: Watch): Promise<Delivery> {
  return new Promise((resolve) => attempt(endpoint, cargo, watch, resolve, true));
}

function attempt(endpoint: string, cargo: Cargo, watch: Watch, resolve: (end: Delivery) => void, first: boolean): void {
  const { data, careful } = cargo;
  let noted: Promise<void> = Promise.resolve();
  let here = 0;
  const upload = new BaseUpload(data, {
    endpoint: new URL(endpoint, location.origin).href,
    uploadUrl: cargo.url && new URL(cargo.url, location.origin).href,
    uploadSize: data.byteLength,
    metadata: { sha256: cargo.sha256, filetype: cargo.type },
    headers: { "X-Gridwalk": "1", Accept: "application/json" },
    protocol: "tus-v1",
    chunkSize: careful ? PIECE : Infinity,
    retryDelays: null as never, // when to try again is for the courier to say
    fingerprint: () => Promise.resolve(null as never),
    fileReader: { openFile: () => Promise.resolve(sourceOf(data)) },
    httpStack: { createRequest: (method, url) => new Request(method, url), getName: () => "xhr" },
    onUploadUrlAvailable: () => {
      noted = watch.begun(new URL(upload.url!).pathname);
      if (here === 0 || !first) return;
      // The server had a part of it already (this phone died before it could note the place): ask how much, and go on.
      void upload.abort();
      void noted.then(() => attempt(endpoint, { ...cargo, url: upload.url }, watch, resolve, false));
    },
    onBeforeRequest: async (request) => {
      await noted; // a place that is not noted down is lost with the page
      // No piece that is refused need be sent to its end; and after a break the next goes over a connection of its own.
      if (request.getMethod() !== "POST") request.setHeader("X-Hang-Up", "1");
      if (careful && request.getMethod() === "PATCH") request.setHeader("Upload-Checksum", await sumOf(data, request));
    },
    onAfterResponse: (request, response) => {
      if (request.getMethod() === "POST") here = Number(response.getHeader("Upload-Offset") ?? 0);
    },
    onProgress: (sent) => watch.sent(sent),
    onSuccess: () => resolve({ done: true }),
    onError: (error) => resolve({ done: false, ...reasonOf(error) }),
  });
  watch.signal.addEventListener("abort", () => {
    void upload.abort();
    resolve({ done: false, status: 0, code: null });
  });
  if (!watch.signal.aborted) upload.start();
}

function sourceOf(data: ArrayBuffer) {
  const slice = async (start: number, end: number): Promise<{ value: never; done: boolean }> => {
    const stop = Math.min(end, data.byteLength);
    return { value: new Blob([data.slice(start, stop)]) as never, done: stop === data.byteLength };
  };
  return { size: data.byteLength, slice, close: () => undefined };
}

async function sumOf(data: ArrayBuffer, request: HttpRequest): Promise<string> {
  const start = Number(request.getHeader("Upload-Offset"));
  const digest = await crypto.subtle.digest("SHA-256", data.slice(start, start + PIECE));
  return `sha256 ${btoa(String.fromCharCode(...new Uint8Array(digest)))}`;
}

function reasonOf(error: Error | DetailedError): { status: number; code: string | null } {
  const response = "originalResponse" in error ? error.originalResponse : null;
  return { status: response?.getStatus() ?? 0, code: codeOf(response?.getBody() ?? "") };
}

function codeOf(body: string): string | null {
  try {
    return (JSON.parse(body) as { code?: string } | null)?.code ?? null;
  } catch {
    return null;
  }
}

/** One call. It ends when nothing has moved for SILENCE_MS: a line can die without a word. */
class Request implements HttpRequest {
  private readonly call = new XMLHttpRequest();
  private readonly headers: Record<string, string> = {};

  constructor(private readonly method: string, private readonly url: string) {
    this.call.open(method, url, true);
  }

  getMethod = (): string => this.method;
  getURL = (): string => this.url;
  getHeader = (name: string): string => this.headers[name]!;
  getUnderlyingObject = (): XMLHttpRequest => this.call;

  setHeader(name: string, value: string): void {
    this.call.setRequestHeader(name, value);
    this.headers[name] = value;
  }

  setProgressHandler(heard: (sent: number) => void): void {
    let most = 0;
    this.call.upload.onprogress = ({ loaded }) => {
      // A browser sends it all again by itself when a used connection breaks: the server has a part of it already.
      if (loaded < most) return this.call.abort();
      most = loaded;
      heard(loaded);
    };
  }

  send(body: unknown = null): Promise<HttpResponse> {
    const { call } = this;
    return new Promise((resolve, reject) => {
      let timer: ReturnType<typeof setTimeout>;
      const moved = (): void => {
        clearTimeout(timer);
        timer = setTimeout(() => call.abort(), SILENCE_MS);
      };
      const ended = (): void => {
        clearTimeout(timer);
        if (call.status > 0) resolve(responseOf(call));
        else reject(new Error("no line"));
      };
      for (const target of [call, call.upload]) target.addEventListener("progress", moved);
      call.onloadend = ended;
      moved();
      call.send(body as XMLHttpRequestBodyInit | null);
    });
  }

  abort(): Promise<void> {
    this.call.abort();
    return Promise.resolve();
  }
}

function responseOf(call: XMLHttpRequest): HttpResponse {
  return {
    getStatus: () => call.status,
    getHeader: (name) => call.getResponseHeader(name) ?? undefined,
    getBody: () => call.responseText,
    getUnderlyingObject: () => call,
  } as HttpResponse;
}
