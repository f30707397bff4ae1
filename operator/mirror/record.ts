import type { MirrorRecord } from '@geomirror/catalog/manifest.ts';
import { quantityBytes } from '../quantity.ts';
import type { Mirror } from '../resources/mirror.ts';
import type { MirrorState } from './state.ts';

/** What redirectors need of a Mirror besides its column; nothing private. */
export type MirrorProfile = Omit<MirrorRecord, 'column' | 'growing' | 'exceptions'>;

export function profileOf({ metadata, spec }: Mirror, state: MirrorState): MirrorProfile {
  const { sponsor } = spec;
  return {
    name: metadata.name,
    uid: metadata.uid,
    endpoints: spec.endpoints.map(({ url }) => url),
    location: state.location,
    weight: spec.weight,
    audience: spec.audience,
    ...(spec.maxFileSize === undefined ? {} : { maxFileSize: quantityBytes(spec.maxFileSize) }),
    mode: spec.mode === 'Drained' ? 'Drained' : 'Active',
    ...(sponsor === undefined
      ? {}
      : {
          sponsor: {
            name: sponsor.name,
            ...(sponsor.url === undefined ? {} : { url: sponsor.url }),
            ...(sponsor.logoURL === undefined ? {} : { logoURL: sponsor.logoURL }),
          },
        }),
    ...(state.inventory === undefined ? {} : { scannedAt: state.inventory.scannedAt }),
  };
}
