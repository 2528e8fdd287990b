/**
 * How what is said to the server is packed. Nearly every call is small, and most of a small one is what every call
 * says: such travel with the phrases that both sides know (decision 0134). Whatever is amiss with them, gzip does as well.
 */

export const ZLIB = "application/zlib";

const WORTH_PHRASES = 256;
const WORTH_GZIP = 1024;
/** Characters. What is larger gains little, and would keep a slow phone busy. */
const SMALL = 16_000;

interface Phrases {
  pack(text: string): ArrayBuffer;
  unpack(data: ArrayBuffer): string;
}

export interface Packed {
  headers: Record<string, string>;
  body: string | ArrayBuffer;
}

export class Packing {
  private phrases: Phrases | null = null;
  private learning: Promise<void> | null = null;

  constructor(private readonly load: () => Promise<Phrases> = () => import("./phrases")) {}

  async pack(text: string): Promise<Packed> {
    if (this.phrases && text.length >= WORTH_PHRASES && text.length < SMALL) {
      return { headers: { "content-type": ZLIB }, body: this.phrases.pack(text) };
    }
    const headers = { "content-type": "application/json" };
    if (text.length < WORTH_GZIP || typeof CompressionStream === "undefined") return { headers, body: text };
    const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
    return { headers: { ...headers, "content-encoding": "gzip" }, body: await new Response(stream).arrayBuffer() };
  }

  /** Throws where it cannot be read; then nothing comes like this again. */
  unpack(data: ArrayBuffer): string {
    try {
      if (!this.phrases) throw new Error("nobody asked for an answer in phrases");
      return this.phrases.unpack(data);
    } catch (error) {
      this.giveUp();
      throw error;
    }
  }

  /** The server has answered: there is a line for what the next calls are packed with. Nothing waits for it. */
  learn(): Promise<void> {
    this.learning ??= this.load().then((phrases) => void (this.phrases = phrases), () => undefined);
    return this.learning;
  }

  /** Other phrases than ours: gzip from now on, until the page is loaded anew. */
  giveUp(): void {
    this.learning = Promise.resolve();
    this.phrases = null;
  }
}
