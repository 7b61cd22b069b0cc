import assert from 'node:assert/strict';
import { chmod, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { FILE_KEYS } from '../../../../src/config/file/read-file.ts';
import { readConfig } from '../../../../src/config/resolve.ts';
import { mistakesOf, parse, temporaryFile } from '../../../rig/config-file.ts';

/** A config file, and the mistakes in it, in their order. */
const WRONG: Readonly<Record<string, readonly [text: string, mistakes: readonly RegExp[]]>> = {
  'is empty': ['', [/^cannot use --config F: it is empty; write /]],
  'holds comments only': ['# nothing\n', [/it is empty/]],
  'is a list': ['- grace', [/F:1:1 the file: must be a map; the reference lists all keys$/]],
  'is invalid YAML': [
    'grace: 1s\n  ready: none\n',
    [/^cannot read --config F:1:8: .*check the indentation/, /F:1:8: /],
  ],
  'is invalid JSON': ['{"grace": 1,\n "ready": }\n}', [/^cannot read --config F:3:/]],
  'holds two documents': [
    'grace: 1\n---\ngrace: 2\n',
    [/^cannot read --config F:2:1: a second YAML document begins; keep one/],
  ],
  'holds a key twice': ['grace: 1\nready: none\ngrace: 2\n', [/^cannot use F:3:1 grace: already set at F:1:1;/]],
  'holds unknown keys': [
    'graze: 1\nshutdown-delay: 2\nxyzzy: 3\n',
    [
      /^cannot use F:1:1 graze: unknown key; did you mean grace\?$/,
      /^cannot use F:2:1 shutdown-delay: unknown key; did you mean shutdownDelay\?$/,
      /^cannot use F:3:1 xyzzy: unknown key; the reference lists all keys$/,
    ],
  ],
  'holds wrong values': [
    'grace: soon\nstopOn: [TERM, KILL]\nrewrite:\n  HUP: NOPE\nhealthPort: true\ninteractive: 3\n',
    [
      /^cannot use F:1:8 grace "soon": not a duration; write 25s/,
      /^cannot use F:2:10 stopOn "TERM,KILL": "KILL": SIGKILL never reaches k8s-run \(at F:2:16\)$/,
      /^cannot use F:4:3 rewrite "HUP:NOPE": not a signal/,
      /^cannot use F:5:13 healthPort "true": must be a port/,
      /^cannot use F:6:14 interactive "3": must be one of true/,
    ],
  ],
  'holds lists and maps where one value is expected': [
    'grace: [1, 2]\nlogLevel: {a: b}\nready: [none]\nrewrite: {HUP: [A]}\nstopOn: {TERM: 1}\n',
    [
      /F:1:8 grace: must be a single value/,
      /F:2:11 logLevel: must be a single value/,
      /F:3:8 ready: must be a single value/,
      /F:4:16 rewrite.HUP: must be a single value/,
      /F:5:9 stopOn: must be a single value/,
    ],
  ],
  'has mistakes of every kind in any order': [
    'shutdownDelay: 9s\ngrace: 9s\nterminationGracePeriod: 9s\nready: http://:20080\nxyzzy: 1\nchecks:\n  - { name: ready, probe: x }\nrestart: x\nlive: { exec: { command: [cat, 5] } }\n',
    [
      /F:3:25 term/,
      /F:4:8 ready/,
      /F:5:1 xyzzy/,
      /F:7:13 checks.name/,
      /F:7:27 checks/,
      /F:8:10 restart/,
      /F:9:32 live.exec/,
    ],
  ],
  'has mistakes inside of lists': [
    'stopOn:\n  - TERM\n  - KILL\nrewrite: [HUP:QUIT, A:B]\nwaitFor: ["tcp://a:1", x]\nenvDir: [/a, ""]\nready: { httpGet: { port: 1, httpHeaders: [{ name: Host, value: a }, { name: host, value: b }] } }\n',
    [
      /F:2:5 stopOn "TERM,KILL": "KILL": .* \(at F:3:5\)$/,
      /F:4:21 rewrite "A:B"/,
      /F:5:24 waitFor "x"/,
      /F:6:14 envDir ""/,
      /F:7:70 ready.httpGet.httpHeaders: Host is set twice/,
    ],
  ],
  'has a pair twice': ['rewrite:\n  HUP: QUIT\n  HUP: TERM\n', [/F:3:3 rewrite.HUP: already set at F:2:3/]],
  'contradicts itself': [
    'rewrite: { TERM: 0 }\nstopOn: TERM\n',
    [/F:1:12 rewrite SIGTERM:0: .* take it out of F:2:9 stopOn/],
  ],
  'probes k8s-run itself': [
    'ready: http://:20080/readyz\nlive: { tcpSocket: { port: 20080 } }\nchecks: [{ name: a, probe: grpc://localhost:20080 }]\n',
    [
      /^cannot use F:1:8 ready http:\/\/:20080\/readyz: port 20080 is the health port of k8s-run itself/,
      /^cannot use F:2:1 live tcp:/,
      /^cannot use F:3:10 checks a grpc:/,
    ],
  ],
  'names an anchor that does not exist': ['grace: *nope\n', [/F:1:8: no anchor &nope before it/]],
  'has an alias inside its own anchor': ['grace: &a [*a]\n', [/nested too deeply/]],
  'merges a scalar': ['ready: &a none\nlive: { <<: *a }\n', [/^cannot read --config F:2:9: << merges a map/]],
  'merges itself': ['ready: &a { <<: *a }\n', [/nested too deeply/]],
  'merges a map with a mistake': [
    'ready: &a { grpc: { port: 1 }, periodSecond: 3 }\nlive: { <<: *a, timeoutSeconds: x }\n',
    [/F:1:32 periodSecond: unknown key/, /F:1:32 periodSecond: unknown key/, /F:2:33 live\.timeoutSeconds "x"/],
  ],
  'has a merge key in quotes': ['{"<<": {"grace": 1}}', [/F:1:2 "<<": unknown key/]],
  'is nested five thousand levels deep': [
    '['.repeat(5_000),
    [/^cannot read --config F:1:\d+: nested too deeply; 32 levels at most$/],
  ],
  'has unknown tags': ['grace: !!binary aGk=\nready: !none x\n', [/F:2:8: Unresolved tag: !none/]],
  'has a list for a key': ['? [a]\n: 1\n', [/F:1:3: a key must be a scalar/]],
};

for (const [what, [text, patterns]] of Object.entries(WRONG)) {
  test(`a config file that ${what} is reported with positions`, async () => {
    const mistakes = await mistakesOf(text);
    assert.equal(mistakes.length, patterns.length, mistakes.join('\n'));
    for (const [index, pattern] of patterns.entries()) assert.match(String(mistakes[index]), pattern);
  });
}

test('a config file whose aliases multiply is rejected early, in lists, maps and merge keys', async () => {
  const line = (name: string, of: string): string => `${name}: &${name} [${Array(9).fill(`*${of}`).join(', ')}]\n`;
  const bomb = `a: &a [x]\n${line('b', 'a')}${line('c', 'b')}${line('d', 'c')}${line('e', 'd')}${line('f', 'e')}`;
  assert.match((await mistakesOf(bomb)).join(), /more than 100 aliases/);
  const wide = `a: &a [${'x, '.repeat(50_000)}]\nb: [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]\n`;
  assert.match((await mistakesOf(wide)).join(), /more than 100000 nodes/);
  const layer = (name: string, of: string): string =>
    `${name}: &${name} { <<: [${Array(9).fill(`*${of}`).join(', ')}] }\n`;
  const merging = `a: &a { x: 1 }\n${layer('b', 'a')}${layer('c', 'b')}${layer('d', 'c')}${layer('e', 'd')}`;
  assert.match((await mistakesOf(merging)).join(), /more than 100 aliases/);
});

test('a config file with a thousand mistakes reports the first 25 and counts the rest', async () => {
  const mistakes = await mistakesOf(Array.from({ length: 1_000 }, (_, index) => `k${index}: 1\n`).join(''));
  assert.equal(mistakes.length, 26);
  assert.match(String(mistakes[0]), /k0: unknown key/);
  assert.match(String(mistakes.at(-1)), /F: 975 more mistakes$/);
});

test('a config file that cannot be read is one mistake with its cause', async () => {
  await using file = await temporaryFile('grace: 1s');
  const folder = dirname(file.path);
  const at = async (path: string): Promise<string> => {
    const parsed = await readConfig([{ key: 'config', source: '--config', text: path }], {});
    assert.ok('mistakes' in parsed, path);
    assert.equal(parsed.mistakes.length, 1);
    return String(parsed.mistakes[0]?.text);
  };
  assert.equal(await at(folder), `cannot read --config ${folder}: it is a directory; name a file in it`);
  assert.match(await at('/no/such/file'), /^cannot read --config \/no\/such\/file: no such file$/);
  assert.match(await at(`${file.path}/x`), /no such file$/);
  assert.match(await at('/dev/zero'), /not a regular file or a pipe$/);
  await symlink('loop', join(folder, 'loop'));
  assert.match(await at(join(folder, 'loop')), /its symbolic links form a loop$/);
  if (process.getuid?.() !== 0) {
    await chmod(file.path, 0);
    assert.match(await at(file.path), /permission denied$/);
  }
  assert.match((await mistakesOf(Buffer.alloc(1024 * 1024 + 1, '#'))).join(), /larger than 1 MiB$/);
  assert.match((await mistakesOf(Buffer.from([0xff, 0xfe, 0x67, 0]))).join(), /not UTF-8 text$/);
  assert.match((await mistakesOf('grace: 1s\0')).join(), /not UTF-8 text$/);
  assert.match((await mistakesOf(Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]))).join(), /not UTF-8 text$/);
});

test('any text as a config file gives a configuration, or mistakes that name the file', async () => {
  const words = fc.constantFrom(...FILE_KEYS, 'checks', 'readinessProbe', 'httpGet', 'name', 'tags', 'probe', 'port');
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.double()),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(words, tie('tree'), { maxKeys: 4 }),
    ),
  }));
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.dictionary(words, tree, { maxKeys: 5 }).map((v) => JSON.stringify(v)),
        fc.string(),
      ),
      async (text) => {
        const parsed = await parse(text);
        if ('ok' in parsed) return;
        for (const mistake of parsed.mistakes) assert.match(mistake.text, /^cannot (use|read) (--config )?F[: ]/);
      },
    ),
    { numRuns: 200 },
  );
});
