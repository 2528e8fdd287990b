// Bytes of pictures wait in this browser's IndexedDB until the server has confirmed their hash (tus 1.0.0):
// a closed tab or a broken line loses nothing. Previews go first.

const STORE = "waiting";
const ADDRESS = "/api/v1/uploads";
const SOON = 4000;
const LATEST = 60_000;

let database;
let running = false;
let pause = SOON;

function open() {
  database ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("gridwalk-desk", 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "sha256" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return database;
}

async function inStore(mode, work) {
  const transaction = (await open()).transaction(STORE, mode, { durability: "strict" });
  const request = work(transaction.objectStore(STORE));
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = () => reject(transaction.error);
  });
}

/** Keep one file until the server has it: {sha256, of, account, order, bytes}. */
export const keep = (file) => inStore("readwrite", (store) => store.put(file));

const drop = (sha256) => inStore("readwrite", (store) => store.delete(sha256));

/** The server refused the change for good and the person took the pictures out again: nothing names these bytes. */
export const waiting = async (account) =>
  (await inStore("readonly", (store) => store.getAll())).filter((each) => each.account === account).sort((a, b) => a.order - b.order);

/** Send what waits for this account; `told(of, share)` hears how far each picture has come, 1 when it is there. */
export async function sendWaiting(account, told = () => {}) {
  if (running || !account) return;
  running = true;
  let left = 0;
  try {
    for (const file of await waiting(account)) {
      if (await send(file, told)) await drop(file.sha256);
      else left += 1;
    }
  } catch {
    left += 1;
  }
  running = false;
  if (!left) {
    pause = SOON;
    return;
  }
  setTimeout(() => sendWaiting(account, told), pause);
  pause = Math.min(pause * 2, LATEST);
}

/** One file: true once the server holds all of it. */
async function send(file, told) {
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
  if (offset < file.bytes.byteLength) {
    told(file.of, file.order ? 0.5 : 0.1);
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
    if (!answer.ok) return false;
  }
  told(file.of, file.order ? 1 : 0.5);
  return true;
}
