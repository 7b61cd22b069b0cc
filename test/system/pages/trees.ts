import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { parse } from 'yaml';
import { parseDuration } from '../../../src/duration.ts';
import { BIN, cleanEnvironment } from '../../rig/supervised.ts';

type Tree = Readonly<Record<string, unknown>>;
type Variable = { readonly name: string; readonly value: string };
type Variables = Readonly<Record<string, string>>;

/** Starts k8s-run with these options and variables and an app that ends at once: exit code 0 when it takes them all. */
export function accepts(words: readonly string[], variables: Variables): void {
  // What is waited for is not there, and is not what is asked here; nor is whether a port of the page is free.
  const { K8S_RUN_WAIT_FOR: waited, K8S_RUN_HEALTH_PORT: port = '0', ...others } = variables;
  assert.match(port, /^\d+$/);
  const env = { ...cleanEnvironment(), ...others, K8S_RUN_HEALTH_PORT: '0' };
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

/** What it sets for k8s-run, in the ways of Kubernetes, ECS and Compose. */
function variablesOf(map: Tree): Variables | null {
  const list = map['env'] ?? map['environment'];
  if (list === undefined) return null;
  const pairs = Array.isArray(list)
    ? (list as Variable[]).map(({ name, value }) => [name, value])
    : Object.entries(list as Variables);
  return Object.fromEntries(pairs);
}

/** The seconds that somebody gives it to end. */
function timeIn(map: Tree): number | null {
  const seconds = map['terminationGracePeriodSeconds'] ?? map['stopTimeout'];
  if (seconds !== undefined) return Number(seconds);
  const period = map['stop_grace_period'];
  return period === undefined ? null : secondsOf(String(period));
}

const secondsOf = (text: string): number => (parseDuration(text) ?? Number.NaN) / 1_000;

/** Seconds that preStop takes before. */
const sleepIn = (maps: readonly Tree[]): number =>
  Math.max(
    0,
    ...maps.map(({ command }) => (Array.isArray(command) && command[0] === 'sleep' ? Number(command[1]) : 0)),
  );

export function checkTree(tree: unknown): void {
  // A list by itself is a part of `env`, `ports` or the like.
  const maps = mapsIn(isVariables(tree) ? { env: tree } : tree);
  assert.ok(maps.length > 0);
  const time = maps.map(timeIn).find((seconds) => seconds !== null);
  for (const map of maps) {
    const variables = variablesOf(map);
    if (variables === null) continue;
    accepts([], variables);
    const own = timeIn(map) ?? time;
    if (own === null || own === undefined) continue;
    // k8s-run does the sum itself: what does not fit is a mistake.
    const isDerived = [variables['K8S_RUN_GRACE'], variables['K8S_RUN_DRAIN_CONNECTIONS']].every(
      (each) => each === undefined,
    );
    const grace = isDerived ? { K8S_RUN_GRACE: '20s' } : {};
    const sum = { ...grace, ...variables, K8S_RUN_TERMINATION_GRACE_PERIOD: String(own - sleepIn(maps)) };
    accepts([], sum);
    checkMesh(maps, variables, own);
  }
  for (const { test: asked, command } of maps) {
    const words = [asked, command].find((each) => Array.isArray(each) && each.includes('probe')) as
      | string[]
      | undefined;
    // An exec probe has the command alone. What is run in the images is exactly that: test/containers.
    if (words !== undefined) assert.match(words.join(' '), /^(CMD )?\/opt\/k8s-run\/bin\/k8s-run probe \w+$/);
  }
  for (const map of maps) if (map['containerDefinitions'] !== undefined) checkTask(map);
}

const isVariables = (tree: unknown): boolean =>
  Array.isArray(tree) && tree.every((each) => typeof each?.name === 'string' && typeof each?.value === 'string');

/** A sidecar lives as long as k8s-run serves; and what it waits for itself fits into the pod's time. */
function checkMesh(maps: readonly Tree[], variables: Variables, time: number): void {
  const delay = secondsOf(variables['K8S_RUN_SHUTDOWN_DELAY'] ?? '5s');
  const both = delay + secondsOf(variables['K8S_RUN_GRACE'] ?? '20s');
  for (const map of maps) {
    const linkerd = map['config.alpha.linkerd.io/proxy-wait-before-exit-seconds'];
    if (linkerd !== undefined) isWithin(Number(linkerd), both, time);
    const istio = map['proxy.istio.io/config'];
    if (typeof istio !== 'string') continue;
    const { terminationDrainDuration: drain, proxyMetadata = {} } = parse(istio);
    // With the one the other is ignored.
    if (proxyMetadata['EXIT_ON_ZERO_ACTIVE_CONNECTIONS'] === 'true') {
      assert.equal(drain, undefined);
      isWithin(secondsOf(proxyMetadata['MINIMUM_DRAIN_DURATION'] ?? '5s'), delay, time);
    } else {
      isWithin(secondsOf(drain ?? '5s'), both, time);
    }
  }
}

function isWithin(seconds: number, atLeast: number, below: number): void {
  assert.ok(seconds >= atLeast && seconds < below, `${seconds} s, not ${atLeast} to ${below}`);
}

/** ECS registers no task without memory, its own or that of every container. */
function checkTask(task: Tree): void {
  const containers = task['containerDefinitions'] as readonly Tree[];
  if (task['memory'] === undefined) for (const { memory } of containers) assert.ok(memory !== undefined);
  if ((task['requiresCompatibilities'] as string[] | undefined)?.includes('FARGATE') !== true) return;
  assert.ok(task['cpu'] !== undefined && task['memory'] !== undefined && task['networkMode'] === 'awsvpc');
}
