/** A zip of stored files, in pieces, so that nothing has to be in memory twice. Names are plain ASCII. Pure. */

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let sum = byte;
  for (let bit = 0; bit < 8; bit += 1) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  return sum;
});

export function crc32(bytes: Uint8Array): number {
  let sum = 0xffffffff;
  for (const byte of bytes) sum = TABLE[(sum ^ byte) & 0xff]! ^ (sum >>> 8);
  return (sum ^ 0xffffffff) >>> 0;
}

export interface ZipFile {
  name: string;
  size: number;
  crc: number;
}

/** The moment that all files of one zip bear, by the phone's own clock: MS-DOS date and time, to two seconds. */
export function stampOf(at: Date): number {
  const date = ((Math.max(1980, at.getFullYear()) - 1980) << 9) | ((at.getMonth() + 1) << 5) | at.getDate();
  const time = (at.getHours() << 11) | (at.getMinutes() << 5) | (at.getSeconds() >> 1);
  return ((date << 16) | time) >>> 0;
}

/** What stands before the bytes of a file. */
export function localHeader(file: ZipFile, stamp: number): Uint8Array<ArrayBuffer> {
  return block(30, file.name, (put) => {
    put(4, 0x04034b50);
    about(put, file, stamp);
  });
}

/** What stands after the last file: the list of all, and where it begins. */
export function directory(files: readonly ZipFile[], stamp: number): Uint8Array<ArrayBuffer>[] {
  let offset = 0;
  const entries = files.map((file) => {
    const at = offset;
    offset += 30 + file.name.length + file.size;
    return block(46, file.name, (put) => {
      put(4, 0x02014b50);
      put(2, 20); // made by a program that knows version 2.0
      about(put, file, stamp);
      for (const _ of ["comment", "disk", "inner kind"]) put(2, 0);
      put(4, 0);
      put(4, at);
    });
  });
  const size = entries.reduce((sum, entry) => sum + entry.length, 0);
  const end = block(22, "", (put) => {
    put(4, 0x06054b50);
    for (const value of [0, 0, files.length, files.length]) put(2, value);
    put(4, size);
    put(4, offset);
    put(2, 0);
  });
  return [...entries, end];
}

type Put = (bytes: 2 | 4, value: number) => void;

/** Version, flags and method (stored), moment, sum, sizes, lengths of name and extras: alike in both kinds of header. */
function about(put: Put, { name, size, crc }: ZipFile, stamp: number): void {
  for (const value of [20, 0, 0]) put(2, value);
  for (const value of [stamp, crc, size, size]) put(4, value);
  for (const value of [name.length, 0]) put(2, value);
}

function block(size: number, name: string, fill: (put: Put) => void): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size + name.length);
  const view = new DataView(bytes.buffer);
  let at = 0;
  fill((width, value) => {
    if (width === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += width;
  });
  bytes.set(new TextEncoder().encode(name), size);
  return bytes;
}
