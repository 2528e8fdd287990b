/** Bytes as people say them. */
export function size(bytes: number): string {
  if (bytes < 1e5) return `${Math.max(bytes > 0 ? 1 : 0, Math.round(bytes / 1e3))} KB`;
  if (bytes < 1e9) return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
