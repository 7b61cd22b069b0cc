import type { ManifestInput } from '../manifest-input.ts';
import { probesOf, START_TIME } from '../probes.ts';
import { Commented, plain, withComment, type YamlFields, type YamlValue } from '../yaml-writer.ts';
import type { Base } from './base.ts';
import { jsonField, jsonList, jsonNumber, jsonText, probeNumber } from './json-access.ts';

/**
 * The readinessProbe asks k8s-run. A startupProbe and a livenessProbe of the user's stay as they are, unless --startup or --live ask
 * for another, or what comes before the app's start needs more time. None is added that nobody asked for, because it could kill what
 * was never killed: an app that waits for its database is alive and not ready.
 */
export function patchedProbes(input: ManifestInput, base: Base): YamlFields {
  const given = (name: string): unknown => jsonField(base.container, name);
  const ours = probesOf(input, healthPortReference(base, input.health.port));
  const [startup, live] = [given('startupProbe'), given('livenessProbe')];
  return {
    startupProbe: input.hasStartupProbe ? withNumbersOf(startup, ours['startupProbe']) : longerStartup(input, startup),
    readinessProbe: given('readinessProbe') === undefined ? ours['readinessProbe'] : replacing(ours['readinessProbe']),
    livenessProbe: input.hasLiveProbe
      ? withNumbersOf(live, ours['livenessProbe'])
      : startup === undefined && !input.hasStartupProbe
        ? laterLiveness(input, live)
        : undefined,
  };
}

/** Seconds before the start of the app. */
const timeBeforeStart = ({ startup }: ManifestInput): number => startup.seconds - START_TIME;

function longerStartup(input: ManifestInput, probe: unknown): YamlValue | undefined {
  const more = timeBeforeStart(input);
  if (probe === undefined || more === 0) return undefined;
  const failures = (probeNumber(probe, 'failureThreshold') ?? FAILURES) + Math.ceil(more / periodOf(probe));
  return { failureThreshold: withComment(comment(more), failures) };
}

function laterLiveness(input: ManifestInput, probe: unknown): YamlValue | undefined {
  const more = timeBeforeStart(input);
  if (probe === undefined || more === 0) return undefined;
  return { initialDelaySeconds: withComment(comment(more), (probeNumber(probe, 'initialDelaySeconds') ?? 0) + more) };
}

const comment = (more: number): string => `Your number, and ${more} s for what comes before the start of the app.`;

/** The defaults of Kubernetes. */
const PERIOD = 10;
const FAILURES = 3;

const periodOf = (probe: unknown): number => probeNumber(probe, 'periodSeconds') ?? PERIOD;

/** Our handler, with the numbers of the user's probe where there is one, and at least as much time as ours gives. */
function withNumbersOf(probe: unknown, ours: YamlValue | undefined): YamlValue | undefined {
  if (probe === undefined) return ours;
  const fields = plain(ours) as Readonly<Record<string, number>>;
  const least = (fields['periodSeconds'] ?? PERIOD) * (fields['failureThreshold'] ?? FAILURES);
  const period = periodOf(probe);
  return replacing(ours, {
    initialDelaySeconds: probeNumber(probe, 'initialDelaySeconds') ?? undefined,
    periodSeconds: period,
    timeoutSeconds: probeNumber(probe, 'timeoutSeconds') ?? fields['timeoutSeconds'],
    failureThreshold: Math.max(probeNumber(probe, 'failureThreshold') ?? FAILURES, Math.ceil(least / period)),
  });
}

/** The whole probe is replaced: merged with an existing probe it could have two handlers, which the API server rejects. */
function replacing(probe: YamlValue | undefined, fields: YamlFields = {}): YamlValue {
  const [text, ours] = probe instanceof Commented ? [probe.comment, probe.value] : [null, probe];
  const whole = { $patch: 'replace', ...(ours as YamlFields), ...fields };
  return text === null ? whole : withComment(text, whole);
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
