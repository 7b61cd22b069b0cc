import { type Json, type JsonMap, valueAt } from '../json.ts';
import { mapsAt } from '../record.ts';
import type { InjectSettings, Remark } from '../settings.ts';

/** Where the folder is in its image, and where the containers have it. */
const PLACE = '/opt/k8s-run';
/** An image volume is mounted whole, because runtimes ignore a subPath of it. */
const IMAGE_PLACE = '/k8s-run';
/** Where the init container has the volume, because its own folder is at PLACE. */
const TARGET = '/k8s-run';
export const CONFIG_PLACE = '/etc/k8s-run';

/** What brings the folder into a pod. */
export type FolderParts = {
  readonly mountPath: string;
  readonly launcher: string;
  readonly volume: JsonMap;
  readonly mount: JsonMap;
  readonly initContainers: readonly JsonMap[];
};

export function folderParts(template: Json, { via, image, user, medium }: InjectSettings): FolderParts {
  const name = freeName('k8s-run', mapsAt(template, ['spec', 'volumes']));
  if (via === 'image-volume')
    return {
      mountPath: IMAGE_PLACE,
      launcher: `${IMAGE_PLACE}${PLACE}/bin/k8s-run`,
      volume: { name, image: { reference: image } },
      mount: { name, mountPath: IMAGE_PLACE, readOnly: true },
      initContainers: [],
    };
  const podUser = valueAt(template, ['spec', 'securityContext', 'runAsUser']);
  const inherits = typeof podUser === 'number' && podUser > 0;
  const memory = medium === 'memory';
  const installer: JsonMap = {
    name: freeName('k8s-run-install', [
      ...mapsAt(template, ['spec', 'initContainers']),
      ...mapsAt(template, ['spec', 'containers']),
    ]),
    image,
    command: [`${PLACE}/bin/k8s-run`, 'install', TARGET],
    resources: resourcesFor(template, memory),
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      ...(user === 'image' || inherits ? {} : { runAsUser: user }),
      seccompProfile: { type: 'RuntimeDefault' },
    },
    volumeMounts: [{ name, mountPath: TARGET }],
  };
  return {
    mountPath: PLACE,
    launcher: `${PLACE}/bin/k8s-run`,
    volume: { name, emptyDir: { ...(memory ? { medium: 'Memory' } : {}), sizeLimit: '256Mi' } },
    mount: { name, mountPath: PLACE, readOnly: true },
    initContainers: [installer],
  };
}

function resourcesFor(template: Json, memory: boolean): JsonMap {
  // In memory the copy itself counts.
  const most = memory ? '320Mi' : '128Mi';
  // Init containers count for the class of the pod, with which it would lose processors of its own.
  if (isGuaranteed(template)) return { requests: { cpu: '250m', memory: most }, limits: { cpu: '250m', memory: most } };
  // A ratio of ten, which LimitRanges often allow.
  return { requests: { cpu: '50m', memory: memory ? '192Mi' : '64Mi' }, limits: { cpu: '500m', memory: most } };
}

/** Whether all containers have limits that are their requests too: pkg/apis/core/v1/helper/qos. */
function isGuaranteed(template: Json): boolean {
  const containers = [...mapsAt(template, ['spec', 'containers']), ...mapsAt(template, ['spec', 'initContainers'])];
  return containers.every((container) =>
    ['cpu', 'memory'].every((resource) => {
      const limit = valueAt(container, ['resources', 'limits', resource]);
      const request = valueAt(container, ['resources', 'requests', resource]) ?? limit;
      return limit !== undefined && amountOf(limit) === amountOf(request);
    }),
  );
}

const UNITS: Readonly<Record<string, number>> = {
  ...{ m: 1e-3, k: 1e3, M: 1e6, G: 1e9, T: 1e12 },
  ...{ Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 },
};

/** A quantity of Kubernetes, to be compared with another one. */
function amountOf(quantity: Json | undefined): number | string {
  const text = String(quantity);
  const [, digits, unit = ''] = /^([\d.]+)([a-zA-Z]*)$/.exec(text) ?? [];
  const factor = unit === '' ? 1 : UNITS[unit];
  return digits === undefined || factor === undefined ? text : Math.round(Number(digits) * factor * 1_000);
}

/** The copy counts to the ephemeral storage of the pod, which is evicted where that is too much. */
export function storageNote(template: Json, { via, medium }: InjectSettings): readonly Remark[] {
  const hasLimit = mapsAt(template, ['spec', 'containers']).some(
    (container) => valueAt(container, ['resources', 'limits', 'ephemeral-storage']) !== undefined,
  );
  return hasLimit && via === 'init-container' && medium === 'disk'
    ? [
        {
          container: null,
          text: 'has a limit of ephemeral-storage, to which the copy of k8s-run counts with 125 MB: raise it by that, or give --medium memory',
        },
      ]
    : [];
}

/** The name, with a number where another one has it. */
export function freeName(name: string, others: readonly JsonMap[]): string {
  const taken = new Set(others.map((each) => each['name']));
  let free = name;
  for (let number = 2; taken.has(free); number += 1) free = `${name}-${number}`;
  return free;
}
