/**
 * Everything that the phone keeps passes here on its way in and out. Plain today; when the phone keeps its book
 * encrypted at rest, this file changes and nothing else does. Keys and index fields stay outside.
 */

export interface Sealed<T> {
  v: 1;
  plain: T;
}

export function seal<T>(value: T): Sealed<T> {
  return { v: 1, plain: value };
}

export function open<T>(sealed: Sealed<T>): T {
  return sealed.plain;
}
