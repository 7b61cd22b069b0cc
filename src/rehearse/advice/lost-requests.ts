import { formatDuration } from '../../duration.ts';
import type { PodTimeline } from '../pod/pod-timeline.ts';
import type { RehearsalSettings, RequestSample } from '../results.ts';
import { countEach } from '../summary.ts';
import type { Advice, HasOption } from './advice.ts';
import type { FailuresByCause } from './failure-cause.ts';
import { countedSentence, requests, wasOrWere } from './phrases.ts';

type LostRequests = {
  readonly failures: FailuresByCause;
  readonly deleted: readonly PodTimeline[];
  readonly settings: RehearsalSettings;
  readonly has: HasOption;
};

/** What to change where requests failed with k8s-run. */
export function adviceOnLostRequests({ failures, deleted, settings, has }: LostRequests): readonly Advice[] {
  const late = [...failures.late, ...failures.refused];
  const texts = [
    late.length > 0 ? onLate(late.length, deleted, settings) : '',
    failures.cut.length > 0 ? onCut(failures.cut, deleted, { settings, has }) : '',
    failures.early.length > 0 ? onEarly(failures.early.length, settings) : '',
    failures.app.length > 0 ? onApp(failures.app) : '',
    failures['no endpoint'].length > 0 ? onNoEndpoint(failures['no endpoint'].length) : '',
  ];
  return texts.filter((text) => text !== '').map((text) => ({ severity: 'problem', text }));
}

/** Beyond the slowest node, in milliseconds. */
const DELAY_RESERVE = 1_000;

function onLate(count: number, deleted: readonly PodTimeline[], { lag, shutdownDelay }: RehearsalSettings): string {
  const slowest = Math.max(0, ...deleted.map((pod) => (pod.unrouted ?? 0) - (pod.deleted ?? 0)));
  const delay = Math.ceil((Math.max(slowest, shutdownDelay) + DELAY_RESERVE) / 1_000);
  const until = `up to ${formatDuration(Math.round(slowest))} after the deletion of the pod (--lag ${formatDuration(lag)})`;
  return `${requests(count)} arrived after the app had stopped accepting connections, ${until}. Set --shutdown-delay ${delay}s.`;
}

function onCut(
  cut: readonly RequestSample[],
  deleted: readonly PodTimeline[],
  { settings, has }: Pick<LostRequests, 'settings' | 'has'>,
): string {
  const { drainConnections, grace } = settings;
  const counted = countedSentence(deleted);
  const seen = `${requests(cut.length)} ${wasOrWere(cut.length)} cut when the app exited${onKeptAlive(cut)}.${counted === '' ? '' : ` ${counted}`}`;
  if (drainConnections > 0)
    return `${seen} --drain-connections waited up to ${formatDuration(drainConnections)} for a moment with no request in flight, but a request can still arrive at that moment. ${onConstantTraffic(deleted)}`;
  if (has('drain-connections'))
    return `${seen} Add --drain-connections 10s, or let the app finish its requests in flight before it exits.`;
  return `${seen} Let the app finish its requests in flight before it exits; it has ${formatDuration(grace)} (--grace).`;
}

/** k8s-run itself names --node-drain where the app serves with Node and nothing tells it of the shutdown. */
function onConstantTraffic(deleted: readonly PodTimeline[]): string {
  const isNode = deleted.some(({ warnings }) => warnings.some((text) => text.includes('so --node-drain')));
  return isNode
    ? 'Add --node-drain, which has the clients of a Node app leave before that.'
    : 'Only the app can prevent this: it must finish its requests in flight, and answer with Connection: close.';
}

function onKeptAlive(cut: readonly RequestSample[]): string {
  const kept = cut.filter(({ connection }) => connection === 'kept-alive').length;
  if (kept === 0) return '';
  if (cut.length === 1) return ', on a kept-alive connection';
  return kept === cut.length ? ', all on kept-alive connections' : `, ${kept} of them on kept-alive connections`;
}

function onEarly(count: number, { hasReadinessProbe }: RehearsalSettings): string {
  const sent = `${requests(count)} ${wasOrWere(count)} sent to a new replica`;
  return hasReadinessProbe
    ? `${sent} that was ready but did not accept connections yet. Name a path that answers once the app can serve: --ready http://:8080/ready.`
    : `${sent} that did not accept connections yet, because without a readinessProbe every running pod gets requests. Add one that probes k8s-run, as k8s-run manifest prints it.`;
}

function onApp(failures: readonly RequestSample[]): string {
  const kinds = countEach(failures.map(({ failure }) => failure ?? ''));
  const what = kinds.map(([failure, count]) => `${failure} (${count})`).join(', ');
  const path = countEach(failures.map((sample) => sample.path))[0]?.[0] ?? '/';
  return `${requests(failures.length)} failed at replicas that had not been told to stop: ${what}, most of them on ${path}. The cause is in the app, not in the rollout. To request other paths, use --paths.`;
}

const onNoEndpoint = (count: number): string =>
  `${requests(count)} found no ready replica, because one became unready before another was ready. Check --ready and --failure-threshold.`;
