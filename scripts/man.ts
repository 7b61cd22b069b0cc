import { readFileSync, writeFileSync } from 'node:fs';
import { COMMANDS } from '../src/cli/commands.ts';
import type { Flag } from '../src/cli/completion/grammar.ts';
import { grammarOf } from '../src/cli/completion/read-grammar.ts';
import { GROUPS } from '../src/cli/option-help.ts';
import { OPTIONS, type Option, type OptionGroup, variableFor } from '../src/config/options/table.ts';
import { PROBE_FORMS } from '../src/config/probe-spec.ts';
import { HOMEPAGE } from '../src/version.ts';
import { usageOf } from './reference/commands.ts';
import { exitCodes } from './reference/exits.ts';
import { dateOf } from './release/changelog.ts';

/**
 * Prints man/k8s-run.1: the options from src/config/options, the commands from src/cli, the exit codes from src/exit, and the prose
 * below. With --write it writes the file. test/system/pages/man.test.ts fails while the two differ.
 */
const PAGE: URL = new URL('../man/k8s-run.1', import.meta.url);
const CHANGELOG: string = readFileSync(new URL('../CHANGELOG.md', import.meta.url), 'utf8');
const VERSION: string = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version;

export async function manPage(): Promise<string> {
  const { commands } = await grammarOf(COMMANDS);
  const sections: readonly (readonly [heading: string, lines: readonly string[]])[] = [
    ['NAME', ['k8s-run \\- PID 1 for Kubernetes: probes, and a shutdown that fails no new connection']],
    [
      'SYNOPSIS',
      [
        '.B k8s-run',
        '.RI [ options ]',
        '.RB [ \\-\\- ]',
        '.I command',
        '.RI [ args ...]',
        ...commands.flatMap((command) => ['.br', `.B k8s-run ${roff(command.name)}`, roff(usageOf(command))]),
      ],
    ],
    ['DESCRIPTION', paragraphs(DESCRIPTION)],
    [
      'OPTIONS',
      [
        'Each option is a flag, a variable and, in camelCase, a key of the file that \\fB\\-\\-config\\fR names.',
        'The flag wins over the variable, and the variable over the file.',
        'Options end at the first word that is not an option, or after \\fB\\-\\-\\fR.',
        ...(Object.keys(GROUPS) as OptionGroup[]).flatMap((group) => [
          `.SS ${roff(GROUPS[group])}`,
          ...Object.values(OPTIONS)
            .filter((option: Option<unknown>) => option.group === group)
            .flatMap(optionLines),
        ]),
      ],
    ],
    [
      'COMMANDS',
      [
        'A command must be the first word; after an option or \\fB\\-\\-\\fR the same word is the name of a program.',
        ...commands.flatMap(({ name, summary, flags, operands }) => [
          `.SS k8s-run ${roff(name)}`,
          `${roff(sentence(summary))}`,
          ...(operands === 'app' ? ['Takes the options above as well.'] : []),
          ...flags.filter((flag) => !isShared(flag)).flatMap(flagLines),
        ]),
      ],
    ],
    ['VALUES', paragraphs(VALUES)],
    [
      'EXIT STATUS',
      exitCodes().flatMap(([code, meaning]) => [
        '.TP',
        `.B ${roff(code)}`,
        roff(sentence(meaning.replaceAll('`', ''))),
      ]),
    ],
    [
      'EXAMPLES',
      EXAMPLES.flatMap(([what, line]) => ['.PP', roff(what), '.PP', '.nf', '.RS 4', roff(line), '.RE', '.fi']),
    ],
    [
      'SEE ALSO',
      ['.BR tini (1),', '.BR dumb-init (1),', '.BR signal (7),', '.BR pid_namespaces (7)', '.PP', roff(HOMEPAGE)],
    ],
  ];
  return [
    '.\\" Made by scripts/man.ts; npm run docs writes it.',
    // While a version is not released it has no date.
    `.TH K8S-RUN 1 "${dateOf(CHANGELOG, VERSION) ?? ''}" "k8s-run ${VERSION}" "User Commands"`,
    ...sections.flatMap(([heading, lines]) => [`.SH ${heading}`, ...lines]),
    '',
  ].join('\n');
}

function optionLines(option: Option<unknown>): readonly string[] {
  const takes = option.takes === null ? '' : ` \\fI${roff(option.takes)}\\fR`;
  const fallback = option.fallbackWords ?? option.fallback;
  return [
    '.TP',
    `\\fB${roff(`--${option.flag}`)}\\fR${takes}`,
    `${roff(sentence(option.help))}`,
    ...(fallback === null ? [] : [`Default: ${roff(fallback)}.`]),
    ...(option.repeats === true ? ['May be given several times.'] : []),
    '.br',
    `Variable: \\fB${roff(variableFor(option))}\\fR`,
  ];
}

function flagLines({ name, placeholder, help }: Flag): readonly string[] {
  const value = placeholder === '' ? '' : ` \\fI${roff(placeholder)}\\fR`;
  return ['.TP', `\\fB${roff(name)}\\fR${value}`, roff(sentence(help))];
}

/** Said above, for every command. */
function isShared({ name }: Flag): boolean {
  return name === '--help' || Object.values(OPTIONS).some(({ flag }) => name === `--${flag}`);
}

/** A name, such as that of a field of Kubernetes, keeps its first letter. */
function sentence(text: string): string {
  const isName = /^[a-z]+[A-Z]/.test(text);
  return `${isName ? text.charAt(0) : text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function paragraphs(text: string): readonly string[] {
  return text
    .trim()
    .split('\n\n')
    .flatMap((paragraph) => ['.PP', ...paragraph.split('\n').map(roff)]);
}

/** Text that roff takes for no more than text (groff_char(7)); the apostrophe is kept straight, for it may be typed. */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll("'", '\\(aq')
    .replaceAll('…', '...')
    .replaceAll('–', '\\(en')
    .replaceAll('×', '\\(mu')
    .replace(/^\./, '\\&.');
}

const DESCRIPTION = `
k8s-run starts one app and supervises it: it answers the three probes of Kubernetes on a port of its own, passes signals on, reaps orphans, and exits with the exit code of the app.

On a stop signal readiness fails at once. The app goes on serving during the delay, because it takes time until nobody sends requests to a pod that is deleted. Then k8s-run waits for requests in flight, 10 s at most by default, and sends the app the signal. The app has the rest of the grace to exit, and after that it gets SIGKILL. Delay and wait are skipped when the app never became ready, fails its liveness probe, or listens on nothing.

The health server answers /livez (and /healthz), /readyz and /startupz with 200 or 503 and the reason, /statusz with the whole state, and /metrics for Prometheus. The log goes to stderr: JSON, or text on a terminal. k8s-run does not touch the stdin, stdout and stderr of the app.
`;
const VALUES = `
Durations: 25s, 500ms, 1m30s; a bare number is seconds. Signals: TERM, SIGTERM or 15.

Probes: ${Object.values(PROBE_FORMS).join(', ')}. The default, auto, passes when each port that the app listens on accepts connections.
`;
const EXAMPLES: readonly (readonly [string, string])[] = [
  ['A server that gets 40 s to exit:', 'k8s-run --grace 40s -- node server.js'],
  ['In a Dockerfile:', 'ENTRYPOINT ["k8s-run", "--"]'],
  [
    'Manifests for it, and a check of the manifests in a folder:',
    'k8s-run manifest --grace 40s --image web:1.2 -- node server.js\nk8s-run check deploy/',
  ],
];

if (import.meta.main) {
  const page = await manPage();
  if (process.argv.includes('--write')) writeFileSync(PAGE, page);
  else process.stdout.write(page);
}
