import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { type Layer, makeLayer, noMachine, startMachine } from '../../rig/machine.ts';
import { needs } from '../../rig/needs.ts';
import { type Block, linesOf, readBlocks } from './written/blocks.ts';

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
const PAGE = read('docs/tutorial.md');
const BLOCKS = readBlocks('docs/tutorial.md');
const FILES = { 'examples/node-abrupt/server.js': read('examples/node-abrupt/server.js') };

/** The one that begins so. */
function block(start: string): Block {
  const [found, ...others] = BLOCKS.filter(({ text }) => text.startsWith(start));
  assert.ok(found !== undefined && others.length === 0, start);
  return found;
}

/** The names of the rows. A kind of failure may not have happened this time. */
const rowsOf = (report: string): readonly string[] =>
  [...report.matchAll(/^ {2}(\w+(?: \w+)*) {2,}/gm)].map(([, row = '']) => row);

/** Without what differs each time. */
const general = (log: string): readonly string[] =>
  log
    .replace(/^\^C/gm, '')
    .replace(/^\d\d:\d\d:\d\d\.\d{3} /gm, '')
    .replace(/process \d+/g, 'process N')
    .replace(/[\d.]+m?s after/g, 'N after')
    .trim()
    .split('\n');

describe('docs/tutorial.md as a stranger types it', { skip: noMachine || needs('curl'), concurrency: 3 }, () => {
  let layer: Layer;
  before(() => {
    layer = makeLayer();
  });
  after(() => layer[Symbol.dispose]());

  test('the demo prints a report with the rows of the page', { timeout: 300_000 }, async () => {
    await using machine = await startMachine({ layers: [layer.path] }, FILES);
    assert.ok(linesOf(block('npm ci')).includes('npm run demo'));
    const { demo } = JSON.parse(read('package.json')).scripts;
    const { code, out, said } = await machine.run(demo.replace('node bin/k8s-run.js', 'k8s-run'));
    assert.equal(code, 0, said);
    const shown = block('51 requests lost').text;
    const rows = new Set(rowsOf(out));
    for (const row of rowsOf(shown).filter((name) => name !== 'failures')) assert.ok(rows.has(row), `${row}\n${out}`);
    assert.match(out, /^\d+ requests lost without k8s-run, 0 with it\.$/m);
  });

  test('the rehearsal with kept-alive connections reports, and exits with 1 if a request was lost', {
    timeout: 300_000,
  }, async () => {
    await using machine = await startMachine({ layers: [layer.path] }, FILES);
    const [line = ''] = linesOf(block('k8s-run rehearse'));
    const { code, out, said } = await machine.run(line);
    const [, failed] = /^ {2}requests +(\d+) of \d+ failed/m.exec(out) ?? [];
    assert.equal(code, failed === '0' ? 0 : 1, said);
  });

  test('the log of a shutdown is that of the page, and the requests are answered as it says', async () => {
    await using machine = await startMachine({ layers: [layer.path] }, FILES);
    const curl = async (line: string): Promise<string> =>
      (await machine.run(line.replace('curl', 'curl --silent'))).out;
    const terminal = machine.open(linesOf(block('k8s-run -- node'))[0] ?? '');
    await terminal.shows(/ ready /);
    const start = terminal.shown();
    assert.deepEqual(general(start), general(block('20:31:07.120').text));
    const [, verbose = '', status = ''] = linesOf(block("curl -i localhost:20080/readyz\ncurl '"));
    assert.match(await curl('curl -i localhost:20080/readyz'), /^HTTP\/1.1 200 OK\r\n[\s\S]*\nok$/);
    assert.match(await curl(verbose), /^readyz check passed$/m);
    assert.equal(JSON.parse(await curl(status)).state, 'running');
    const [app = '', ready = ''] = linesOf(block('curl localhost:8080/'));
    // Before the shutdown, because on a busy machine a shell may take longer to start than the delay lasts.
    const failing =
      'until [ "$(curl -so /dev/null -w "%{http_code}" localhost:20080/readyz)" = 503 ]; do sleep 0.05; done';
    const asks = [app, ready].map((line) => line.replace('curl', 'curl --silent'));
    const asked = machine.run(['touch waits', failing, ...asks].join('; '));
    await machine.run('until [ -e waits ]; do sleep 0.05; done');
    terminal.press('\x03');
    assert.match((await asked).out, /^hello\nHTTP\/1.1 503 [\s\S]*shutting down/);
    assert.equal(await terminal.ended(), 130);
    assert.deepEqual(general(terminal.shown().slice(start.length)), general(block('20:31:40.001').text));
  });

  test('the manifest and the examples that the page names are there', () => {
    for (const [, path = ''] of PAGE.matchAll(/`?(examples\/[\w/.-]+)/g))
      read(path.replace(/(node-\w+)$/, '$1/server.js'));
  });
});
