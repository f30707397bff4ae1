import { setImmediate } from 'node:timers/promises';
import type { Mirror } from '@geomirror/operator/resources/mirror.ts';
import type { Repository } from '@geomirror/operator/resources/repository.ts';
import { closestName } from './closest-name.ts';
import { apiVersions, kinds, type Kind, type Validate } from './definitions.ts';
import { printableName, type Finding, type Problem } from './problem.ts';
import { isObject, type JSONObject } from './structural.ts';
import { yamlDocuments, type YAMLDocument } from './yaml-documents.ts';

/** What a manifest says of its resource's metadata; the rest is added by whoever keeps the resource. */
export type DraftMeta = {
  readonly name: string;
  readonly namespace: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
};

/** A Secret with its values decoded, by key. */
export type Secret = {
  readonly kind: 'Secret';
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly values: Readonly<Record<string, string>>;
};

type Draft<R> = Omit<R, 'metadata'> & { readonly metadata: DraftMeta };

/** A valid resource as a manifest gives it: defaults filled in, not yet with an identity. */
export type ParsedResource = Draft<Repository> | Draft<Mirror> | Secret;

/** `Mirror default/acc-umu-se`: names one resource among all manifests. */
export type ResourceKey = `${Kind} ${string}/${string}`;

export type ParsedManifests = {
  readonly resources: readonly {
    readonly key: ResourceKey;
    readonly document: number;
    readonly resource: ParsedResource;
  }[];
  readonly problems: readonly Problem[];
};

export function resourceKey(
  kind: Kind,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): ResourceKey {
  return `${kind} ${namespace}/${name}`;
}

/** A file may have this many characters and documents. */
export const maxFileLength = 4 * 1024 * 1024;
export const tooLarge = 'is larger than 4 MiB; split it into several files';
const maxDocuments = 5000;
/** More about one document would help nobody. */
const maxFindings = 20;
/** About 10 ms of work: downloads are answered in the same process. */
const documentsPerSlice = 32;

/**
 * Reads the documents of one manifest file. Every document stands for itself: a broken one is reported and the others are
 * read. `previous` gives the version before of a resource, for rules about what may change. Other work gets its turn in between.
 */
export async function parseManifests(
  validate: Validate,
  text: string,
  file: string,
  previous: (key: ResourceKey) => unknown = () => undefined,
): Promise<ParsedManifests> {
  const resources: ParsedManifests['resources'][number][] = [];
  const problems: Problem[] = [];
  if (text.length > maxFileLength) return { resources, problems: [fileProblem(file, tooLarge)] };
  let document = 0;
  for (const yaml of yamlDocuments(text)) {
    document += 1;
    if (document % documentsPerSlice === 0) await setImmediate();
    if (document > maxDocuments) {
      problems.push(
        fileProblem(
          file,
          `has more than ${maxDocuments} documents; the others are not read: split it into several files`,
        ),
      );
      break;
    }
    const read = readResource(validate, yaml, previous);
    if ('resource' in read) resources.push({ document, ...read });
    else
      for (const finding of read.findings.slice(0, maxFindings))
        problems.push({ file, document, resource: read.key, ...finding });
  }
  return { resources, problems };
}

/** A problem of a file that has no document to blame. */
export function fileProblem(file: string, message: string): Problem {
  return { file, document: 0, resource: '', field: '', message };
}

type Read =
  | { readonly key: ResourceKey; readonly resource: ParsedResource }
  | { readonly key: ResourceKey | ''; readonly findings: readonly Finding[] };

function readResource(validate: Validate, yaml: YAMLDocument, previous: (key: ResourceKey) => unknown): Read {
  if ('error' in yaml) return refused(`line ${yaml.line} ${yaml.error}`);
  const { value } = yaml;
  if (!isObject(value)) return refused(`must be a mapping with apiVersion, kind and metadata`);
  const kind = kinds.find((known) => known === value['kind']);
  if (kind === undefined) return { key: '', findings: [unknownKind(value['kind'])] };
  const key = keyOf(kind, value);
  const version = apiVersions[kind];
  if (value['apiVersion'] !== version)
    return { key, findings: [{ field: 'apiVersion', message: `must be ${version} for kind ${kind}` }] };
  // A status in a manifest is what was seen once, elsewhere: an API server ignores it too.
  delete value['status'];
  const findings = validate(kind, value, key === '' ? undefined : previous(key));
  if (key === '' || findings.length > 0) return { key, findings };
  return kind === 'Secret' ? readSecret(key, value) : { key, resource: value as ParsedResource };
}

const refused = (message: string): Read => ({ key: '', findings: [{ field: '', message }] });

function unknownKind(kind: unknown): Finding {
  const meant = typeof kind === 'string' ? closestName(kind, kinds) : undefined;
  const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
  return { field: 'kind', message: kind === undefined ? 'is missing' : `must be one of ${kinds.join(', ')}${hint}` };
}

/** Empty while the name cannot be read, or could not be one. */
function keyOf(kind: Kind, { metadata }: JSONObject): ResourceKey | '' {
  if (!isObject(metadata)) return '';
  const { name, namespace = 'default' } = metadata;
  return isPlainName(name) && isPlainName(namespace) ? resourceKey(kind, { name, namespace }) : '';
}

const isPlainName = (value: unknown): value is string => typeof value === 'string' && /^[a-z0-9.-]{1,253}$/.test(value);

function readSecret(key: ResourceKey, value: JSONObject): Read {
  const {
    metadata,
    data = {},
    stringData = {},
  } = value as unknown as {
    readonly metadata: DraftMeta;
    readonly data?: Readonly<Record<string, string>>;
    readonly stringData?: Readonly<Record<string, string>>;
  };
  const broken = Object.keys(data).filter((name) => !isBase64(data[name] ?? ''));
  if (broken.length > 0) {
    const message = 'must be base64; plain text goes to stringData';
    return { key, findings: broken.map((name) => ({ field: `data.${printableName(name)}`, message })) };
  }
  const decoded = Object.entries(data).map(([name, text]) => [name, Buffer.from(text, 'base64').toString('utf8')]);
  const { name, namespace } = metadata;
  const values = { ...Object.fromEntries(decoded), ...stringData } as Record<string, string>;
  return { key, resource: { kind: 'Secret', metadata: { name, namespace }, values } };
}

const isBase64 = (text: string) =>
  /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text.replace(/\s/g, ''));
