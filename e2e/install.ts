import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The real programs that tests run against, by the file that proves each is there, and the Debian package that brings it. */
const programs: readonly (readonly [file: string, debianPackage: string])[] = [
  ['/usr/bin/rsync', 'rsync'],
  ['/usr/sbin/proftpd', 'proftpd-core'],
  ['/usr/lib/proftpd/mod_tls.so', 'proftpd-mod-crypto'],
  ['/usr/sbin/nginx', 'nginx-light'],
  ['/usr/sbin/apache2', 'apache2-bin'],
  ['/usr/sbin/lighttpd', 'lighttpd'],
  ['/usr/bin/caddy', 'caddy'],
  ['/usr/bin/redis-server', 'redis-server'],
  ['/usr/bin/wrk', 'wrk'],
  ['/usr/bin/xz', 'xz-utils'],
  ['/usr/bin/zstd', 'zstd'],
  ['/usr/bin/openssl', 'openssl'],
  ['/lib/x86_64-linux-gnu/libwrap.so.0', 'libwrap0'],
];

/** vsftpd and proftpd refuse to be installed side by side, so vsftpd is unpacked here. */
export const vsftpdFolder = join(import.meta.dirname, '..', '.cache', 'vsftpd');
const vsftpd = join(vsftpdFolder, 'usr', 'sbin', 'vsftpd');
const policyFile = '/usr/sbin/policy-rc.d';

const present = (file: string): boolean =>
  existsSync(file) || existsSync(file.replace('x86_64-linux-gnu', 'aarch64-linux-gnu'));

function run(command: string, args: readonly string[], cwd?: string): void {
  console.log(`$ ${command} ${args.join(' ')}`);
  const result = spawnSync(command, args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    ...(cwd === undefined ? {} : { cwd }),
  });
  if (result.status !== 0) throw new Error(`${command} ${args[0] ?? ''} ended with ${String(result.status)}`);
}

/** Installs without starting any service: Debian asks policy-rc.d before it does. */
function installQuietly(packages: readonly string[]): void {
  const ours = !existsSync(policyFile);
  if (ours) {
    writeFileSync(policyFile, '#!/bin/sh\nexit 101\n');
    chmodSync(policyFile, 0o755);
  }
  try {
    run('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...packages]);
  } finally {
    if (ours) rmSync(policyFile);
  }
}

function unpackVsftpd(): void {
  mkdirSync(vsftpdFolder, { recursive: true });
  const apt = ['-o', 'APT::Sandbox::User=root', 'download', 'vsftpd'];
  run('apt-get', apt, vsftpdFolder);
  const file = readdirSync(vsftpdFolder).find((name) => name.endsWith('.deb'));
  if (file === undefined) throw new Error('apt-get download left no package');
  run('dpkg', ['-x', file, '.'], vsftpdFolder);
  rmSync(join(vsftpdFolder, file));
}

function main(): void {
  const lacking = programs.filter(([file]) => !present(file)).map(([, debianPackage]) => debianPackage);
  const lacksVsftpd = !existsSync(vsftpd);
  if (lacking.length === 0 && !lacksVsftpd) return;
  const wanted = [
    ...lacking,
    ...(lacksVsftpd ? ['vsftpd (unpacked into .cache/, it cannot stand beside proftpd)'] : []),
  ];
  if (!existsSync('/etc/debian_version') || process.getuid?.() !== 0) {
    console.error(`The tests run against real servers. Missing Debian packages: ${wanted.join(', ')}.`);
    console.error(
      `Install them as root on Debian: apt-get install ${lacking.join(' ')}; then run npm test again (as root for vsftpd).`,
    );
    process.exit(1);
  }
  console.log(`Installing for the tests: ${wanted.join(', ')}`);
  run('apt-get', ['update', '-q']);
  if (lacking.length > 0) installQuietly(lacking);
  if (lacksVsftpd) unpackVsftpd();
}

if (import.meta.main) main();
