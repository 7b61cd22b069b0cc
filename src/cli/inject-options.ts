import { readFileSync } from 'node:fs';
import { didYouMean } from '../config/did-you-mean.ts';
import { OPTIONS, type Option, type OptionKey, variableFor } from '../config/options/table.ts';
import { parseConfig } from '../config/resolve.ts';
import { readImageConfigs } from '../inject/image-config.ts';
import { isInNamespace, readSelector, type Selection } from '../inject/select.ts';
import type { ImageConfig, InjectSettings, Via } from '../inject/settings.ts';
import type { CommandOption } from './command-file.ts';

const VIAS: readonly Via[] = ['init-container', 'image-volume'];
const MEDIA = ['disk', 'memory'] as const;
/** The version since which image volumes need no feature gate. */
const IMAGE_VOLUMES_SINCE = [1, 36] as const;
/** `nonroot` of distroless images. */
const USER = 65_532;

export const OWN_OPTIONS: readonly CommandOption[] = [
  { flags: '--image <name>', help: 'image of the portable folder, which brings k8s-run into the pod' },
  {
    flags: '--via <way>',
    help: 'way in which the folder comes into the pod: init-container, or image-volume for Kubernetes 1.36 and newer (default: init-container)',
    words: VIAS,
  },
  { flags: '--container <name>', help: 'container to inject, by its name (repeatable; default: all)' },
  {
    flags: '--selector <labels>',
    help: 'labels of the objects to inject, as kubectl has them: app=web,tier!=back (default: all objects)',
  },
  { flags: '--namespace <name>', help: 'namespace of the objects to inject, beside those without one (default: all)' },
  { flags: '--option <option=value>', help: 'option of k8s-run for all containers, such as grace=40s (repeatable)' },
  {
    flags: '--entrypoint <container=words>',
    help: 'ENTRYPOINT and CMD of the image of a container, as JSON: web=["node","server.js"] (repeatable)',
  },
  {
    flags: '--image-config <file>',
    help: 'output of docker image inspect, skopeo inspect --config or crane config; NAME=FILE: of the container or the image NAME (repeatable)',
  },
  { flags: '--kubernetes-version <version>', help: 'version of the cluster, such as 1.36' },
  {
    flags: '--user <uid|image>',
    help: 'user of the init container: a number, or what the image and the cluster say (default: 65532, or that of the pod)',
  },
  {
    flags: '--medium <medium>',
    help: 'medium of the emptyDir: disk, or memory, which counts as memory of the pod (default: disk)',
    words: MEDIA,
  },
  { flags: '--remove', help: 'take k8s-run out again, and give back what was there' },
  { flags: '--dry-run <form>', help: 'print the changes and not the manifests: diff', words: ['diff'] },
];

/** The values of the options, as commander collects them. */
export type InjectFlags = {
  readonly image?: string;
  readonly via?: string;
  readonly container?: readonly string[];
  readonly selector?: string;
  readonly namespace?: string;
  readonly option?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly imageConfig?: readonly string[];
  readonly kubernetesVersion?: string;
  readonly user?: string;
  readonly medium?: string;
  readonly remove?: true;
  readonly dryRun?: string;
};

export const REPEATABLE: readonly string[] = ['--container', '--option', '--entrypoint', '--image-config'];

export type InjectRequest = {
  /** null: k8s-run is taken out. */
  readonly settings: InjectSettings | null;
  readonly isChosen: Selection;
  readonly asDiff: boolean;
};

/** Reads the options; all mistakes at once. */
export function readRequest(flags: InjectFlags): InjectRequest | { readonly mistakes: readonly string[] } {
  const mistakes: string[] = [];
  const wrong = (flag: string, value: string, remedy: string): void => {
    mistakes.push(`cannot use --${flag} ${JSON.stringify(value)}: ${remedy}`);
  };
  const oneOf = <T extends string>(flag: string, value: T | string | undefined, words: readonly T[]): T => {
    const found = words.find((word) => word === value);
    if (value !== undefined && found === undefined) wrong(flag, value, `must be ${words.join(' or ')}`);
    return found ?? (words[0] as T);
  };
  const via = oneOf('via', flags.via, VIAS);
  const medium = oneOf('medium', flags.medium, MEDIA);
  if (flags.dryRun !== undefined) oneOf('dry-run', flags.dryRun, ['diff']);
  const selector = readSelector(flags.selector ?? '') ?? (() => true);
  if (flags.selector !== undefined && readSelector(flags.selector) === null)
    wrong('selector', flags.selector, 'must be a label selector, such as app=web,tier in (front,back)');
  const { namespace } = flags;
  const isChosen: Selection = (object) =>
    (flags.selector === undefined || selector(object)) && (namespace === undefined || isInNamespace(object, namespace));
  const version = versionIn(flags.kubernetesVersion);
  if (version === null) wrong('kubernetes-version', flags.kubernetesVersion ?? '', 'must be a version, such as 1.36');
  if (via === 'image-volume' && version != null && isOlder(version, IMAGE_VOLUMES_SINCE))
    mistakes.push(
      `cannot use --via image-volume with Kubernetes ${flags.kubernetesVersion}: image volumes are stable since ${IMAGE_VOLUMES_SINCE.join('.')}; use --via init-container`,
    );
  const { image = '', user = String(USER) } = flags;
  if (image === '' && flags.remove !== true)
    mistakes.push(
      'cannot inject without an image: give --image NAME, the image of the portable folder (docker build -t k8s-run . makes one)',
    );
  if (/\s/.test(image)) wrong('image', image, 'must be the name of an image');
  if (!/^([1-9]\d{0,9}|image)$/.test(user)) wrong('user', user, 'must be a number above 0, or image');
  const variables = variablesIn(flags.option ?? [], wrong, mistakes);
  const entrypoints = entrypointsIn(flags.entrypoint ?? [], wrong);
  const imageConfigs = (flags.imageConfig ?? []).flatMap((value) => imageConfigsIn(value, wrong));
  if (mistakes.length > 0) return { mistakes };
  const settings: InjectSettings = {
    via,
    image,
    medium,
    variables,
    entrypoints,
    imageConfigs,
    containers: flags.container === undefined ? null : new Set(flags.container),
    user: user === 'image' ? 'image' : Number(user),
  };
  return { settings: flags.remove === true ? null : settings, isChosen, asDiff: flags.dryRun !== undefined };
}

/** undefined: none was given; null: it is none. */
function versionIn(text: string | undefined): readonly [number, number] | undefined | null {
  if (text === undefined) return undefined;
  const [, major, minor] = /^v?(\d+)\.(\d+)(\.\d+)?([-+].*)?$/.exec(text) ?? [];
  return minor === undefined ? null : [Number(major), Number(minor)];
}

function isOlder([major, minor]: readonly [number, number], since: readonly [number, number]): boolean {
  return major < since[0] || (major === since[0] && minor < since[1]);
}

type Wrong = (flag: string, value: string, remedy: string) => void;

/** Of a repeatable option all values count; of another one the last. */
function variablesIn(given: readonly string[], wrong: Wrong, mistakes: string[]): ReadonlyMap<string, string> {
  const variables = new Map<string, string>();
  for (const each of given) {
    const [, name = '', value] = /^(?:--)?([\w-]+)=(.*)$/s.exec(each) ?? [];
    const key = (Object.keys(OPTIONS) as OptionKey[]).find((candidate) => OPTIONS[candidate].flag === name);
    if (value === undefined || key === undefined) {
      const flags = Object.values(OPTIONS).map(({ flag }) => flag);
      const guess = didYouMean(name, flags) ?? '';
      const hint = guess === '' || guess === name ? '' : `; did you mean ${guess}?`;
      wrong('option', each, `must be an option of k8s-run and its value, such as grace=40s${hint}`);
      continue;
    }
    const option: Option<unknown> = OPTIONS[key];
    const variable = variableFor(option);
    const before = variables.get(variable);
    variables.set(variable, option.repeats === true && before !== undefined ? `${before},${value}` : value);
  }
  const { K8S_RUN_CONFIG: _, ...others } = Object.fromEntries(variables);
  const parsed = parseConfig([], others);
  const asGiven = (text: string): string =>
    text.replace(/K8S_RUN_([A-Z_]+)/g, (_, name) => `--option ${name.toLowerCase().replaceAll('_', '-')}`);
  if ('mistakes' in parsed) mistakes.push(...parsed.mistakes.map(({ text }) => asGiven(text)));
  const port = variables.get(variableFor(OPTIONS.healthPort));
  if (port !== undefined && !/^[1-9]\d*$/.test(port))
    wrong('option', `health-port=${port}`, 'the kubelet needs a fixed port for its probes');
  return variables;
}

function entrypointsIn(given: readonly string[], wrong: Wrong): ReadonlyMap<string, readonly string[]> {
  return new Map(
    given.flatMap((each): (readonly [string, readonly string[]])[] => {
      const at = each.indexOf('=');
      const words = at < 1 ? null : wordsOf(each.slice(at + 1));
      if (words !== null) return [[each.slice(0, at), words]];
      wrong('entrypoint', each, 'must be a container and a list of words, such as web=["node","server.js"]');
      return [];
    }),
  );
}

function wordsOf(text: string): readonly string[] | null {
  try {
    const words: unknown = JSON.parse(text);
    return Array.isArray(words) && words.length > 0 && words.every((word) => typeof word === 'string') ? words : null;
  } catch {
    return null;
  }
}

function imageConfigsIn(value: string, wrong: Wrong): readonly ImageConfig[] {
  const at = value.lastIndexOf('=');
  const [name, file] = at < 0 ? [null, value] : [value.slice(0, at), value.slice(at + 1)];
  try {
    const configs = readImageConfigs(readFileSync(file, 'utf8'), name);
    if (!('problem' in configs)) return configs;
    wrong('image-config', value, configs.problem);
  } catch (error) {
    wrong('image-config', value, `it cannot be read: ${(error as NodeJS.ErrnoException).code ?? error}`);
  }
  return [];
}
