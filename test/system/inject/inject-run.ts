import { type Ended, startWords } from '../../rig/supervised.ts';

export type InjectRun = Ended & { readonly stdout: string; readonly stderr: string };

export const IMAGE: readonly string[] = ['--image', 'registry.example.com/k8s-run:1.0.0'];

/** Runs `k8s-run inject <words>`, with this text in a pipe at stdin. */
export async function runInject(words: readonly string[], text = ''): Promise<InjectRun> {
  await using run = startWords(['inject', ...words], { stdio: ['pipe', 'pipe', 'pipe'] });
  run.child.stdin?.end(text);
  const ended = await run.ended();
  return { ...ended, stdout: run.stdout(), stderr: run.stderr() };
}
