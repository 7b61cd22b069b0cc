import { Command } from 'commander';
import { OPTIONS, type Option, type OptionGroup, type OptionKey, variableFor } from '../config/options/table.ts';
import { PROBE_FORMS } from '../config/probe-spec.ts';
import { VERSION } from '../version.ts';
import { wrapped } from '../wrap.ts';
import { isPlugin, PROGRAM } from './called-as.ts';
import { COMMANDS } from './commands.ts';
import { HELP_LAYOUT } from './help-layout.ts';
import { commanderOption, GROUPS } from './option-help.ts';
import { print, STDOUT } from './print.ts';
import { WIDEST, widthOf } from './terminal-width.ts';

/** Requested help goes to stdout (exit 0); help in place of a missing command line goes to stderr (exit 64). */
export function printHelp(fd: number = STDOUT): number {
  print(isPlugin ? pluginHelp(widthOf(fd)) : helpText(widthOf(fd)), fd);
  return fd === STDOUT ? 0 : 64;
}

export function printVersion(): number {
  print(`${VERSION}\n`);
  return 0;
}

/** In lines of at most `width` characters. */
export function helpText(width: number = WIDEST): string {
  const line = (words: string): string => wrapped(words, '', width).join('\n');
  const program = new Command('k8s-run')
    .usage('[options] [--] <command> [args…]')
    .description(
      'Starts one app and answers its Kubernetes probes. On SIGTERM it fails readiness, waits for the shutdown delay and then for requests in flight, passes the signal on, and exits with the exit code of the app.',
    )
    .helpOption('-h, --help', 'show this help')
    .version(VERSION, '-V, --version', 'show the version')
    .configureHelp({ ...HELP_LAYOUT, helpWidth: width });
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
${line('Commands, as the first word; k8s-run <command> --help lists the options of each:')}
${commandList(Object.keys(COMMANDS), width)}

${line(`Probes: ${Object.values(PROBE_FORMS).join(', ')}`)}
${line('Durations: 25s, 500ms, 1m30s; a bare number is seconds. Signals: TERM, SIGTERM or 15.')}
${line(`Each option has a variable: --shutdown-delay is ${variableFor(OPTIONS.shutdownDelay)}.`)}

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

/** What makes sense beside kubectl only: the rest is of a k8s-run that runs in a container. */
const IN_CONTAINERS: readonly string[] = ['env', 'install', 'probe'];

/** The help of kubectl's plugin, which has no app to start. */
function pluginHelp(width: number): string {
  const line = (words: string): string => wrapped(words, '', width).join('\n');
  return `Usage: ${PROGRAM} <command> [options]

${line('Finds what loses requests when pods are replaced, and puts k8s-run in front of the apps in manifests. It reads files and stdin, and changes nothing in the cluster.')}

${line(`Commands; ${PROGRAM} <command> --help lists the options of each:`)}
${commandList(
  Object.keys(COMMANDS).filter((name) => !IN_CONTAINERS.includes(name)),
  width,
)}

  ${PROGRAM} check deploy/
  kubectl get deployment web --output yaml | ${PROGRAM} check -
  ${PROGRAM} inject --image registry.example.com/k8s-run:${VERSION} web.yaml | kubectl apply --filename -
`;
}

function commandList(names: readonly string[], width: number): string {
  const indent = Math.max(...names.map((name) => name.length)) + 4;
  return names
    .map((name) => {
      const [first = '', ...rest] = wrapped(COMMANDS[name]?.summary ?? '', ' '.repeat(indent), width);
      return [`  ${name}`.padEnd(indent) + first.trimStart(), ...rest].join('\n');
    })
    .join('\n');
}
