import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempDisposableSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { noFfi } from '../../rig/ffi.ts';
import { lastLine } from '../../rig/finished.ts';
import { needs } from '../../rig/needs.ts';
import { type Start, start } from '../../rig/supervised.ts';

const NAMESPACES = ['unshare', '--net', '--mount'] as const;
const possible = spawnSync(NAMESPACES[0], [...NAMESPACES.slice(1), 'true']).status === 0;
const skip = needs('unshare', 'ip') || (possible ? false : 'a network and a mount namespace take root (CAP_SYS_ADMIN)');

/** A name server that never answers. Its resolver asks again for longer than any test may take. */
const SERVER = `require('node:dgram').createSocket('udp4').bind(53, '127.0.0.1')`;
const RESOLVER = 'nameserver 127.0.0.1\nsearch a.svc.cluster.local svc.cluster.local\noptions timeout:30 attempts:5\n';

function withDeadNameServer(folder: string): Start {
  const resolver = join(folder, 'resolv.conf');
  writeFileSync(resolver, RESOLVER);
  const script = `ip link set lo up && mount --bind '${resolver}' /etc/resolv.conf || exit 99
    '${process.execPath}' -e "${SERVER}" >/dev/null 2>&1 & exec "$@"`;
  return { prefix: [...NAMESPACES, 'sh', '-c', script, 'sh'] };
}

/** With node:ffi, and as on a Node without it. */
const NODES: Readonly<Record<string, { readonly options: readonly string[]; readonly skip: string | false }>> = {
  'with node:ffi': { options: [], skip: skip || noFfi },
  'without node:ffi': { options: ['--no-experimental-ffi'], skip: skip || noFfi },
};

for (const [what, { options: nodeOptions, skip: reason }] of Object.entries(NODES)) {
  describe(`a name server that never answers, ${what}`, { skip: reason }, () => {
    for (const [how, probe] of Object.entries({
      'an HTTP probe': 'http://web:8080/',
      'a TCP probe': 'tcp://web:8080',
      'a gRPC probe': 'grpc://web:8080',
    })) {
      test(`the exit does not wait for the lookup of ${how}`, async () => {
        using folder = mkdtempDisposableSync(join(tmpdir(), 'k8s-run-'));
        const how = { ...withDeadNameServer(folder.path), nodeOptions };
        await using run = start(['--ready', probe, '--live', probe], ['sleep', '1000'], how);
        await run.line('spawned');
        run.kill('SIGTERM');
        assert.deepEqual(await run.ended(), { code: 143, signal: null });
      });
    }

    test('--wait-timeout ends the wait and k8s-run, with 69', async () => {
      using folder = mkdtempDisposableSync(join(tmpdir(), 'k8s-run-'));
      const how = { ...withDeadNameServer(folder.path), nodeOptions };
      const waits = ['db', 'queue', 'cache', 'search', 'mail'].flatMap((name) => ['--wait-for', `tcp://${name}:1`]);
      await using run = start([...waits, '--wait-timeout', '500ms'], ['sleep', '1000'], how);
      assert.deepEqual(await run.ended(), { code: 69, signal: null });
      assert.equal(lastLine({ lines: run.lines(), stderr: run.stderr() })['cause'], 'dependencies missing');
    });

    test('a pre-stop URL that cannot be looked up is over after --hook-timeout, and so is k8s-run', async () => {
      using folder = mkdtempDisposableSync(join(tmpdir(), 'k8s-run-'));
      const how = { ...withDeadNameServer(folder.path), nodeOptions };
      const hook = ['--pre-stop', 'http://registry:8080/leave', '--hook-timeout', '300ms'];
      await using run = start(['--ready', 'process', '--shutdown-delay', '0', ...hook], ['sleep', '1000'], how);
      await run.line('ready');
      run.kill('SIGTERM');
      assert.deepEqual(await run.ended(), { code: 143, signal: null });
    });
  });
}
