import { Command } from 'commander';
import { OPTIONS, type Option, type OptionGroup, type OptionKey, variableFor } from '../config/options/table.ts';
import { PROBE_FORMS } from '../config/probe-spec.ts';
import { VERSION } from '../version.ts';
import { COMMANDS } from './commands.ts';
import { commanderOption, GROUPS } from './option-help.ts';
import { print, STDOUT } from './print.ts';

/** Requested help goes to stdout (exit 0); help in place of a missing command line goes to stderr (exit 64). */
export function printHelp(fd: number = STDOUT): number {
  print(helpText(), fd);
  return fd === STDOUT ? 0 : 64;
}

export function printVersion(): number {
  print(`${VERSION}\n`);
  return 0;
}

export function helpText(): string {
  const program = new Command('k8s-run')
    .usage('[options] [--] <command> [args…]')
    .description(
      'Starts one app and answers its Kubernetes probes. On SIGTERM it fails readiness, waits for the shutdown delay and then for requests in flight, passes the signal on, and exits with the exit code of the app.',
    )
    .helpOption('-h, --help', 'show this help')
    .version(VERSION, '-V, --version', 'show the version')
    .configureHelp({ helpWidth: 100 });
  for (const group of Object.keys(GROUPS) as OptionGroup[]) {
    program.optionsGroup(`${GROUPS[group]}:`);
    for (const key of Object.keys(OPTIONS) as OptionKey[]) {
      const option: Option<unknown> = OPTIONS[key];
      if (option.group === group) program.addOption(commanderOption(option));
    }
  }
  program.addHelpText(
    'after',
    `
Commands, as the first word; k8s-run <command> --help lists the options of each:
${commands()}

Probes: ${Object.values(PROBE_FORMS).join(', ')}
Durations: 25s, 500ms, 1m30s; a bare number is seconds. Signals: TERM, SIGTERM or 15.
Each option has a variable: --shutdown-delay is ${variableFor(OPTIONS.shutdownDelay)}.

  k8s-run -- node server.js
  k8s-run --ready http://:8080/ready --grace 25s -- ./server`,
  );
  // commander adds the text after the help only when it prints the help itself.
  let text = '';
  program.configureOutput({
    writeOut(chunk) {
      text += chunk;
    },
  });
  program.outputHelp();
  return text;
}

function commands(): string {
  const width = Math.max(...Object.keys(COMMANDS).map((name) => name.length));
  return Object.entries(COMMANDS)
    .map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`)
    .join('\n');
}
