import { constants } from 'node:os';

/** The number of each signal name of this platform, aliases included. */
const NUMBERS = new Map<string, number>(Object.entries(constants.signals));

/** Signals that no process can catch, or that k8s-run must not catch: see boot/signals.ts. */
const NOT_RELAYED = new Set(
  ['KILL', 'STOP', 'CHLD', 'PIPE', 'SEGV', 'BUS', 'ILL', 'FPE', 'TRAP', 'SYS', 'ABRT'].map((name) =>
    NUMBERS.get(`SIG${name}`),
  ),
);

/** Reads `TERM`, `SIGTERM`, `sigterm` or `15`; null for anything else, real-time signals included. */
export function parseSignal(text: string): number | null {
  if (/^\d+$/.test(text)) {
    const number = Number(text);
    return [...NUMBERS.values()].includes(number) ? number : null;
  }
  const name = text.toUpperCase();
  return NUMBERS.get(name.startsWith('SIG') ? name : `SIG${name}`) ?? null;
}

/** The name of a signal, such as `SIGTERM`; when it has aliases, the one that signal(7) lists first. */
export function signalName(signal: number): string {
  for (const [name, number] of NUMBERS) if (number === signal) return name;
  return `signal ${signal}`;
}

/** Whether k8s-run receives this signal, and so can pass it on. */
export function isRelayed(signal: number): boolean {
  return !NOT_RELAYED.has(signal);
}
