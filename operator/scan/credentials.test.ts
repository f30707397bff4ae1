import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Failure } from '../failures.ts';
import { readCredentials } from './credentials.ts';

const resources = (content: Readonly<Record<string, string>> | undefined) => ({
  secret: (namespace: string, name: string) =>
    Promise.resolve(namespace === 'ns' && name === 'login' ? content : undefined),
});
const missing = (pattern: RegExp) => (error: unknown) =>
  error instanceof Failure && error.reason === 'CredentialsMissing' && pattern.test(error.message);

test('credentials are those of the Secret that the resource names, in its own namespace', async () => {
  const login = { username: 'mirror', password: 'secret' };
  assert.deepEqual(await readCredentials(resources(login), 'ns', { name: 'login' }), login);
  assert.deepEqual(await readCredentials(resources({ password: 'p' }), 'ns', { name: 'login' }), {
    username: '',
    password: 'p',
  });
  await assert.rejects(
    readCredentials(resources(login), 'other', { name: 'login' }),
    missing(/no Secret "login" in namespace other/),
  );
});

test('there are none where the resource names none', async () => {
  assert.equal(await readCredentials(resources(undefined), 'ns', undefined), undefined);
});

test('a Secret that is not there or lacks its password is a failure that names it, and never what is in it', async () => {
  await assert.rejects(readCredentials(resources(undefined), 'ns', { name: 'login' }), missing(/no Secret "login"/));
  const half = { username: 'mirror', token: 'hidden' };
  await assert.rejects(readCredentials(resources(half), 'ns', { name: 'login' }), (error: unknown) => {
    assert.doesNotMatch(String(error), /hidden/);
    return missing(/lacks the key "password"/)(error);
  });
});
