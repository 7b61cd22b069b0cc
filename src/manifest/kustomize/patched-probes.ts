import type { ManifestInput } from '../manifest-input.ts';
import { probesOf, START_TIME } from '../probes.ts';
import { Commented, withComment, type YamlFields, type YamlValue } from '../yaml-writer.ts';
import type { Base } from './base.ts';
import { jsonField, jsonList, jsonNumber, jsonText } from './json-access.ts';

/**
 * The readinessProbe asks k8s-run. A livenessProbe and a startupProbe of the user's stay as they are, unless --live asks for
 * another, or what comes before the app's start needs more time.
 */
export function patchedProbes(input: ManifestInput, base: Base): YamlFields {
  const { container } = base;
  const given = (name: string): unknown => jsonField(container, name);
  const { startupProbe, readinessProbe, livenessProbe } = probesOf(
    withTimeOf(input, given('livenessProbe')),
    healthPortReference(base, input.health.port),
  );
  const keepsLiveness = given('livenessProbe') !== undefined && !input.hasLiveProbe;
  return {
    startupProbe: given('startupProbe') === undefined ? startupProbe : longerStartup(input, given('startupProbe')),
    readinessProbe: given('readinessProbe') === undefined ? readinessProbe : replacing(readinessProbe),
    livenessProbe: keepsLiveness
      ? undefined
      : given('livenessProbe') === undefined
        ? livenessProbe
        : withNumbersOf(given('livenessProbe'), livenessProbe),
  };
}

/** A livenessProbe of the user's that waits longer for the start than ours keeps its time. */
function withTimeOf(input: ManifestInput, liveness: unknown): ManifestInput {
  const { startup } = input;
  const more = liveness === undefined ? 0 : Math.max(0, timeToFailure(liveness) - START_TIME);
  if (more === 0) return input;
  const sum = `${startup.sum} + ${more} s that your livenessProbe has waited for it`;
  return { ...input, startup: { seconds: startup.seconds + more, sum } };
}

/** Only its failureThreshold, where waiting and hooks take time before the start of the app. */
function longerStartup({ startup }: ManifestInput, probe: unknown): YamlValue | undefined {
  const more = startup.seconds - START_TIME;
  if (more <= 0) return undefined;
  const period = jsonNumber(probe, 'periodSeconds') ?? PERIOD;
  const failures = (jsonNumber(probe, 'failureThreshold') ?? FAILURES) + Math.ceil(more / period);
  return {
    failureThreshold: withComment(`Your number, and ${more} s for what comes before the start of the app.`, failures),
  };
}

/** The defaults of Kubernetes. */
const PERIOD = 10;
const FAILURES = 3;

/** Seconds until the kubelet acts on a probe that never passes. */
function timeToFailure(probe: unknown): number {
  const [period, failures] = [
    jsonNumber(probe, 'periodSeconds') ?? PERIOD,
    jsonNumber(probe, 'failureThreshold') ?? FAILURES,
  ];
  return (jsonNumber(probe, 'initialDelaySeconds') ?? 0) + period * failures;
}

const NUMBERS = ['initialDelaySeconds', 'periodSeconds', 'timeoutSeconds', 'failureThreshold'];

/** Our handler with the user's numbers. */
function withNumbersOf(probe: unknown, ours: YamlValue | undefined): YamlValue | undefined {
  const numbers = NUMBERS.flatMap((name) => {
    const number = jsonNumber(probe, name);
    return number === null ? [] : [[name, number] as const];
  });
  return replacing(ours, Object.fromEntries(numbers));
}

/** The whole probe is replaced: merged with an existing probe it could have two handlers, which the API server rejects. */
function replacing(probe: YamlValue | undefined, numbers: YamlFields = {}): YamlValue {
  const [comment, fields] = probe instanceof Commented ? [probe.comment, probe.value] : [null, probe];
  const whole = { $patch: 'replace', ...(fields as YamlFields), ...numbers };
  return comment === null ? whole : withComment(comment, whole);
}

/** The name of the health port, unless the container has a port of another number with this name. */
export function healthPortName({ container }: Base, port: number): string {
  const named = jsonList(container, 'ports').find((each) => jsonText(each, 'name') === 'health');
  return named === undefined || jsonNumber(named, 'containerPort') === port ? 'health' : 'k8s-run';
}

function healthPortReference(base: Base, port: number): 'health' | number {
  const declared = jsonList(base.container, 'ports').find((each) => jsonNumber(each, 'containerPort') === port);
  const name = declared === undefined ? healthPortName(base, port) : jsonText(declared, 'name');
  return name === 'health' ? 'health' : port;
}
