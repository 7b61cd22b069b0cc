import assert from 'node:assert/strict';
import type { Outcome, Reported } from '../../src/check/check.ts';
import { startWords } from './supervised.ts';

export type Checked = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** `k8s-run check <words> -` over this text, through a pipe. */
export async function checkText(text: string, words: readonly string[] = []): Promise<Checked> {
  await using run = startWords(['check', ...words, '-'], { stdio: ['pipe', 'pipe', 'pipe'] });
  run.child.stdin?.end(text);
  const { code } = await run.ended();
  return { code, stdout: run.stdout(), stderr: run.stderr() };
}

export async function outcomeOf(text: string): Promise<Outcome> {
  const { stdout, stderr, code } = await checkText(text, ['--format', 'json']);
  assert.equal(stderr, '');
  const outcome: Outcome = JSON.parse(stdout);
  assert.equal(code, outcome.findings.some(({ severity }) => severity !== 'note') ? 1 : 0);
  return outcome;
}

/** What is found in a text. */
export async function findingsIn(text: string): Promise<readonly Reported[]> {
  return (await outcomeOf(text)).findings;
}
