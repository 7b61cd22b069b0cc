import { expandVariables } from '../config/pod-manifest/expand.ts';
import { splitWords } from '../config/split-words.ts';
import { field, itemsOf, type ManifestNode, scalarOf, textOf, wordsOf } from './manifest-node.ts';
import { shellScriptOf } from './shell-script.ts';
import type { ContainerReader, OptionsResult, SupervisorOptions } from './supervisor-options.ts';
import { variablesOf } from './variables.ts';

/** What runs the app of a container, as far as the manifest shows it. */
export type Entrypoint =
  | {
      readonly kind: 'k8s-run';
      readonly options: SupervisorOptions;
      /** The command line of the app. */
      readonly command: readonly string[];
      /** The manifest names k8s-run, or it was assumed to be the ENTRYPOINT of the image. */
      readonly evidence: 'named' | 'assumed';
      readonly warnings: readonly string[];
      /** Options and variables whose values are not in the manifest. */
      readonly unknownValues: readonly string[];
      readonly behindShell: boolean;
    }
  | { readonly kind: 'invalid'; readonly mistakes: readonly string[]; readonly node: ManifestNode }
  | { readonly kind: 'other'; readonly command: readonly string[] | null };

const PROGRAM = /(^|\/)k8s-run(\.js)?$/;
const HEALTH_PORT = 20_080;
const HEALTH_PATHS: readonly string[] = ['/readyz', '/livez', '/startupz', '/healthz'];

export function readEntrypoint(container: ManifestNode, { readOptions, configMap }: ContainerReader): Entrypoint {
  const { variables, unknownValues } = variablesOf(container, configMap);
  const expand = (word: string): string => expandVariables(word, variables);
  const commandNode = field(container, 'command');
  const command = wordsOf(commandNode)?.map(expand) ?? null;
  const args = wordsOf(field(container, 'args'))?.map(expand) ?? [];
  const words = [...(command ?? []), ...args];
  const shellScript = shellScriptOf(words);
  const script = shellScript === null ? null : splitWords(shellScript);
  const inScript = script !== null && 'ok' in script ? script.ok.findIndex((word) => PROGRAM.test(word)) : -1;
  const direct = words.findIndex((word) => PROGRAM.test(word));
  const k8sRun = (rest: readonly string[], evidence: 'named' | 'assumed', behindShell: boolean): Entrypoint =>
    entrypointFrom(readOptions(rest, variables), {
      evidence,
      unknownValues,
      behindShell,
      words,
      node: command === null ? field(container, 'args') : commandNode,
    });
  if (direct >= 0) return k8sRun(words.slice(direct + 1), 'named', false);
  if (script !== null && 'ok' in script && inScript >= 0)
    return k8sRun(script.ok.slice(inScript + 1), 'named', !/^\s*exec\s/.test(shellScript ?? ''));
  // Another program replaces the ENTRYPOINT of the image.
  if (command !== null && command.length > 0) return { kind: 'other', command: words };
  if (!isLikelyK8sRun(container, Object.keys(variables), args))
    return { kind: 'other', command: args.length > 0 ? args : null };
  return k8sRun(args.length > 0 ? args : ['--', 'the-command-of-the-image'], 'assumed', false);
}

type EntrypointContext = {
  readonly evidence: 'named' | 'assumed';
  readonly unknownValues: readonly string[];
  readonly behindShell: boolean;
  readonly words: readonly string[];
  readonly node: ManifestNode;
};

function entrypointFrom(
  result: OptionsResult,
  { evidence, unknownValues, behindShell, words, node }: EntrypointContext,
): Entrypoint {
  switch (result.kind) {
    case 'mistakes':
      return { kind: 'invalid', mistakes: result.texts, node };
    case 'other':
      return { kind: 'other', command: words };
    case 'options': {
      const { options, command, warnings } = result;
      return {
        kind: 'k8s-run',
        options,
        command,
        warnings,
        evidence,
        behindShell,
        unknownValues: options.hasConfigFile ? ['--config', ...unknownValues] : unknownValues,
      };
    }
  }
}

/** Whether variables, arguments or probes indicate that the ENTRYPOINT of the image is k8s-run. */
function isLikelyK8sRun(container: ManifestNode, variables: readonly string[], args: readonly string[]): boolean {
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
    return (number === HEALTH_PORT && HEALTH_PATHS.includes(path)) || words.some((word) => PROGRAM.test(word));
  });
}
