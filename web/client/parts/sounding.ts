/** One voice at a time: whoever begins ends the one before. */

let silence: (() => void) | null = null;

export function speakUp(stop: () => void): void {
  if (silence !== stop) silence?.();
  silence = stop;
}

export function hush(stop: () => void): void {
  if (silence === stop) silence = null;
}
