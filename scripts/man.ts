import { readFileSync, writeFileSync } from 'node:fs';
import { COMMANDS } from '../src/cli/commands.ts';
import type { Flag } from '../src/cli/completion/grammar.ts';
import { grammarOf } from '../src/cli/completion/words.ts';
import { GROUPS } from '../src/cli/option-help.ts';
import { OPTIONS, type Option, type OptionGroup, variableFor } from '../src/config/options/table.ts';
import { PROBE_FORMS } from '../src/config/probe-spec.ts';

/**
 * Prints man/k8s-run.1 as it has to be: the options from src/config/options/table.ts, the commands from src/cli, and the prose below.
 * With --write it becomes so. test/man.test.ts fails while the two differ.
 */
const PAGE: URL = new URL('../man/k8s-run.1', import.meta.url);
const VERSION: string = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version;

export async function manPage(): Promise<string> {
  const { commands } = await grammarOf(COMMANDS);
  const sections: readonly (readonly [heading: string, lines: readonly string[]])[] = [
    ['NAME', ['k8s-run \\- PID 1 for Kubernetes: probes, and a shutdown that loses no request']],
    [
      'SYNOPSIS',
      [
        '.B k8s-run',
        '.RI [ options ]',
        '.RB [ \\-\\- ]',
        '.I command',
        '.RI [ args ...]',
        ...commands.flatMap(({ name }) => ['.br', `.B k8s-run ${roff(name)}`, '.RI [ options ...]']),
      ],
    ],
    ['DESCRIPTION', paragraphs(DESCRIPTION)],
    [
      'OPTIONS',
      [
        'Each is a flag, a variable and, in camelCase, a key of the file that \\fB\\-\\-config\\fR names; in that order they win.',
        'Options stop at the first word that is none, or after \\fB\\-\\-\\fR.',
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
        'As the first word; behind an option or \\fB\\-\\-\\fR the same word is a program.',
        ...commands.flatMap(({ name, summary, flags, operands }) => [
          `.SS k8s-run ${roff(name)}`,
          `${roff(sentence(summary))}`,
          ...(operands === 'app' ? ['Takes the options above beside its own.'] : []),
          ...flags.filter((flag) => !isShared(flag)).flatMap(flagLines),
        ]),
      ],
    ],
    ['VALUES', paragraphs(VALUES)],
    ['EXIT STATUS', EXITS.flatMap(([code, meaning]) => ['.TP', `.B ${roff(code)}`, roff(meaning)])],
    [
      'EXAMPLES',
      EXAMPLES.flatMap(([what, line]) => ['.PP', roff(what), '.PP', '.nf', '.RS 4', roff(line), '.RE', '.fi']),
    ],
    ['SEE ALSO', ['.BR tini (1),', '.BR dumb-init (1),', '.BR signal (7),', '.BR pid_namespaces (7)']],
  ];
  return [
    '.\\" Made by scripts/man.ts; npm run docs writes it.',
    `.TH K8S-RUN 1 "" "k8s-run ${VERSION}" "User Commands"`,
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

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
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
k8s-run starts one app and keeps it: it answers the three probes of Kubernetes on a port of its own, passes signals on, reaps orphans, and exits with the code of the app.

When a stop signal comes, readiness fails at once, and the app goes on serving through a pause while the cluster learns of it; then it gets the signal, a grace to finish what it has in hand, and after that SIGKILL. The pause is left out where it can serve nobody.

The health server answers /livez (and /healthz), /readyz and /startupz with 200 or 503 and the reason, /statusz with the whole state, and /metrics for Prometheus. The log goes to stderr: JSON, or text for people on a terminal. The stdin, stdout and stderr of the app are left alone.
`;
const VALUES = `
Durations: 25s, 500ms, 1m30s; a bare number is seconds. Signals: TERM, SIGTERM or 15.

Probes: ${Object.values(PROBE_FORMS).join(', ')}. The default, auto, passes when each port that the app listens on accepts connections.
`;
const EXITS: readonly (readonly [string, string])[] = [
  ['the code of the app', '128 + n when signal n ended it.'],
  ['64', 'The command line has no meaning.'],
  ['69', 'The health port, or what --wait-for names, cannot be had.'],
  ['70', 'A fault of k8s-run.'],
  ['78', 'An option has a value that cannot be.'],
  ['126, 127', 'The command cannot be executed, or is not found.'],
];
const EXAMPLES: readonly (readonly [string, string])[] = [
  ['A server that has 40 s to finish:', 'k8s-run --grace 40s -- node server.js'],
  ['In a Dockerfile:', 'ENTRYPOINT ["k8s-run", "--"]'],
  [
    'The manifests that agree with it, and whether yours do:',
    'k8s-run manifest --grace 40s --image web:1.2 -- node server.js\nk8s-run check deploy/',
  ],
];

if (import.meta.main) {
  const page = await manPage();
  if (process.argv.includes('--write')) writeFileSync(PAGE, page);
  else process.stdout.write(page);
}
