import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { BIN } from '../test/rig/supervised.ts';
import { deployment } from './check-speed.ts';
import type { Comparison, Measure } from './measure.ts';
import { ENVIRONMENT } from './processes.ts';
import { folder } from './scratch.ts';

const ROOT = new URL('..', import.meta.url).pathname;
const COMMAND = new URL('./profile-command.ts', import.meta.url).pathname;
const ABRUPT = join(ROOT, 'examples/node-abrupt/server.js');
const ALL = 'all of it';
/** Parts that take less are one row. */
const LEAST_SHARE = 0.02;
/** Microseconds between two samples. */
const INTERVAL = 200;

type Profiled = { readonly title: string; readonly words: (out: string, documents: number) => readonly string[] };

const PROFILED: readonly Profiled[] = [
  {
    title: 'k8s-run check on some thousand documents, from its sources',
    words(out, documents) {
      const path = `${out}.yaml`;
      writeFileSync(path, Array.from({ length: documents }, (_, index) => deployment(`web-${index}`)).join('---\n'));
      return [COMMAND, 'check', out, path];
    },
  },
  {
    title: 'k8s-run rehearse with its defaults, from its sources',
    words: (out) => [COMMAND, 'rehearse', out, '--', process.execPath, ABRUPT],
  },
  {
    title: 'the start of k8s-run, with an app that ends at once',
    words: (out) => [
      ...[
        '--cpu-prof',
        `--cpu-prof-interval=${INTERVAL}`,
        `--cpu-prof-dir=${dirname(out)}`,
        `--cpu-prof-name=${basename(out)}`,
      ],
      ...[BIN, '--health-port=0', '--', 'true'],
    ],
  },
];

/** Where the time of a command goes: what is left above some percent is a library's, Node's or named here. */
export const profile: Measure = {
  name: 'profile',
  async run(effort, progress) {
    const made = folder('profile');
    return PROFILED.map(({ title, words }, index): Comparison => {
      const out = join(made, `${index}.cpuprofile`);
      const { status, stderr } = spawnSync(process.execPath, words(out, effort === 'full' ? 3_000 : 300), {
        env: ENVIRONMENT,
        cwd: made,
        encoding: 'utf8',
      });
      if (status !== 0 && status !== 1)
        throw new Error(`cannot profile ${title}: exit ${status}: ${stderr.slice(-300)}`);
      progress(title);
      return {
        kind: 'comparison',
        title: `Where the time goes: ${title}`,
        method:
          `A profile of V8, with samples every ${INTERVAL / 1_000} ms, by the file of the function that ran; waiting is left out. ` +
          `Parts below ${100 * LEAST_SHARE} % are one row.`,
        unit: 'ms',
        yardstick: ALL,
        rows: partsOf(out).map(([part, milliseconds]) => ({ name: part, values: [milliseconds] })),
        targets: [],
      };
    });
  },
};

type CpuProfile = {
  readonly nodes: readonly { readonly id: number; readonly callFrame: { functionName: string; url: string } }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
};

/** Milliseconds of each part, the largest first. */
function partsOf(path: string): readonly (readonly [part: string, milliseconds: number])[] {
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(path, 'utf8')) as CpuProfile;
  const parts = new Map(nodes.map(({ id, callFrame }) => [id, partOf(callFrame)]));
  const spent = new Map<string, number>();
  for (const [index, id] of samples.entries()) {
    const part = parts.get(id) ?? '';
    if (part !== '(idle)') spent.set(part, (spent.get(part) ?? 0) + (timeDeltas[index] ?? 0) / 1_000);
  }
  const all = [...spent.values()].reduce((sum, each) => sum + each, 0);
  const large = [...spent].filter(([, each]) => each >= LEAST_SHARE * all).sort(([, one], [, other]) => other - one);
  const rest = all - large.reduce((sum, [, each]) => sum + each, 0);
  return [[ALL, all], ...large, ['the rest', rest]];
}

function partOf({ functionName, url }: CpuProfile['nodes'][number]['callFrame']): string {
  const path = url.replace(/^file:\/\//, '').replace(ROOT, '');
  const library = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1];
  if (library !== undefined) return `the library ${library}`;
  if (url.startsWith('node:'))
    return /Script$|^wrapSafe$|^compile/.test(functionName) ? 'compiling' : 'Node’s own modules';
  if (url.startsWith('wasm:')) return 'Node’s reader of TypeScript';
  const room = /^src\/[^/]+/.exec(path)?.[0];
  return room ?? (path === '' ? functionName : path);
}
