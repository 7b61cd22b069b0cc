import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CODE_OWNERS, IMPORT_OWNERS, impureImports, isOwner, violationsOf } from './architecture/rules.ts';
import { codeOf, importsOf, readSources } from './architecture/sources.ts';

const SOURCES = readSources();

test('src/ keeps the rules of the house', () => {
  assert.ok(SOURCES.length > 40, 'src/ was read');
  assert.deepEqual(violationsOf(SOURCES), []);
  assert.deepEqual(impureImports(SOURCES), []);
});

test('every owner has what it owns', () => {
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

/** What each rule is there to find, put into the house as it is: a file, a line added to it, the sentence expected. */
const TRESPASSES: readonly (readonly [path: string, line: string, violation: RegExp])[] = [
  ['lifecycle/step.ts', "import { clock } from '../clock.ts';", /lifecycle\/step\.ts must not import clock\.ts/],
  ['lifecycle/step.ts', "import type { Level } from '../log/entry.ts';", /must not import log\/entry\.ts/],
  ['lifecycle/step.ts', "import { inspect } from 'node:util';", /is pure and must not import node:util/],
  ['lifecycle/step.ts', "const x = await import('node:fs');", /is pure and must not import node:fs/],
  ['health/render.ts', "import { wordsFor } from '../log/words.ts';", /must not import log\/words\.ts \(static\)/],
  ['health/render.ts', "const x = await import('../log/log.ts');", /must not import log\/log\.ts \(lazy\)/],
  ['health/render.ts', "import type { Log } from '../log/log.ts';", /must not import log\/log\.ts \(type\)/],
  ['health/render.ts', "import { verdicts } from '../lifecycle/verdict.ts';", /must not import lifecycle\/verdict\.ts/],
  ['health/render.ts', "import { run } from '../run.ts';", /must not import run\.ts/],
  ['cli/help.ts', "import { openLog } from '../log/log.ts';", /cli\/help\.ts must not import log\/log\.ts/],
  ['cli/env.ts', "import { clock } from '../supervision.ts';", /cli\/env\.ts must not import supervision\.ts/],
  ['probe/file.ts', "import { spawn } from 'node:child_process';", /does not own node:child_process/],
  ['probe/tcp.ts', "const { execa } = await import('execa');", /does not own execa/],
  ['probe/tcp.ts', "import { Client } from 'undici';", /probe\/tcp\.ts does not own undici/],
  ['config/parse.ts', "import { Command } from 'commander';", /does not own commander/],
  ['config/file.ts', "import { parse } from 'yaml';", /config\/file\.ts does not own yaml/],
  ['config/parse.ts', "import { readDocument } from './document.ts';", /loads yaml before the app starts/],
  ['probe/http.ts', "import { connect } from 'node:http2';", /probe\/http\.ts does not own node:http2/],
  ['log/log.ts', "import { pino } from 'pino';", /log\/log\.ts loads pino before the app starts/],
  ['log/pretty.ts', "import chalk from 'chalk';", /does not own chalk/],
  ['log/pretty.ts', "import x from '@scope/name/part';", /does not own @scope\/name\/part/],
  ['log/pretty.ts', 'const x = await import(name);', /does not own \(computed\)/],
  ['probe/poller.ts', "import { setTimeout } from 'node:timers/promises';", /does not own node:timers\/promises/],
  ['probe/poller.ts', 'setTimeout(next, 1);', /does not own setTimeout\(/],
  ['probe/poller.ts', 'const at = Date.now();', /does not own Date\.now\(/],
  ['supervisor.ts', "process.once('SIGTERM', () => {});", /does not own process\.once\(/],
  ['log/log.ts', "process.stderr.write('x');", /does not own process\.stderr/],
  ['cli/help.ts', 'process.exitCode = 1;', /does not own process\.exitCode/],
  ['config/parse.ts', 'const e = process.env;', /does not own process\.env/],
  ['probe/process.ts', 'process.kill(1, 0);', /does not own process\.kill/],
  ['process/tree.ts', "const x = '/proc/1/stat';", /does not own "?['"`]\/proc/],
  ['health/server.ts', 'const x = `/sys/fs/cgroup`;', /does not own ['"`]\/sys/],
  ['health/port.ts', "const x = '/proc/self/fd/1';", /does not own ['"`]\/proc\/self\/fd\//],
  ['main.ts', "import { clock } from './clock.ts';", /main\.ts must not import clock\.ts \(static\)/],
  ['main.ts', "import 'node:fs';", /main\.ts must import start-over\.ts before node:fs/],
  ['process/tree.ts', "const ffi = process.getBuiltinModule('node:ffi');", /does not own getBuiltinModule/],
  ['signals.ts', "import { constants } from './process/child.ts';", /signals\.ts must not import process\/child\.ts/],
  ['policy.ts', "import { run } from './run.ts';", /import cycle: .*policy\.ts/],
  ['container/procfs.ts', "import type { Log } from '../process/tree.ts';", /import cycle: (container|process) → /],
  ['health/port.ts', "import { createServer as http } from 'node:http';", /loads node:http before the app starts/],
  ['helpers.ts', "import { clock } from './clock.ts';", /helpers\.ts must not import clock\.ts/],
];

for (const [path, line, violation] of TRESPASSES) {
  test(`it is found: ${line} in ${path}`, () => {
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
