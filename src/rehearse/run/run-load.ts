import type { RoutedConnection } from '../balancer.ts';
import { type LoadGenerator, startLoad } from '../load/generator.ts';
import type { Pod } from '../pod/pod.ts';
import { randomOf } from '../random.ts';
import type { LoadResult, RequestSample } from '../results.ts';
import type { RunPlan } from './run-plan.ts';

/** The requests of one run. */
export type RunLoad = {
  readonly samples: readonly RequestSample[];
  /** To be told of each connection that the balancer routes. */
  readonly onRouted: (connection: RoutedConnection<Pod>) => void;
  readonly start: (target: { readonly port: number; readonly agent: string }) => void;
  readonly suspend: () => void;
  readonly resume: () => void;
  /** Sends no more; resolves when no request is in flight any more. */
  readonly stop: () => Promise<void>;
  /** Ends the requests in flight, too. */
  readonly abort: () => void;
  /** null: it was never started. */
  readonly result: () => LoadResult | null;
};

/** `now`: milliseconds since the run began. */
export function openRunLoad({ settings, surge }: RunPlan, now: () => number): RunLoad {
  const { rate, keptAlive, paths, seed } = settings;
  const samples: RequestSample[] = [];
  const suspensions: { from: number; to: number }[] = [];
  const routes = new Map<number, { readonly pod: string | null; readonly accepted: boolean }>();
  let generator: LoadGenerator | null = null;
  return {
    samples,
    onRouted({ clientPort, endpoint, accepted }) {
      routes.set(clientPort, { pod: endpoint?.name ?? null, accepted });
    },
    start({ port, agent }) {
      generator = startLoad({
        ...{ port, agent, rate, keptAlive, paths, now, random: randomOf(`${seed} load`) },
        routeOf: (localPort) => routes.get(localPort),
        onSample(sample) {
          // Without surge there is no endpoint while the replica is replaced, which is not the app's fault.
          if (surge === 1 || sample.pod !== null) samples.push(sample);
        },
      });
    },
    suspend() {
      generator?.suspend();
      suspensions.push({ from: now(), to: now() });
    },
    resume() {
      generator?.resume();
      const last = suspensions.at(-1);
      if (last !== undefined) last.to = now();
    },
    stop: async () => generator?.stop(),
    abort: () => generator?.abort(),
    result: () => (generator === null ? null : { samples, unsent: generator.unsent(), suspensions }),
  };
}
