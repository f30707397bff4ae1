import type { MirrorRecord } from '@geomirror/catalog/manifest.ts';
import { defined } from '../defined.ts';
import { quantityBytes } from '../quantity.ts';
import type { Mirror } from '../resources/mirror.ts';
import type { MirrorState } from './state.ts';

/** What redirectors need of a Mirror besides its column; nothing private. */
export type MirrorProfile = Omit<MirrorRecord, 'column' | 'growing' | 'exceptions'>;

export function profileOf({ metadata, spec }: Mirror, state: MirrorState): MirrorProfile {
  const { sponsor, maxFileSize } = spec;
  return {
    name: metadata.name,
    uid: metadata.uid,
    endpoints: spec.endpoints.map(({ url }) => url),
    location: state.location,
    weight: spec.weight,
    audience: spec.audience,
    mode: spec.mode === 'Drained' ? 'Drained' : 'Active',
    ...defined({
      maxFileSize: maxFileSize === undefined ? undefined : quantityBytes(maxFileSize),
      sponsor,
      scannedAt: state.inventory?.scannedAt,
    }),
  };
}
