import type { ProbeSpec, ProbeTiming } from '../probe-spec.ts';
import { type Diagnostics, entriesIn, MAX_INT32, wholeNumberIn } from './diagnostics.ts';
import { HANDLER_NAMES, readHandler } from './probe-handlers.ts';
import type { MapEntry, YamlTree } from './yaml.ts';

/** The numbers of a Kubernetes probe (k8s.io/api/core/v1 Probe), with the defaults of pkg/apis/core/v1/defaults.go. */
export const PROBE_NUMBERS = {
  initialDelaySeconds: { least: 0, fallback: 0, help: 'seconds from the start of the app to its first probe' },
  periodSeconds: { least: 1, fallback: 10, help: 'seconds between probes' },
  timeoutSeconds: { least: 1, fallback: 1, help: 'seconds after which a probe without an answer has failed' },
  successThreshold: {
    least: 1,
    fallback: 1,
    help: 'consecutive successes after which the probe passes; 1 for startup and liveness',
  },
  failureThreshold: { least: 1, fallback: 3, help: 'consecutive failures after which the probe fails' },
} as const;

const NUMBER_NAMES = Object.keys(PROBE_NUMBERS) as (keyof typeof PROBE_NUMBERS)[];
/** A manifest's probe may have it, but k8s-run kills no app when a probe fails, so only the kubelet reads it. */
export const KUBELET_ONLY = 'terminationGracePeriodSeconds';

export type StanzaContext = {
  /** The kubelet allows only a successThreshold of 1 for startup and liveness. */
  readonly oneSuccess: boolean;
  /** The stanza is part of a pod, where a 0 means the default (pkg/apis/core/v1/defaults.go). */
  readonly inPod?: boolean;
};

/** Reads a probe as a pod's manifest has it. Returns null after it has reported a mistake. */
export function readProbeStanza(
  tree: YamlTree,
  name: string,
  context: StanzaContext,
  diagnostics: Diagnostics,
): ProbeSpec | null {
  const entries = entriesIn(tree, name, [...HANDLER_NAMES, ...NUMBER_NAMES, KUBELET_ONLY], diagnostics);
  if (entries === null) return null;
  const ignored = entries.get(KUBELET_ONLY);
  if (ignored !== undefined && context.inPod !== true)
    diagnostics.addWarning(
      ignored.position,
      `${KUBELET_ONLY} has no effect here, because only the kubelet reads it; set it in the probe of the pod`,
    );
  const timing = readTiming(entries, name, context, diagnostics);
  const handlers = HANDLER_NAMES.flatMap((handler) => {
    const entry = entries.get(handler);
    return entry === undefined ? [] : [{ handler, entry }];
  });
  const [first, second] = handlers;
  if (first === undefined) {
    diagnostics.addMistake(tree.position, name, `has no handler; write one of ${HANDLER_NAMES.join(', ')}`);
    return null;
  }
  if (second !== undefined) {
    const problem = `${first.handler} is already set; keep one`;
    diagnostics.addMistake(second.entry.position, `${name}.${second.handler}`, problem);
  }
  const spec = readHandler(first.handler, first.entry.value, `${name}.${first.handler}`, diagnostics);
  return spec === null || timing === null ? null : { ...spec, timing };
}

function readTiming(
  entries: ReadonlyMap<string, MapEntry>,
  name: string,
  { oneSuccess, inPod }: StanzaContext,
  diagnostics: Diagnostics,
): ProbeTiming | null {
  let valid = true;
  const number = (key: keyof typeof PROBE_NUMBERS): number | null => {
    const entry = entries.get(key);
    if (entry === undefined) return null;
    if (inPod === true && entry.value.kind === 'scalar' && entry.value.value === 0) return null;
    const range = { min: PROBE_NUMBERS[key].least, max: MAX_INT32 };
    const value = wholeNumberIn(entry, `${name}.${key}`, range, diagnostics);
    if (value === null) valid = false;
    return value;
  };
  const milliseconds = (key: keyof typeof PROBE_NUMBERS): number | null => {
    const seconds = number(key);
    return seconds === null ? null : seconds * 1_000;
  };
  const timing: ProbeTiming = {
    initialDelay: milliseconds('initialDelaySeconds') ?? PROBE_NUMBERS.initialDelaySeconds.fallback,
    period: milliseconds('periodSeconds'),
    timeout: milliseconds('timeoutSeconds'),
    successThreshold: number('successThreshold'),
    failureThreshold: number('failureThreshold'),
  };
  const successes = entries.get('successThreshold');
  if (oneSuccess && successes !== undefined && timing.successThreshold !== null && timing.successThreshold > 1) {
    const what = `${name}.successThreshold ${timing.successThreshold}`;
    diagnostics.addMistake(successes.value.position, what, 'must be 1 for startup and liveness, as in Kubernetes');
    return null;
  }
  return valid ? timing : null;
}
