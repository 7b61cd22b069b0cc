import type { AppFailure } from '../results.ts';
import type { Pod } from './pod.ts';
import { type ProbeFailure, probeFailureClause, STANZA_NAMES } from './probe-failure.ts';

/** Ends a run early because of the app, not because of a bug of ours. */
export class AppFailed extends Error {
  readonly failure: AppFailure;
  constructor(failure: AppFailure) {
    super(failure.text);
    this.failure = failure;
  }
}

export function notStarted(detail: string): AppFailure {
  return { kind: 'not started', text: `cannot start the app: ${detail}`, output: [] };
}

/** `listening`: the ports that the app listens on; null: not known. */
export function neverReady(
  pod: Pod,
  within: number,
  listening: readonly number[] | null,
  probeFailure: ProbeFailure | null,
): AppFailure {
  const output = [...pod.lastOutput()];
  const text = `${named(pod)} was not ready after ${within / 1_000} s`;
  if (pod.appPid() === null)
    return { kind: 'start held back', text: `${text}: its k8s-run has not started the app yet`, output };
  const ports = listeningClause(listening);
  // That `auto` finds no open port is what `ports` says already.
  const shown = probeFailure?.probe === 'probe auto' && ports !== '' ? null : probeFailure;
  const kind = shown === null ? 'never ready' : 'probe fails';
  return { kind, text: `${text}${ports}${probeFailureClause(shown)}`, output };
}

function listeningClause(ports: readonly number[] | null): string {
  if (ports === null) return '';
  return ports.length === 0 ? '; it listens on no port' : `; it listens on port ${ports.join(', ')}`;
}

/** The app exited although nothing had told it to. `now`: milliseconds since the run began. */
export function exitedByItself(pod: Pod, now: number): AppFailure {
  const { ready, exitCode, leftovers } = pod.timeline;
  const output = [...pod.lastOutput()];
  const startError = pod.startError();
  if (startError !== null) return notStarted(startError);
  const exited = `exited with code ${exitCode}`;
  if (ready !== null) {
    const after = ((now - ready) / 1_000).toFixed(1);
    return { kind: 'exited while serving', text: `${named(pod)} ${exited}, ${after} s after it was ready`, output };
  }
  if (exitCode === 0 && leftovers.length > 0) {
    const text = `the first process of the app ${exited} and left others running: ${leftovers.join(', ')}`;
    return { kind: 'daemonized', text, output };
  }
  if (output.some((line) => PORT_TAKEN.test(line))) {
    const port = portIn(output);
    const which = port === null ? 'its port' : `port ${port}, which is taken`;
    return { kind: 'port taken', text: `${named(pod)} could not bind ${which}, and ${exited}`, output };
  }
  return { kind: 'exited early', text: `${named(pod)} ${exited} before it was ready`, output };
}

/** EADDRINUSE in the words of Node, Go, Python, Java, nginx and the C library. */
const PORT_TAKEN = /EADDRINUSE|address (is )?already in use|port \S+ (is )?(already )?in use/i;

function portIn(output: readonly string[]): string | null {
  const lines = output.filter((line) => PORT_TAKEN.test(line) || /port/i.test(line));
  return /(?:port\W+|:)(\d{2,5})\b/i.exec(lines.join('\n'))?.[1] ?? null;
}

/** Its liveness or startup probe has failed as often as failureThreshold allows. */
export function restartDue(pod: Pod): AppFailure {
  const probe = pod.timeline.ready === null && pod.probeFailures.has('startup') ? 'startup' : 'live';
  const failure = pod.probeFailures.get(probe);
  const reason = failure === undefined ? '' : `: ${failure.reason}`;
  const text = `the kubelet would restart ${named(pod)}: its ${failure?.probe ?? STANZA_NAMES[probe]} failed too often${reason}`;
  return { kind: 'restart due', text, output: [...pod.lastOutput()] };
}

const named = ({ name }: Pod): string => (name.startsWith('web-') ? `replica ${name}` : name);
