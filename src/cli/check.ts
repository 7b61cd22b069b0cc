import { isatty } from 'node:tty';
import { type Checker, type CheckResult, createChecker } from '../check/checker.ts';
import { type FoundManifest, findManifests } from '../check/find-manifests.ts';
import { readManifest, replaceManifest } from '../check/manifest-file.ts';
import { asGithub, asJson, asSarif } from '../check/report/machine-formats.ts';
import { asTextReport, type TextStyle } from '../check/report/text-format.ts';
import { NEWEST_KUBERNETES } from '../check/rules/newer-fields.ts';
import type { OptionsResult, ReadOptions } from '../check/supervisor-options.ts';
import { readArguments } from '../config/argv.ts';
import type { Config } from '../config/config.ts';
import { OPTIONS, variableFor } from '../config/options/table.ts';
import type { ProbeKind } from '../config/probe-spec.ts';
import { parseConfig } from '../config/resolve.ts';
import { shutdownPhases } from '../config/shutdown-budget.ts';
import { EXIT_USAGE } from '../exit/exit-codes.ts';
import { parseSignal, signalName } from '../linux/signal-names.ts';
import { VERSION } from '../version.ts';
import type { CommandOption, Invocation } from './command-file.ts';
import { commandLine, helpHint, readWords } from './command-line.ts';
import { print, STDERR, STDOUT } from './print.ts';

const FORMATS = ['text', 'json', 'sarif', 'github'] as const;
type ReportFormat = (typeof FORMATS)[number];

export const options: readonly CommandOption[] = [
  {
    flags: '--format <format>',
    help: 'format of the report: text, json, sarif or github (default: text)',
    words: FORMATS,
  },
  {
    flags: '--kubernetes-version <version>',
    help: `version of the cluster, such as 1.30: newer fields are reported (default: 1.${NEWEST_KUBERNETES})`,
  },
  {
    flags: '--fix',
    help: 'correct in the files what is safe to correct, and keep comments; with -, print the manifest to stdout',
  },
];
export const operands = 'files';

/** Whether an app with such a ready probe is taken for a worker, which has no clients. */
const IS_FOR_WORKERS: Readonly<Record<ProbeKind, boolean>> = {
  ...{ auto: false, process: true, none: true },
  ...{ http: false, tcp: false, grpc: false, exec: false, file: false },
};

/** In characters, on a terminal: the width of the help. */
const WIDTH = 100;

const DESCRIPTION = `Reports what in Kubernetes manifests would lose requests, and what does not match the options of k8s-run in them.
Reads files, folders (their *.yaml, *.yml and *.json), or - for stdin. Exits with 1 when there is an error or a warning.`;

/** `k8s-run check`: prints the report to stdout; with `--fix -` it prints the manifest to stdout, and the report to stderr. */
export async function run({ words, environment, commands }: Invocation): Promise<number> {
  const program = commandLine('check', DESCRIPTION)
    .usage('[options] <file…>')
    .argument('[file...]', 'files, folders, or - for stdin');
  for (const { flags, help } of options) program.option(flags, help);
  const read = readWords(program, words);
  if (typeof read === 'number') return read;
  const {
    format: name = 'text',
    fix = false,
    kubernetesVersion = `1.${NEWEST_KUBERNETES}`,
  } = read.opts<{ format?: string; fix?: boolean; kubernetesVersion?: string }>();
  const [, minor] = /^v?1\.(\d{1,3})([.+-].*)?$/.exec(kubernetesVersion) ?? [];
  const format = FORMATS.find((each) => each === name);
  const mistakes = [
    ...(format === undefined
      ? [`cannot use --format ${JSON.stringify(name)}: must be one of ${FORMATS.join(', ')}`]
      : []),
    ...(minor === undefined
      ? [`cannot use --kubernetes-version ${JSON.stringify(kubernetesVersion)}: must be a version such as 1.30`]
      : []),
    ...(read.args.length === 0 ? ['cannot check: no manifest given; name files, folders, or - for stdin'] : []),
  ];
  if (format === undefined || mistakes.length > 0) {
    const lines = mistakes.map((mistake) => `k8s-run check: ${mistake}\n`);
    print(`${lines.join('')}${helpHint('check')}\n`, STDERR);
    return EXIT_USAGE;
  }
  const { result, printed } = checkFiles(read.args, {
    fix,
    kubernetes: Number(minor),
    commands: new Set(Object.keys(commands)),
  });
  const fd = printed ? STDERR : STDOUT;
  // https://no-color.org
  const colours = isatty(fd) && (environment['NO_COLOR'] ?? '') === '' && environment['TERM'] !== 'dumb';
  print(reportText(format, result, { colours, width: isatty(fd) ? WIDTH : null }, fix), fd);
  return result.findings.some(({ severity, fixed }) => severity !== 'note' && !fixed) ? 1 : 0;
}

/** `kubernetes`: the minor version; `commands`: the words that are no apps. */
export type CheckRequest = {
  readonly fix: boolean;
  readonly kubernetes: number;
  readonly commands: ReadonlySet<string>;
};

/** Checks what these words name: files, folders, or - for stdin. `printed`: with `fix` a manifest has gone to stdout. */
export function checkFiles(
  words: readonly string[],
  { fix, kubernetes, commands }: CheckRequest,
): { readonly result: CheckResult; readonly printed: boolean } {
  const checker = createChecker(optionsReader(commands), kubernetes);
  const printed = checkArguments(checker, [...new Set(words)], fix);
  return { result: checker.result(), printed };
}

/** A manifest that an argument names. Its text is kept where it can be read only once: stdin, a pipe. */
type NamedManifest = { readonly found: FoundManifest; readonly argument: string; readonly text: ManifestText | null };
type ManifestText = ReturnType<typeof readManifest>;

/** Checks the manifests that the arguments name. With `fix` it corrects them. Returns whether it has printed one to stdout. */
function checkArguments(checker: Checker, words: readonly string[], fix: boolean): boolean {
  const named = words.flatMap((argument) =>
    findManifests(argument).map((found): NamedManifest => {
      if ('patchOf' in found || 'problem' in found) return { found, argument, text: null };
      const text = readManifest(found.file);
      if ('text' in text) checker.survey(fileOf(found, argument), text.text);
      return { found, argument, text: found.file === argument ? text : null };
    }),
  );
  return named.map((each) => checkNamed(checker, each, fix)).includes(true);
}

function fileOf({ file }: FoundManifest, argument: string): string {
  return argument === '-' ? 'stdin' : file;
}

function checkNamed(checker: Checker, { found, argument, text }: NamedManifest, fix: boolean): boolean {
  const file = fileOf(found, argument);
  if ('patchOf' in found) {
    const reason = `The file was not checked, because it is a patch of ${found.patchOf}`;
    checker.skip(file, { rule: 'skipped-patch', reason });
    return false;
  }
  const manifest = 'problem' in found ? found : (text ?? readManifest(found.file));
  if ('problem' in manifest) {
    const { problem, remedy } = manifest;
    checker.skip(file, { rule: 'file-error', reason: `The file cannot be read: ${problem}`, remedy });
    return false;
  }
  const inFolder = argument !== '-' && found.file !== argument;
  const corrected = checker.check(file, manifest.text, { fix, inFolder });
  if (fix && argument === '-') {
    print(corrected ?? manifest.text);
    return true;
  }
  if (corrected !== null) {
    const problem = replaceManifest(file, corrected);
    const remedy = 'Make the file and its folder writable';
    if (problem !== null)
      checker.skip(file, { rule: 'file-error', reason: `The file cannot be corrected: ${problem}`, remedy });
  }
  return false;
}

function reportText(format: ReportFormat, result: CheckResult, style: TextStyle, fixing: boolean): string {
  switch (format) {
    case 'text':
      return asTextReport(result, style, fixing);
    case 'json':
      return asJson(result);
    case 'sarif':
      return asSarif(result, VERSION);
    case 'github':
      return asGithub(result);
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
