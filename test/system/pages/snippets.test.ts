import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { OPTIONS } from '../../../src/config/options/table.ts';
import { documentedProbes } from '../../rig/documented-probes.ts';
import { accepts, checkTree } from './trees.ts';

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

/** Pages on which every block of code is either run here or said not to be. */
const PAGES = ['install', 'kubernetes', 'migrating', 'meshes-and-load-balancers', 'elsewhere'] as const;
/** Programs of others, and files that only they read. It stands in the paragraph above the block. */
const MARK = /not executed by a test/i;

/** test/install types these in roots of its own. */
const BY_STRANGERS = /^(npm install --global --prefix|man ")/;

type Block = { readonly kind: string; readonly text: string; readonly above: string };

function blocksOf(text: string): readonly Block[] {
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(({ 1: kind = '', 2: block = '', index }) => ({
    kind,
    text: block,
    above: text.slice(0, index).trimEnd().split('\n\n').at(-1) ?? '',
  }));
}

/** What is neither run nor marked is a mistake of the page. */
function checkBlock({ kind, text, above }: Block): void {
  if (kind === 'yaml') for (const document of parseAllDocuments(text)) checkTree(document.toJS());
  else if (kind === 'json') checkTree(JSON.parse(text));
  else if (kind === 'sh' && text.startsWith('k8s-run')) acceptsLines(text);
  else if (kind === 'sh' && BY_STRANGERS.test(text)) return;
  else if (kind === 'sh' && text.startsWith('npm')) isOfCi(text);
  else if (kind === 'dockerfile' && text.includes('HEALTHCHECK')) checkHealth(text);
  else if (kind === '') checkPlain(text);
  else assert.match(above, MARK);
}

function acceptsLines(text: string): void {
  for (const line of text.trim().split('\n')) {
    const [options = ''] = line.split(' -- ');
    accepts(options.split(' ').slice(1), {});
  }
}

function isOfCi(text: string): void {
  const steps = read('.ci/run');
  const commands = text.replace(/#.*/g, '').split(/&&|\n/);
  for (const command of commands.map((each) => each.trim()).filter(Boolean)) {
    assert.ok(steps.includes(`step ${command}`) || steps.includes(`'${command}'`), command);
  }
}

/** Every such command is run in the images, by test/containers. */
function checkHealth(text: string): void {
  const [, words = '[]'] = /^HEALTHCHECK .*CMD (\[.*\])$/m.exec(text) ?? [];
  assert.ok(documentedProbes().some((each) => each.join(' ') === JSON.parse(words).join(' ')));
  const others = text.trim().split('\n');
  for (const line of others) {
    assert.match(line, /^(HEALTHCHECK .*|STOPSIGNAL SIGTERM|ENTRYPOINT \["\/opt\/k8s-run\/bin\/k8s-run", "--"\])$/);
  }
}

/** Sums, and what k8s-run says. */
function checkPlain(text: string): void {
  const said = /^k8s-run: cannot use .*: (no such file; .*)$/m.exec(text)?.[1];
  if (said !== undefined) {
    assert.ok(read('bundle/launcher.c').includes(said), said);
    return;
  }
  const [sum] = /^.*\d.*[=→] +\d+(?= |$).*$/m.exec(text) ?? [];
  const numbers = [...(sum ?? '').matchAll(/\d+/g)].map(([digits]) => Number(digits));
  const total = numbers.pop() ?? Number.NaN;
  const needed = numbers.reduce((all, each) => all + each, 0);
  // One that is rounded up is enough.
  assert.ok(sum?.includes('=') ? needed === total : needed <= total, text);
  if (!sum?.includes('defaults')) return;
  const phases = [OPTIONS.shutdownDelay, OPTIONS.grace];
  const defaults = phases.map(({ fallback }) => Number.parseInt(fallback ?? '', 10));
  assert.deepEqual(numbers.slice(2, 4), defaults);
}

for (const page of PAGES) {
  describe(`${page}.md`, () => {
    for (const block of blocksOf(read(`docs/how-to/${page}.md`))) {
      test(`${page}.md, ${block.kind || 'plain'}: ${block.text.trim().split('\n')[0]}`, () => checkBlock(block));
    }
  });
}

test('the .tgz that install.md and README.md install is the one that npm pack makes', () => {
  const { name, version } = JSON.parse(read('package.json'));
  for (const page of ['docs/how-to/install.md', 'README.md']) {
    const files = new Set([...read(page).matchAll(/[\w.-]+\.tgz/g)].map(([file]) => file));
    assert.deepEqual([...files], [`${name}-${version}.tgz`], page);
  }
});

test('the check of code blocks finds one that is neither run nor marked, and one that is wrong', () => {
  const [marked, unmarked] = blocksOf(
    'Not executed by a test.\n\n```sh\ndocker ps\n```\n\nAnd:\n\n```sh\ndocker ps\n```\n',
  );
  assert.ok(marked !== undefined && unmarked !== undefined);
  checkBlock(marked);
  assert.throws(() => checkBlock(unmarked));
  assert.throws(() => checkBlock({ kind: '', text: 'a + b = c\n', above: '' }));
  assert.throws(() => checkBlock({ kind: '', text: '1 + 2 = 4\n', above: '' }));
  assert.throws(() => checkBlock({ kind: 'sh', text: 'npm run no-such\n', above: '' }));
  assert.throws(() => accepts(['--graze', '1s'], {}));
  const env = [{ name: 'K8S_RUN_GRACE', value: '30s' }];
  assert.throws(() => checkTree({ terminationGracePeriodSeconds: 20, containers: [{ env }] }));
  const annotations = { 'config.alpha.linkerd.io/proxy-wait-before-exit-seconds': '25' };
  assert.throws(
    () => checkTree({ annotations, terminationGracePeriodSeconds: 60, containers: [{ env }] }),
    /not 35 to/,
  );
  const istio = { 'proxy.istio.io/config': 'proxyMetadata: { EXIT_ON_ZERO_ACTIVE_CONNECTIONS: "true" }' };
  const delay = [{ name: 'K8S_RUN_SHUTDOWN_DELAY', value: '20s' }];
  const spec = { terminationGracePeriodSeconds: 60, containers: [{ env: delay }] };
  assert.throws(() => checkTree({ annotations: istio, spec }), /5 s, not 20 to/);
  assert.throws(() => checkTree({ containerDefinitions: [{ name: 'web' }] }));
});
