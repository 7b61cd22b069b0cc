import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { OPTIONS, type Option, variableFor } from '../../../src/config/options/table.ts';

const ROOT = new URL('../../../', import.meta.url).pathname;
const PAGES = globSync('**/*.md', {
  cwd: ROOT,
  exclude: (path) => /(^|\/)(node_modules|dist[^/]*)$/.test(path),
}).sort();
const read = (page: string): string => readFileSync(join(ROOT, page), 'utf8');

/** Links of a page that point into this repository and do not arrive: no such file, or no such heading in it. */
function brokenLinks(page: string, text: string): readonly string[] {
  const links = [...withoutCode(text).matchAll(/\]\(\s*<?([^)\s>]+)>?[^)]*\)|^\[[^\]]+\]:\s*(\S+)/gm)];
  return links
    .map(([, inline, defined]) => inline ?? defined ?? '')
    .filter((link) => !/^[a-z][a-z+.-]*:/i.test(link))
    .filter((link) => {
      const [path = '', heading] = decodeURIComponent(link).split('#');
      const target = path === '' ? page : join(dirname(page), path);
      if (target !== page && !existsSync(join(ROOT, target))) return true;
      if (heading === undefined || !target.endsWith('.md')) return false;
      return !anchorsIn(target === page ? text : read(target)).has(heading);
    });
}

/** GitHub's names of the headings: lower case, without punctuation, spaces as hyphens, a number where one comes again. */
function anchorsIn(text: string): ReadonlySet<string> {
  const seen = new Map<string, number>();
  const anchors = new Set<string>();
  for (const [, heading = ''] of text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/^#+\s+(.*?)\s*#*$/gm)) {
    const name = heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-');
    const times = seen.get(name) ?? 0;
    seen.set(name, times + 1);
    anchors.add(times === 0 ? name : `${name}-${times}`);
  }
  for (const [, id = ''] of text.matchAll(/<a id="([^"]+)"><\/a>/g)) anchors.add(id);
  return anchors;
}

function withoutCode(text: string): string {
  return text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '');
}

test('every relative link arrives', () => {
  assert.ok(PAGES.includes('docs/reference.md'));
  for (const page of PAGES) assert.deepEqual(brokenLinks(page, read(page)), [], page);
});

test('a link that does not arrive would be found', () => {
  const text = '# A b!\n[1](reference.md#exit-codes) [2](#a-b) [3](https://x.y/z) `[4](no.md)`\n[5]: ../LICENSE';
  assert.deepEqual(brokenLinks('docs/x.md', text), []);
  const broken = '[1](no.md) [2](#no) [3](reference.md#no) ![4](no.png "title")\n[5]: ../no';
  assert.deepEqual(brokenLinks('docs/x.md', broken), ['no.md', '#no', 'reference.md#no', 'no.png', '../no']);
});

const FILES = await Promise.all(Object.values(COMMANDS).map(({ load }) => load()));
/** Options of k8s-run and of its commands, as they may be written. */
const FLAGS = new Set([
  ...FILES.flatMap(({ options = [] }) => options.map(({ flags }) => flags.replace(/ .*/, ''))),
  ...Object.values(OPTIONS).flatMap((option: Option<unknown>) =>
    option.takes === null ? [`--${option.flag}`, `--no-${option.flag}`] : [`--${option.flag}`],
  ),
]);
const VARIABLES = new Set([
  ...Object.values(OPTIONS).map(variableFor),
  // What `npm run test:cluster` reads.
  'K8S_RUN_TEST_LOAD_IMAGE',
  // What the tests of the comparison read.
  'K8S_RUN_TEST_PM2',
  // What the commands of k8s-run find in their environment.
  'K8S_RUN_COMMAND',
  ...['K8S_RUN_APP_PID', 'K8S_RUN_HOOK', 'K8S_RUN_REASON'],
  ...['MEMORY_LIMIT_BYTES', 'CPU_LIMIT_CORES'].flatMap((name) => [`K8S_RUN_${name}`, `K8S_RUN_OLD_${name}`]),
]);

/** Flags that the pages may name and that are not ours: each with whose it is. */
const OTHERS: Readonly<Record<string, string>> = {
  '--help': 'k8s-run, beside the table',
  '--version': 'k8s-run, beside the table',
  '--json': 'k8s-run env',
  '--export': 'k8s-run env',
  '--build-snapshot': 'node',
  '--max-old-space-size': 'node, in NODE_OPTIONS',
  '--max-old-space-sizesize-in-mib': 'a heading of Node’s documentation',
  '--values': 'helm template',
  '--test': 'node',
  '--experimental-permission': 'node',
  '--allow-fs-read': 'node',
  '--test-name-pattern': 'node',
  '--test-timeout': 'node',
  '--inspect-brk': 'node',
  '--pid': 'unshare and nsenter',
  '--fork': 'unshare',
  '--kill-child': 'unshare',
  '--mount-proc': 'unshare',
  '--mount': 'nsenter',
  '--dry-run': 'npm run release',
  '--bump': 'npm run release',
  '--all': 'skopeo copy',
  '--check': 'sha256sum',
  '--ignore-missing': 'sha256sum',
  '--bundle': 'cosign',
  '--certificate-oidc-issuer': 'cosign',
  '--certificate-identity': 'cosign',
  '--repo': 'gh',
  '--output': 'kubectl get',
  '--manifest': 'kubectl krew install',
  '--init': 'docker run',
  '--rm': 'docker run',
  '--grace-period': 'kubectl delete',
  '--force': 'kubectl delete',
  '--subresource': 'kubectl patch',
  '--patch': 'kubectl patch',
  '--name': 'docker run',
  '--entrypoint': 'docker run',
  '--env': 'docker run, kubectl run',
  '--publish': 'docker run',
  '--build-arg': 'docker build',
  '--from': 'COPY in a Dockerfile',
  '--from-file': 'kubectl create configmap',
  '--for': 'kubectl wait',
  '--target': 'docker build',
  '--arch': 'npm run build:bundle',
  '--library-path': 'ld.so',
  '--require': 'node, in NODE_OPTIONS',
  '--image': 'kubectl run',
  '--restart': 'kubectl run',
  '--format': 'docker inspect',
  '--single-child': 'dumb-init',
  '--db-password': 'an app, as an example',
  '--global': 'npm install',
  '--ignore-scripts': 'npm install',
  '--chown': 'COPY in a Dockerfile',
  '--chmod': 'COPY in a Dockerfile',
  '--omit': 'npm ci',
  '--write': 'scripts/reference.ts, biome',
  '--full': 'npm run test:cluster',
  '--disable-sigusr1': 'node',
  '--inspect': 'node',
  '--report-on-signal': 'node',
  '--report-signal': 'node',
  '--report-directory': 'node',
  '--heapsnapshot-signal': 'node',
  '--diagnostic-dir': 'node',
  '--interval': 'HEALTHCHECK in a Dockerfile',
  '--timeout': 'HEALTHCHECK in a Dockerfile',
  '--start-period': 'HEALTHCHECK in a Dockerfile',
  '--stop-timeout': 'docker run',
  '--detach': 'docker run',
  '--prefix': 'npm ci',
  '--nodaemonize': 'php-fpm',
  '--fpm-config': 'php-fpm',
  '--bind': 'gunicorn',
  '--daemon': 'gunicorn',
  '--daemonize': 'redis-server, uwsgi',
  '--master': 'uwsgi',
  '--die-on-term': 'uwsgi',
  '--hook-master-start': 'uwsgi',
  '--workers': 'gunicorn',
  '--worker-class': 'gunicorn',
  '--worker-tmp-dir': 'gunicorn',
  '--graceful-timeout': 'gunicorn',
  '--timeout-graceful-shutdown': 'uvicorn',
  '--allow-net': 'deno',
  '--allow-env': 'deno',
  '--release': 'cargo build',
  '--post-renderer': 'helm',
  '--post-renderer-args': 'helm',
  '--enable-alpha-plugins': 'kustomize',
  '--enable-exec': 'kustomize',
  '--config': 'skopeo inspect',
  '--web': 'pm2-runtime',
  '--http': 'pebble run',
};

/** What a page says of options that do not exist. What Kubernetes injects for a Service is no option. */
function unknownNames(text: string): readonly string[] {
  const flags = [...text.matchAll(/(?<![\w-])--[a-z][a-z0-9-]*/g)].map(([flag]) => flag);
  const variables = [...text.matchAll(/\bK8S_RUN_[A-Z0-9_]*[A-Z0-9]/g)].map(([name]) => name);
  return [
    ...flags.filter((flag) => !FLAGS.has(flag) && !(flag in OTHERS)),
    ...variables.filter((name) => !VARIABLES.has(name) && !/_SERVICE_(HOST|PORT)|_PORT_\d+_/.test(name)),
  ];
}

test('README, docs and examples name only options and variables that exist', () => {
  for (const page of PAGES.filter((path) => /^(README|CONTRIBUTING)|^(docs|examples|bench)\//.test(path))) {
    assert.deepEqual(unknownNames(read(page)), [], page);
  }
});

test('an option or a variable that does not exist would be found in a page', () => {
  const fine = '`--grace=1s` --no-interactive <!-- x --> K8S_RUN_GRACE K8S_RUN_… K8S_RUN_HEALTH_PORT_80_TCP a--b';
  assert.deepEqual(unknownNames(fine), []);
  assert.deepEqual(unknownNames('`--graze 1s` K8S_RUN_GRAZE --no-grace'), ['--graze', '--no-grace', 'K8S_RUN_GRAZE']);
});
