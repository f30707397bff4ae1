import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ServerTLS } from './web-server.ts';

const run = promisify(execFile);
const dayMs = 86_400_000;

/**
 * A self-signed certificate made by openssl, to be trusted as its own authority.
 * `names` are subject alternative names as openssl writes them (`DNS:localhost`, `IP:127.0.0.1`); valid for a day by default.
 */
export async function makeCertificate(request: {
  readonly names: readonly string[];
  readonly until?: Date;
}): Promise<ServerTLS> {
  const folder = await mkdtemp(join(tmpdir(), 'geomirror-certificate-'));
  try {
    const until = request.until ?? new Date(Date.now() + dayMs);
    const at = (name: string): string => join(folder, name);
    await writeFile(at('index'), '');
    await writeFile(at('serial'), '01\n');
    await writeFile(at('openssl.cnf'), configuration(folder, request.names));
    const shared = ['-config', at('openssl.cnf')];
    const subject = ['-subj', '/CN=geomirror test'];
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    await run('openssl', ['req', '-new', ...curve, '-keyout', at('key'), '-out', at('request'), ...subject, ...shared]);
    // `openssl req -x509` of OpenSSL 3.0 cannot make a certificate that has expired; `openssl ca` can.
    const dates = ['-startdate', asn1(new Date(until.getTime() - 2 * dayMs)), '-enddate', asn1(until)];
    const files = ['-in', at('request'), '-keyfile', at('key'), '-out', at('certificate')];
    await run('openssl', ['ca', '-selfsign', '-batch', '-notext', ...shared, ...dates, ...files]);
    return { certificate: await readFile(at('certificate'), 'utf8'), key: await readFile(at('key'), 'utf8') };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const asn1 = (date: Date): string => `${date.toISOString().replaceAll(/[-:T]/g, '').slice(0, 14)}Z`;

function configuration(folder: string, names: readonly string[]): string {
  return `
[req]
distinguished_name = subject
[subject]
[ca]
default_ca = own
[own]
database = ${folder}/index
serial = ${folder}/serial
new_certs_dir = ${folder}
default_md = sha256
policy = any
x509_extensions = extensions
[any]
commonName = supplied
[extensions]
subjectAltName = ${names.join(',')}
basicConstraints = critical,CA:true
`;
}
