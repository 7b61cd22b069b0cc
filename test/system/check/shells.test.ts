import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parse, stringify } from 'yaml';
import { checkText } from '../../rig/check-run.ts';
import { until } from '../../rig/deadline.ts';
import { needs } from '../../rig/needs.ts';
import { OPTIONS, SCRIPTS, SHELLS } from './shell-cases.ts';

/** Writes its process ID and words into the file $SEEN, and what signal it gets. */
const APP = `#!/bin/bash
trap 'echo TERM >>"$SEEN"; kill $!; exit 7' TERM
sleep 1000 >/dev/null 2>&1 &
printf '%s\\n' "$$" "$@" READY >>"$SEEN"
wait
`;

const WORDS = ['one', 'two three'];
type Case = {
  readonly words: readonly string[];
  readonly fixed: readonly string[];
  readonly found: 'lost' | 'noted' | 'nothing';
};

describe('what k8s-run check says of a shell is what the shell does', { concurrency: false }, () => {
  let folder = '';
  let number = 0;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'shells-'));
    writeFileSync(join(folder, 'app'), APP);
    chmodSync(join(folder, 'app'), 0o755);
  });
  after(() => rmSync(folder, { recursive: true }));

  /** Runs the command line until the app is there, sends SIGTERM to its first process alone, and says what became of it. */
  async function stopped(
    words: readonly string[],
    mayWait: boolean,
  ): Promise<{ readonly appIsFirst: boolean; readonly gotTerm: boolean }> {
    number += 1;
    const seen = join(folder, `seen-${number}`);
    const lines = (): readonly string[] =>
      existsSync(seen) ? readFileSync(seen, 'utf8').split('\n').slice(0, -1) : [];
    const environment = { ...process.env, SEEN: seen, WORDS: 'two three', PATH: `${folder}:${process.env['PATH']}` };
    const [program = '', ...rest] = words;
    const child = spawn(program, rest, { stdio: ['ignore', 'ignore', 'ignore'], detached: true, env: environment });
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    try {
      await until(`the app of ${JSON.stringify(words)}`, () => lines().includes('READY') || hasEnded(child));
      assert.deepEqual(lines().slice(1), [...WORDS, 'READY'], JSON.stringify(words));
      const appIsFirst = lines()[0] === String(child.pid);
      child.kill('SIGTERM');
      // A shell that is not PID 1 dies of the signal, or waits for the app.
      await until(
        'the end of the shell, or the signal at the app',
        () => lines().includes('TERM') || hasEnded(child) || (mayWait && isWaiting(child)),
      );
      if (hasEnded(child)) await ended;
      return { appIsFirst, gotTerm: lines().includes('TERM') };
    } finally {
      if (child.pid !== undefined) killGroup(child.pid);
    }
  }

  for (const shell of SHELLS) {
    const skip = needs(shell[0], 'bash');
    test(`${shell.join(' ')}: the findings are right, and --fix lets the same app get the signal`, {
      skip,
    }, async () => {
      const lines = [
        // zsh executes the last round of a loop in its own place.
        ...SCRIPTS.filter((script) => shell[0] !== 'zsh' || !script.startsWith('for ')).map((script) => [
          ...shell,
          '-c',
          script,
        ]),
        ...OPTIONS.map((options) => [...shell, ...options, 'app one "two three"']),
        ['env', 'A=1', ...shell, '-c', 'app one "two three"'],
        ['/usr/bin/env', '-S', `${shell.join(' ')} -c`, 'app one "two three"'],
      ];
      const cases = await checked(lines);
      for (const { words, fixed, found } of cases) {
        const text = JSON.stringify(words);
        const { gotTerm } = await stopped(words, found === 'lost');
        if (found === 'nothing') assert.equal(gotTerm, true, `not found, but the app gets no signal: ${text}`);
        if (found === 'lost') assert.equal(gotTerm, false, `found, but the app gets the signal: ${text}`);
        if (fixed.join() === words.join()) continue;
        assert.deepEqual(await stopped(fixed, false), { appIsFirst: true, gotTerm: true }, JSON.stringify(fixed));
      }
      const count = cases.filter(({ words, fixed }) => words.join() !== fixed.join()).length;
      if (shell[0] === 'dash') assert.ok(count > 15, `--fix corrects ${count} of ${cases.length}`);
    });
  }
});

/** Each command line as a container without k8s-run, before and after --fix, and whether a rule finds its shell. */
async function checked(lines: readonly (readonly string[])[]): Promise<readonly Case[]> {
  const containers = lines.map((command, index) => ({ name: `c${index}`, image: 'x', command }));
  const pod = stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'x' },
    spec: { containers },
  });
  const report: { findings: readonly { rule: string; reason: string; severity: string }[] } = JSON.parse(
    (await checkText(pod, ['--format', 'json'])).stdout,
  );
  const severities = new Map(
    report.findings
      .filter(({ rule }) => rule === 'shell-entrypoint')
      .map(({ reason, severity }) => [reason.split(' ')[0], severity]),
  );
  const corrected = parse((await checkText(pod, ['--fix'])).stdout);
  return containers.map(({ name, command }, index) => ({
    words: command,
    fixed: corrected.spec.containers[index].command,
    found: severities.get(name) === undefined ? 'nothing' : severities.get(name) === 'note' ? 'noted' : 'lost',
  }));
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

/** The process has taken the signal, and sleeps again. */
function isWaiting({ pid }: ChildProcess): boolean {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return (
      /^State:\s+S/m.test(status) &&
      /^ShdPnd:\s+0+$/m.test(status) &&
      /^SigCgt:\s+[0-9a-f]*[4567cdef][0-9a-f]{3}$/m.test(status)
    );
  } catch {
    return false;
  }
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}
