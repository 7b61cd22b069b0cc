import type { PodTimeline } from './pod/pod-timeline.ts';

/** How the app is run: under k8s-run, as PID 1 of its container, or under an init such as tini. */
export type Variant = 'k8s-run' | 'alone' | 'init';

/** All that a report is made of. */
export type Rehearsal = {
  readonly version: string;
  readonly command: string;
  /** The file of --manifest and the workload in it; null: there was none. */
  readonly manifest: { readonly file: string; readonly workload: string } | null;
  readonly settings: RehearsalSettings;
  /** null: the preflight failed. */
  readonly preflight: PreflightResult | null;
  readonly runs: readonly VariantResult[];
  /** What was wrong with the app before a run could begin. */
  readonly appFailure: AppFailure | null;
  /** What a reader must know to judge the results. */
  readonly notes: readonly string[];
};

/** Times in milliseconds. */
export type RehearsalSettings = {
  readonly replicas: number;
  readonly rollouts: number;
  /** Requests per second. */
  readonly rate: number;
  /** The share of the requests on kept-alive connections, from 0 to 1. */
  readonly keptAlive: number;
  readonly paths: readonly string[];
  /** The longest time until a node learns of a change. */
  readonly lag: number;
  readonly nodes: number;
  readonly seed: string;
  /** The options of k8s-run, and the pod's settings in Kubernetes. */
  readonly shutdownDelay: number;
  /** 0: k8s-run does not wait for requests in flight. */
  readonly drainConnections: number;
  readonly grace: number;
  readonly terminationGracePeriod: number;
  readonly hasPreStop: boolean;
  /** Without a readiness probe a pod gets requests as soon as it runs. */
  readonly hasReadinessProbe: boolean;
};

/** What was learned of the app before the first run. */
export type PreflightResult = {
  /** `variable`: the app takes its port from the environment; `fixed`: it does not; `none`: it does not listen. */
  readonly port: { readonly kind: 'variable' | 'none' } | { readonly kind: 'fixed'; readonly port: number };
  readonly speaksHttp: boolean;
  /** Until its k8s-run said that it was ready, that one's own start included. */
  readonly timeToReady: number;
};

/** The rollouts of one variant. Times are milliseconds since the run began. */
export type VariantResult = {
  readonly variant: Variant;
  readonly took: number;
  readonly pods: readonly PodTimeline[];
  /** null: no requests were sent. */
  readonly load: LoadResult | null;
  readonly rollouts: readonly Interval[];
  /** How often the kubelet asked whether a replica had started or was ready; null: it did not ask. */
  readonly probePeriod: number | null;
  /** Why the run ended early. */
  readonly appFailure: AppFailure | null;
};

export type Interval = { readonly from: number; readonly to: number };

export type LoadResult = {
  readonly samples: readonly RequestSample[];
  /** Requests that this machine could not send, for want of ports, descriptors or memory. */
  readonly unsent: number;
  /** When no requests were sent, because the only replica was being replaced. */
  readonly suspensions: readonly Interval[];
};

/** One request, as its client saw it. */
export type RequestSample = {
  readonly at: number;
  readonly took: number;
  readonly connection: ConnectionKind;
  readonly path: string;
  /** null: it was answered with a status below 500. */
  readonly failure: string | null;
  /** The pod that it was routed to; null: the Service had no endpoint. */
  readonly pod: string | null;
};

export type ConnectionKind = 'new' | 'kept-alive';

/** Why the app could not be rehearsed to the end. */
export type AppFailure = {
  readonly kind:
    | 'not started'
    | 'exited early'
    | 'never ready'
    | 'probe fails'
    | 'start held back'
    | 'exited while serving'
    | 'restart due'
    | 'port taken'
    | 'daemonized';
  readonly text: string;
  /** The last lines that the app printed. */
  readonly output: readonly string[];
};
