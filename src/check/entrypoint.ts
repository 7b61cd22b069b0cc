import { expandVariables, referencedVariables } from '../config/pod-manifest/expand.ts';
import { field, itemsOf, type ManifestNode, scalarOf, textOf, wordsOf } from './manifest-node.ts';
import { parseScript } from './shell/parse-script.ts';
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

export function readEntrypoint(container: ManifestNode, { readOptions, heldData }: ContainerReader): Entrypoint {
  const { variables, unknownValues, isElsewhere, secrets } = variablesOf(container, heldData);
  const commandNode = field(container, 'command');
  const own = wordsOf(commandNode);
  const argWords = wordsOf(field(container, 'args')) ?? [];
  const read = (word: string): CommandWord => {
    const raw = expandVariables(word, variables);
    const isKnown = !referencedVariables(word).some(isElsewhere);
    return { raw, text: isKnown ? raw : null };
  };
  const line = [...(own ?? []), ...argWords].map(read);
  const words = line.map(({ raw }) => raw);
  const args = argWords.map(read);
  const k8sRun = (rest: readonly CommandWord[], evidence: 'named' | 'assumed', behindShell: boolean): Entrypoint => {
    const { known, unknown } = withoutUnknownValues(rest);
    return entrypointFrom(withoutSecrets(readOptions(known, variables), secrets), {
      evidence,
      unknownValues: [...unknown, ...unknownValues],
      behindShell,
      words,
      node: own === null ? field(container, 'args') : commandNode,
    });
  };
  const direct = words.findIndex((word) => PROGRAM.test(word));
  if (direct >= 0) return k8sRun(line.slice(direct + 1), 'named', false);
  const inScript = wordsInScript(words);
  if (inScript !== null) return k8sRun(inScript, 'named', true);
  // Another program replaces the ENTRYPOINT of the image.
  if (own !== null && own.length > 0) return { kind: 'other', command: words };
  if (
    !isLikelyK8sRun(
      container,
      Object.keys(variables),
      args.map(({ raw }) => raw),
    )
  )
    return { kind: 'other', command: args.length > 0 ? words : null };
  return k8sRun(args.length > 0 ? args : ['--', 'the-command-of-the-image'].map(read), 'assumed', false);
}

/** The same without the values of Secrets in what it says, because reports are kept in logs. */
function withoutSecrets(result: OptionsResult, secrets: readonly string[]): OptionsResult {
  const hide = (texts: readonly string[]): readonly string[] =>
    texts.map((text) =>
      secrets.reduce((shown, secret) => (secret === '' ? shown : shown.replaceAll(secret, '…')), text),
    );
  if (result.kind === 'mistakes') return { ...result, texts: hide(result.texts) };
  return result.kind === 'options' ? { ...result, warnings: hide(result.warnings) } : result;
}

/** A word of a command line; `text` is null where the manifest does not show what it becomes. */
type CommandWord = { readonly raw: string; readonly text: string | null };

/** The words without the options of k8s-run whose values are not in the manifest, and the names of those. */
function withoutUnknownValues(words: readonly CommandWord[]): {
  readonly known: readonly string[];
  readonly unknown: readonly string[];
} {
  const known: string[] = [];
  const unknown: string[] = [];
  for (const [index, { raw, text }] of words.entries()) {
    const option = known.at(-1) ?? '';
    const [, name] = /^(--[a-z][a-z-]*)=/.exec(raw) ?? [];
    const isCommand = raw === '--' || (text === null && name === undefined && !/^--[a-z][a-z-]*$/.test(option));
    if (isCommand) return { known: [...known, ...words.slice(index).map((word) => word.raw)], unknown };
    if (text !== null) known.push(text);
    else unknown.push(name ?? known.pop() ?? '');
  }
  return { known, unknown };
}

/** The words behind k8s-run in the script of a shell; null where the script does not run it. */
function wordsInScript(words: readonly string[]): readonly CommandWord[] | null {
  const script = shellScriptOf(words);
  if (script === null) return null;
  for (const command of parseScript(script).commands) {
    const at = command.words.findIndex(({ text }) => PROGRAM.test(text ?? ''));
    if (at >= 0) return command.words.slice(at + 1);
  }
  return null;
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
