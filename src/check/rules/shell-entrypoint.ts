import { type Finding, type FindingDetails, findingAt } from '../finding.ts';
import { set } from '../fix/edit.ts';
import { field, type ManifestNode, scalarOf, textOf, wordsOf } from '../manifest-node.ts';
import { shellsNamed } from '../shell/image-shell.ts';
import { fateOfSignals, isIdleCommand, type SignalFate } from '../shell/signal-fate.ts';
import { withExec } from '../shell/with-exec.ts';
import { type ShellCommand, shellCommandOf } from '../shell-script.ts';
import type { Container, Workload } from '../workload.ts';

type Lost = Extract<SignalFate, { kind: 'lost' }>;

/** Whether the app gets the stop signal although a shell runs it. */
export function shellEntrypointRules(workload: Workload): readonly Finding[] {
  return workload.containers.flatMap((container) => shellEntrypoint(workload, container));
}

function shellEntrypoint(workload: Workload, container: Container): readonly Finding[] {
  const { node, name, entrypoint } = container;
  if (entrypoint.kind === 'invalid') return [];
  const underK8sRun = entrypoint.kind === 'k8s-run' && !entrypoint.behindShell;
  // k8s-run signals the whole process group, so a shell between does no harm.
  if (underK8sRun && entrypoint.options.signalScope === 'group') return [];
  const words = wordsIn(node);
  const command = underK8sRun ? entrypoint.command : words.map(({ text }) => text);
  const shell = shellCommandOf(command);
  if (shell === null || shell.signalsAll) return [];
  const shells = shellsNamed(shell.shell, textOf(field(node, 'image')) ?? '');
  const fate = fateOfSignals(shell.script, shells);
  if (fate.kind === 'reaches the app') return [];
  const at = words[words.length - command.length + (shell.index ?? 0)];
  const isThere = at !== undefined && shell.index !== null && at.text === shell.script;
  const corrected = withExec(shell.script, { readsProfile: shell.readsProfile, shells });
  return [
    findingAt(isThere ? at.node : node, {
      rule: 'shell-entrypoint',
      reason: `${name} ${reasonFor({ workload, shell, fate, underK8sRun })}`,
      ...REMEDIES[fate.cause],
      ...severityOf(workload, container, fate),
      edits: corrected === null || !isThere ? [] : set(at.node, corrected),
    }),
  ];
}

/** Whether a shell is in front of the app that the stop signal, which the container gets, may not pass. */
export function keepsSignals({ node }: Container): boolean {
  const shell = shellCommandOf(wordsIn(node).map(({ text }) => text));
  if (shell === null || shell.signalsAll) return false;
  const shells = shellsNamed(shell.shell, textOf(field(node, 'image')) ?? '');
  return fateOfSignals(shell.script, shells).kind === 'lost';
}

/** Whether the container is only there to run commands in, and answers no requests: `sleep infinity`, `tail -f /dev/null`. */
export function onlyWaits({ entrypoint }: Container): boolean {
  if (entrypoint.kind !== 'other' || entrypoint.command === null) return false;
  return isIdleCommand(entrypoint.command, shellCommandOf(entrypoint.command)?.script ?? null);
}

/** The words of command and args, as they are written. */
function wordsIn(container: ManifestNode): readonly { readonly text: string; readonly node: ManifestNode }[] {
  return ['command', 'args'].flatMap((key) => {
    const list = field(container, key);
    return (wordsOf(list) ?? []).map((text, index) => ({ text, node: field(list, index) }));
  });
}

type Situation = {
  readonly workload: Workload;
  readonly shell: ShellCommand;
  readonly fate: Lost;
  readonly underK8sRun: boolean;
};

function reasonFor({ workload: { pod }, shell, fate, underK8sRun }: Situation): string {
  const program = `${shell.program} -c`;
  const where = WHERE[fate.where];
  if (underK8sRun) {
    const cause = `k8s-run signals only the shell (--signal-scope process), and ${program} does not pass SIGTERM on to the app`;
    return `is killed at the end of the grace period, because ${cause}${where}`;
  }
  // Only as PID 1 a shell ignores SIGTERM.
  const isPid1 = shell.init === null && !isTrue(pod, 'shareProcessNamespace') && !isTrue(pod, 'hostPID');
  if (!isPid1 && fate.cause !== 'trap') {
    const by = shell.init === null ? '' : ` from ${shell.init}`;
    return `is killed as soon as its pod is stopped, because SIGTERM${by} ends only ${program}, which does not pass it on to the app${where}`;
  }
  const cause =
    fate.cause === 'trap'
      ? `${program} runs its trap only when the command that it waits for has ended`
      : `the shell is PID 1, and ${program} does not pass SIGTERM on to the app`;
  return `is killed at the end of the grace period, because ${cause}${where}`;
}

const WHERE: Readonly<Record<Lost['where'], string>> = {
  everywhere: '',
  'some shells': ' if it is dash, as in the images of Debian and Ubuntu',
  'old bash': ' before bash 5.1',
};

const REMEDIES: Readonly<Record<Lost['cause'], Pick<FindingDetails, 'remedy'>>> = {
  command: {},
  loop: { remedy: 'Run the app without a loop: the kubelet restarts it, or k8s-run --restart always' },
  pipeline: { remedy: 'Run the app without the pipeline; k8s-run before the script signals all its processes' },
  background: {
    remedy:
      'Write `exec` before the app that comes last, or run the script by k8s-run, which signals all its processes',
  },
  trap: { remedy: 'Run the app in the background, and let the script wait for it: app & wait' },
};

function severityOf(
  { servesRequests }: Workload,
  { node }: Container,
  { where, isIdle }: Lost,
): Pick<FindingDetails, 'severity'> {
  // A Job that is killed runs again, and no client waits for its answers.
  if (!servesRequests || isIdle || where === 'old bash') return { severity: 'note' };
  // Whether the image has an ENTRYPOINT in front is not known.
  return where === 'some shells' || wordsOf(field(node, 'command')) === null ? { severity: 'warning' } : {};
}

function isTrue(pod: ManifestNode, key: string): boolean {
  return scalarOf(field(pod, key)) === true;
}
