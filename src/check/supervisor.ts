import { expanded, namedIn } from '../config/pod-manifest/expand.ts';
import { splitWords } from '../config/split-words.ts';
import { field, isThere, itemsOf, type Spot, scalarOf, textOf, wordsOf } from './document.ts';
import type { Interpret, Interpreted, Options } from './interpret.ts';
import { scriptOf } from './script.ts';

/** Who runs the app of a container, as far as a manifest shows it. */
export type Supervisor =
  | {
      readonly kind: 'k8s-run';
      readonly options: Options;
      readonly command: readonly string[];
      readonly seen: 'named' | 'assumed';
      readonly warnings: readonly string[];
      readonly unread: readonly string[];
      readonly behindShell: boolean;
    }
  | { readonly kind: 'mistaken'; readonly texts: readonly string[]; readonly spot: Spot }
  | { readonly kind: 'none'; readonly command: readonly string[] | null };

const PROGRAM = /(^|\/)k8s-run(\.js)?$/;
const HEALTH_PORT = 20_080;
const PATHS: readonly string[] = ['/readyz', '/livez', '/startupz'];

export function supervisorOf(container: Spot, interpret: Interpret): Supervisor {
  const { variables, unread } = variablesOf(container);
  const fill = (word: string): string => expanded(word, variables);
  const commandSpot = field(container, 'command');
  const command = wordsOf(commandSpot)?.map(fill) ?? null;
  const args = wordsOf(field(container, 'args'))?.map(fill) ?? [];
  const words = [...(command ?? []), ...args];
  const inShell = scriptOf(words);
  const script = inShell === null ? null : splitWords(inShell);
  const inScript = script !== null && 'ok' in script ? script.ok.findIndex((word) => PROGRAM.test(word)) : -1;
  const direct = words.findIndex((word) => PROGRAM.test(word));
  const of = (rest: readonly string[], seen: 'named' | 'assumed', behindShell: boolean): Supervisor =>
    asSupervisor(interpret(rest, variables), {
      seen,
      unread,
      behindShell,
      words,
      spot: command === null ? field(container, 'args') : commandSpot,
    });
  if (direct >= 0) return of(words.slice(direct + 1), 'named', false);
  if (script !== null && 'ok' in script && inScript >= 0)
    return of(script.ok.slice(inScript + 1), 'named', !/^\s*exec\s/.test(inShell ?? ''));
  // Another program was named, and takes the place of the image's ENTRYPOINT.
  if (command !== null && command.length > 0) return { kind: 'none', command: words };
  if (!isHinted(container, Object.keys(variables), args))
    return { kind: 'none', command: args.length > 0 ? args : null };
  return of(args.length > 0 ? args : ['--', 'the-command-of-the-image'], 'assumed', false);
}

type Seen = {
  readonly seen: 'named' | 'assumed';
  readonly unread: readonly string[];
  readonly behindShell: boolean;
  readonly words: readonly string[];
  readonly spot: Spot;
};

function asSupervisor(read: Interpreted, { seen, unread, behindShell, words, spot }: Seen): Supervisor {
  switch (read.kind) {
    case 'mistakes':
      return { kind: 'mistaken', texts: read.texts, spot };
    case 'other':
      return { kind: 'none', command: words };
    case 'options': {
      const { options, command, warnings } = read;
      return {
        kind: 'k8s-run',
        options,
        command,
        warnings,
        seen,
        behindShell,
        unread: options.file ? ['--config', ...unread] : unread,
      };
    }
  }
}

/** The literal variables of a container, and which options of k8s-run come from elsewhere. */
function variablesOf(container: Spot): {
  readonly variables: Record<string, string>;
  readonly unread: readonly string[];
} {
  const variables: Record<string, string> = {};
  const unread: string[] = [];
  const elsewhere = new Set<string>();
  for (const item of itemsOf(field(container, 'env'))) {
    const name = textOf(field(item, 'name'));
    if (name === null) continue;
    const value = scalarOf(field(item, 'value'));
    const known =
      value !== undefined && value !== null && !namedIn(String(value)).some((other) => elsewhere.has(other));
    if (known) variables[name] = expanded(String(value), variables);
    else if (value !== undefined || isThere(field(item, 'valueFrom'))) {
      elsewhere.add(name);
      if (name.startsWith('K8S_RUN_')) unread.push(name);
    }
  }
  return { variables, unread };
}

/** Whether anything says that the image's ENTRYPOINT is k8s-run. */
function isHinted(container: Spot, variables: readonly string[], args: readonly string[]): boolean {
  if (variables.some((name) => name.startsWith('K8S_RUN_'))) return true;
  if (
    args[0] !== undefined &&
    /^--(grace|ready|live|startup|shutdown-delay|stop-signal|health-port|drain-connections)(=|$)/.test(args[0])
  )
    return true;
  const ports = itemsOf(field(container, 'ports'));
  return ['readinessProbe', 'livenessProbe', 'startupProbe'].some((name) => {
    const probe = field(container, name);
    const port = scalarOf(field(probe, 'httpGet', 'port'));
    const number =
      typeof port === 'string'
        ? scalarOf(field(ports.find((each) => textOf(field(each, 'name')) === port) ?? container, 'containerPort'))
        : port;
    const path = textOf(field(probe, 'httpGet', 'path')) ?? '';
    const words = wordsOf(field(probe, 'exec', 'command')) ?? [];
    return (
      (number === HEALTH_PORT && PATHS.concat('/healthz').includes(path)) || words.some((word) => PROGRAM.test(word))
    );
  });
}
