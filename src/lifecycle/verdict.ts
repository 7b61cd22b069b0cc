import type { Policy } from './policy.ts';
import { isHoldingLiveness } from './post-mortem.ts';
import { whatFollows } from './restart.ts';
import type { ProbeName, Standing, State } from './state.ts';
import { unreachable } from './step.ts';

/** What an endpoint answers to Kubernetes. */
export type Verdict = { readonly kind: 'ok' } | { readonly kind: 'failed'; readonly reason: string };
export type Verdicts = Readonly<Record<ProbeName, Verdict>>;

const OK: Verdict = { kind: 'ok' };

const gone = failed('the app has exited');
const GONE: Verdicts = { startup: gone, ready: gone, live: gone };
/** Liveness is ok, because the kubelet would only restart the container while k8s-run restarts the app. */
const restarting = failed('the app has exited and is being restarted');
const RESTARTING: Verdicts = { startup: restarting, ready: restarting, live: OK };

/**
 * What each endpoint answers in this state. During a shutdown readiness fails from the first moment, and liveness is ok as long
 * as the app runs or will be restarted, so that the kubelet does not restart a container that is shutting down. It is ok, too, while
 * the on-unlive hook works, so that the kubelet does not kill the evidence.
 */
export function verdicts(state: State, policy: Policy): Verdicts {
  switch (state.kind) {
    case 'preparing':
    case 'aborting':
      return { startup: failed('the app is not started yet'), ready: failed('the app is not started yet'), live: OK };
    case 'running': {
      const { startup, ready, live } = state.standings;
      const before = startup.kind === 'passing' ? null : failed(`not started: ${reasonOf(startup)}`);
      return {
        startup: fromStanding(startup),
        ready: before ?? fromStanding(ready),
        live: isHoldingLiveness(state) ? OK : fromStanding(live),
      };
    }
    case 'preStop':
    case 'delaying':
    case 'draining': {
      const { startup, ready } = state.standings;
      const kept = policy.readinessOnDrain === 'keep' ? fromStanding(ready) : failed('shutting down');
      return { startup: fromStanding(startup), ready: kept, live: OK };
    }
    case 'stopping':
    case 'beforeKill':
    case 'killing':
      return { startup: fromStanding(state.standings.startup), ready: failed('shutting down'), live: OK };
    case 'backingOff':
      return RESTARTING;
    case 'findingLeftovers':
    case 'stoppingLeftovers':
    case 'killingLeftovers':
      return whatFollows(state.ended, state, policy) === 'exit' ? GONE : RESTARTING;
    case 'postExit':
    case 'exited':
      return GONE;
    default:
      return unreachable(state);
  }
}

function fromStanding(standing: Standing): Verdict {
  return standing.kind === 'passing' ? OK : failed(standing.reason);
}

function reasonOf(standing: Standing): string {
  return standing.kind === 'passing' ? '' : standing.reason;
}

function failed(reason: string): Verdict {
  return { kind: 'failed', reason };
}
