// Bytes of pictures wait in this browser's IndexedDB until the server has confirmed their hash (tus 1.0.0):
// a closed tab or a broken line loses nothing. Previews go first. Bytes are written once and never rewritten;
// that a change names them is noted beside them.

const BYTES = "bytes";
const NAMED = "named";
const ADDRESS = "/api/v1/uploads";
const SOON = 4000;
const LATEST = 60_000;
const FORGOTTEN = 2 * 24 * 3600 * 1000;

let database;
let running = false;
let again = false;
let pause = SOON;

function open() {
  database ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("gridwalk-desk", 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(BYTES, { keyPath: "sha256" });
      request.result.createObjectStore(NAMED, { keyPath: "sha256" });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return database;
}

async function inStore(name, mode, work) {
  const transaction = (await open()).transaction(name, mode, { durability: "strict" });
  const request = work(transaction.objectStore(name));
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = () => reject(transaction.error);
  });
}

/** Keep one file: {sha256, account, order, bytes}. */
export const keep = (file) => inStore(BYTES, "readwrite", (store) => store.put({ ...file, at: Date.now() }));

/** The change that names these bytes has been taken. */
export const noteNamed = (sha256) => inStore(NAMED, "readwrite", (store) => store.put({ sha256 }));

/** Nobody needs these bytes here any more. */
export async function drop(sha256) {
  await inStore(BYTES, "readwrite", (store) => store.delete(sha256));
  await inStore(NAMED, "readwrite", (store) => store.delete(sha256));
}

async function waiting(account) {
  const named = new Set((await inStore(NAMED, "readonly", (store) => store.getAllKeys())) ?? []);
  const files = await inStore(BYTES, "readonly", (store) => store.getAll());
  const mine = files.filter((each) => each.account === account).sort((a, b) => a.order - b.order);
  return mine.map((each) => ({ ...each, named: named.has(each.sha256) }));
}

/**
 * Send what waits for this account, and try again until all of it is there. What no change names yet is sent only
 * when a page opens (`opening`): the page may have been closed between the server's yes and our note of it.
 */
export async function sendWaiting(account, opening = false) {
  if (!account) return;
  if (running) {
    again = true;
    return;
  }
  running = true;
  const left = await sendAll(account, opening).catch(() => 1);
  running = false;
  if (again) {
    again = false;
    void sendWaiting(account);
  } else if (left) {
    setTimeout(() => sendWaiting(account), pause);
    pause = Math.min(pause * 2, LATEST);
  } else pause = SOON;
}

async function sendAll(account, opening) {
  let left = 0;
  for (const file of await waiting(account)) {
    if (!file.named && !opening) continue;
    if (await send(file)) await drop(file.sha256);
    else if (file.named) left += 1;
    else if (Date.now() - file.at > FORGOTTEN) await drop(file.sha256);
  }
  return left;
}

/** One file: true once the server holds all of it. */
async function send(file) {
  const created = await fetch(ADDRESS, {
    method: "POST",
    headers: {
      "X-Gridwalk": "1",
      "Tus-Resumable": "1.0.0",
      "Upload-Length": String(file.bytes.byteLength),
      "Upload-Metadata": `sha256 ${btoa(file.sha256)},filetype ${btoa("image/jpeg")}`,
    },
  });
  if (!created.ok) return false;
  const offset = Number(created.headers.get("Upload-Offset") ?? 0);
  if (offset >= file.bytes.byteLength) return true;
  const answer = await fetch(new URL(created.headers.get("Location"), location.href), {
    method: "PATCH",
    headers: {
      "X-Gridwalk": "1",
      "Tus-Resumable": "1.0.0",
      "Upload-Offset": String(offset),
      "Content-Type": "application/offset+octet-stream",
    },
    body: file.bytes.slice(offset),
  });
  return answer.ok;
}
