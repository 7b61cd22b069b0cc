import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mountsOf } from '../../../src/manifest/mounts.ts';

test('each folder that options read is mounted once, with all the options that need it', () => {
  const options = { envDir: ['/etc/a/', '/etc/b/sub'], watch: ['/etc/a/app.yaml', '/etc/b', '/srv/x/tls'] };
  assert.deepEqual(mountsOf(options, ['node']), {
    mistakes: [],
    mounts: [
      { path: '/etc/a', options: ['--env-dir /etc/a/', '--watch /etc/a/app.yaml'] },
      { path: '/etc/b', options: ['--env-dir /etc/b/sub', '--watch /etc/b'] },
      { path: '/srv/x/tls', options: ['--watch /srv/x/tls'] },
    ],
  });
});

test('a mount that would hide the image, or that Kubernetes has not, is a mistake with a remedy', () => {
  const mistake = (path: string, programs: readonly string[] = []): string => {
    const { mistakes, mounts } = mountsOf({ envDir: [path], watch: [] }, programs);
    assert.deepEqual([mistakes.length, mounts.length], [1, 0], path);
    return mistakes[0] ?? '';
  };
  for (const path of [
    '/',
    '/etc',
    '/etc/',
    '/usr/bin',
    '/lib64',
    '/proc/1',
    '/sys/fs/cgroup',
    '/dev/shm',
    '/var/lib',
    '//etc/../usr',
  ])
    assert.match(mistake(path), /would hide what the image has in .*such as \/etc\/config/);
  assert.match(mistake('config'), /absolute path/);
  assert.match(mistake('/a:b'), /no ":"/);
  assert.match(mistake('/a\nb'), /control characters/);
  assert.match(mistake('/opt/k8s-run', ['/opt/k8s-run/bin/k8s-run']), /would hide \/opt\/k8s-run\/bin\/k8s-run/);
  assert.match(mistakeOfWatch('/etc/app.conf'), /hide what the image has in \/etc/);
});

function mistakeOfWatch(path: string): string {
  return mountsOf({ envDir: [], watch: [path] }, []).mistakes[0] ?? '';
}
