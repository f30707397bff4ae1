import { bitsOf, columnPageBytes, type Column, pageFiles, segmentFiles, setBits } from '@geomirror/catalog/column.ts';
import type { Availability } from '@geomirror/catalog/file.ts';
import { type Layout } from '@geomirror/catalog/layout.ts';
import { type PageName, pageName } from '@geomirror/catalog/page-name.ts';
import { encodeColumnPage } from '@geomirror/catalog/pages/columns.ts';
import { encodeList, type PageList } from '@geomirror/catalog/pages/lists.ts';
import type { ListPage } from '@geomirror/catalog/store/store.ts';

/** Raw bits of one page or segment under the name of the page they make. */
export type NamedBits = { readonly name: PageName; readonly bits: Uint8Array };

/** Bits by page name that several columns share. */
export type SharedBits = Map<PageName, Uint8Array>;

/** A column as it is published: its list (undefined: all Absent) and its part of the manifest. */
export type NamedColumn = { readonly list: ListPage | undefined; readonly growing: string };

const segmentBytes = segmentFiles / 4;

/**
 * A mirror's column that changes. Pages that were named are shared with editions and other columns and never written
 * again: the first write afterwards copies.
 */
export class ColumnState implements Column {
  readonly #pages: (Uint8Array | undefined)[];
  /** Ordinals whose page belongs to this column alone. */
  readonly #owned = new Set<number>();
  /** Names of full pages and of the tail's finished segments; undefined: written since. */
  #full: (NamedBits | null | undefined)[] = [];
  #segments: (NamedBits | null | undefined)[] = [];
  #tailOrdinal = 0;
  #list: ListPage | undefined;
  #listed = false;

  /** Over pages that others may share, with what is known of their names. */
  constructor(pages: readonly (Uint8Array | undefined)[] = [], names: PageList = { full: [], segments: [] }) {
    this.#pages = [...pages];
    this.#tailOrdinal = names.full.length;
    this.#full = names.full.map((name, ordinal) => named(name, pages[ordinal]));
    const tail = pages[names.full.length];
    this.#segments = names.segments.map((name, place) =>
      named(name, tail?.slice(place * segmentBytes, (place + 1) * segmentBytes)),
    );
  }

  get pages(): readonly (Uint8Array | undefined)[] {
    return this.#pages;
  }

  get(number: number): Availability {
    return bitsOf(this.#pages, number);
  }

  set(number: number, value: Availability): void {
    if (this.get(number) === value) return;
    const ordinal = Math.floor(number / pageFiles);
    setBits(this.#writable(ordinal), number, value);
    this.#forgetNames(ordinal, (number % pageFiles) >>> 8);
  }

  /** Replaces a whole page, which the caller must not write to any more; undefined: all Absent. */
  replace(ordinal: number, page: Uint8Array | undefined): void {
    const before = this.#pages[ordinal];
    if (before === page || (before !== undefined && page !== undefined && Buffer.compare(before, page) === 0)) return;
    this.#grow(ordinal);
    this.#pages[ordinal] = page;
    this.#owned.delete(ordinal);
    this.#full[ordinal] = undefined;
    if (ordinal === this.#tailOrdinal) this.#segments = [];
    this.#listed = false;
  }

  /**
   * The column as it is to be published for a table of that layout; enters all it names into `shared`, and takes over bits
   * that are there already. Hashes only what was written since the last time.
   */
  named(layout: Layout, shared: SharedBits): NamedColumn {
    if (this.#tailOrdinal !== layout.full) {
      this.#tailOrdinal = layout.full;
      this.#segments = [];
      this.#listed = false;
    }
    this.#nameFull(layout.full, shared);
    this.#nameSegments(layout.segments, shared);
    this.#nameList(layout);
    return { list: this.#list, growing: this.#growing(layout) };
  }

  #writable(ordinal: number): Uint8Array {
    const page = this.#pages[ordinal];
    if (page !== undefined && this.#owned.has(ordinal)) return page;
    const own = page === undefined ? new Uint8Array(columnPageBytes) : Uint8Array.from(page);
    this.#grow(ordinal);
    this.#pages[ordinal] = own;
    this.#owned.add(ordinal);
    return own;
  }

  #grow(ordinal: number): void {
    while (this.#pages.length < ordinal) this.#pages.push(undefined);
  }

  #forgetNames(ordinal: number, segment: number): void {
    this.#full[ordinal] = undefined;
    if (ordinal !== this.#tailOrdinal) this.#listed = false;
    // The growing segment has no name yet, and writing to it leaves the list as it is.
    else if (segment < this.#segments.length) {
      this.#segments[segment] = undefined;
      this.#listed = false;
    }
  }

  #nameFull(count: number, shared: SharedBits): void {
    for (let ordinal = 0; ordinal < count; ordinal++) {
      const part = this.#full[ordinal] ?? nameBits(this.#pages[ordinal], shared);
      if (part !== null) share(part, shared);
      if (this.#full[ordinal] === undefined) {
        this.#full[ordinal] = part;
        this.#grow(ordinal);
        this.#pages[ordinal] = part?.bits;
        this.#owned.delete(ordinal);
      }
    }
  }

  #nameSegments(count: number, shared: SharedBits): void {
    const tail = this.#pages[this.#tailOrdinal];
    if (count !== this.#segments.length) this.#listed = false;
    for (let place = 0; place < count; place++) {
      const known = this.#segments[place];
      const part =
        known === undefined ? nameBits(tail?.slice(place * segmentBytes, (place + 1) * segmentBytes), shared) : known;
      if (part !== null) share(part, shared);
      this.#segments[place] = part;
    }
  }

  /** A list ends with its last page that is not all Absent, so that a mirror without files costs nothing. */
  #nameList({ full, segments }: Layout): void {
    if (this.#listed) return;
    const list = {
      full: trimmed(this.#full.slice(0, full), segments > 0 && this.#segments.slice(0, segments).some(Boolean)),
      segments: trimmed(this.#segments.slice(0, segments), false),
    };
    const names = [...list.full, ...list.segments].filter((name) => name !== null);
    const bytes = encodeList('Column', list);
    this.#list = names.length === 0 ? undefined : { name: pageName(bytes), bytes, names };
    this.#listed = true;
  }

  #growing({ growing, growingFirst }: Layout): string {
    const from = (growingFirst % pageFiles) / 4;
    const bits = this.#pages[Math.floor(growingFirst / pageFiles)]?.subarray(from, from + Math.ceil(growing / 4));
    if (bits === undefined) return '';
    const length = bits.findLastIndex((byte) => byte !== 0) + 1;
    return Buffer.from(bits.subarray(0, length)).toString('base64');
  }
}

function named(name: PageName | null, bits: Uint8Array | undefined): NamedBits | null {
  return name === null || bits === undefined ? null : { name, bits };
}

function nameBits(bits: Uint8Array | undefined, shared: SharedBits): NamedBits | null {
  const bytes = bits && encodeColumnPage(bits);
  if (bits === undefined || bytes === undefined) return null;
  const name = pageName(bytes);
  return { name, bits: shared.get(name) ?? bits };
}

function share({ name, bits }: NamedBits, shared: SharedBits): void {
  if (!shared.has(name)) shared.set(name, bits);
}

function trimmed(parts: readonly (NamedBits | null | undefined)[], whole: boolean): readonly (PageName | null)[] {
  const names = parts.map((part) => part?.name ?? null);
  return whole ? names : names.slice(0, names.findLastIndex((name) => name !== null) + 1);
}
