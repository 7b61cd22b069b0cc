import { clock } from '../clock.ts';
import { readArguments } from '../config/argv.ts';
import type { Config } from '../config/config.ts';
import { OPTIONS, type OptionKey, variableFor } from '../config/options/table.ts';
import { parseConfig } from '../config/resolve.ts';
import { EXIT_CONFIG, EXIT_USAGE } from '../exit/exit-codes.ts';
import { askHealth } from '../health/ask.ts';
import { nearestSupervisor } from '../linux/find-supervisor.ts';
import { VERSION } from '../version.ts';
import type { CommandOption, Invocation } from './command-file.ts';
import { print, STDERR } from './print.ts';

/** The verdicts, and the endpoint of each. */
const ENDPOINTS: Readonly<Record<string, string>> = { ready: '/readyz', live: '/livez', startup: '/startupz' };
const VERDICTS = Object.keys(ENDPOINTS);
export const operands: readonly string[] = VERDICTS;
/** The options of this command: the address of the health server and the timeout. The others are for the running k8s-run. */
const USED_OPTIONS = ['healthPort', 'healthHost', 'probeTimeout'] as const satisfies readonly OptionKey[];
const ALL_ADDRESSES = ['::', '0.0.0.0'];
const LOOPBACK = ['127.0.0.1', '::1'];

/** `k8s-run probe`: probes the k8s-run in this container. Exits with 0 on status 200, else with 1 and the reason. */
export async function run({ words, environment }: Invocation): Promise<number> {
  const named = words.filter((word) => VERDICTS.includes(word));
  const [verdict = 'ready'] = named;
  const others = words.filter((word) => !VERDICTS.includes(word));
  const line = readArguments([...others, '--', 'probe']);
  if (line.kind === 'help') return answer(HELP, 0);
  if (line.kind !== 'supervise') return answer(`${VERSION}\n`, 0);
  const usage = [
    ...(named.length > 1 ? [`cannot probe ${named.join(' and ')} at once; name one`] : []),
    // In the words of commander, as for the other commands; the hint of readArguments names another help.
    ...line.mistakes.map(({ text }) => text.replace(/^unknown option (\S+);.*$/s, "unknown option '$1'")),
    ...line.flags.filter(({ key }) => !isUsed(key)).map(({ source }) => `unknown option '${source}'`),
    ...line.command
      .slice(0, -1)
      .filter((word) => word !== '--')
      .map((word) => `cannot probe ${word}: not a verdict; name one of ${VERDICTS.join(', ')}`),
  ];
  if (usage.length > 0) return answer(`k8s-run probe: ${usage.join('; ')}\n${HINT}\n`, EXIT_USAGE);
  const variables = USED_OPTIONS.map((key) => variableFor(OPTIONS[key]));
  const used = Object.entries(environment).filter(([name]) => variables.includes(name));
  const parsed = parseConfig(line.flags, Object.fromEntries(used));
  if ('mistakes' in parsed) return answer(`${parsed.mistakes.map(({ text }) => text).join('\n')}\n`, EXIT_CONFIG);
  return probe(verdict, parsed.ok);
}

async function probe(verdict: string, config: Config): Promise<number> {
  const address = healthAddress(config);
  if (address === null)
    return answer('cannot probe k8s-run: the health server is off (--health-port off); give it a port\n', 1);
  const path = ENDPOINTS[verdict] ?? '';
  const request = { ...address, path, agent: `k8s-run-probe/${VERSION}`, limit: config.probeTimeout };
  const reply = await askHealth({ ...request, after: clock.after });
  if ('failure' in reply) return answer(`cannot probe k8s-run: ${reply.failure}\n`, 1);
  return answer(`${reply.body.trimEnd()}\n`, reply.status === 200 ? 0 : 1);
}

/** The chosen port; else the port of the nearest k8s-run; else, where /proc does not show one, the default. */
function healthAddress(config: Config): { readonly hosts: readonly string[]; readonly port: number } | null {
  const { healthPort, healthHost, chosen } = config;
  if (healthPort === 'off') return null;
  const at = (host: string): readonly string[] => (ALL_ADDRESSES.includes(host) ? LOOPBACK : [host]);
  if (chosen.has('healthPort') && healthPort !== 0) return { hosts: at(healthHost), port: healthPort };
  const found = nearestSupervisor();
  if (found !== null) return { hosts: at(found.address), port: found.port };
  return { hosts: at(healthHost), port: healthPort === 0 ? Number(OPTIONS.healthPort.fallback) : healthPort };
}

function isUsed(key: OptionKey): boolean {
  return USED_OPTIONS.some((used) => used === key);
}

/** Mistakes go to stderr, the answer to stdout; the kubelet and Docker show both. */
function answer(text: string, code: number): number {
  print(text, code === 0 || code === 1 ? undefined : STDERR);
  return code;
}

const HINT = 'k8s-run probe --help lists its options';

const OPTION_HELP: Readonly<Record<(typeof USED_OPTIONS)[number], string>> = {
  healthPort: 'port of the health server (default: the port of the nearest k8s-run)',
  healthHost: 'address of the health server (default: loopback)',
  probeTimeout: `time limit of the answer (default: ${OPTIONS.probeTimeout.fallback})`,
};

export const options: readonly CommandOption[] = USED_OPTIONS.map((key) => ({
  flags: `--${OPTIONS[key].flag} ${OPTIONS[key].takes}`,
  help: OPTION_HELP[key],
}));

const HELP_ROWS: readonly CommandOption[] = [
  ...options,
  { flags: '-h, --help', help: 'show this help' },
  { flags: '-V, --version', help: 'show the version' },
];

const HELP = `Usage: k8s-run probe [options] [${VERDICTS.join('|')}]

Probes the k8s-run that runs in this container; the default is ready. Exits with 0 if the verdict
is ok, and with 1 if it is failed or there is no answer. For exec probes and HEALTHCHECK in images
without curl. The variables of the options count, too, as for k8s-run itself.

Options:
${HELP_ROWS.map(({ flags, help }) => `  ${flags.padEnd(28)}${help}`).join('\n')}
`;
