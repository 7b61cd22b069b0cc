import type { OptionKey } from '../../config/options/table.ts';
import { OPTIONS, variableFor } from '../../config/options/table.ts';
import type { Base } from './base.ts';
import { jsonField, jsonList, jsonNumber, jsonText, jsonWords, probeNumber } from './json-access.ts';

/** Options of k8s-run that mean what the manifest has said until now, by their variables; and what is said about them. */
export type TakenOver = {
  readonly variables: Readonly<Record<string, string>>;
  readonly notes: readonly string[];
};

/** In seconds, of Kubernetes. */
export const GRACE_PERIOD_OF_KUBERNETES = 30;

/**
 * What k8s-run does from now on in the place of the kubelet: it asks the app whether it is ready, and gives it its time to stop.
 * `isSet`: the user has set the option, and nothing is taken over for it. `needed`: the seconds that the shutdown takes
 * by the options. A readinessProbe that no option can hold is a problem.
 */
export function takeOver(
  base: Base,
  isSet: (key: OptionKey) => boolean,
  needed: number,
): TakenOver | { readonly problem: string } {
  // Its value may come from the cluster.
  const names = jsonList(base.container, 'env').map((each) => jsonText(each, 'name'));
  const isChosen = (key: OptionKey): boolean => isSet(key) || names.includes(variableFor(OPTIONS[key]));
  const probe = readinessOf(base, isChosen);
  if ('problem' in probe) return probe;
  const parts = [probe, delayOf(base, isChosen), gracePeriodOf(base, isChosen, needed)];
  const variables = parts.flatMap((part) => Object.entries(part.variables)).filter(([name]) => !names.includes(name));
  return {
    variables: Object.fromEntries(variables),
    notes: parts.flatMap(({ notes }) => notes),
  };
}

const NOTHING: TakenOver = { variables: {}, notes: [] };

function readinessOf({ container, containerName, kind }: Base, isChosen: (key: OptionKey) => boolean) {
  const probe = jsonField(container, 'readinessProbe');
  if (isChosen('ready') || kind === 'job' || kind === 'cronjob') return NOTHING;
  if (probe === undefined) {
    if (jsonList(container, 'ports').length > 0) return NOTHING;
    const note = `${containerName} has neither a port nor a readinessProbe, so it is ready as soon as its process runs.`;
    return { variables: { [variableFor(OPTIONS.ready)]: 'process' }, notes: [note] };
  }
  const form = probeForm(container, probe);
  if ('problem' in form)
    return {
      problem: `the readinessProbe of ${containerName} ${form.problem}; say by --ready, or in a file of --config, when the app is ready`,
    };
  const numbers: Readonly<Record<string, string | null>> = {
    [variableFor(OPTIONS.probePeriod)]: inSeconds(probeNumber(probe, 'periodSeconds')),
    [variableFor(OPTIONS.probeTimeout)]: inSeconds(probeNumber(probe, 'timeoutSeconds')),
    [variableFor(OPTIONS.failureThreshold)]: probeNumber(probe, 'failureThreshold')?.toString() ?? null,
    [variableFor(OPTIONS.successThreshold)]: probeNumber(probe, 'successThreshold')?.toString() ?? null,
  };
  return {
    variables: { [variableFor(OPTIONS.ready)]: form.ok, ...withoutNulls(numbers) },
    notes: [
      `k8s-run asks ${form.ok.split(/\s/)[0]}, as the readinessProbe of ${containerName} has done, and the kubelet asks k8s-run.`,
    ],
  };
}

const inSeconds = (seconds: number | null): string | null => (seconds === null ? null : `${seconds}s`);

function withoutNulls(fields: Readonly<Record<string, string | null>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(fields).flatMap(([name, value]) => (value === null ? [] : [[name, value]])));
}

/** The probe as --ready takes it. */
function probeForm(container: unknown, probe: unknown): { readonly ok: string } | { readonly problem: string } {
  const handlers = ['httpGet', 'tcpSocket', 'grpc', 'exec'].filter((name) => jsonField(probe, name) !== undefined);
  const [handler] = handlers;
  if (handler === undefined || handlers.length > 1) return { problem: 'has no handler, or several' };
  if (handler === 'exec') {
    const words = jsonWords(probe, 'exec', 'command');
    return words === null ? { problem: 'has no command' } : { ok: `exec:${words.map(quoted).join(' ')}` };
  }
  const target = jsonField(probe, handler);
  const port = portOf(container, jsonField(target, 'port'));
  if (port === null) return { problem: 'names a port that the container does not have' };
  const host = jsonText(target, 'host') ?? '';
  if (handler === 'tcpSocket') return { ok: `tcp://${host}:${port}` };
  if (handler === 'grpc') {
    const service = jsonText(target, 'service') ?? '';
    return { ok: `grpc://:${port}${service === '' ? '' : `/${service}`}` };
  }
  if (jsonList(target, 'httpHeaders').length > 0) return { problem: 'has httpHeaders, which no option can hold' };
  const scheme = (jsonText(target, 'scheme') ?? 'HTTP').toLowerCase();
  const path = jsonText(target, 'path') ?? '/';
  return { ok: `${scheme}://${host}:${port}${path.startsWith('/') ? '' : '/'}${path}` };
}

function portOf(container: unknown, port: unknown): number | null {
  if (typeof port === 'number') return port;
  const named = jsonList(container, 'ports').find((each) => jsonText(each, 'name') === port);
  const number = jsonNumber(named, 'containerPort') ?? Number(port);
  return Number.isInteger(number) && number > 0 ? number : null;
}

/** A word as an exec probe reads it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A preStop hook that only sleeps is the shutdown delay: k8s-run has none beside it. */
function delayOf(base: Base, isChosen: (key: OptionKey) => boolean): TakenOver {
  const seconds = sleepOfPreStop(base);
  if (seconds === null || isChosen('shutdownDelay')) return NOTHING;
  return {
    variables: { [variableFor(OPTIONS.shutdownDelay)]: '0s' },
    notes: [
      `The preStop hook of ${base.containerName} sleeps for ${seconds} s, so k8s-run does not delay the shutdown a second time.`,
    ],
  };
}

/** The seconds that the preStop hook sleeps; null: it does something else, or there is none. */
export function sleepOfPreStop({ container }: Base): number | null {
  const hook = jsonField(container, 'lifecycle', 'preStop');
  const seconds = jsonNumber(hook, 'sleep', 'seconds');
  if (seconds !== null) return seconds;
  const command = (jsonWords(hook, 'exec', 'command') ?? []).join(' ');
  const [, sleep] =
    /^(?:\S*\/)?(?:(?:ba|da|a)?sh -c )?(?:exec )?(?:\S*\/)?sleep (\d+(?:\.\d+)?)s?$/.exec(command) ?? [];
  return sleep === undefined ? null : Math.ceil(Number(sleep));
}

/** An app that had more time to stop than k8s-run gives by default keeps it. */
function gracePeriodOf(base: Base, isChosen: (key: OptionKey) => boolean, needed: number): TakenOver {
  const given = jsonNumber(base.pod, 'terminationGracePeriodSeconds');
  const left = (given ?? GRACE_PERIOD_OF_KUBERNETES) - (sleepOfPreStop(base) ?? 0);
  if (given === null || isChosen('grace') || isChosen('terminationGracePeriod') || left <= needed) return NOTHING;
  return {
    variables: { [variableFor(OPTIONS.terminationGracePeriod)]: `${left}s` },
    notes: [`The app keeps the time that terminationGracePeriodSeconds: ${given} gives it.`],
  };
}
