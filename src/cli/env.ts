import { styleText } from 'node:util';
import { mayHaveColours } from '../colours.ts';
import { OWN_MEMORY, shareOf } from '../environment/runtime-rules.ts';
import { type Setting, settingsFor } from '../environment/runtime-settings.ts';
import { nearestApp } from '../linux/find-supervisor.ts';
import { environmentOf } from '../linux/procfs.ts';
import type { Limits } from '../resources/limits.ts';
import { readLimits } from '../resources/read-limits.ts';
import type { CommandOption, Invocation } from './command-file.ts';
import { print, STDOUT } from './print.ts';

/** Cells are padded to this width at most: a longer one moves only its own line out of the column. */
const MAX_CELL_WIDTH = 42;
const DESCRIPTION =
  "Prints what --resource-env and --web-concurrency set for the app from this container's limits, and why. A variable that is already set is left alone, whatever its value. Where k8s-run runs an app here, what that has is shown too: after an in-place resize it has the old values until it is started again.";

const AS_JSON: CommandOption = { flags: '--json', help: 'print one JSON object' };
const AS_SHELL: CommandOption = {
  flags: '--export',
  help: 'print what --resource-env sets as lines for a shell: eval "$(k8s-run env --export)"',
};
export const options: readonly CommandOption[] = [AS_JSON, AS_SHELL];

/** `k8s-run env`: prints the limits, and each variable with the reason why it is set or left alone. */
export async function run({ words, environment }: Invocation): Promise<number> {
  const { commandLine, readWords } = await import('./command-line.ts');
  const program = commandLine('env', DESCRIPTION);
  program.option(AS_JSON.flags, AS_JSON.help);
  program.addOption(program.createOption(AS_SHELL.flags, AS_SHELL.help).conflicts('json'));
  const read = readWords(program, words);
  if (typeof read === 'number') return read;
  const { json, export: shell } = read.opts<{ json?: true; export?: true }>();
  const limits = readLimits();
  const settings = settingsFor(limits, environment);
  const app = runningApp(settings, environment);
  const bold = mayHaveColours(STDOUT, environment);
  print(json ? asJson(limits, settings, app) : shell ? asShell(settings) : asText({ limits, settings, app, bold }));
  return 0;
}

/** What the app has of these variables, as it was started. `has`: null where it may not be read. */
type RunningApp = { readonly pid: number; readonly program: string; readonly has: Readonly<NodeJS.ProcessEnv> | null };

/** Only what k8s-run may have set: a variable that is set here as well is the container's own, and is not shown. */
function runningApp(settings: readonly Setting[], own: NodeJS.ProcessEnv): RunningApp | null {
  const app = nearestApp('env');
  if (app === null) return null;
  const { pid, program } = app;
  const all = environmentOf(pid);
  if (all === null) return { pid, program, has: null };
  const names = settings.map(({ name }) => name).filter((name) => own[name] === undefined && all[name] !== undefined);
  return { pid, program, has: Object.fromEntries(names.map((name) => [name, all[name]])) };
}

/** Something may follow on the value, as --node-drain does in NODE_OPTIONS. */
const isSame = (has: string | undefined, value: string | null): boolean =>
  value === null ? has === undefined : has === value || has?.startsWith(`${value} `) === true;

function appLines(settings: readonly Setting[], app: RunningApp, heading: (text: string) => string): readonly string[] {
  const { has } = app;
  const title = (text: string): readonly string[] => [
    '',
    heading(`The app that runs (${app.program}, process ${app.pid}) ${text}`),
  ];
  if (has === null) return title('belongs to another user, who alone may see what it has');
  if (Object.keys(has).length === 0)
    return title('has none of these: there was no --resource-env, or no limit, when it was started');
  const flags = new Set(settings.filter(({ name }) => has[name] !== undefined).map(({ option }) => option));
  const others = settings.filter(({ name, option, value }) => flags.has(option) && !isSame(has[name], value));
  if (others.length === 0) return title('has what fits');
  const rows = others.map(({ name, value }) => [
    has[name] === undefined ? `${name} is not set` : `${name}=${has[name]}`,
    value === null ? 'now it would not be set' : `now it would be ${value}`,
  ]);
  return [...title('has other values, until it is started again'), ...columns(rows)];
}

type Shown = {
  readonly limits: Limits;
  readonly settings: readonly Setting[];
  readonly app: RunningApp | null;
  readonly bold: boolean;
};

function asText({ limits, settings, app, bold }: Shown): string {
  const heading = (text: string): string => (bold ? styleText('bold', text, { validateStream: false }) : text);
  const set = settings.filter(({ value }) => value !== null);
  const left = settings.filter(({ value }) => value === null);
  const { cpu, memory } = limits;
  const share = shareOf(memory);
  const bounds = [
    ['processors', cpu === null ? 'no limit' : String(round(cpu.processors)), cpu?.source ?? ''],
    ['memory', memory === null ? 'no limit' : mebibytes(memory.bytes), memory?.source ?? ''],
    ...(share === null ? [] : [['', mebibytes(share), `left for the app: ${mebibytes(OWN_MEMORY)} are k8s-run's`]]),
    ...limits.problems.map((problem) => ['warning', problem]),
  ];
  return [
    heading('Limits of this container'),
    ...columns(bounds),
    ...(['resource-env', 'web-concurrency'] as const).flatMap((flag) => {
      const ofFlag = set.filter(({ option }) => option === flag);
      return ofFlag.length === 0
        ? []
        : [
            '',
            heading(`Set by --${flag}`),
            ...columns(ofFlag.map(({ name, value, runtime, reason }) => [`${name}=${value}`, `${runtime}: ${reason}`])),
          ];
    }),
    ...(left.length === 0 ? [] : ['', heading('Left alone')]),
    ...columns(left.map(({ name, runtime, reason }) => [name, `${runtime}: ${reason}`])),
    ...(app === null ? [] : appLines(settings, app, heading)),
    '',
  ].join('\n');
}

function asJson({ cpu, memory, problems }: Limits, settings: readonly Setting[], app: RunningApp | null): string {
  const limits = {
    processors: cpu === null ? null : { limit: cpu.processors, allowed: cpu.allowed, source: cpu.source },
    memory: memory === null ? null : { bytes: memory.bytes, source: memory.source, ownBytes: OWN_MEMORY },
  };
  const found = app === null ? null : { program: app.program, pid: app.pid, variables: app.has };
  return `${JSON.stringify({ limits, variables: settings, app: found, problems }, null, 2)}\n`;
}

function asShell(settings: readonly Setting[]): string {
  return settings
    .filter(({ option }) => option === 'resource-env')
    .flatMap(({ name, value }) => (value === null ? [] : [`export ${name}='${value}'\n`]))
    .join('');
}

function columns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = [0, 1].map((column) =>
    Math.max(0, ...rows.filter((row) => row.length > column + 1).map((row) => (row[column] ?? '').length)),
  );
  return rows.map((row) =>
    `  ${row.map((cell, column) => cell.padEnd(Math.min(widths[column] ?? 0, MAX_CELL_WIDTH))).join('  ')}`.trimEnd(),
  );
}

function mebibytes(bytes: number): string {
  return `${round(bytes / 2 ** 20)} MiB`;
}

function round(number: number): number {
  return Math.round(number * 100) / 100;
}
