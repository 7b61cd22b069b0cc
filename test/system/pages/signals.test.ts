import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { soon, until } from '../../rig/deadline.ts';
import { needs } from '../../rig/needs.ts';
import { BIN, cleanEnvironment, killGroup } from '../../rig/supervised.ts';

const PAGE = readFileSync(new URL('../../../docs/how-to/signals.md', import.meta.url), 'utf8');
const ROWS = [...PAGE.matchAll(/^\| `((tini|dumb-init) .*?)` +\| `(k8s-run .*?)` +\|$/gm)];

/** Says what it hears, has a child in its group that does too, and exits 143 on TERM, 9 on QUIT. */
const APP = `
hear() { for s in HUP USR1 USR2; do trap "echo $1 $s" $s; done; trap "echo $1 TERM; exit 143" TERM; trap "echo $1 QUIT; exit 9" QUIT; }
(hear child; echo child up; while :; do sleep 0.02; done) &
hear app
echo pids $$ $!
while :; do sleep 0.02; done`;

type Observed = { readonly heard: readonly string[]; readonly code: unknown };

test('signals.md has tables of tini and dumb-init', () => {
  assert.deepEqual(new Set(ROWS.map(([, , program]) => program)), new Set(['tini', 'dumb-init']));
  assert.equal(ROWS.length, 11);
});

for (const [, theirs = '', program, ours = ''] of ROWS) {
  const skip = needs(program as 'tini' | 'dumb-init');
  test(`signals.md: ${theirs} does the same as ${ours}`, { skip }, async () => {
    const expected = await observe(theirs.split(' '));
    assert.ok(expected.heard.includes('app USR2'));
    assert.deepEqual(await observe([process.execPath, BIN, ...ours.split(' ').slice(1)]), expected);
  });
}

/** What a command line makes of HUP, USR2 and TERM: who of the app and its child hears them, and the code. */
async function observe(line: readonly string[]): Promise<Observed> {
  assert.deepEqual(line.slice(-2), ['--', 'app']);
  const [file = '', ...words] = [...line.slice(0, -1), 'sh', '-c', APP];
  // A grace that is given in full where a shell's child in the background ignores QUIT (POSIX, 2.11), and is left over.
  const env = { ...cleanEnvironment(), K8S_RUN_HEALTH_PORT: '0', K8S_RUN_GRACE: '5s' };
  const child = spawn(file, words, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const exited = once(child, 'exit');
  const pid = child.pid ?? 0;
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const transcript = (): string => `${output}--- stderr\n${said}`;
  const says = (what: RegExp): Promise<RegExpExecArray> =>
    until(`${line.join(' ')}: ${what}`, () => what.exec(output), transcript);
  const pids: number[] = [];
  try {
    pids.push(...(await says(/pids (\d+) (\d+)\n/)).slice(1).map(Number));
    await says(/child up\n/);
    process.kill(pid, 'SIGHUP');
    process.kill(pid, 'SIGUSR2');
    await says(/app USR2\n/);
    // A shell runs its pending traps by number, USR1 before USR2: after the second round whatever the group was sent is told.
    for (const round of ['(child USR1\\n)', '(child USR1\\n[\\s\\S]*){2}']) {
      process.kill(pids[1] ?? 0, 'SIGUSR1');
      await says(new RegExp(round));
    }
    const heard = output.split('\n').filter((each) => /^(app|child) /.test(each) && !/ up$|USR1/.test(each));
    process.kill(pid, 'SIGTERM');
    const [code] = await soon('the exit', exited, transcript);
    const last = await says(/app (TERM|QUIT)\n/);
    return { heard: [...heard.sort(), `app ${last[1]}`], code };
  } finally {
    for (const each of [pid, ...pids]) killGroup(each);
  }
}
