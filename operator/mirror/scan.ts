import { Failure } from '../failures.ts';
import { assumeAll } from './assume.ts';
import { listMirror } from './list.ts';
import { sampleMirror } from './sample.ts';
import type { ScanDeps, ScanOutcome, ScanSubject } from './subject.ts';

/** Scans by CRD `scan.method` and puts what it accepts into the ledger. Ordinary failures are outcomes. */
export async function scanMirror(deps: ScanDeps, subject: ScanSubject): Promise<ScanOutcome> {
  try {
    switch (subject.mirror.spec.scan.method) {
      case 'Assume':
        return await assumeAll(subject);
      case 'Sample':
        return await sampleMirror(deps, subject);
      case 'Listing':
        return await listMirror(deps, subject);
    }
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { outcome: 'Failed', reason: error.reason, message: error.message };
  }
}
