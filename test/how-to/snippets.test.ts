import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { parseDuration } from '../../src/config/duration.ts';
import { BIN, cleanEnvironment } from '../rig/supervised.ts';

/** Pages on which every block of code is either run here or said not to be. */
const PAGES = ['migrating', 'meshes-and-load-balancers', 'elsewhere'] as const;
/** Programs of others, and files that only they read. */
const MARK = /not executed by a test|docker, ECS and Nomad themselves are not/i;

type Block = { readonly kind: string; readonly text: string; readonly before: string };
type Tree = Readonly<Record<string, unknown>>;

function blocksOf(page: string): readonly Block[] {
  const text = readFileSync(new URL(`../../docs/how-to/${page}.md`, import.meta.url), 'utf8');
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(({ 1: kind = '', 2: block = '', index }) => ({
    kind,
    text: block,
    before: text.slice(0, index),
  }));
}

/** Starts k8s-run with these options and variables and an app that ends at once: exit code 0 when it takes them all. */
function accepts(words: readonly string[], variables: Readonly<Record<string, string>>): void {
  // What is waited for is not there, and is not what is asked here.
  const { K8S_RUN_WAIT_FOR: waited, ...others } = variables;
  const env = { ...cleanEnvironment(), K8S_RUN_HEALTH_PORT: '0', ...others };
  const wait = waited === undefined ? [] : [`--wait-for=${waited}`, '--wait-timeout=10ms'];
  const { status, stderr } = spawnSync(process.execPath, [BIN, ...wait, ...words, '--', 'true'], {
    env,
    encoding: 'utf8',
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
  assert.equal(status, waited === undefined ? 0 : 69, stderr);
  assert.doesNotMatch(stderr, /"event":"(mistake|warning)"/);
}

/** Every map in it, however deep. */
function mapsIn(tree: unknown): readonly Tree[] {
  if (typeof tree !== 'object' || tree === null) return [];
  const inner = Object.values(tree).flatMap(mapsIn);
  return Array.isArray(tree) ? inner : [tree as Tree, ...inner];
}

type Variable = { readonly name: string; readonly value: string };

/** What it sets for k8s-run, in the ways of Kubernetes, ECS and Compose. */
function variablesOf(map: Tree): Readonly<Record<string, string>> | null {
  const list = map['env'] ?? map['environment'];
  if (list === undefined) return null;
  const pairs = Array.isArray(list)
    ? (list as Variable[]).map(({ name, value }) => [name, value])
    : Object.entries(list as Record<string, string>);
  return Object.fromEntries(pairs);
}

/** The seconds that somebody gives it to end. */
function timeIn(map: Tree): number | null {
  const seconds = map['terminationGracePeriodSeconds'] ?? map['stopTimeout'];
  if (seconds !== undefined) return Number(seconds);
  const period = map['stop_grace_period'];
  return period === undefined ? null : (parseDuration(String(period)) ?? Number.NaN) / 1_000;
}

/** Seconds that preStop takes before. */
const sleepIn = (maps: readonly Tree[]): number =>
  Math.max(
    0,
    ...maps.map(({ command }) => (Array.isArray(command) && command[0] === 'sleep' ? Number(command[1]) : 0)),
  );

function checkTree(tree: unknown): void {
  const maps = mapsIn(tree);
  assert.ok(maps.length > 0);
  const time = maps.map(timeIn).find((seconds) => seconds !== null);
  for (const map of maps) {
    const variables = variablesOf(map);
    if (variables === null) continue;
    accepts([], variables);
    const own = timeIn(map) ?? time;
    if (own === null || own === undefined) continue;
    // k8s-run does the sum itself: what does not fit is a mistake.
    const grace = variables['K8S_RUN_GRACE'] === undefined ? { K8S_RUN_GRACE: '20s' } : {};
    const sum = { ...grace, ...variables, K8S_RUN_TERMINATION_GRACE_PERIOD: String(own - sleepIn(maps)) };
    accepts([], sum);
  }
  for (const { test: asked, command } of maps) {
    const words = [asked, command].find((each) => Array.isArray(each) && each[0] === 'CMD') as string[] | undefined;
    if (words !== undefined) assert.deepEqual(words.slice(0, 3), ['CMD', '/opt/k8s-run/bin/k8s-run', 'probe']);
  }
}

for (const page of PAGES) {
  describe(`${page}.md`, () => {
    for (const { kind, text, before } of blocksOf(page)) {
      const name = `${kind || 'plain'}: ${text.trim().split('\n')[0]}`;
      if (kind === 'sh' && text.startsWith('k8s-run')) {
        for (const line of text.trim().split('\n')) {
          test(line, () => {
            const [options = ''] = line.split(' -- ');
            accepts(options.split(' ').slice(1), {});
          });
        }
      } else if (kind === 'yaml' || kind === 'json') {
        test(name, () => checkTree(kind === 'json' ? JSON.parse(text) : parse(text)));
      } else if (kind !== '') {
        test(`${name}: said not to be executed`, () => assert.match(before, MARK));
      }
    }
  });
}

test('what does not fit would be found', () => {
  const wrong = { terminationGracePeriodSeconds: 20, containers: [{ env: [{ name: 'K8S_RUN_GRACE', value: '30s' }] }] };
  assert.throws(() => checkTree(wrong));
  assert.throws(() => accepts(['--graze', '1s'], {}));
});
