/**
 * Is this a window whose store is there, but goes when it is closed? No browser says so. What gives a private window away: it keeps
 * everything in memory and so offers less room than a page may use of memory (Chromium until 2025; newer ones name the same room everywhere,
 * and are not found out), or it has no file system at all (Firefox, Safari).
 */

/** What Chromium alone tells: the most memory, in bytes, that a page may have. */
interface Heap {
  memory?: { jsHeapSizeLimit?: number };
}

export async function isFleeting(): Promise<boolean> {
  const storage = navigator.storage;
  if (!storage?.estimate || !storage.persisted) return false; // an old browser: nothing is known, and nothing is said
  if (await storage.persisted()) return false;
  const { quota } = await storage.estimate();
  const most = (performance as Heap).memory?.jsHeapSizeLimit;
  if (quota && most) return quota < most;
  return noFiles(storage);
}

async function noFiles(storage: StorageManager): Promise<boolean> {
  if (!storage.getDirectory) return false;
  try {
    await storage.getDirectory();
    return false;
  } catch (error) {
    return error instanceof DOMException && ["SecurityError", "UnknownError"].includes(error.name);
  }
}
