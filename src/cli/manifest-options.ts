import { number, type ReadValue } from '../config/values.ts';
import type { Taken } from './command.ts';

/** What `k8s-run manifest` takes beside the options of k8s-run. */
export const takes: readonly Taken[] = [
  { flags: '--name <name>', help: 'name of all that is printed (default: the last part of the image)' },
  { flags: '--namespace <namespace>', help: "its namespace (default: kubectl's)" },
  { flags: '--image <image>', help: 'the image; its ENTRYPOINT is k8s-run, unless --entrypoint says where that is' },
  { flags: '--replicas <n>', help: 'how many pods serve (default: 2)' },
  {
    flags: '--port <port>',
    help: "the app's port, or none (default: the one of --ready, else 8080; none where --ready needs no port)",
  },
  { flags: '--cpu <quantity>', help: 'CPU that is kept free for it (default: 100m)' },
  { flags: '--memory <quantity>', help: 'memory that is kept free for it, and its limit (default: 256Mi)' },
  {
    flags: '--entrypoint <command>',
    help: 'what starts k8s-run in an image with another ENTRYPOINT, e.g. /opt/k8s-run/bin/k8s-run',
  },
  { flags: '--kustomize', help: 'print a kustomization.yaml that lays it over a Deployment of yours' },
  { flags: '--helm-values', help: 'print a values.yaml for a chart made by helm create' },
];

/** What of these was chosen, read; what depends on more than itself is null. */
export type Own = {
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

/** RFC 1035, as a Service wants it. */
const LABEL = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** Reads them all; each that cannot be used is a sentence. */
export function readOwn(given: ReadonlyMap<string, string | true>): {
  readonly own: Own;
  readonly mistakes: readonly string[];
} {
  const mistakes: string[] = [];
  const text = (flag: string): string | null => {
    const value = given.get(flag);
    return typeof value === 'string' ? value : null;
  };
  const read = <T>(flag: string, value: string, reader: (text: string) => ReadValue<T>, otherwise: T): T => {
    const found = reader(value);
    if ('ok' in found) return found.ok;
    mistakes.push(`cannot use --${flag} ${JSON.stringify(value)}: ${found.problem}`);
    return otherwise;
  };
  const image = read('image', text('image') ?? IMAGE, readImage, IMAGE);
  const named = text('name');
  const namespace = text('namespace');
  const port = text('port');
  const entrypoint = text('entrypoint');
  if (given.has('kustomize') && given.has('helm-values'))
    mistakes.push('cannot print --kustomize and --helm-values at once: they are two files; call it twice');
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
  return { problem: 'must be lower-case letters, digits and hyphens, a letter first, 63 at the most; write web' };
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

/** registry/team/web:1 is web. */
function nameOf(image: string): string {
  const last = image.replace(/@.*$/, '').split('/').at(-1) ?? '';
  const name = last
    .replace(/:.*$/, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-');
  return LABEL.test(name) ? name : 'app';
}
