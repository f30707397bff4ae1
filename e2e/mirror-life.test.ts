import assert from 'node:assert/strict';
import { mkdir, rename } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { clients, longAgo, startMirrorWorld, type MirrorWorld } from './mirror-world.ts';
import { condition, eventually } from './standalone.ts';

const file = '/1.2/player.zip';
const now = (): number => Math.floor(Date.now() / 1000);

/** Repository and the mirror in Germany, scanned, probed and in use. */
async function startWithMirror(repository: Readonly<Record<string, unknown>> = {}): Promise<MirrorWorld> {
  const world = await startMirrorWorld();
  try {
    await world.applyRepository({ spec: repository });
    await world.applyMirror('near');
    await world.sends(file, 'near');
    return world;
  } catch (error) {
    await world[Symbol.asyncDispose]();
    throw error;
  }
}

/** Waits until a condition of a mirror says so. */
const mirrorSays = (world: MirrorWorld, name: 'near' | 'far', type: string, words: RegExp): Promise<string> => {
  let last = '';
  return eventually(
    () => `${name} to have ${type} ${words}; last it was "${last}"`,
    async () => {
      last = condition(await world.mirrorStatus(name), type);
      return words.test(last) && last;
    },
  );
};

const repositorySays = (world: MirrorWorld, type: string, words: RegExp): Promise<string> => {
  let last = '';
  return eventually(
    () => `the repository to have ${type} ${words}; last it was "${last}"`,
    async () => {
      last = condition(await world.repositoryStatus(), type);
      return words.test(last) && last;
    },
  );
};

// Each world waits more than it works, so several live at once.
describe('the life of a mirror', { concurrency: 4 }, () => {
  it('a mirror that is added is listed by rsync, probed, and then gets the clients that are near it', async () => {
    await using world = await startMirrorWorld();
    const { geomirror, near, far } = world;
    await world.applyRepository();
    await world.sends(file, 'fallback');
    await repositorySays(world, 'Ready', /^Ready=True Serving/);

    await world.applyMirror('near');
    await world.applyMirror('far');
    await mirrorSays(world, 'near', 'Ready', /^Ready=True Serving/);
    await mirrorSays(world, 'far', 'Ready', /^Ready=True Serving/);
    const status = await world.mirrorStatus('near');
    assert.match(condition(status, 'Scanned'), /^Scanned=True Succeeded: 23 files listed, 23 current/);
    assert.match(condition(status, 'Healthy'), /^Healthy=True Answering/);
    assert.match(condition(status, 'UpToDate'), /^UpToDate=True InStep/);
    const { protocol, current, keepsTimes } = status.inventory!;
    assert.deepEqual({ protocol, current, keepsTimes }, { protocol: 'rsync', current: 23, keepsTimes: true });

    await world.sends(file, 'near', clients.DE);
    await world.sends(file, 'far', clients.JP);
    for (const method of ['GET', 'HEAD']) {
      const answer = await geomirror.ask(file, { method, from: clients.DE });
      assert.equal(answer.status, 302);
      assert.equal(answer.location, `${near.url}1.2/player.zip`);
      assert.equal(answer.headers.link, `<${far.url}1.2/player.zip>; rel=duplicate; pri=1; geo=jp`);
      assert.equal(answer.body, '');
      assert.ok(answer.headers.etag);
    }
    assert.equal(await (await fetch(`${geomirror.url}${file}`)).text(), 'player 1.2');

    const linked = await geomirror.ask('/latest/player.zip', { from: clients.DE });
    assert.equal(linked.location, `${near.url}1.2/player.zip`);
    assert.equal(linked.headers.etag, (await geomirror.ask(file)).headers.etag);

    const described = await geomirror.ask(file, { from: clients.DE, headers: { Accept: 'application/json' } });
    assert.equal(described.status, 200);
    const { FileInfo, ClientInfo, MirrorList } = JSON.parse(described.body);
    assert.deepEqual([FileInfo.Path, FileInfo.Size, ClientInfo.CountryCode], [file, 10, 'DE']);
    assert.deepEqual(
      MirrorList.map(({ Name }: { Name: string }) => Name),
      ['near', 'far'],
    );
  });

  it('a changed file: while maxLag lasts the version before is served, without a tag; where it is 0s the fallback is asked', async () => {
    const rules = [{ paths: ['index/**'], maxLag: '0s' }];
    await using world = await startWithMirror({ freshness: { maxLag: '1h', rules } });
    const { geomirror, source, near } = world;
    await world.sends('/index/packages', 'near');
    const before = await geomirror.ask(file);

    await source.write({ '1.2/player.zip': 'player 1.2, mended', 'index/packages': 'player 1.2, mended' }, now());
    await world.sends('/index/packages', 'fallback');
    const inGrace = await geomirror.ask(file, { from: clients.DE });
    assert.equal(inGrace.location, `${near.url}1.2/player.zip`);
    assert.equal(inGrace.headers.etag, undefined);
    await eventually('the scan to find one outdated and one wrong', async () => {
      const { outdated, wrongSize } = (await world.mirrorStatus('near')).inventory!;
      return outdated === 1 && wrongSize === 1;
    });
    assert.equal(await world.sentTo(file), 'near');

    await near.tree.follow(source);
    await world.sends('/index/packages', 'near');
    const after = await eventually('the new version to have its tag', async () => {
      const answer = await geomirror.ask(file, { from: clients.DE });
      return answer.headers.etag !== undefined && answer;
    });
    assert.equal(after.location, `${near.url}1.2/player.zip`);
    assert.notEqual(after.headers.etag, before.headers.etag);
  });

  it('when maxLag is over, clients go elsewhere until the mirror follows', async () => {
    await using world = await startWithMirror({ freshness: { maxLag: '3s' } });
    await world.source.write({ '1.2/player.zip': 'player 1.2, mended' }, now());
    await eventually('the change to be seen', async () => (await world.geomirror.ask(file)).headers.etag === undefined);
    assert.equal(await world.sentTo(file), 'near');
    await world.sends(file, 'fallback');
    await world.near.tree.follow(world.source);
    await world.sends(file, 'near');
  });

  it('a mirror that had a change before the source was read again is not thought wrong for ever', async () => {
    await using world = await startMirrorWorld();
    const { source, near } = world;
    await world.applyRepository();
    await world.applyMirror('near', { scanInterval: '1h' });
    await world.sends(file, 'near');
    await near.tree.write({ '1.2/player.zip': 'player 1.2, mended' }, now());
    // No scan, only a sample can show it.
    await world.sends(file, 'fallback');
    await source.write({ '1.2/player.zip': 'player 1.2, mended' }, now());
    await near.tree.follow(source);
    await repositorySays(world, 'SourceIndexed', /1 changed/);
    await world.applyMirror('near', { scanInterval: '1h', annotations: { 'geomirror.io/scan-requested-at': 'now' } });
    await world.sends(file, 'near');
  });

  it('a new file comes from the fallback until the mirror has it, and a removed one from the mirror while it is retained', async () => {
    await using world = await startWithMirror({ retainRemovedFor: '3s' });
    const { source, near, geomirror } = world;
    await source.write({ '1.3/player.zip': 'player 1.3' }, now());
    assert.equal(await world.sentTo('/1.3/player.zip'), 'fallback', 'not known yet');
    await eventually('the file to be known', async () => (await geomirror.ask('/1.3/player.zip')).headers.etag);
    assert.equal(await world.sentTo('/1.3/player.zip'), 'fallback', 'known, but no mirror has it');
    await near.tree.follow(source);
    await world.sends('/1.3/player.zip', 'near');

    await source.remove('1.2/player.tar');
    const seen = Date.now();
    await eventually('the index without it', async () =>
      /1 removed/.test((await world.repositoryStatus()).lastIndex?.message ?? ''),
    );
    assert.equal(await world.sentTo('/1.2/player.tar'), 'near');
    await world.sends('/1.2/player.tar', 'fallback');
    assert.ok(Date.now() - seen >= 2900, 'it was retained');

    await world.applyRepository({ spec: { retainRemovedFor: '0s', unknownFiles: 'NotFound' } });
    await world.sends('/1.2/player.tar', '404');
    await source.remove('old/file-0.bin');
    await world.sends('/old/file-0.bin', '404');
    assert.equal(await world.sentTo(file), 'near');
  });

  it('a mirror that dies gets no clients after its failures in a row; when all are down, one is tried nevertheless', async () => {
    await using world = await startWithMirror({ fallbacks: [], unknownFiles: 'NotFound' });
    const { near, far, geomirror } = world;
    await world.applyMirror('far');
    await mirrorSays(world, 'far', 'Ready', /True Serving/);
    await near.stopWeb();
    await world.sends(file, 'far', clients.DE);
    assert.match(await mirrorSays(world, 'near', 'Ready', /^Ready=False Down/), /Unreachable/);
    assert.match(condition(await world.mirrorStatus('near'), 'Healthy'), /^Healthy=False Down: http:.*: Unreachable/);

    await far.stopWeb();
    await mirrorSays(world, 'far', 'Ready', /^Ready=False Down/);
    await world.sends(file, 'near', clients.DE);
    await eventually('the metric to tell of it', async () =>
      /outcome="AllDown"/.test((await geomirror.admin('/metrics')).body),
    );
    await world.applyRepository();
    await world.sends(file, 'fallback');
  });

  it('a mirror that comes back is listed anew before it gets clients again', async () => {
    await using world = await startWithMirror();
    const { near } = world;
    await near.stopWeb();
    await world.sends(file, 'fallback');
    await near.tree.remove('1.2/player.zip');
    await near.tree.write({ 'old/file-1.bin': 'an older version' }, longAgo - 5000);
    await near.startWeb();
    const answers = new Set<string>();
    await eventually('clients to come back for what it still has', async () => {
      for (const path of [file, '/old/file-1.bin']) answers.add(await world.sentTo(path));
      return (await world.sentTo('/1.2/player.tar')) === 'near';
    });
    await mirrorSays(world, 'near', 'Ready', /^Ready=True Serving/);
    assert.deepEqual([...answers], ['fallback']);
    await near.tree.follow(world.source);
    await world.sends(file, 'near');
  });

  it('a mirror that is back but cannot be listed waits, and says so', async () => {
    await using world = await startMirrorWorld();
    await world.applyRepository();
    await world.applyMirror('near', { scanInterval: '1h' });
    await world.sends(file, 'near');
    await world.near.stopWeb();
    await world.near.stopRsync();
    await world.sends(file, 'fallback');
    await world.near.startWeb();
    await mirrorSays(world, 'near', 'Ready', /^Ready=False AwaitingRescan: it was down/);
    assert.match(await mirrorSays(world, 'near', 'Scanned', /^Scanned=False/), /Unreachable/);
    assert.equal(await world.sentTo(file), 'fallback');
  });

  it('a source that loses most of its files is not believed until a person accepts just that', async () => {
    await using world = await startWithMirror({ retainRemovedFor: '0s' });
    const { source } = world;
    await rename(source.path, `${source.path}.away`);
    await repositorySays(world, 'SourceIndexed', /^SourceIndexed=False SourceUnreadable/);
    assert.equal(await world.sentTo(file), 'near');

    await mkdir(source.path);
    const message = await repositorySays(world, 'SourceIndexed', /^SourceIndexed=False Held/);
    assert.match(message, /lacks 23 of 23 files; annotate with geomirror.io\/accept-held=/);
    assert.equal(await world.sentTo(file), 'near');
    assert.equal((await world.repositoryStatus()).files, 23);

    await rename(source.path, `${source.path}.empty`);
    await rename(`${source.path}.away`, source.path);
    await repositorySays(world, 'SourceIndexed', /^SourceIndexed=True Succeeded/);
    assert.equal((await world.repositoryStatus()).held, undefined);

    await source.remove('old');
    await repositorySays(world, 'SourceIndexed', /^SourceIndexed=False Held: .*lacks 20 of 23/);
    const held = (await world.repositoryStatus()).held!;
    assert.equal(held.removed, 20);
    await world.applyRepository({
      spec: { retainRemovedFor: '0s' },
      annotations: { 'geomirror.io/accept-held': 'another' },
    });
    assert.equal(await world.sentTo('/old/file-3.bin'), 'near');
    await world.applyRepository({
      spec: { retainRemovedFor: '0s' },
      annotations: { 'geomirror.io/accept-held': held.id },
    });
    await eventually('the loss to be accepted', async () => (await world.repositoryStatus()).files === 3);
    await world.sends('/old/file-3.bin', 'fallback');
    assert.equal(await world.sentTo(file), 'near');
    assert.equal((await world.repositoryStatus()).held, undefined);

    await source.follow(world.near.tree);
    await eventually('the files to be back', async () => (await world.repositoryStatus()).files === 23);
    await world.sends('/old/file-3.bin', 'near');
    await source.remove('old');
    const again = await repositorySays(world, 'SourceIndexed', /^SourceIndexed=False Held: .*lacks 20 of 23/);
    assert.match(again, /remove the old annotation first/);
    const { startedAt } = (await world.repositoryStatus()).lastIndex!;
    await eventually('another index', async () => (await world.repositoryStatus()).lastIndex?.startedAt !== startedAt);
    await repositorySays(world, 'SourceIndexed', /^SourceIndexed=False Held/);
    assert.equal(await world.sentTo('/old/file-3.bin'), 'near');
  });

  it('a mirror whose listing loses much is held, listed again and then believed', async () => {
    await using world = await startMirrorWorld();
    await world.applyRepository();
    await world.applyMirror('near', {
      scanInterval: '4s',
      // Probes and samples would see through the old listing, and shall not.
      spec: { healthCheck: { interval: '1s', path: '1.2/player.zip' }, verification: { maxWrongPercent: 100 } },
    });
    await world.sends(file, 'near');
    await world.near.tree.remove('old');
    assert.match(await mirrorSays(world, 'near', 'Held', /^Held=True/), /lacks 20 of 23 files; it is scanned again/);
    assert.match(condition(await world.mirrorStatus('near'), 'Scanned'), /^Scanned=False Held/);
    assert.equal((await world.mirrorStatus('near')).inventory!.current, 23);
    await mirrorSays(world, 'near', 'Scanned', /^Scanned=True Succeeded/);
    const status = await world.mirrorStatus('near');
    assert.equal(condition(status, 'Held'), '');
    assert.match(condition(status, 'UpToDate'), /^UpToDate=False Partial: 3 of 23/);
    await world.sends('/old/file-3.bin', 'fallback');
    assert.equal(await world.sentTo(file), 'near');
  });

  it('an emptied mirror stays held until a person accepts it, and is of no use then', async () => {
    await using world = await startWithMirror();
    await world.near.tree.remove('old', '1.2', 'index', 'latest');
    await mirrorSays(world, 'near', 'Held', /lacks 23 of 23 files; annotate/);
    const { id } = (await world.mirrorStatus('near')).held!;
    await world.applyMirror('near', { annotations: { 'geomirror.io/accept-held': id } });
    await mirrorSays(world, 'near', 'UpToDate', /^UpToDate=False Partial: 0 of 23/);
    await mirrorSays(world, 'near', 'Ready', /^Ready=False/);
    await world.sends(file, 'fallback');
  });

  it('a drained mirror is watched and listed but gets no clients; a disabled one is left alone; both come back', async () => {
    await using world = await startWithMirror();
    await world.applyMirror('near', { spec: { mode: 'Drained' } });
    await world.sends(file, 'fallback');
    await mirrorSays(world, 'near', 'Ready', /^Ready=True Drained/);
    await world.near.tree.remove('1.2/player.tar');
    await mirrorSays(world, 'near', 'UpToDate', /22 of 23/);
    assert.equal((await world.repositoryStatus()).mirrors?.total, 1);

    await world.applyMirror('near');
    await world.sends(file, 'near');
    assert.equal(await world.sentTo('/1.2/player.tar'), 'fallback');

    await world.applyMirror('near', { spec: { mode: 'Disabled' } });
    await world.sends(file, 'fallback');
    await mirrorSays(world, 'near', 'Ready', /^Ready=True Disabled/);
    assert.deepEqual((await world.mirrorStatus('near')).conditions?.length, 1);
    await eventually('it not to be counted', async () => (await world.repositoryStatus()).mirrors?.total === 0);

    await world.near.tree.follow(world.source);
    await world.applyMirror('near');
    await world.sends('/1.2/player.tar', 'near');
    await mirrorSays(world, 'near', 'Ready', /^Ready=True Serving/);
  });

  it('a deleted mirror gets no clients within two seconds, and starts afresh under the same name', async () => {
    await using world = await startWithMirror();
    const { geomirror } = world;
    await geomirror.remove({ kind: 'Mirror', metadata: { name: 'near' } });
    await eventually('nobody to be sent there', async () => (await world.sentTo(file)) === 'fallback', 2000);
    assert.equal(await geomirror.status('Mirror', 'near'), undefined);

    await world.near.stopRsync();
    await world.applyMirror('near');
    await mirrorSays(world, 'near', 'Ready', /^Ready=False NotScanned: .*none was accepted yet/);
    assert.equal((await world.mirrorStatus('near')).inventory, undefined);
    assert.equal(await world.sentTo(file), 'fallback');
  });

  it('requests by annotation are answered at once and echoed', async () => {
    await using world = await startMirrorWorld();
    const { source, near } = world;
    const rarely = { source: { directory: { path: source.path }, interval: '1h' } };
    await world.applyRepository({ spec: rarely });
    await world.applyMirror('near', { scanInterval: '1h' });
    await world.sends(file, 'near');

    await near.tree.remove('1.2/player.tar');
    await world.applyMirror('near', { scanInterval: '1h', annotations: { 'geomirror.io/scan-requested-at': 'first' } });
    await eventually('the scan', async () => (await world.mirrorStatus('near')).lastHandledScanRequest === 'first');
    await world.sends('/1.2/player.tar', 'fallback');

    await source.write({ '1.3/player.zip': 'player 1.3' }, now());
    await world.applyRepository({ spec: rarely, annotations: { 'geomirror.io/scan-requested-at': 'second' } });
    await eventually('the index', async () => (await world.repositoryStatus()).lastHandledScanRequest === 'second');
    assert.equal((await world.repositoryStatus()).files, 24);

    await near.tree.follow(source);
    await source.write({ '1.4/player.zip': 'player 1.4' }, now());
    await near.tree.follow(source);
    await world.applyRepository({ spec: rarely, annotations: { 'geomirror.io/publish-requested-at': 'release 1.4' } });
    await eventually(
      'the publication',
      async () => (await world.repositoryStatus()).lastHandledPublishRequest === 'release 1.4',
    );
    // Redirectors have it by then, or as soon as they have read it.
    for (const path of ['/1.4/player.zip', '/1.3/player.zip', '/1.2/player.tar']) {
      await eventually(`${path} from the mirror`, async () => (await world.sentTo(path)) === 'near', 2000);
    }
  });

  it('a restart answers at once from what was stored, and goes on', async () => {
    await using world = await startMirrorWorld();
    const { geomirror, near, source } = world;
    await world.applyRepository({ spec: { source: { directory: { path: source.path }, interval: '5s' } } });
    await world.applyMirror('near', { scanInterval: '5s' });
    await world.sends(file, 'near');
    const { revision } = await world.repositoryStatus();
    await near.stopRsync();
    await geomirror.restart();
    const answers = new Set<string>();
    const until = Date.now() + 3000;
    while (Date.now() < until) answers.add(await world.sentTo(file));
    assert.deepEqual([...answers], ['near']);
    await mirrorSays(world, 'near', 'Scanned', /^Scanned=False Unreachable/);
    await mirrorSays(world, 'near', 'Ready', /^Ready=True Serving/);

    await source.write({ '1.3/player.zip': 'player 1.3' }, now());
    await near.startRsync();
    await near.tree.follow(source);
    await world.sends('/1.3/player.zip', 'near');
    assert.ok((await world.repositoryStatus()).revision! > revision!);
  });
});
