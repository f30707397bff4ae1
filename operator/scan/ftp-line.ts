/** One line of an FTP listing, names not yet checked. */
export type FTPLine =
  | {
      readonly kind: 'File';
      readonly name: string;
      readonly size: number | undefined;
      readonly modifiedAt: number | undefined;
      readonly timeSlack: number;
    }
  /** The target is unknown where the server does not tell (MLSD of proftpd). */
  | { readonly kind: 'Link'; readonly name: string; readonly target: string | undefined }
  /** `unique` tells equal folders under different names, where the server says so. */
  | { readonly kind: 'Folder'; readonly name: string; readonly unique?: string | undefined }
  /** The folder itself, which most servers show. */
  | { readonly kind: 'Self'; readonly unique?: string | undefined }
  /** Its parent, a device, a heading. */
  | { readonly kind: 'Other' }
  /** An entry of which something essential cannot be told. */
  | { readonly kind: 'Unreadable' }
  /** Not an entry. FTP has no escape for line feeds, so this is most likely the rest of a name. */
  | { readonly kind: 'Fragment' };

/** Bytes, or undefined for what is no size. */
export function parseSize(text: string): number | undefined {
  const size = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(size) ? size : undefined;
}
