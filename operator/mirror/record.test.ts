import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleMirror } from '../samples.ts';
import { profileOf } from './record.ts';
import { newMirrorState } from './state.ts';

const state = newMirrorState({ uid: 'mirror-uid', key: 'ns/mirror', repositoryUid: 'repo-uid' });

test('a Mirror with the defaults becomes this record', () => {
  assert.deepEqual(profileOf(sampleMirror(), state), {
    name: 'mirror',
    uid: 'mirror-uid',
    endpoints: ['https://mirror.example/'],
    location: state.location,
    weight: 100,
    audience: { scope: 'Anyone', networks: [], excludedCountries: [] },
    mode: 'Active',
  });
});

test('a record has sponsor and limits as far as they are given, and nothing of the people behind it', () => {
  const sponsor = { name: 'Club', url: 'https://club.example/', logoURL: 'https://club.example/logo.svg' };
  const mirror = sampleMirror({
    metadata: { annotations: { note: 'private' } },
    spec: {
      sponsor,
      maxFileSize: '4Gi',
      mode: 'Drained',
      admin: { name: 'A. Admin', email: 'admin@mirror.example' },
      scan: {
        ...sampleMirror().spec.scan,
        endpoints: [{ url: 'rsync://scan.example/x/', credentialsSecretRef: { name: 'secret' } }],
      },
    },
  });
  const profile = profileOf(mirror, state);
  assert.deepEqual([profile.sponsor, profile.maxFileSize, profile.mode], [sponsor, 4 * 2 ** 30, 'Drained']);
  assert.doesNotMatch(JSON.stringify(profile), /admin|private|secret|scan\.example/i);
  const plain = profileOf(sampleMirror({ spec: { sponsor: { name: 'Club' } } }), state);
  assert.deepEqual(plain.sponsor, { name: 'Club' });
});

test('a record says when the mirror was scanned, if it was', () => {
  const inventory = {
    files: 1,
    current: 1,
    outdated: 0,
    wrongSize: 0,
    missing: 0,
    scannedAt: 77,
    protocol: 'rsync',
    times: { offsetSeconds: 0, keepsTimes: true },
  };
  assert.equal(profileOf(sampleMirror(), { ...state, inventory }).scannedAt, 77);
});
