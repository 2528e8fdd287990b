/** Ids that follow from what they are about (SYNC.md M9), as sync/ids.py `derived` makes them: a name-based UUID, version 5. */

const NAMESPACE = "6d5f0f0e9a555c0b8e1e0b4a6f1c2d3e";

export async function derived(...parts: string[]): Promise<string> {
  const name = new TextEncoder().encode(parts.join("\x1f"));
  const bytes = new Uint8Array(16 + name.length);
  for (let at = 0; at < 16; at += 1) bytes[at] = parseInt(NAMESPACE.slice(2 * at, 2 * at + 2), 16);
  bytes.set(name, 16);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-1", bytes)).slice(0, 16);
  hash[6] = (hash[6]! & 0x0f) | 0x50;
  hash[8] = (hash[8]! & 0x3f) | 0x80;
  const hex = Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
