import type { ImageReference } from './image-reference.ts';

/** All that the manifests are made from. Times are whole seconds, as in Kubernetes. */
export type ManifestInput = {
  readonly name: string;
  readonly namespace: string | null;
  readonly kind: WorkloadKind;
  /** Of a CronJob. */
  readonly schedule: string | null;
  /** Labels of the user's, for each object and the pods. */
  readonly labels: readonly (readonly [name: string, value: string])[];
  readonly image: ImageReference;
  readonly scale: Scale;
  /** The ports of the app, the one of its clients first; none for a worker. */
  readonly ports: readonly AppPort[];
  readonly cpu: string;
  readonly memory: string;
  /** Whether the kubelet shall restart the container when its memory limit is resized in place. */
  readonly restartsOnMemoryResize: boolean;
  /** The command that starts k8s-run; null: the ENTRYPOINT of the image does. */
  readonly entrypoint: readonly string[] | null;
  readonly command: readonly string[];
  /** Options that cannot be variables: a value has a comma, which separates the values in a variable. */
  readonly options: readonly string[];
  readonly variables: readonly (readonly [name: string, value: string])[];
  /** Whether nothing says when the app is ready and it has no port: then it is as soon as its process runs. */
  readonly readyAsProcess: boolean;
  /** Whether --startup says when the app has started. */
  readonly hasStartupProbe: boolean;
  /** Whether the app says by itself whether it is alive, so that even a Job has a livenessProbe. */
  readonly hasLiveProbe: boolean;
  /** The variables of the app itself; `$(NAME)` in a value is the kubelet's to expand. */
  readonly environment: readonly (readonly [name: string, value: string])[];
  /** Whether traces are exported, which should name the pod that they are of. */
  readonly exportsTraces: boolean;
  readonly environmentFrom: readonly ObjectReference[];
  /** The file of --config; its text is null when it may contain secrets. */
  readonly file: { readonly name: string; readonly text: string | null } | null;
  /** Folders of ConfigMaps and Secrets that options name. */
  readonly mounts: readonly MountedFolder[];
  /** The names that volumes of the pod have already. */
  readonly takenVolumes: readonly string[];
  readonly health: { readonly port: number; readonly probedBy: 'httpGet' | 'exec' };
  /** The shutdown budget: its sum in seconds, and the phases that it is the sum of. */
  readonly shutdown: TimeBudget;
  /** What may come before the app's start, and the time for the start itself. */
  readonly startup: TimeBudget;
  /** Where the reason of death goes; null: where Kubernetes looks for it anyway, or nowhere. */
  readonly terminationLog: string | null;
  readonly serviceAccount: string | null;
  readonly imagePullSecrets: readonly string[];
  readonly podMonitor: boolean;
  /** Null: no NetworkPolicy. `nodes`: the CIDRs that alone may reach the health port; none: all may. */
  readonly networkPolicy: { readonly nodes: readonly string[] } | null;
};

export const WORKLOAD_KINDS = ['deployment', 'statefulset', 'daemonset', 'job', 'cronjob'] as const;
export type WorkloadKind = (typeof WORKLOAD_KINDS)[number];

/** A number of pods; or what a HorizontalPodAutoscaler may choose. */
export type Scale = { readonly replicas: number } | { readonly least: number; readonly most: number };

/** `assumed`: no option set it. */
export type AppPort = { readonly name: string; readonly number: number; readonly assumed: boolean };

export type ObjectReference = { readonly kind: 'configmap' | 'secret'; readonly name: string };

/** `options`: the options that need it, as they are written. */
export type MountedFolder = { readonly path: string; readonly options: readonly string[] };

type TimeBudget = { readonly seconds: number; readonly sum: string };
