import { signalName } from '../linux/signal-names.ts';
import type { Config, ConfigMistake, GivenOption, ResolvedConfig, SettledOption } from './config.ts';
import { didYouMean } from './did-you-mean.ts';
import type { ConfigFile } from './file/read-file.ts';
import { OPTIONS, type Option, type OptionKey, type OptionValues, variableFor } from './options/table.ts';
import { selfProbes } from './self-probes.ts';
import { fitBudget } from './shutdown-budget.ts';
import type { ReadValue } from './values.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const KEYS = Object.keys(OPTIONS) as OptionKey[];

const NO_FILE: ConfigFile = { given: [], checks: [], mistakes: [], warnings: [] };

/** The configuration from all that may hold some of it. A file is read only when it is named. */
export async function readConfig(flags: readonly GivenOption[], environment: Environment): Promise<ResolvedConfig> {
  const isFile = ({ key, text }: GivenOption): boolean => key === 'config' && text !== '';
  const named = flags.findLast(isFile) ?? readEnvironment(environment).given.find(isFile);
  if (named === undefined) return parseConfig(flags, environment);
  const { readConfigFile } = await import('./file/read-file.ts');
  return parseConfig(flags, environment, readConfigFile(named));
}

/** Flag before environment before file before default; every mistake is found before any is reported. */
export function parseConfig(
  flags: readonly GivenOption[],
  environment: Environment,
  file: ConfigFile = NO_FILE,
): ResolvedConfig {
  const { given: variables, warnings: aboutVariables } = readEnvironment(environment);
  const warnings = [...aboutVariables, ...file.warnings];
  const chosen = new Set<OptionKey>();
  const mistakes: ConfigMistake[] = [...file.mistakes];
  const values: Partial<Record<OptionKey, unknown>> = {};
  const sources: Partial<Record<OptionKey, string>> = {};
  for (const key of KEYS) {
    const option: Option<unknown> = OPTIONS[key];
    const [texts = []] = [flags, variables, file.given]
      .map((given) => given.filter((each) => each.key === key))
      .filter((given) => given.length > 0);
    if (texts.length > 0) chosen.add(key);
    sources[key] = texts.at(-1)?.source ?? `--${option.flag}`;
    values[key] = readValue(option, texts, mistakes);
  }
  mistakes.push(
    ...contradictions(values as Partial<Config>, sources),
    ...selfProbes(values as Partial<Config>, file.checks, sources),
  );
  const fitted = fitBudget(values as Partial<OptionValues>, {
    isChosen: (key) => chosen.has(key),
    sourceOf: (key) => sources[key] ?? '',
  });
  if ('problem' in fitted) mistakes.push({ kind: 'value', text: fitted.problem });
  if (mistakes.length > 0 || 'problem' in fitted)
    return { mistakes, warnings, sources, readable: values as Partial<Config> };
  return {
    ok: Object.freeze({ ...values, ...fitted.ok, chosen, checks: Object.freeze(file.checks) }) as Config,
    warnings: [...warnings, ...idle(values as OptionValues, chosen, sources)],
    sources,
  };
}

function readValue(
  option: Option<unknown>,
  texts: readonly (GivenOption | SettledOption)[],
  mistakes: ConfigMistake[],
): unknown {
  const read = (given: Pick<GivenOption, 'text' | 'source'> | SettledOption): unknown => {
    if ('value' in given) return given.value;
    const { text, source } = given;
    const value: ReadValue<unknown> = option.read(text);
    if ('ok' in value) return value.ok;
    mistakes.push({ kind: 'value', text: `cannot use ${source} ${shown(text, option.takes)}: ${value.problem}` });
    return undefined;
  };
  if (option.repeats === true) return Object.freeze(texts.flatMap(read));
  const last = texts.at(-1);
  if (last !== undefined) return read(last);
  return option.fallback === null ? null : read({ text: option.fallback, source: `--${option.flag}` });
}

/** Of what may be a command the first word is shown: the log is no place for arguments, which hold passwords. */
const COMMANDS = /command|probe/;

/** As it was written, but for arguments, and for a URL's credentials and query. */
function shown(text: string, takes: string | null): string {
  const words = COMMANDS.test(takes ?? '') ? text.replace(/(\S)\s+\S.*$/s, '$1 …') : text;
  return JSON.stringify(words.replace(/\/\/[^/\s]*@/g, '//…@').replace(/\?.*$/s, '?…'));
}

/** Values that are right alone and wrong together. */
function contradictions(
  { stopOn, rewrite }: Partial<Config>,
  sources: Readonly<Partial<Record<OptionKey, string>>>,
): readonly ConfigMistake[] {
  return (rewrite ?? [])
    .filter((pair) => pair?.[1] === 0 && stopOn?.includes(pair[0]))
    .map(([from]) => ({
      kind: 'value' as const,
      text: `cannot use ${sources.rewrite} ${signalName(from)}:0: ${signalName(from)} is in ${sources.stopOn}, so dropping it would leave the app without its stop signal; take it out of ${sources.stopOn}`,
    }));
}

/** Options of the shutdown, which nothing begins when no signal does. */
const OF_THE_SHUTDOWN = ['shutdownDelay', 'drainConnections', 'grace', 'terminationGracePeriod', 'preStop'] as const;

/** What was chosen and cannot do anything. */
function idle(
  values: OptionValues,
  chosen: ReadonlySet<OptionKey>,
  sources: Readonly<Partial<Record<OptionKey, string>>>,
): readonly string[] {
  const { stopOn, watch, onChange, waitFor, preStart, preStop, postExit } = values;
  const hooks = [preStart, preStop, postExit].some((hook) => hook !== null) || onChange.kind === 'exec';
  const without: readonly (readonly [key: OptionKey, missing: boolean, why: string])[] = [
    ...OF_THE_SHUTDOWN.map((key) => {
      const missing = stopOn.length === 0 && !(watch.length > 0 && onChange.kind === 'restart');
      return [key, missing, `with ${sources.stopOn} none no signal starts a shutdown`] as const;
    }),
    ['onChange', watch.length === 0, 'nothing is watched; give --watch'],
    ['waitTimeout', waitFor.length === 0, 'nothing is waited for; give --wait-for'],
    ['hookTimeout', !hooks, 'there is no hook'],
    ['restartLimit', values.restart === 'never', 'nothing is restarted; give --restart'],
  ];
  return without
    .filter(([key, missing]) => missing && chosen.has(key))
    .map(([key, , why]) => `${sources[key]} does nothing: ${why}`);
}

/**
 * The K8S_RUN_ variables. Kubernetes injects links for every Service of the namespace, and one may be called
 * k8s-run-health: those are passed over. An unknown name is a warning with a guess.
 */
function readEnvironment(environment: Environment): { given: readonly GivenOption[]; warnings: readonly string[] } {
  const keys = new Map(KEYS.map((key) => [variableFor(OPTIONS[key]), key]));
  const given: GivenOption[] = [];
  const warnings: string[] = [];
  for (const [source, text] of Object.entries(environment)) {
    // Set to nothing is not set: templates leave such variables behind.
    if (!source.startsWith('K8S_RUN_') || !text || isServiceLink(source, text)) continue;
    const key = keys.get(source);
    if (key === undefined) {
      const guess = didYouMean(source, [...keys.keys()]);
      warnings.push(`${source} is no option of k8s-run${guess === null ? '' : `; did you mean ${guess}?`}`);
    } else if ((OPTIONS[key] as Option<unknown>).repeats === true) {
      given.push(
        ...text
          .split(',')
          .filter((part) => part.trim() !== '')
          .map((part) => ({ key, source, text: part.trim() })),
      );
    } else {
      given.push({ key, source, text });
    }
  }
  return { given, warnings };
}

/** The names of kubelet's pkg/kubelet/envvars: NAME_SERVICE_HOST, NAME_SERVICE_PORT…, NAME_PORT, NAME_PORT_80_TCP…. */
function isServiceLink(name: string, value: string): boolean {
  if (/_SERVICE_HOST$|_SERVICE_PORT(_\w+)?$|_PORT_\d+_(TCP|UDP|SCTP)(_\w+)?$/.test(name)) return true;
  return name.endsWith('_PORT') && /^(tcp|udp|sctp):\/\//.test(value);
}
