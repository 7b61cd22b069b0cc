import { escapeVariables } from '../config/pod-manifest/expand.ts';
import type { ManifestInput } from './manifest-input.ts';
import { type ExtractedSecret, extractSecrets } from './secrets.ts';
import { CONFIG_FOLDER } from './volumes.ts';
import { withComment, type YamlFields, type YamlValue } from './yaml-writer.ts';

/** The app's command line as args, and the options as variables, which work with every ENTRYPOINT. */
export function commandOf(input: ManifestInput): {
  readonly args: YamlValue;
  readonly env: readonly YamlValue[];
} {
  const { name, entrypoint, options, command, variables, environment, file } = input;
  // The app's own variables come first, so that a secret in one of them keeps the name of the variable.
  const groups = [environment.map(([variable, value]) => `${variable}=${value}`), options, command];
  const values = variables.map(([, value]) => value);
  const { words, secrets } = extractSecrets([...groups.flatMap((group) => [...group, '--']), ...separated(values)]);
  const [ownWords = [], optionWords = [], app = [], valueWords = []] = groupsOf(words, [
    ...groups.map(({ length }) => length),
    2 * values.length,
  ]);
  const comment =
    entrypoint !== null
      ? 'The command line of the app.'
      : options.length === 0
        ? 'The command line of the app; the ENTRYPOINT of the image is k8s-run.'
        : 'Options that no variable can hold, and the command line of the app. The ENTRYPOINT of the image is k8s-run,\nwithout `--`.';
  const own = environment.map(([variable], index) => ({
    name: variable,
    value: (ownWords[index] ?? '').slice(variable.length + 1),
  }));
  const env: YamlValue[] = [
    ...secrets.map((secret, index) => secretVariable(name, secret, index === 0)),
    ...own.filter((each) => each.value !== `$(${each.name})`),
    ...(input.exportsTraces ? podVariables(input) : []),
    ...(file === null ? [] : [{ name: 'K8S_RUN_CONFIG', value: `${CONFIG_FOLDER}/${file.name}` }]),
    ...(input.readyAsProcess ? [withComment(AS_PROCESS, { name: 'K8S_RUN_READY', value: 'process' })] : []),
    ...variables.map(([variable], index) => ({ name: variable, value: valueWords[2 * index] ?? '' })),
  ];
  // Where there is a `command`, it contains the options.
  const before = entrypoint === null && options.length > 0 ? [...optionWords, '--'] : [];
  return { args: withComment(comment, [...before, ...app]), env };
}

/** What `--otlp` tells of the pod; the user's own variables come first. */
function podVariables({ name, environment }: ManifestInput): readonly YamlValue[] {
  const taken = new Set(environment.map(([variable]) => variable));
  const paths = [
    ['POD_NAME', 'metadata.name'],
    ['POD_NAMESPACE', 'metadata.namespace'],
    ['NODE_NAME', 'spec.nodeName'],
  ] as const;
  const downward = paths.map(([variable, fieldPath]) => ({ name: variable, valueFrom: { fieldRef: { fieldPath } } }));
  const variables = [...downward, { name: 'CONTAINER_NAME', value: name }].filter((each) => !taken.has(each.name));
  return variables.map((each, index) =>
    index === 0 ? withComment('Which pod the traces of --otlp are of.', each) : each,
  );
}

/** With `--` after each word, so that none is taken for the value of the one before it. */
function separated(words: readonly string[]): readonly string[] {
  return words.flatMap((word) => [word, '--']);
}

/** Groups of these lengths, with one word between two of them. */
function groupsOf(words: readonly string[], lengths: readonly number[]): readonly (readonly string[])[] {
  let begin = 0;
  return lengths.map((length) => {
    const group = words.slice(begin, begin + length);
    begin += length + 1;
    return group;
  });
}

const AS_PROCESS =
  'Without a port the app is ready as soon as its process runs; set --ready to a probe that says more.';

/** The command that replaces the ENTRYPOINT of the image. */
export function entrypointOf({ entrypoint, options }: ManifestInput): YamlValue | undefined {
  if (entrypoint === null) return undefined;
  return withComment('k8s-run is PID 1, so every signal reaches it first.', [
    ...entrypoint.map(escapeVariables),
    ...extractSecrets(options).words,
    '--',
  ]);
}

export function environmentFromOf({ environmentFrom }: ManifestInput): readonly YamlFields[] | undefined {
  if (environmentFrom.length === 0) return undefined;
  return environmentFrom.map(({ kind, name }) => ({ [kind === 'secret' ? 'secretRef' : 'configMapRef']: { name } }));
}

function secretVariable(app: string, { name, key }: ExtractedSecret, first: boolean): YamlValue {
  const valueFrom = { secretKeyRef: { name: app, key } };
  if (!first) return { name, valueFrom };
  const comment = `A value that looks like a secret is not in the manifest. Create it with:\nkubectl create secret generic ${app} --from-literal=${key}=…`;
  return withComment(comment, { name, valueFrom });
}
