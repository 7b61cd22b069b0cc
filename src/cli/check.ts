import { isatty } from 'node:tty';
import { checker, type Outcome } from '../check/check.ts';
import { readManifest, replaceManifest } from '../check/files.ts';
import { manifestsIn } from '../check/folder.ts';
import type { Interpret, Interpreted } from '../check/interpret.ts';
import { asGithub, asJson, asSarif } from '../check/report/machine.ts';
import { asText, type Look } from '../check/report/text.ts';
import { readArguments } from '../config/argv.ts';
import { OPTIONS, variableFor } from '../config/options/table.ts';
import type { ProbeKind } from '../config/probe-spec.ts';
import { parseConfig } from '../config/resolve.ts';
import { shutdownPhases } from '../config/shutdown-budget.ts';
import { VERSION } from '../version.ts';
import type { Invocation, Taken } from './command.ts';
import { commandLine, EXIT_USAGE, readWords } from './command-line.ts';
import { print, STDERR, STDOUT } from './print.ts';

const FORMATS = ['text', 'json', 'sarif', 'github'] as const;
type Format = (typeof FORMATS)[number];

export const takes: readonly Taken[] = [
  { flags: '--format <format>', help: 'text, json, sarif or github (default: text)', words: FORMATS },
  { flags: '--fix', help: 'write what can be corrected safely into the files, comments kept; with - to stdout' },
];
export const operands = 'files';

/** Whether an app with such a ready probe is taken for a worker, which has no clients. */
const IS_FOR_WORKERS: Readonly<Record<ProbeKind, boolean>> = {
  ...{ auto: false, process: true, none: true },
  ...{ http: false, tcp: false, grpc: false, exec: false, file: false },
};

/** Of a line on a terminal: as the help has it. */
const WIDTH = 100;

const ABOUT = `Finds in Kubernetes manifests what would lose requests, and compares them with the options of k8s-run in them.
Files, folders (*.yaml, *.yml, *.json in them), or - for stdin. Exits 1 when there is an error or a warning.`;

/** `k8s-run check`: findings go to stdout; with `--fix -` the manifest does, and they go to stderr. */
export async function run({ words, environment, commands }: Invocation): Promise<number> {
  const program = commandLine('check', ABOUT).argument('[manifests...]', 'files, folders, or - for stdin');
  for (const { flags, help } of takes) program.option(flags, help);
  const read = readWords(program, words);
  if (typeof read === 'number') return read;
  const { format = 'text', fix = false } = read.opts<{ format?: string; fix?: boolean }>();
  const form = FORMATS.find((each) => each === format);
  const wrong = [
    ...(form === undefined
      ? [`cannot use --format ${JSON.stringify(format)}: must be one of ${FORMATS.join(', ')}`]
      : []),
    ...(read.args.length === 0 ? ['no manifest to check; name files or folders, or - for stdin'] : []),
  ];
  if (form === undefined || wrong.length > 0) {
    print(
      `${wrong.map((each) => `k8s-run check: ${each}\n`).join('')}k8s-run check --help lists what it takes\n`,
      STDERR,
    );
    return EXIT_USAGE;
  }
  const check = checker(interpreter(new Set(Object.keys(commands))));
  let toStdout = false;
  for (const named of new Set(read.args)) {
    for (const found of manifestsIn(named)) {
      const file = named === '-' ? 'stdin' : found.file;
      if ('patchOf' in found) {
        const whole = 'Look at the whole: kustomize build . | k8s-run check -';
        check.unread('patch', file, `A patch of ${found.patchOf}, which was not looked at by itself`, whole);
        continue;
      }
      const manifest = 'problem' in found ? found : readManifest(found.file);
      if ('problem' in manifest) {
        check.unread('cannot-read', file, `It cannot be read: ${manifest.problem}`, manifest.fix);
        continue;
      }
      const corrected = check.text(file, manifest.text, { fix, walked: named !== '-' && found.file !== named });
      if (fix && named === '-') {
        toStdout = true;
        print(corrected ?? manifest.text);
      } else if (corrected !== null) {
        const problem = replaceManifest(file, corrected);
        if (problem !== null)
          check.unread(
            'cannot-read',
            file,
            `It cannot be corrected: ${problem}`,
            'Make the file and its folder writable',
          );
      }
    }
  }
  const outcome = check.outcome();
  const fd = toStdout ? STDERR : STDOUT;
  // https://no-color.org
  const colours = isatty(fd) && (environment['NO_COLOR'] ?? '') === '' && environment['TERM'] !== 'dumb';
  const look = { colours, width: isatty(fd) ? WIDTH : null };
  print(written(form, outcome, look, fix), fd);
  return outcome.findings.some(({ severity, fixed }) => severity !== 'note' && !fixed) ? 1 : 0;
}

function written(format: Format, outcome: Outcome, look: Look, fixing: boolean): string {
  switch (format) {
    case 'text':
      return asText(outcome, look, fixing);
    case 'json':
      return asJson(outcome);
    case 'sarif':
      return asSarif(outcome, VERSION);
    case 'github':
      return asGithub(outcome);
  }
}

/** Reads options as k8s-run itself does when it starts in the container; a file of options is not looked for. */
function interpreter(commands: ReadonlySet<string>): Interpret {
  return (words, variables): Interpreted => {
    const line = readArguments(words, commands);
    if (line.kind !== 'supervise') return { kind: 'other' };
    // A file of options is in the container, not here.
    const { [variableFor(OPTIONS.config)]: named = '', ...others } = variables;
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
        loopback: healthHost === 'localhost' || healthHost === '::1' || healthHost.startsWith('127.'),
        pause: config.shutdownDelay,
        pauseChosen: config.chosen.has('shutdownDelay'),
        period: config.terminationGracePeriod,
        stops: config.stopOn.length > 0,
        scope: config.signalScope,
        worker: IS_FOR_WORKERS[config.ready.kind],
        file: named !== '' || flags.length < line.flags.length,
      },
    };
  };
}
