import { isSlot } from '../../keys.ts';
import type { StoreChange } from '../store.ts';

/** A change as it is told by pub/sub: `Manifest namespace/name`. */
export function writeChange({ kind, slot }: StoreChange): string {
  return `${kind} ${slot}`;
}

/** The change that a message tells of, undefined for what is no such message. */
export function readChange(message: string): StoreChange | undefined {
  const [kind, slot = '', ...rest] = message.split(' ');
  if (rest.length > 0 || !isSlot(slot)) return undefined;
  return kind === 'Manifest' || kind === 'Health' || kind === 'Removed' ? { kind, slot } : undefined;
}
