import { number, type ReadValue } from '../config/values.ts';
import type { CommandOption } from './command-file.ts';

/** The options of `k8s-run manifest` beside those of k8s-run. */
export const options: readonly CommandOption[] = [
  { flags: '--name <name>', help: 'name of the objects (default: last part of the image name)' },
  { flags: '--namespace <namespace>', help: 'namespace of the objects (default: none, so that kubectl chooses)' },
  { flags: '--image <image>', help: 'image of the app; its ENTRYPOINT is k8s-run, unless --entrypoint is given' },
  { flags: '--replicas <n>', help: 'number of pods (default: 2)' },
  {
    flags: '--port <port>',
    help: 'port of the app, or none (default: the port of --ready, else 8080; none if --ready needs no port)',
  },
  { flags: '--cpu <quantity>', help: 'CPU request (default: 100m)' },
  { flags: '--memory <quantity>', help: 'memory request and limit (default: 256Mi)' },
  {
    flags: '--entrypoint <command>',
    help: 'command that starts k8s-run in an image with another ENTRYPOINT, e.g. /opt/k8s-run/bin/k8s-run',
  },
  { flags: '--kustomize', help: 'print a kustomization.yaml that patches your Deployment' },
  { flags: '--helm-values', help: 'print a values.yaml for a chart made by helm create' },
];

/** The valid values of these options; null where the value depends on other options. */
export type ManifestOptions = {
  readonly name: string;
  readonly namespace: string | null;
  readonly image: string;
  readonly replicas: number;
  readonly port: number | 'none' | null;
  readonly cpu: string;
  readonly memory: string;
  readonly entrypoint: readonly string[] | null;
};

const IMAGE = 'registry.example.com/app:1.0.0';
const REPLICAS = '2';
const CPU = '100m';
const MEMORY = '256Mi';

/** The names that a Service may have: RFC 1035. */
const LABEL = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** Reads all of them. Each invalid value is a mistake. */
export function readManifestOptions(given: ReadonlyMap<string, string | true>): {
  readonly own: ManifestOptions;
  readonly mistakes: readonly string[];
} {
  const mistakes: string[] = [];
  const text = (flag: string): string | null => {
    const value = given.get(flag);
    return typeof value === 'string' ? value : null;
  };
  const read = <T>(flag: string, value: string, reader: (text: string) => ReadValue<T>, otherwise: T): T => {
    const result = reader(value);
    if ('ok' in result) return result.ok;
    mistakes.push(`cannot use --${flag} ${JSON.stringify(value)}: ${result.problem}`);
    return otherwise;
  };
  const image = read('image', text('image') ?? IMAGE, readImage, IMAGE);
  const named = text('name');
  const namespace = text('namespace');
  const port = text('port');
  const entrypoint = text('entrypoint');
  if (given.has('kustomize') && given.has('helm-values'))
    mistakes.push('cannot print --kustomize and --helm-values at once: each is a file; run the command once for each');
  return {
    mistakes,
    own: {
      name: named === null ? nameOf(image) : read('name', named, readLabel, 'app'),
      namespace: namespace === null ? null : read('namespace', namespace, readLabel, ''),
      image,
      replicas: read(
        'replicas',
        text('replicas') ?? REPLICAS,
        (n) => number(n, 1, 100_000, 'a whole number, 1 or more'),
        1,
      ),
      port: port === null ? null : read<number | 'none'>('port', port, readPort, 'none'),
      cpu: read('cpu', text('cpu') ?? CPU, readQuantity(/^\d+(\.\d+)?m?$/, '250m or 1'), CPU),
      memory: read(
        'memory',
        text('memory') ?? MEMORY,
        readQuantity(/^\d+(\.\d+)?([KMGT]i|[kMGT])?$/, '256Mi or 1Gi'),
        MEMORY,
      ),
      entrypoint: entrypoint === null ? null : read('entrypoint', entrypoint, readProgram, null),
    },
  };
}

function readImage(text: string): ReadValue<string> {
  return /^[\w][\w.:/@-]*$/.test(text)
    ? { ok: text }
    : { problem: 'not an image; write registry.example.com/web:1.2.3' };
}

function readLabel(text: string): ReadValue<string> {
  if (LABEL.test(text)) return { ok: text };
  return {
    problem:
      'must be at most 63 lower-case letters, digits or "-", begin with a letter, and end with a letter or digit; write web',
  };
}

function readPort(text: string): ReadValue<number | 'none'> {
  return text === 'none' ? { ok: 'none' } : number(text, 1, 65_535, 'a port from 1 to 65535, or none');
}

function readQuantity(form: RegExp, example: string): (text: string) => ReadValue<string> {
  return (text) =>
    form.test(text) && Number.parseFloat(text) > 0 ? { ok: text } : { problem: `not a quantity; write ${example}` };
}

function readProgram(text: string): ReadValue<readonly string[]> {
  const words = text.split(/\s+/).filter((word) => word !== '');
  return words.length > 0 ? { ok: words } : { problem: 'not a command; write /opt/k8s-run/bin/k8s-run' };
}

/** The name of registry/team/web:1 is web. */
function nameOf(image: string): string {
  const last = image.replace(/@.*$/, '').split('/').at(-1) ?? '';
  const name = last
    .replace(/:.*$/, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-');
  return LABEL.test(name) ? name : 'app';
}
