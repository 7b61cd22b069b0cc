import type { State } from '../../lifecycle/state.ts';
import { isFields } from './facts.ts';

type Tone = 'good' | 'wait' | 'bad';

/** How each state looks, good, on its way, or bad, and what is true in it. */
const MEANINGS: Readonly<Record<State['kind'], readonly [tone: Tone, meaning: string]>> = {
  preparing: ['wait', 'The app is not started yet.'],
  aborting: ['wait', 'A stop signal came before the app was started; it is not started any more.'],
  running: ['good', 'The app runs and is probed.'],
  preStop: ['wait', 'The shutdown has begun: the app is unready, and the pre-stop hook runs.'],
  delaying: ['wait', 'The shutdown has begun: the app is unready and still serves. It has not been signalled yet.'],
  draining: ['wait', 'The app is unready. Requests in flight are waited for before it is signalled.'],
  stopping: ['wait', 'The app was sent its stop signal and has the grace to exit.'],
  beforeKill: ['bad', 'The grace is over, and the before-kill hook runs. SIGKILL follows.'],
  killing: ['bad', 'The grace is over, and the app was sent SIGKILL.'],
  findingLeftovers: ['wait', 'The app has exited. Processes that it has left are looked for.'],
  stoppingLeftovers: ['wait', 'The app has exited. Processes that it has left were sent the stop signal.'],
  killingLeftovers: ['bad', 'The app has exited. Processes that it has left were sent SIGKILL.'],
  backingOff: ['wait', 'The app has exited and will be restarted.'],
  postExit: ['wait', 'The app has exited, and the post-exit hook runs.'],
  exited: ['wait', 'k8s-run exits.'],
};

/** How a state looks, and what is true in it. An app that runs is good only if it is ready and alive. */
export function meaningOf(state: string, probes: unknown): readonly [tone: Tone, meaning: string] {
  if (!Object.hasOwn(MEANINGS, state)) return ['wait', ''];
  const isFailed = (name: string): boolean => {
    const probe = isFields(probes) ? probes[name] : null;
    return isFields(probe) && probe['kind'] === 'failed';
  };
  if (state === 'running' && isFailed('live')) return ['bad', 'The app runs, and is not alive.'];
  if (state === 'running' && isFailed('startup')) return ['wait', 'The app runs, and has not started yet.'];
  if (state === 'running' && isFailed('ready')) return ['bad', 'The app runs, and is not ready.'];
  return MEANINGS[state as State['kind']];
}
