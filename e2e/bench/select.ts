import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

// What choosing one mirror of 400 costs a redirector, alone and compared:
//   node e2e/bench/select.ts
const script = fileURLToPath(new URL('../../redirector/select/choose.bench.ts', import.meta.url));
const measured = JSON.parse(execFileSync(process.execPath, [script], { encoding: 'utf8' })) as Record<string, number>;
const [usual = Number.NaN] = Object.values(measured);
for (const [what, nanoseconds] of Object.entries(measured)) {
  console.log(`${what}: ${nanoseconds} ns, ${(nanoseconds / usual).toFixed(2)} x the usual choice`);
}
