import { isatty } from 'node:tty';
import { styleText } from 'node:util';
import { OWN_MEMORY, shareOf } from '../environment/runtime-rules.ts';
import { type Setting, settingsFor } from '../environment/runtime-settings.ts';
import type { Limits } from '../resources/limits.ts';
import { readLimits } from '../resources/read-limits.ts';
import type { CommandOption, Invocation } from './command-file.ts';
import { print, STDOUT } from './print.ts';

/** Cells are padded to this width at most: a longer one moves only its own line out of the column. */
const MAX_CELL_WIDTH = 42;
const DESCRIPTION =
  "Prints what --resource-env and --web-concurrency set for the app from this container's limits, and why. A variable that is already set is left alone, whatever its value.";

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
  const bold = isatty(STDOUT) && (environment['NO_COLOR'] ?? '') === '' && environment['TERM'] !== 'dumb';
  print(json ? asJson(limits, settings) : shell ? asShell(settings) : asText(limits, settings, bold));
  return 0;
}

function asText(limits: Limits, settings: readonly Setting[], bold: boolean): string {
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
    '',
  ].join('\n');
}

function asJson({ cpu, memory, problems }: Limits, settings: readonly Setting[]): string {
  const limits = {
    processors: cpu === null ? null : { limit: cpu.processors, allowed: cpu.allowed, source: cpu.source },
    memory: memory === null ? null : { bytes: memory.bytes, source: memory.source, ownBytes: OWN_MEMORY },
  };
  return `${JSON.stringify({ limits, variables: settings, problems }, null, 2)}\n`;
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
