import { formatDuration } from '../duration.ts';
import { type Causes, causesOf } from './causes.ts';
import type { Circumstances, Side, Story } from './facts.ts';
import { tallied } from './figures.ts';
import { names, onKills } from './kills.ts';
import { remedyFor } from './remedy.ts';

/** What should be changed, and why: the first sentence tells what was seen. `fine`: nothing needs to be. */
export type Advice = { readonly weight: 'bad' | 'note' | 'fine'; readonly text: string };

/** Of the options, those that this k8s-run has: advice names no other. */
export type Has = (flag: string) => boolean;

/** What a side suggests, the gravest first. */
export function adviceOn(side: Side, circumstances: Circumstances, has: Has): readonly Advice[] {
  const causes = causesOf(side);
  const old = side.pods.filter(({ deleted }) => deleted !== null);
  const all =
    side.way === 'k8s-run'
      ? [
          ...troubled(side),
          ...onKills(old, circumstances),
          ...onLate(causes, old, side, circumstances),
          ...onCut(causes, circumstances, has),
          ...onRest(causes, circumstances),
          ...onNeighbours(side, circumstances),
        ]
      : [...troubled(side), ...onAlone(side, old, causes, circumstances)];
  const bad = all.some(({ weight }) => weight === 'bad');
  return bad ? all : [fine(side), ...all];
}

function fine({ load }: Side): Advice {
  const text =
    load === null
      ? 'Every old replica ended by itself and in time. There is nothing to change.'
      : 'No request was lost. There is nothing to change.';
  return { weight: 'fine', text };
}

function troubled({ broken }: Side): readonly Advice[] {
  return broken === null ? [] : [{ weight: 'bad', text: `${sentence(broken.what)} ${remedyFor(broken)}` }];
}

function onLate(
  causes: Causes,
  old: readonly Story[],
  side: Side,
  { lag, shutdownDelay }: Circumstances,
): readonly Advice[] {
  const late = [...causes.late, ...causes.refused];
  if (late.length === 0) return [];
  const heard = Math.max(0, ...old.map(({ deleted, forgotten }) => (forgotten ?? 0) - (deleted ?? 0)));
  const more = Math.ceil((Math.max(heard, shutdownDelay) + 1_000) / 1_000);
  const by =
    side.load === null
      ? ''
      : `, up to ${formatDuration(Math.round(heard))} after the deletion (--lag ${formatDuration(lag)})`;
  return [
    {
      weight: 'bad',
      text: `${requests(late.length)} came when the app had stopped taking any${by}. Give --shutdown-delay ${more}s.`,
    },
  ];
}

function onCut({ cut }: Causes, { drainConnections, ...all }: Circumstances, has: Has): readonly Advice[] {
  if (cut.length === 0) return [];
  const kept = cut.filter(({ connection }) => connection === 'kept-alive').length;
  const which =
    kept === 0
      ? ''
      : cut.length === 1
        ? ', on a kept-alive connection'
        : kept === cut.length
          ? ', all on kept-alive connections'
          : `, ${kept} of them on kept-alive connections`;
  const [waited, grace] = [formatDuration(drainConnections), formatDuration(all.grace)];
  const remedy =
    drainConnections > 0
      ? `--drain-connections waited ${waited} for a moment with nothing in hand, and could not keep these out of it: only the app can, by finishing what it has and answering with Connection: close`
      : has('drain-connections')
        ? 'Add --drain-connections 10s, or let the app finish what it has in hand before it exits'
        : `Let the app finish what it has in hand before it exits; it has ${grace} (--grace)`;
  return [
    {
      weight: 'bad',
      text: `${requests(cut.length)} ${cut.length === 1 ? 'was' : 'were'} cut when the app ended${which}. ${remedy}.`,
    },
  ];
}

function onRest({ early, app, nobody }: Causes, { readinessProbe }: Circumstances): readonly Advice[] {
  const found: Advice[] = [];
  if (early.length > 0)
    found.push({
      weight: 'bad',
      text: readinessProbe
        ? `${requests(early.length)} came to a new replica that was ready but did not answer. Name a path that says when it can serve: --ready http://:8080/ready.`
        : `${requests(early.length)} came to a new replica that did not answer yet: the manifest has no readinessProbe, so whatever runs is sent to. Add one that asks k8s-run, as k8s-run manifest prints it.`,
    });
  if (app.length > 0) {
    const kinds = tallied(app.map(({ failure }) => failure ?? ''));
    const what = kinds.map(([failure, count]) => `${failure} (${count})`).join(', ');
    const path = tallied(app.map((sample) => sample.path))[0]?.[0] ?? '/';
    found.push({
      weight: 'bad',
      text: `${requests(app.length)} failed at replicas that nobody had told to stop: ${what}, most on ${path}. That is the app's own, not the rollout's; --paths names what it should be asked.`,
    });
  }
  if (nobody.length > 0)
    found.push({
      weight: 'bad',
      text: `${requests(nobody.length)} found no replica at all: one was not ready any more before another was. Look at --ready and --failure-threshold.`,
    });
  return found;
}

/** What lost nothing, and should be known. */
function onNeighbours(side: Side, { preStop, shutdownDelay }: Circumstances): readonly Advice[] {
  const found: Advice[] = [];
  const left = tallied(side.pods.flatMap(({ leftovers }) => leftovers));
  if (left.length > 0)
    found.push({
      weight: 'note',
      text: `The app left processes behind, which k8s-run ended: ${left.map(([name, count]) => (count > 1 ? `${name} (${count} times)` : name)).join(', ')}. Let it wait for what it starts.`,
    });
  if (preStop && shutdownDelay > 0)
    found.push({
      weight: 'note',
      text: `The preStop hook comes before the pause of ${formatDuration(shutdownDelay)}: where it only sleeps, take it out, or give --shutdown-delay 0s.`,
    });
  const odd = tallied(
    side.pods.flatMap(({ deleted, exitCode, killed }) =>
      deleted === null || killed !== null || exitCode === null || EXPECTED.has(exitCode) ? [] : [exitCode],
    ),
  );
  for (const [code] of odd)
    found.push({
      weight: 'note',
      text: `Told to stop, the app exited with ${code}. Nothing is lost by it in a Deployment; where it is counted as an error: --remap-exit ${code}:0.`,
    });
  for (const [remark] of tallied(side.pods.flatMap(({ remarks }) => remarks)))
    found.push({ weight: 'note', text: `k8s-run warned: ${remark}` });
  return found;
}

/** In order, and by SIGTERM. */
const EXPECTED: ReadonlySet<number> = new Set([0, 143]);

function onAlone(
  { way, load }: Side,
  old: readonly Story[],
  causes: Causes,
  { terminationGracePeriod }: Circumstances,
): readonly Advice[] {
  const found: Advice[] = [];
  const killed = old.filter((pod) => pod.killed !== null);
  const why =
    way === 'alone'
      ? " A container's first process gets no signal that it has no handler for, and is not ended by one."
      : '';
  if (killed.length > 0)
    found.push({
      weight: 'bad',
      text: `SIGTERM did not end the app: ${names(killed)} hung for ${formatDuration(terminationGracePeriod)} until the kubelet killed ${killed.length === 1 ? 'it' : 'them'}.${why}`,
    });
  const failed = Object.values(causes).reduce((all, each) => all + each.length, 0);
  if (failed > 0 && load !== null) {
    const late = causes.late.length + causes.refused.length;
    const others = causes.app.length + causes.nobody.length;
    const parts = [
      late > 0 ? `${late} came when the app was gone and the Service had not heard of it` : '',
      causes.cut.length > 0 ? `${causes.cut.length} ${causes.cut.length === 1 ? 'was' : 'were'} cut when it ended` : '',
      causes.early.length > 0 ? `${causes.early.length} came to a new replica that did not answer yet` : '',
      others > 0 ? `${others} failed otherwise` : '',
    ].filter((part) => part !== '');
    found.push({ weight: 'bad', text: `${requests(failed)} failed without k8s-run: ${parts.join(', ')}.` });
  }
  return found;
}

const requests = (count: number): string => (count === 1 ? '1 request' : `${count} requests`);
const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
