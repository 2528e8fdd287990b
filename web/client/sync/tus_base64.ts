/** In place of js-base64: what our uploads say of themselves is plain ASCII, and every browser can do that. */
export const Base64 = { encode: (text: string): string => btoa(text) };
