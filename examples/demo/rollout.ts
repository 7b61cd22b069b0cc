import { setTimeout as sleep } from 'node:timers/promises';
import { type Kind, type Line, type Pod, startPod } from './pod.ts';
import type { Colour, Screen } from './screen.ts';
import { ask, failed, loadOn, service, type Tally, untilReady } from './service.ts';

/** The circumstances, the same for both runs. */
export const RATE = 100;
/** How late the Service hears of a pod's end. In clusters: a fraction of a second to several, for proxies and for ingresses. */
export const LAG_MS = 1_000;
const BEFORE_MS = 2_000;
const AFTER_MS = 1_500;
const SECOND = 1_000;
const POLL_READYZ_MS = 50;
const DRAW_EVERY_MS = 100;

/** What was started, to be ended whatever happens; and whether the user wants no more. */
export type Stage = { readonly started: Set<Pod>; readonly stopped: AbortSignal };

export type Result = { readonly tally: Tally; readonly servedAfterTerm: number; readonly code: number };

/** A rolling update of one pod under load: a new pod is ready, the old one gets SIGTERM. Shows each phase as it happens. */
export async function rollOut(kind: Kind, to: Screen, stage: Stage): Promise<Result> {
  const begun = performance.now();
  const show = (what: string, text: string, colour: Colour): void => {
    const clock = ((performance.now() - begun) / SECOND).toFixed(2).padStart(6);
    to.line(`${to.paint(`${clock} s`, 'dim')}  ${to.paint(what.padEnd(9), colour)}  ${text}`);
  };

  show(
    'starting',
    kind === 'plain' ? 'node server.js, twice: an old pod and a new one' : 'k8s-run -- node server.js, twice',
    'bold',
  );
  const old = await startPod(kind, (line) => tell(line, show), stage.stopped);
  stage.started.add(old);
  const young = await startPod(kind, () => {}, stage.stopped);
  stage.started.add(young);
  await Promise.all([untilReady(old, kind), untilReady(young, kind)]);
  if (kind === 'plain') show('ready', 'both ports are open', 'green');
  const target = service();
  target.add(old);
  target.add(young);

  const load = loadOn(target, SECOND / RATE);
  const rhythm = showRate(load.tally, old, to, show);
  await sleep(BEFORE_MS);

  show('SIGTERM', `to the old pod; the Service will hear of it in ${LAG_MS / SECOND} s`, 'yellow');
  const servedBefore = load.tally.servedBy.get(old) ?? 0;
  old.terminate();
  const forgotten = sleep(LAG_MS).then(() => {
    target.remove(old);
    show('Service', 'has heard of it: no more requests for the old pod', 'cyan');
  });
  const readyz = kind === 'k8s-run' ? showReadyz(old, show) : Promise.resolve();
  const code = await old.exited;
  show(
    'exit code',
    `${code}${code === 143 ? ', 128 + SIGTERM: the code of the app' : ''}`,
    kind === 'plain' ? 'red' : 'cyan',
  );
  await Promise.all([forgotten, readyz]);
  await sleep(AFTER_MS);
  await load.stop();
  rhythm.stop();
  await young.end();
  to.status('');
  return { tally: load.tally, servedAfterTerm: (load.tally.servedBy.get(old) ?? 0) - servedBefore, code };
}

type Show = (what: string, text: string, colour: Colour) => void;

/** k8s-run's own words for its phases. */
function tell({ event, msg }: Line, show: Show): void {
  if (event === 'ready') show('ready', msg, 'green');
  if (event === 'draining') show('pause', msg, 'yellow');
  if (event === 'stopping') show('signal', msg, 'yellow');
}

async function showReadyz(pod: Pod, show: Show): Promise<void> {
  for (let before: number | string = 200; ; await sleep(POLL_READYZ_MS)) {
    const now = await ask(`${pod.health()}/readyz`);
    if (typeof now === 'string') return;
    if (now !== before) show('/readyz', `${before} → ${now}`, 'yellow');
    before = now;
  }
}

/** A line a second of what was served and lost in it, and on a terminal a count that runs along. */
function showRate(tally: Tally, old: Pod, to: Screen, show: Show): { readonly stop: () => void } {
  let before = { served: 0, lost: 0, byOld: 0 };
  const now = (): typeof before => ({
    served: tally.served,
    lost: failed(tally),
    byOld: tally.servedBy.get(old) ?? 0,
  });
  const eachSecond = setInterval(() => {
    const { served, lost, byOld } = now();
    const bar = to.paint('▪'.repeat(Math.round((served - before.served) / 5)), 'green');
    const gap = to.paint('✗'.repeat(Math.ceil((lost - before.lost) / 5)), 'red');
    const share = byOld > before.byOld ? `, ${byOld - before.byOld} of them by the old pod` : '';
    const words = `${served - before.served} served${share}`;
    const loss = lost > before.lost ? to.paint(`, ${lost - before.lost} failed`, 'red') : '';
    show('requests', `${bar}${gap} ${words}${loss}`, lost > before.lost ? 'red' : 'dim');
    before = now();
  }, SECOND);
  const drawing = setInterval(() => {
    const { served, lost } = now();
    const losses = to.paint(`${lost} failed`, lost > 0 ? 'red' : 'green');
    to.status(`          ${to.paint('so far', 'dim')}     ${served} served, ${losses}`);
  }, DRAW_EVERY_MS);
  return {
    stop() {
      clearInterval(eachSecond);
      clearInterval(drawing);
    },
  };
}
