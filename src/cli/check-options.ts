import { guessOf, ruleWords } from '../check/ignored-rules.ts';
import { isRuleName, RULE_LIST, type RuleName, SEVERITIES, type Severity } from '../check/rules/catalog.ts';
import { NEWEST_KUBERNETES } from '../check/rules/newer-fields.ts';
import { EXIT_USAGE } from '../exit/exit-codes.ts';
import { REFERENCE } from '../version.ts';
import type { CommandOption } from './command-file.ts';
import { commandLine, helpHint, readWords } from './command-line.ts';
import { print, STDERR } from './print.ts';

const FORMATS = ['text', 'json', 'sarif', 'github'] as const;
const FAIL_ON: readonly (Severity | 'never')[] = [...SEVERITIES, 'never'];

/** How manifests are to be checked, and which. */
export type CheckOptions = {
  readonly format: (typeof FORMATS)[number];
  /** The least severity that makes the command fail. */
  readonly failOn: Severity | 'never';
  readonly ignore: ReadonlySet<RuleName>;
  readonly fix: boolean;
  /** The minor version of Kubernetes. */
  readonly kubernetes: number;
  /** A named file may be something else than a manifest. */
  readonly skipOthers: boolean;
  /** Each note is reported, where the text has one line for many. */
  readonly verbose: boolean;
  /** Each once. */
  readonly files: readonly string[];
};

export const CHECK_OPTIONS: readonly CommandOption[] = [
  {
    flags: '--fail-on <severity>',
    help: 'least severity that makes the exit code 1: error, warning, note or never (default: error)',
    words: FAIL_ON,
  },
  {
    flags: '--ignore <rules>',
    help: 'rules to leave out, separated by commas (repeatable); the annotation k8s-run/ignore leaves them out of one object',
    words: RULE_LIST.map(({ name }) => name),
  },
  {
    flags: '--format <format>',
    help: 'format of the report: text, json, sarif or github (default: text)',
    words: FORMATS,
  },
  {
    flags: '--skip-others',
    help: 'skip a named file that is no Kubernetes manifest, with a note: for lists of all YAML files',
  },
  {
    flags: '--verbose',
    help: 'report each note; otherwise the notes of one rule in a folder are one line of the text',
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

const DESCRIPTION = `Reports what in Kubernetes manifests would lose requests, and what does not match the options of k8s-run in them.
Reads files, folders (their *.yaml, *.yml and *.json), or - for stdin. Exits with 1 when there is an error (--fail-on).`;

/** Reads the words after `check`. A number is the exit code where everything has been said. */
export function readCheckOptions(words: readonly string[]): CheckOptions | number {
  const program = commandLine('check', DESCRIPTION)
    .usage('[options] <file…>')
    .argument('[file...]', 'files, folders, or - for stdin');
  const lists: string[] = [];
  for (const { flags, help } of CHECK_OPTIONS) {
    if (flags.startsWith('--ignore ')) program.option(flags, help, (list: string) => void lists.push(list));
    else program.option(flags, help);
  }
  const read = readWords(program, words);
  if (typeof read === 'number') return read;
  const given = read.opts<{
    format?: string;
    failOn?: string;
    fix?: boolean;
    verbose?: boolean;
    skipOthers?: boolean;
    kubernetesVersion?: string;
  }>();
  const format = FORMATS.find((each) => each === (given.format ?? 'text'));
  const failOn = FAIL_ON.find((each) => each === (given.failOn ?? 'error'));
  const { kubernetesVersion = `1.${NEWEST_KUBERNETES}` } = given;
  const [, minor] = /^v?1\.(\d{1,3})([.+-].*)?$/.exec(kubernetesVersion) ?? [];
  const names = lists.flatMap(ruleWords);
  const mistakes = [
    ...(format === undefined ? [oneOf('--format', given.format, FORMATS)] : []),
    ...(failOn === undefined ? [oneOf('--fail-on', given.failOn, FAIL_ON)] : []),
    ...(minor === undefined
      ? [`cannot use --kubernetes-version ${JSON.stringify(kubernetesVersion)}: must be a version such as 1.30`]
      : []),
    ...names.filter((name) => !isRuleName(name)).map(unknownRule),
    ...(read.args.length === 0 ? ['cannot check: no manifest given; name files, folders, or - for stdin'] : []),
  ];
  if (format === undefined || failOn === undefined || mistakes.length > 0) {
    const lines = mistakes.map((mistake) => `k8s-run check: ${mistake}\n`);
    print(`${lines.join('')}${helpHint('check')}\n`, STDERR);
    return EXIT_USAGE;
  }
  const { fix = false, verbose = false, skipOthers = false } = given;
  return {
    format,
    failOn,
    fix,
    verbose,
    skipOthers,
    kubernetes: Number(minor),
    ignore: new Set(names.filter(isRuleName)),
    files: [...new Set(read.args)],
  };
}

function oneOf(flag: string, given: string | undefined, words: readonly string[]): string {
  return `cannot use ${flag} ${JSON.stringify(given)}: must be one of ${words.join(', ')}`;
}

function unknownRule(name: string): string {
  const hint = guessOf(name, 'did you mean ', '?') || `${REFERENCE}#findings-of-check lists the rules`;
  return `cannot use --ignore ${JSON.stringify(name)}: no rule has this name; ${hint}`;
}
