import { clock } from '../clock.ts';
import { readArguments } from '../config/argv.ts';
import type { Config } from '../config/config.ts';
import { OPTIONS, type OptionKey, variableFor } from '../config/options/table.ts';
import { parseConfig } from '../config/resolve.ts';
import { askHealth } from '../health/ask.ts';
import { nearestSupervisor } from '../linux/find-supervisor.ts';
import { VERSION } from '../version.ts';
import type { Invocation, Taken } from './command.ts';
import { print, STDERR } from './print.ts';

/** What can be asked, and the endpoint that knows. */
const ENDPOINTS: Readonly<Record<string, string>> = { ready: '/readyz', live: '/livez', startup: '/startupz' };
const CHECKS = Object.keys(ENDPOINTS);
export const operands: readonly string[] = CHECKS;
/** The options that say where and how long to ask; all others are the running k8s-run's. */
const TAKEN = ['healthPort', 'healthHost', 'probeTimeout'] as const satisfies readonly OptionKey[];
const ALL_ADDRESSES = ['::', '0.0.0.0'];
const LOOPBACK = ['127.0.0.1', '::1'];

/** sysexits(3): EX_USAGE, EX_CONFIG. */
const EXIT_USAGE = 64;
const EXIT_CONFIG = 78;

/** `k8s-run probe`: asks the running k8s-run in this container; 0 when it answers 200, else 1 and the reason. */
export async function run({ words, environment }: Invocation): Promise<number> {
  const named = words.filter((word) => CHECKS.includes(word));
  const [check = 'ready'] = named;
  const others = words.filter((word) => !CHECKS.includes(word));
  const line = readArguments([...others, '--', 'probe']);
  if (line.kind === 'help') return say(HELP, 0);
  if (line.kind !== 'supervise') return say(`${VERSION}\n`, 0);
  const usage = [
    ...(named.length > 1 ? [`cannot ask for ${named.join(' and ')} at once; name one`] : []),
    // As commander says it for the other commands; its hint is of another help.
    ...line.mistakes.map(({ text }) => text.replace(/^unknown option (\S+);.*$/s, "unknown option '$1'")),
    ...line.flags.filter(({ key }) => !isTaken(key)).map(({ source }) => `unknown option '${source}'`),
    ...line.command
      .slice(0, -1)
      .filter((word) => word !== '--')
      .map((word) => `cannot ask for ${word}, only for one of ${CHECKS.join(', ')}`),
  ];
  if (usage.length > 0) return say(`k8s-run probe: ${usage.join('; ')}\n${HINT}\n`, EXIT_USAGE);
  const variables = TAKEN.map((key) => variableFor(OPTIONS[key]));
  const heard = Object.entries(environment).filter(([name]) => variables.includes(name));
  const parsed = parseConfig(line.flags, Object.fromEntries(heard));
  if ('mistakes' in parsed) return say(`${parsed.mistakes.map(({ text }) => text).join('\n')}\n`, EXIT_CONFIG);
  return ask(check, parsed.ok);
}

async function ask(check: string, config: Config): Promise<number> {
  const where = whereToAsk(config);
  if (where === null) return say('cannot ask: the health server is off (--health-port off)\n', 1);
  const path = ENDPOINTS[check] ?? '';
  const question = { ...where, path, agent: `k8s-run-probe/${VERSION}`, limit: config.probeTimeout };
  const reply = await askHealth({ ...question, after: clock.after });
  if ('failure' in reply) return say(`cannot ask k8s-run: ${reply.failure}\n`, 1);
  return say(`${reply.body.trimEnd()}\n`, reply.status === 200 ? 0 : 1);
}

/** The port that was chosen; else where the nearest k8s-run listens; else the default, where /proc cannot tell. */
function whereToAsk(config: Config): { readonly hosts: readonly string[]; readonly port: number } | null {
  const { healthPort, healthHost, chosen } = config;
  if (healthPort === 'off') return null;
  const at = (host: string): readonly string[] => (ALL_ADDRESSES.includes(host) ? LOOPBACK : [host]);
  if (chosen.has('healthPort') && healthPort !== 0) return { hosts: at(healthHost), port: healthPort };
  const found = nearestSupervisor();
  if (found !== null) return { hosts: at(found.address), port: found.port };
  return { hosts: at(healthHost), port: healthPort === 0 ? Number(OPTIONS.healthPort.fallback) : healthPort };
}

function isTaken(key: OptionKey): boolean {
  return TAKEN.some((taken) => taken === key);
}

/** What is wrong goes to stderr, the answer to stdout; the kubelet and Docker show both. */
function say(text: string, code: number): number {
  print(text, code === 0 || code === 1 ? undefined : STDERR);
  return code;
}

const HINT = 'k8s-run probe --help lists what it takes';

const MEANINGS: Readonly<Record<(typeof TAKEN)[number], string>> = {
  healthPort: 'where to ask; else the port on which the nearest k8s-run listens',
  healthHost: 'the address; else loopback',
  probeTimeout: `how long to wait for the answer, ${OPTIONS.probeTimeout.fallback} unless given`,
};

/** For shells that complete them. */
export const takes: readonly Taken[] = TAKEN.map((key) => ({
  flags: `--${OPTIONS[key].flag} ${OPTIONS[key].takes}`,
  help: MEANINGS[key],
}));

const HELP = `Usage: k8s-run probe [ready|live|startup] [options]

Asks the running k8s-run in this container, "ready" where nothing is named. Exits 0 when it says yes, 1 when it says no or
does not answer. For exec probes and HEALTHCHECK in images without curl.

Options, or their variables:
${takes.map(({ flags, help }) => `  ${flags.padEnd(28)}${help}`).join('\n')}
`;
