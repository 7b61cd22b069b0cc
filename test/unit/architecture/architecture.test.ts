import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EDGES, LAYERS } from './edges.ts';
import {
  CODE_OWNERS,
  faultyEdges,
  IMPORT_OWNERS,
  impureImports,
  isOwner,
  looseLimits,
  unusedInStartPath,
  violationsOf,
} from './rules.ts';
import { codeOf, importsOf, readSources } from './sources.ts';

const SOURCES = readSources();

test('the imports of src/ keep to the table of edges and to the owners', () => {
  assert.ok(SOURCES.length > 40, 'src/ was read');
  assert.deepEqual(violationsOf(SOURCES), []);
  assert.deepEqual(impureImports(SOURCES), []);
});

test('every owner in the list uses what it owns', () => {
  for (const { thing, owners } of [...IMPORT_OWNERS, ...CODE_OWNERS]) {
    for (const owner of owners) {
      const owned = SOURCES.filter(({ path }) => isOwner(owner, path));
      const used = owned.some(
        (source) => importsOf(source).some(({ to }) => thing.test(to)) || thing.test(codeOf(source)),
      );
      assert.ok(used || owned.length === 0, `${owner} no longer has ${thing}: take it from the list`);
    }
  }
});

test('every file of start-path.ts is loaded before the app starts', () => {
  assert.deepEqual(unusedInStartPath(SOURCES), []);
});

test('the limits of files that connect rooms are no wider than needed', () => {
  assert.deepEqual(looseLimits(SOURCES), []);
});

test('every edge of the table leads to a lower layer and is used', () => {
  assert.deepEqual(faultyEdges(SOURCES), []);
  const names = LAYERS.flat();
  assert.equal(new Set(names).size, names.length, 'a room is in one layer only');
});

test('an edge that leads upward or sideways, that stands twice, or that is unused would be found', () => {
  const found = (edges: typeof EDGES): readonly string[] => faultyEdges(SOURCES, { ...EDGES, ...edges });
  assert.match(found({ log: { code: ['supervisor'] } }).join(), /log → supervisor does not lead to a lower layer/);
  assert.match(found({ log: { code: ['config'] } }).join(), /log → config does not lead to a lower layer/);
  assert.match(found({ log: { code: ['linux'], types: ['linux'] } }).join(), /log → linux stands twice/);
  assert.match(found({ log: { code: ['linux', 'boot'] } }).join(), /log → boot \(code\) is used by no file/);
});

test('a type name is declared once in src/', () => {
  const declared = new Map<string, string[]>();
  for (const { path, text } of SOURCES) {
    for (const [, name = ''] of text.matchAll(/^(?:export )?(?:type|interface|class|enum) (\w+)/gm)) {
      declared.set(name, [...(declared.get(name) ?? []), path]);
    }
  }
  assert.deepEqual(
    [...declared].filter(([, paths]) => paths.length > 1),
    [],
  );
});

test('a value is exported under a name that no other file exports', () => {
  const exported = new Map<string, string[]>();
  for (const { path, text } of SOURCES) {
    for (const [, name = ''] of text.matchAll(/^export (?:async )?(?:const|let|function|class) (\w+)/gm)) {
      // The file of each command exports these: cli/command-file.ts.
      if (path.startsWith('cli/') && ['run', 'options', 'operands'].includes(name)) continue;
      exported.set(name, [...(exported.get(name) ?? []), path]);
    }
  }
  assert.deepEqual(
    [...exported].filter(([, paths]) => paths.length > 1),
    [],
  );
});

test('imports are found in each form', () => {
  const text = `
    import { a,
      type B } from './a.ts';
    import type { C } from "../health/c.ts";
    import 'node:fs';
    import * as all from 'pino';
    import d, { e } from '../../package.json' with { type: 'json' };
    export { f } from './f.ts';
    export type * from './g.ts';
    const h = await import('./h.ts');
    const i = await import(
      './i.ts'
    );
    const j = import(name);
    // import { no } from './no.ts';
  `;
  const found = importsOf({ path: 'probe/x.ts', text }).map(({ kind, to }) => `${kind} ${to}`);
  assert.deepEqual(found, [
    'static probe/a.ts',
    'type health/c.ts',
    'static node:fs',
    'static pino',
    'static ../package.json',
    'static probe/f.ts',
    'type probe/g.ts',
    'lazy probe/h.ts',
    'lazy probe/i.ts',
    'lazy (computed)',
  ]);
});

/** What each rule is there to find, planted into src/ as it is: a file, a line added to it, the violation expected. */
const TRESPASSES: readonly (readonly [path: string, line: string, violation: RegExp])[] = [
  // The pure room.
  ['lifecycle/step.ts', "import { clock } from '../clock.ts';", /lifecycle\/step\.ts must not import clock\.ts/],
  ['lifecycle/step.ts', "import type { Level } from '../log/entry.ts';", /must not import log\/entry\.ts/],
  ['lifecycle/step.ts', "import { inspect } from 'node:util';", /is pure and must not import node:util/],
  ['lifecycle/step.ts', "const x = await import('node:fs');", /is pure and must not import node:fs/],
  // Upward, sideways, or by code where only types are allowed.
  [
    'health/render.ts',
    "import { messageFor } from '../log/messages.ts';",
    /must not import log\/messages\.ts \(static\)/,
  ],
  ['health/render.ts', "const x = await import('../log/log.ts');", /must not import log\/log\.ts \(lazy\)/],
  ['health/render.ts', "import type { Log } from '../log/log.ts';", /must not import log\/log\.ts \(type\)/],
  ['health/render.ts', "import { verdicts } from '../lifecycle/verdict.ts';", /must not import lifecycle\/verdict\.ts/],
  ['health/render.ts', "import { run } from '../run.ts';", /must not import run\.ts/],
  [
    'connections/monitor.ts',
    "import type { X } from '../supervisor/event-loop.ts';",
    /must not import supervisor\/event-loop\.ts \(type\)/,
  ],
  [
    'linux/procfs.ts',
    "import type { X } from '../process/find-leftovers.ts';",
    /must not import process\/find-leftovers\.ts/,
  ],
  ['resources/pressure.ts', "import { x } from '../probe/worker.ts';", /must not import probe\/worker\.ts/],
  ['process/waitid.ts', "import { openLog } from '../log/log.ts';", /must not import log\/log\.ts \(static\)/],
  ['boot/signals.ts', "import { clock } from '../clock.ts';", /boot\/signals\.ts must not import clock\.ts/],
  ['supervisor/supervise.ts', "import { run } from '../run.ts';", /must not import run\.ts/],
  ['cli/help.ts', "import { openLog } from '../log/log.ts';", /cli\/help\.ts must not import log\/log\.ts/],
  [
    'cli/env.ts',
    "import { supervise } from '../supervisor/supervise.ts';",
    /must not import supervisor\/supervise\.ts/,
  ],
  ['main.ts', "import { clock } from './clock.ts';", /main\.ts must not import clock\.ts \(static\)/],
  // Files and rooms that the table does not know.
  ['helpers.ts', "import { clock } from './clock.ts';", /helpers\.ts must not import clock\.ts/],
  ['helpers.ts', 'export const x = 1;', /helpers\.ts is in no layer/],
  ['utils/x.ts', 'export const x = 1;', /utils is in no layer/],
  // Cycles between files of one room.
  ['log/entry.ts', "import { openLog } from './log.ts';", /import cycle: .*log\/entry\.ts/],
  // One owner for each outside thing.
  ['probe/file.ts', "import { spawn } from 'node:child_process';", /does not own node:child_process/],
  ['probe/tcp.ts', "const { execa } = await import('execa');", /does not own execa/],
  ['probe/tcp.ts', "import { Client } from 'undici';", /probe\/tcp\.ts does not own undici/],
  ['config/resolve.ts', "import { Command } from 'commander';", /does not own commander/],
  ['config/file/read-file.ts', "import { parse } from 'yaml';", /config\/file\/read-file\.ts does not own yaml/],
  ['probe/http.ts', "import { connect } from 'node:http2';", /probe\/http\.ts does not own node:http2/],
  ['log/pretty.ts', "import chalk from 'chalk';", /does not own chalk/],
  ['log/pretty.ts', "import x from '@scope/name/part';", /does not own @scope\/name\/part/],
  ['log/pretty.ts', 'const x = await import(name);', /does not own \(computed\)/],
  ['probe/worker.ts', "import { setTimeout } from 'node:timers/promises';", /does not own node:timers\/promises/],
  ['probe/worker.ts', 'setTimeout(next, 1);', /does not own setTimeout\(/],
  ['probe/worker.ts', 'const at = Date.now();', /does not own Date\.now\(/],
  ['supervisor/event-loop.ts', "process.once('SIGTERM', () => {});", /does not own process\.once\(/],
  ['log/log.ts', "process.stderr.write('x');", /does not own process\.stderr/],
  ['cli/help.ts', 'process.exitCode = 1;', /does not own process\.exitCode/],
  ['config/resolve.ts', 'const e = process.env;', /does not own process\.env/],
  ['probe/process.ts', 'process.kill(1, 0);', /does not own process\.kill/],
  ['process/find-leftovers.ts', "const x = '/proc/1/stat';", /does not own "?['"`]\/proc/],
  ['health/server.ts', 'const x = `/sys/fs/cgroup`;', /does not own ['"`]\/sys/],
  ['health/port.ts', "const x = '/proc/self/fd/1';", /does not own ['"`]\/proc\/self\/fd\//],
  ['process/waitid.ts', "const ffi = process.getBuiltinModule('node:ffi');", /does not own getBuiltinModule/],
  // What would be loaded before the app starts.
  ['config/resolve.ts', "import { readDocument } from './file/yaml.ts';", /loads yaml before the app starts/],
  ['log/log.ts', "import { pino } from 'pino';", /log\/log\.ts loads pino before the app starts/],
  ['health/port.ts', "import { createServer as http } from 'node:http';", /loads node:http before the app starts/],
  [
    'supervisor/supervise.ts',
    "import { createProbeWorker } from '../probe/worker.ts';",
    /supervise\.ts loads probe\/worker\.ts before the app starts/,
  ],
  [
    'supervisor/supervise.ts',
    "import { createHookRunner } from '../hooks/runner.ts';",
    /supervise\.ts loads hooks\/runner\.ts before the app starts/,
  ],
  [
    'supervisor/supervise.ts',
    "import { createConnectionMonitor } from '../connections/monitor.ts';",
    /supervise\.ts loads connections\/monitor\.ts before the app starts/,
  ],
  [
    'supervisor/supervise.ts',
    "import { createCollector } from '../metrics/collector.ts';",
    /supervise\.ts loads metrics\/collector\.ts before the app starts/,
  ],
  ['run.ts', "import { printHelp } from './cli/help.ts';", /run\.ts loads cli\/help\.ts before the app starts/],
  ['main.ts', "import 'node:fs';", /main\.ts must import boot\/reexec\.ts before node:fs/],
  // A file that knows many rooms.
  [
    'supervisor/app-effects.ts',
    "import type { X } from '../metrics/recorder.ts';",
    /app-effects\.ts imports 7 rooms \(.*metrics.*\), and may import 6/,
  ],
  [
    'supervisor/deferred-effects.ts',
    "import type { X } from '../metrics/recorder.ts';",
    /deferred-effects\.ts imports 10 rooms \(.*\), and may import 9/,
  ],
  // Long lists of parameters.
  ['log/pretty.ts', 'function f(a: A, b: B, c: C, d: D, e: E): void {}', /has f with 5 parameters/],
  ['log/pretty.ts', 'const f = (a: A, { b }: B, c = [1, 2], d: D, e: E): A => a;', /has f with 5 parameters/],
  ['log/pretty.ts', 'class F { g(a: A, b: B, c: C, d: D, e: E): void {} }', /has g with 5 parameters/],
];

for (const [path, line, violation] of TRESPASSES) {
  test(`a planted trespass is found: ${line} in ${path}`, () => {
    const changed = SOURCES.map((source) =>
      source.path === path ? { path, text: `${line}\n${source.text}` } : source,
    );
    const all = SOURCES.some((source) => source.path === path) ? changed : [...SOURCES, { path, text: line }];
    const found = [...violationsOf(all), ...impureImports(all)];
    assert.ok(
      found.some((each) => violation.test(each)),
      `found ${JSON.stringify(found)}`,
    );
  });
}
