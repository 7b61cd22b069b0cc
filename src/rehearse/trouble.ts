import type { Trouble } from './facts.ts';
import type { Pod } from './pod.ts';
import { PROBES, type Refusal, refusalWords } from './refusal.ts';

/** Ends a rehearsal early: what it is about is known, and no fault of ours. */
export class Broken extends Error {
  readonly trouble: Trouble;
  constructor(trouble: Trouble) {
    super(trouble.what);
    this.trouble = trouble;
  }
}

export function notStarted(detail: string): Trouble {
  return { kind: 'not started', what: `cannot start the app: ${detail}`, lines: [] };
}

/** `listening`: the ports that it listens on; null where that cannot be seen. */
export function neverReady(
  pod: Pod,
  within: number,
  listening: readonly number[] | null,
  refusal: Refusal | null,
): Trouble {
  const where =
    listening === null
      ? ''
      : listening.length === 0
        ? '; it listens on no port'
        : `; it listens on port ${listening.join(', ')}`;
  if (pod.app() === null) {
    const what = `${named(pod)} was not ready after ${within / 1_000} s: its k8s-run has not started it yet`;
    return { kind: 'held', what, lines: [...pod.lines()] };
  }
  // Who looks for the app's port by itself could only say again what `where` says.
  const said = refusal?.probe === 'probe auto' && where !== '' ? null : refusal;
  const what = `${named(pod)} was not ready after ${within / 1_000} s${where}${refusalWords(said)}`;
  return { kind: said === null ? 'never ready' : 'refused', what, lines: [...pod.lines()] };
}

/** It ended, and nobody had told it to. */
export function endedEarly(pod: Pod, now: number): Trouble {
  const { ready, exitCode, leftovers } = pod.story;
  const lines = [...pod.lines()];
  const failure = pod.failure();
  if (failure !== null) return notStarted(failure);
  const code = `exit code ${exitCode}`;
  if (ready !== null) {
    const after = ((now - ready) / 1_000).toFixed(1);
    return { kind: 'died', what: `${named(pod)} ended by itself, ${after} s after it was ready, with ${code}`, lines };
  }
  if (exitCode === 0 && leftovers.length > 0) {
    const what = `the app's first process ended with ${code} and left others behind: ${leftovers.join(', ')}`;
    return { kind: 'background', what, lines };
  }
  if (lines.some((line) => PORT_TAKEN.test(line))) {
    const about = lines.filter((line) => PORT_TAKEN.test(line) || /port/i.test(line)).join('\n');
    const port = /(?:port\W+|:)(\d{2,5})\b/i.exec(about)?.[1];
    const which = port === undefined ? 'its port' : `port ${port}, which is taken`;
    return { kind: 'port taken', what: `${named(pod)} could not have ${which}, and ended with ${code}`, lines };
  }
  return { kind: 'ended', what: `${named(pod)} ended before it was ready, with ${code}`, lines };
}

/** As Node, Go, Python, Java, nginx and the C library say EADDRINUSE. */
const PORT_TAKEN = /EADDRINUSE|address (is )?already in use|port \S+ (is )?(already )?in use/i;

export function condemned(pod: Pod): Trouble {
  const check = pod.story.ready === null && pod.refusals.has('startup') ? 'startup' : 'live';
  const reason = pod.refusals.get(check);
  const what = `its ${reason?.probe ?? PROBES[check]} failed too often${reason === undefined ? '' : `: ${reason.reason}`}`;
  return {
    kind: 'condemned',
    what: `${named(pod)} would be restarted by the kubelet: ${what}`,
    lines: [...pod.lines()],
  };
}

const named = ({ name }: Pod): string => (name.startsWith('web-') ? `replica ${name}` : name);
