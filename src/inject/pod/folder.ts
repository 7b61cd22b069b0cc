import { type Json, type JsonMap, valueAt } from '../json.ts';
import { mapsAt } from '../record.ts';
import type { InjectSettings } from '../settings.ts';

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
    resources: {
      requests: { cpu: '50m', memory: memory ? '192Mi' : '64Mi' },
      // In memory the copy itself counts. A ratio of ten, which LimitRanges often allow.
      limits: { cpu: '500m', memory: memory ? '320Mi' : '128Mi' },
    },
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

/** The name, with a number where another one has it. */
export function freeName(name: string, others: readonly JsonMap[]): string {
  const taken = new Set(others.map((each) => each['name']));
  let free = name;
  for (let number = 2; taken.has(free); number += 1) free = `${name}-${number}`;
  return free;
}
