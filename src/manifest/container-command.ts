import { escapeVariables } from '../config/pod-manifest/expand.ts';
import type { ManifestInput } from './manifest-input.ts';
import { type ExtractedSecret, extractSecrets } from './secrets.ts';
import { CONFIG_FOLDER } from './volumes.ts';
import { withComment, type YamlValue } from './yaml-writer.ts';

/** The app's command line as args, and the options as variables, which work with every ENTRYPOINT. */
export function commandOf(input: ManifestInput): {
  readonly args: YamlValue;
  readonly env: readonly YamlValue[];
} {
  const { name, entrypoint, options, command, variables, file } = input;
  const values = variables.map(([, value]) => value);
  const { words, secrets } = extractSecrets([...options, '--', ...command, '--', ...values]);
  const app = words.slice(options.length + 1, options.length + 1 + command.length);
  const variableValues = words.slice(-values.length || words.length);
  const comment =
    entrypoint !== null
      ? 'The command line of the app.'
      : options.length === 0
        ? 'The command line of the app; the ENTRYPOINT of the image is k8s-run.'
        : 'Options that no variable can hold, and the command line of the app. The ENTRYPOINT of the image is k8s-run,\nwithout `--`.';
  const env: YamlValue[] = [
    ...secrets.map((secret, index) => secretVariable(name, secret, index === 0)),
    ...(file === null ? [] : [{ name: 'K8S_RUN_CONFIG', value: `${CONFIG_FOLDER}/${file.name}` }]),
    ...variables.map(([variable], index) => ({ name: variable, value: variableValues[index] ?? '' })),
  ];
  const optionWords = options.length === 0 ? [] : [...words.slice(0, options.length), '--'];
  // Where there is a `command`, it contains the options.
  return { args: withComment(comment, entrypoint === null ? [...optionWords, ...app] : [...app]), env };
}

/** The command that replaces the ENTRYPOINT of the image. */
export function entrypointOf({ entrypoint, options }: ManifestInput): YamlValue | undefined {
  if (entrypoint === null) return undefined;
  return withComment('k8s-run is PID 1, so every signal reaches it first.', [
    ...entrypoint.map(escapeVariables),
    ...extractSecrets(options).words,
    '--',
  ]);
}

function secretVariable(app: string, { name, key }: ExtractedSecret, first: boolean): YamlValue {
  const valueFrom = { secretKeyRef: { name: app, key } };
  if (!first) return { name, valueFrom };
  const comment = `A value that looks like a secret is not in the manifest. Create it with:\nkubectl create secret generic ${app} --from-literal=${key}=…`;
  return withComment(comment, { name, valueFrom });
}
