import { programNamed, programOfImage, recognize } from '../../programs/recognize.ts';
import { type Finding, findingAt } from '../finding.ts';
import { remove } from '../fix/edit.ts';
import { field, isSet, textOf } from '../manifest-node.ts';
import type { Container, Workload } from '../workload.ts';

/**
 * `lifecycle.stopSignal`, of Kubernetes 1.33 (KEP-4960), which replaces the STOPSIGNAL of the image. Where its feature gate is off
 * the API server drops it, so nothing here is certain.
 */
export function stopSignalRules(workload: Workload): readonly Finding[] {
  return workload.containers.flatMap((container) => stopSignal(workload, container));
}

/** Of the names in api/core/v1 Signal; for Windows only the first two. */
const SIGNALS: ReadonlySet<string> = new Set(
  `KILL TERM ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT PIPE POLL PROF PWR QUIT SEGV STKFLT STOP SYS TRAP TSTP TTIN TTOU URG
  USR1 USR2 VTALRM WINCH XCPU XFSZ`.split(/\s+/),
);

function stopSignal({ pod }: Workload, { node, name, entrypoint }: Container): readonly Finding[] {
  const at = field(node, 'lifecycle', 'stopSignal');
  const given = textOf(at);
  if (given === null) return [];
  const rule = 'stop-signal';
  const found = (reason: string, remedy: string, edits: Finding['edits'] = []): Finding =>
    findingAt(at, { rule, reason, remedy, edits });
  const signal = given.replace(/^SIG/, '');
  const isReal = /^RTM(IN|AX)([+-]\d+)?$/.test(signal);
  if (!given.startsWith('SIG') || !(SIGNALS.has(signal) || isReal))
    return [
      found(
        `The API server rejects the stopSignal ${JSON.stringify(given)} of ${name}, because it is no name of a signal`,
        SIGNALS.has(signal.toUpperCase()) ? `stopSignal: SIG${signal.toUpperCase()}` : 'stopSignal: SIGTERM',
      ),
    ];
  if (!isSet(field(pod, 'os', 'name')))
    return [
      found(
        `The API server rejects the stopSignal of ${name}, because the pod does not say for which system it is`,
        'os: { name: linux } in the spec of the pod',
      ),
    ];
  if (signal === 'KILL' || signal === 'STOP')
    return [
      found(
        `${name} gets SIG${signal} as its stopSignal, which no program can handle, so it has no time to shut down`,
        'stopSignal: SIGTERM, or remove it',
        remove(at),
      ),
    ];
  if (entrypoint.kind === 'k8s-run') {
    const { stopOn, stopsOnSignal, hasConfigFile } = entrypoint.options;
    if (!stopsOnSignal || hasConfigFile || stopOn.includes(signal) || isKnownProgram(node, entrypoint.command))
      return [];
    return [
      found(
        `${name} gets SIG${signal}, lifecycle.stopSignal, which k8s-run only passes on, so there is no shutdown delay and readiness does not fail`,
        `Remove the stopSignal and set --stop-signal ${signal}, or set --stop-on ${[signal, ...stopOn].join(',')}`,
      ),
    ];
  }
  if (entrypoint.kind === 'invalid') return [];
  const program = programOf(node, entrypoint.command ?? []);
  const wanted = program?.program.advice?.stopSignal;
  if (program === null || wanted === undefined || wanted === signal) return [];
  return [
    found(
      `${name} gets SIG${signal}, lifecycle.stopSignal, but ${program.name} finishes its requests only on SIG${wanted}`,
      `stopSignal: SIG${wanted}`,
    ),
  ];
}

/** The rule program-signal reports these. */
function isKnownProgram(node: Container['node'], command: readonly string[]): boolean {
  return programOf(node, command) !== null;
}

function programOf(node: Container['node'], command: readonly string[]): ReturnType<typeof recognize> {
  const image = programOfImage(textOf(field(node, 'image')) ?? '');
  return recognize(command) ?? (image === null ? null : programNamed(image.names[0] ?? ''));
}
