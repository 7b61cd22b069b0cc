import type { GivenOption } from './config.ts';
import { didYouMean } from './did-you-mean.ts';
import { OPTIONS, type Option, type OptionKey, variableFor } from './options/table.ts';

/**
 * The options in K8S_RUN_ variables. An unknown name is a warning, with a guess. The links that Kubernetes injects for each
 * Service of the namespace are skipped, because a Service may be called k8s-run-health.
 */
export function readVariables(environment: Readonly<NodeJS.ProcessEnv>): {
  readonly given: readonly GivenOption[];
  readonly warnings: readonly string[];
} {
  const keys = new Map((Object.keys(OPTIONS) as OptionKey[]).map((key) => [variableFor(OPTIONS[key]), key]));
  const given: GivenOption[] = [];
  const warnings: string[] = [];
  for (const [index, [source, text]] of Object.entries(environment).entries()) {
    const place = ['variables', index, 0] as const;
    // An empty variable counts as not set, because templates leave such variables behind.
    if (!source.startsWith('K8S_RUN_') || !text || isServiceLink(source, text)) continue;
    if (isEventsAddress(source, text) || OF_COMMANDS.test(source)) continue;
    const key = keys.get(source);
    if (key === undefined) {
      const guess = didYouMean(source, [...keys.keys()]);
      warnings.push(`${source} is no option of k8s-run${guess === null ? '' : `; did you mean ${guess}?`}`);
    } else if ((OPTIONS[key] as Option<unknown>).repeats === true) {
      given.push(
        ...text
          .split(',')
          .filter((part) => part.trim() !== '')
          .map((part) => ({ key, source, text: part.trim(), place })),
      );
    } else {
      given.push({ key, source, text, place });
    }
  }
  return { given, warnings };
}

/** What the commands of hooks and probes have, which may start a k8s-run of their own. */
const OF_COMMANDS = /^K8S_RUN_(COMMAND|APP_PID|HOOK|REASON|(OLD_)?(MEMORY_LIMIT_BYTES|CPU_LIMIT_CORES))$/;

/** The names that the kubelet makes (pkg/kubelet/envvars): NAME_SERVICE_HOST, NAME_SERVICE_PORT…, NAME_PORT, NAME_PORT_80_TCP…. */
function isServiceLink(name: string, value: string): boolean {
  if (/_SERVICE_HOST$|_SERVICE_PORT(_\w+)?$|_PORT_\d+_(TCP|UDP|SCTP)(_\w+)?$/.test(name)) return true;
  return name.endsWith('_PORT') && /^(tcp|udp|sctp):\/\//.test(value);
}

/** The variable of `--events` is also where the app finds the socket of its k8s-run, and the app may start a k8s-run. */
function isEventsAddress(name: string, value: string): boolean {
  return name === 'K8S_RUN_EVENTS' && value.startsWith('@');
}
