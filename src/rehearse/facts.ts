/** How the app is run in a rehearsal: under k8s-run, as the container's first process, or under an init such as tini. */
export type Way = 'k8s-run' | 'alone' | 'init';

/** Times are milliseconds since the side began to be played; null is what did not happen. */
export type When = number | null;

/** What became of one pod. */
export type Story = {
  readonly name: string;
  readonly port: number;
  started: When;
  /** First ready, as the kubelet sees it. */
  ready: When;
  deleted: When;
  /** When the last node has stopped sending to it. */
  forgotten: When;
  /** When its k8s-run began to hold the signal back. */
  draining: When;
  /** When the app was told to stop, and by which signal. */
  signalled: When;
  signal: string | null;
  /** Whether the app goes on as if there had been no signal; null where that was not seen. */
  deaf: boolean | null;
  killed: { readonly at: number; readonly by: 'k8s-run' | 'the kubelet' } | null;
  /** When the app itself was gone, and when all of the pod was. */
  appEnded: When;
  ended: When;
  /** As a shell tells it: 128 + n after a signal. */
  exitCode: number | null;
  /** Its liveness or startup probe failed so often that the kubelet would restart it. */
  condemned: When;
  readonly leftovers: string[];
  /** Warnings of its k8s-run. */
  readonly remarks: string[];
};

export type Connection = 'new' | 'kept-alive';

/** One request, as its user saw it. */
export type Sample = {
  readonly at: number;
  readonly took: number;
  readonly connection: Connection;
  readonly path: string;
  /** null: it was answered, with less than 500. */
  readonly failure: string | null;
  /** Whom it went to; null where nobody was to be had. */
  readonly pod: string | null;
};

/** One way to run the app, played. */
export type Side = {
  readonly way: Way;
  readonly took: number;
  readonly pods: readonly Story[];
  /** null: it serves nobody that could be asked by HTTP. */
  readonly load: Load | null;
  readonly rollouts: readonly { readonly from: number; readonly to: number }[];
  /** Why it came to an early end. */
  readonly broken: Trouble | null;
};

export type Load = {
  readonly samples: readonly Sample[];
  /** Requests that could not be made for a want of this machine's. */
  readonly unmade: number;
  /** Spans in which none was sent: a single replica was being replaced. */
  readonly paused: readonly { readonly from: number; readonly to: number }[];
};

/** What keeps a rehearsal from being played to its end; `lines` are the last that the app printed. */
export type Trouble = {
  readonly kind:
    | 'not started'
    | 'ended'
    | 'never ready'
    | 'refused'
    | 'held'
    | 'died'
    | 'condemned'
    | 'port taken'
    | 'background';
  readonly what: string;
  readonly lines: readonly string[];
};

/** What the rehearsal learned of the app before it began. */
export type Scouted = {
  /** `variable`: it takes its port from the environment; `fixed`: it does not; `none`: it listens nowhere. */
  readonly port: { readonly kind: 'variable' | 'none' } | { readonly kind: 'fixed'; readonly port: number };
  readonly speaksHttp: boolean;
  readonly untilReady: number;
};

/** All that a report is made of. */
export type Rehearsal = {
  readonly version: string;
  readonly command: string;
  readonly circumstances: Circumstances;
  readonly scouted: Scouted | null;
  readonly sides: readonly Side[];
  /** Before anything could be played. */
  readonly trouble: Trouble | null;
  /** What a reader must know of how it was played. */
  readonly remarks: readonly string[];
};

/** Times in milliseconds. */
export type Circumstances = {
  readonly replicas: number;
  readonly rollouts: number;
  readonly rate: number;
  /** Of the requests, from 0 to 1, on connections that are kept. */
  readonly keptAlive: number;
  readonly paths: readonly string[];
  /** A node hears of a change at most so late. */
  readonly lag: number;
  readonly nodes: number;
  readonly seed: string;
  /** What the pod has of k8s-run's options, and of Kubernetes. */
  readonly shutdownDelay: number;
  /** 0 where it does not wait for connections. */
  readonly drainConnections: number;
  readonly grace: number;
  readonly terminationGracePeriod: number;
  readonly preStop: boolean;
  /** Whether the kubelet asks for readiness; without it whatever runs is sent to. */
  readonly readinessProbe: boolean;
};

export function newStory(name: string, port: number): Story {
  const nothing = { started: null, ready: null, deleted: null, forgotten: null, draining: null, signalled: null };
  const end = {
    signal: null,
    deaf: null,
    killed: null,
    appEnded: null,
    ended: null,
    exitCode: null,
    condemned: null,
  };
  return { name, port, ...nothing, ...end, leftovers: [], remarks: [] };
}
