import { signalName } from '../linux/signal-names.ts';
import type { Config, ConfigMistake, GivenOption, Place, ResolvedConfig, SettledOption } from './config.ts';
import { readVariables } from './environment-variables.ts';
import type { ConfigFile } from './file/read-file.ts';
import { idleOptions } from './idle-options.ts';
import { OPTIONS, type Option, type OptionKey, type OptionValues } from './options/table.ts';
import { selfProbes } from './self-probes.ts';
import { fitBudget } from './shutdown-budget.ts';
import { sortMistakes } from './sort-mistakes.ts';
import type { ReadValue } from './values.ts';

const KEYS = Object.keys(OPTIONS) as OptionKey[];

const NO_FILE: ConfigFile = { given: [], checks: [], mistakes: [], warnings: [] };

/** The configuration from flags, variables and a configuration file, which is read only when it is set. */
export async function readConfig(
  flags: readonly GivenOption[],
  environment: Readonly<NodeJS.ProcessEnv>,
): Promise<ResolvedConfig> {
  const isFile = ({ key, text }: GivenOption): boolean => key === 'config' && text !== '';
  const named = flags.findLast(isFile) ?? readVariables(environment).given.find(isFile);
  if (named === undefined) return parseConfig(flags, environment);
  const { readConfigFile } = await import('./file/read-file.ts');
  return parseConfig(flags, environment, readConfigFile(named));
}

/** A flag overrides a variable, which overrides the file, which overrides the default. Finds all mistakes, not only the first. */
export function parseConfig(
  flags: readonly GivenOption[],
  environment: Readonly<NodeJS.ProcessEnv>,
  file: ConfigFile = NO_FILE,
): ResolvedConfig {
  const { given: variables, warnings: variableWarnings } = readVariables(environment);
  const warnings = [...variableWarnings, ...file.warnings];
  const chosen = new Set<OptionKey>();
  const mistakes: ConfigMistake[] = [...file.mistakes];
  const values: Partial<Record<OptionKey, unknown>> = {};
  const sources: Partial<Record<OptionKey, string>> = {};
  const places: Partial<Record<OptionKey, Place>> = {};
  for (const key of KEYS) {
    const option: Option<unknown> = OPTIONS[key];
    const [texts = []] = [flags, variables, file.given]
      .map((given) => given.filter((each) => each.key === key))
      .filter((given) => given.length > 0);
    if (texts.length > 0) chosen.add(key);
    const last = texts.at(-1);
    sources[key] = last?.source ?? `--${option.flag}`;
    if (last?.place !== undefined) places[key] = last.place;
    values[key] = readValue(option, texts, mistakes);
  }
  mistakes.push(
    ...contradictions(values as Partial<Config>, sources).map((mistake) => placed(mistake, places.rewrite)),
    ...selfProbes(values as Partial<Config>, file.checks, { sources, places }),
  );
  const fitted = fitBudget(values as Partial<OptionValues>, {
    isChosen: (key) => chosen.has(key),
    sourceOf: (key) => sources[key] ?? '',
  });
  if ('problem' in fitted) mistakes.push(placed({ kind: 'value', text: fitted.problem }, places[fitted.key]));
  if (mistakes.length > 0 || 'problem' in fitted)
    return { mistakes: sortMistakes(mistakes), warnings, sources, places, readable: values as Partial<Config> };
  return {
    ok: Object.freeze({ ...values, ...fitted.ok, chosen, checks: Object.freeze(file.checks) }) as Config,
    warnings: [...warnings, ...idleOptions(values as OptionValues, chosen, sources)],
    sources,
    places,
  };
}

function placed(mistake: ConfigMistake, place: Place | undefined): ConfigMistake {
  return place === undefined ? mistake : { ...mistake, place };
}

function readValue(
  option: Option<unknown>,
  texts: readonly (GivenOption | SettledOption)[],
  mistakes: ConfigMistake[],
): unknown {
  const read = (given: Omit<GivenOption, 'key'> | SettledOption): unknown => {
    if ('value' in given) return given.value;
    const { text, source, place, words } = given;
    const value: ReadValue<unknown> = option.read(text);
    if ('ok' in value) return value.ok;
    const mistake = `cannot use ${source} ${shown(text, option.takes)}: ${problemShown(value, text, words)}`;
    mistakes.push(placed({ kind: 'value', text: mistake }, place));
    return undefined;
  };
  if (option.repeats === true) return Object.freeze(texts.flatMap(read));
  const last = texts.at(-1);
  if (last !== undefined) return read(last);
  return option.fallback === null ? null : read({ text: option.fallback, source: `--${option.flag}` });
}

/** The problem, with the word of the value that has it and where that stands, unless it is the whole value. */
function problemShown(
  value: Exclude<ReadValue<unknown>, { ok: unknown }>,
  text: string,
  words?: readonly string[],
): string {
  const { problem, word } = value;
  if (word === undefined || word.text === text) return problem;
  const at = words?.[word.index];
  return `${JSON.stringify(word.text)}: ${problem}${at === undefined ? '' : ` (at ${at})`}`;
}

/** Of a command only the first word is shown, because arguments may contain passwords. */
const COMMANDS = /command|probe/;

/** The value as it was written, without arguments of a command, and without credentials and query of a URL. */
function shown(text: string, takes: string | null): string {
  const words = COMMANDS.test(takes ?? '') ? text.replace(/(\S)\s+\S.*$/s, '$1 …') : text;
  return JSON.stringify(words.replace(/\/\/[^/\s]*@/g, '//…@').replace(/\?.*$/s, '?…'));
}

/** Mistakes in the combination of values that are each correct. */
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
