import { isatty } from 'node:tty';
import { type Checker, type CheckResult, createChecker } from '../check/checker.ts';
import { type FoundManifest, findManifests } from '../check/find-manifests.ts';
import { readManifest, replaceManifest } from '../check/manifest-file.ts';
import { asGithub, asJson, asSarif } from '../check/report/machine-formats.ts';
import { asTextReport, type TextStyle } from '../check/report/text-format.ts';
import { type RuleName, SEVERITIES, type Severity } from '../check/rules/catalog.ts';
import type { OptionsResult, ReadOptions } from '../check/supervisor-options.ts';
import { mayHaveColours } from '../colours.ts';
import { readArguments } from '../config/argv.ts';
import type { Config } from '../config/config.ts';
import { OPTIONS, variableFor } from '../config/options/table.ts';
import type { ProbeKind } from '../config/probe-spec.ts';
import { parseConfig } from '../config/resolve.ts';
import { shutdownPhases } from '../config/shutdown-budget.ts';
import { parseSignal, signalName } from '../linux/signal-names.ts';
import { CHECK_OPTIONS, type CheckOptions, readCheckOptions } from './check-options.ts';
import type { CommandOption, Invocation } from './command-file.ts';
import { quoted } from './completion/grammar.ts';
import { print, STDERR, STDOUT } from './print.ts';
import { widthOf } from './terminal-width.ts';

export const options: readonly CommandOption[] = CHECK_OPTIONS;
export const operands = 'files';

/** Whether an app with such a ready probe is taken for a worker, which has no clients. */
const IS_FOR_WORKERS: Readonly<Record<ProbeKind, boolean>> = {
  ...{ auto: false, process: true, none: true },
  ...{ http: false, tcp: false, grpc: false, exec: false, file: false },
};

/** `k8s-run check`: prints the report to stdout; with `--fix -` it prints the manifest to stdout, and the report to stderr. */
export async function run({ words, environment, commands }: Invocation): Promise<number> {
  const given = readCheckOptions(words);
  if (typeof given === 'number') return given;
  const { fix, failOn, verbose } = given;
  const { result, printed } = checkFiles(given.files, { ...given, commands: new Set(Object.keys(commands)) });
  const fd = printed ? STDERR : STDOUT;
  const colours = mayHaveColours(fd, environment);
  print(
    reportText(given.format, result, { colours, width: isatty(fd) ? widthOf(fd) : null, verbose, fixing: fix }),
    fd,
  );
  return result.findings.some(({ severity, fixed }) => !fixed && isAtLeast(severity, failOn)) ? 1 : 0;
}

function isAtLeast(severity: Severity, least: CheckOptions['failOn']): boolean {
  return least !== 'never' && SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(least);
}

/** `kubernetes`: the minor version; `commands`: the words that are no apps; `skipOthers`: a named file may be something else. */
export type CheckRequest = {
  readonly fix: boolean;
  readonly kubernetes: number;
  readonly commands: ReadonlySet<string>;
  readonly ignore?: ReadonlySet<RuleName>;
  readonly skipOthers?: boolean;
};

/** Checks what these words name: files, folders, or - for stdin. `printed`: with `fix` a manifest has gone to stdout. */
export function checkFiles(
  words: readonly string[],
  { fix, kubernetes, commands, ignore = new Set(), skipOthers = false }: CheckRequest,
): { readonly result: CheckResult; readonly printed: boolean } {
  const checker = createChecker({ readOptions: optionsReader(commands), kubernetes, ignoredRules: ignore });
  // Many named files may be of one chart.
  const charts = new Set<string>();
  const named = [...new Set(words)]
    .flatMap((argument) => manifestsOf(argument, skipOthers))
    .filter(({ found }) => !('chartIn' in found) || charts.size < charts.add(found.file).size);
  const texts = named.map(({ found, argument, inFolder }): NamedManifest => {
    if ('chartIn' in found || 'patchOf' in found || 'problem' in found)
      return { found, argument, inFolder, text: null };
    const text = readManifest(found.file);
    if ('text' in text) checker.survey(fileOf(found, argument), text.text);
    return { found, argument, inFolder, text: found.file === argument ? text : null };
  });
  const printed = texts.map((each) => checkNamed(checker, each, fix)).includes(true);
  return { result: checker.result(), printed };
}

/**
 * A manifest that an argument names. `inFolder`: it was not named as a manifest. Its text is kept where it can be read only once: stdin, a pipe.
 */
type NamedManifest = {
  readonly found: FoundManifest;
  readonly argument: string;
  readonly inFolder: boolean;
  readonly text: ReadManifest | null;
};
type ReadManifest = ReturnType<typeof readManifest>;

function manifestsOf(argument: string, skipOthers: boolean): readonly Omit<NamedManifest, 'text'>[] {
  return findManifests(argument, skipOthers).map((found) => {
    return { found, argument, inFolder: argument !== '-' && (skipOthers || found.file !== argument) };
  });
}

function fileOf({ file }: FoundManifest, argument: string): string {
  return argument === '-' ? 'stdin' : file;
}

function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : quoted(text);
}

/** With `fix` it corrects the manifest. Returns whether it has printed it to stdout. */
function checkNamed(checker: Checker, { found, argument, inFolder, text }: NamedManifest, fix: boolean): boolean {
  const file = fileOf(found, argument);
  if ('patchOf' in found) {
    const reason = `The file was not checked, because it is a patch of ${found.patchOf}`;
    checker.skip(file, { rule: 'skipped-patch', reason });
    return false;
  }
  if ('chartIn' in found) {
    const reason = 'The chart was not checked, because its templates are not rendered';
    const remedy = `helm template ${shellWord(found.chartIn)} | k8s-run check -`;
    checker.skip(file, { rule: 'skipped-chart', reason, remedy });
    return false;
  }
  const manifest = 'problem' in found ? found : (text ?? readManifest(found.file));
  if ('problem' in manifest) {
    const { problem, remedy, foreign = false } = manifest;
    const rule = foreign && inFolder ? 'skipped-file' : 'file-error';
    checker.skip(file, { rule, reason: `The file cannot be read: ${problem}`, remedy });
    return false;
  }
  const corrected = checker.check(file, manifest.text, { fix, inFolder });
  if (fix && argument === '-') {
    print(`${manifest.mark}${corrected ?? manifest.text}`);
    return true;
  }
  const problem = corrected === null ? null : replaceManifest(file, `${manifest.mark}${corrected}`);
  const remedy = 'Make the file and its folder writable';
  if (problem !== null)
    checker.skip(file, { rule: 'file-error', reason: `The file cannot be corrected: ${problem}`, remedy });
  return false;
}

function reportText(format: CheckOptions['format'], result: CheckResult, style: TextStyle): string {
  switch (format) {
    case 'text':
      return asTextReport(result, style);
    case 'json':
      return asJson(result);
    case 'sarif':
      return asSarif(result);
    case 'github':
      return asGithub(result, style.verbose);
  }
}

/** Reads options as k8s-run does when it starts in the container, except for a configuration file, which is not here. */
function optionsReader(commands: ReadonlySet<string>): ReadOptions {
  return (words, variables): OptionsResult => {
    const line = readArguments(words, commands);
    if (line.kind !== 'supervise') return { kind: 'other' };
    const { [variableFor(OPTIONS.config)]: configFile = '', ...others } = variables;
    const flags = line.flags.filter(({ key }) => key !== 'config');
    const parsed = parseConfig(flags, others);
    const mistakes = [...line.mistakes, ...('mistakes' in parsed ? parsed.mistakes : [])];
    if (mistakes.length > 0 || 'mistakes' in parsed)
      return { kind: 'mistakes', texts: mistakes.map(({ text }) => text) };
    const config = parsed.ok;
    const { healthPort, healthHost } = config;
    return {
      kind: 'options',
      command: line.command,
      warnings: parsed.warnings,
      options: {
        ...shutdownPhases(config),
        healthPort: typeof healthPort === 'number' && healthPort > 0 ? healthPort : null,
        loopbackOnly: healthHost === 'localhost' || healthHost === '::1' || healthHost.startsWith('127.'),
        shutdownDelay: config.shutdownDelay,
        terminationGracePeriod: config.terminationGracePeriod,
        stopsOnSignal: config.stopOn.length > 0,
        signalScope: config.signalScope,
        stopOn: config.stopOn.map(shortName),
        sentAfter: (received) => sentAfter(received, config),
        alwaysReady: IS_FOR_WORKERS[config.ready.kind],
        envDirs: config.envDir,
        watched: config.watch,
        preparation: [
          ...(config.preStart === null ? [] : [['--pre-start', config.hookTimeout] as const]),
          ...(config.waitFor.length === 0 ? [] : [['--wait-for', config.waitTimeout] as const]),
        ],
        resourceEnv: config.resourceEnv,
        actsOnResize: config.onResize !== null,
        remapExit: config.remapExit,
        hasConfigFile: configFile !== '' || flags.length < line.flags.length,
      },
    };
  };
}

const shortName = (signal: number): string => signalName(signal).replace(/^SIG/, '');

/** What the app is sent to stop; nothing where `--rewrite` drops the signal. */
function sentAfter(received: string, { stopSignal, rewrite }: Config): string {
  const signal = parseSignal(received) ?? 0;
  return shortName(stopSignal ?? new Map(rewrite).get(signal) ?? signal);
}
