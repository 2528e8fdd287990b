/** Pictures travel apart, after the text, by tus: previews of everything first. Bytes stay until confirmed (P1, P2). */

import { Upload, type DetailedError, type HttpRequest } from "tus-js-client";

import { sha256Of } from "../model/hash";
import type { Database } from "../store/database";
import type { UploadRow } from "../store/rows";
import { bytesOf, confirmUpload, dueUploads, noteUploadUrl } from "../store/uploads";

export type PictureEnd = "done" | "later" | "signed out" | "offline";

export interface PictureDoor {
  endpoint: string;
}

/** Send what is due, one after the other. Ends early when the line or the session does. */
export async function sendPictures(db: Database, door: PictureDoor): Promise<PictureEnd> {
  let end: PictureEnd = "done";
  for (const row of await dueUploads(db)) {
    const one = await sendOne(db, row, door);
    if (one === "offline" || one === "signed out") return one;
    if (one === "later") end = "later";
  }
  return end;
}

async function sendOne(db: Database, row: UploadRow, door: PictureDoor): Promise<PictureEnd> {
  const kept = await bytesOf(db, row.sha256);
  // Lost or changed on the phone: nothing that could be sent is the picture that the text names.
  if (!kept || (await sha256Of(kept.data)) !== row.sha256) return "later";
  const end = await transfer(db, row, kept.data, door);
  if (end === "done") await confirmUpload(db, row.sha256);
  return end;
}

function transfer(db: Database, row: UploadRow, data: ArrayBuffer, door: PictureDoor): Promise<PictureEnd> {
  return new Promise((resolve) => {
    const upload = new Upload(new Blob([data], { type: row.type }), {
      endpoint: door.endpoint,
      uploadUrl: row.url,
      metadata: { sha256: row.sha256, filetype: row.type },
      headers: { "X-Gridwalk": "1" },
      storeFingerprintForResuming: false, // the place to go on stands in our own database
      retryDelays: [0, 400],
      onShouldRetry: (error) => statusOf(error) === 409 && codeOf(error) !== "not_named",
      onBeforeRequest: (request: HttpRequest) => void request.setHeader("Accept", "application/json"),
      onUploadUrlAvailable: () => void noteUploadUrl(db, row.sha256, upload.url),
      onSuccess: () => resolve("done"),
      onError: (error) => void ended(db, row, error as DetailedError).then(resolve),
    });
    upload.start();
  });
}

async function ended(db: Database, row: UploadRow, error: DetailedError): Promise<PictureEnd> {
  const status = statusOf(error);
  if (status === 0) return "offline";
  if (status === 401) return "signed out";
  if (status === 404 || status === 410 || status === 460) await noteUploadUrl(db, row.sha256, null); // begin anew
  return status >= 500 ? "offline" : "later";
}

function statusOf(error: Error | DetailedError): number {
  return ("originalResponse" in error && error.originalResponse?.getStatus()) || 0;
}

function codeOf(error: Error | DetailedError): string | null {
  const body = "originalResponse" in error ? error.originalResponse?.getBody() : null;
  try {
    return (JSON.parse(body ?? "null") as { code?: string } | null)?.code ?? null;
  } catch {
    return null;
  }
}
