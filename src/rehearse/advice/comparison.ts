import { formatDuration } from '../../duration.ts';
import type { PodTimeline } from '../pod/pod-timeline.ts';
import type { RehearsalSettings, VariantResult } from '../results.ts';
import type { Advice } from './advice.ts';
import type { FailuresByCause } from './failure-cause.ts';
import { byBehaviour, reaction } from './handling.ts';
import { namesOf, requests, wasOrWere } from './phrases.ts';

type Comparison = {
  readonly failures: FailuresByCause;
  readonly deleted: readonly PodTimeline[];
  readonly settings: RehearsalSettings;
};

/** What went wrong without k8s-run. */
export function adviceOnComparison(
  { variant, load }: VariantResult,
  { failures, deleted, settings }: Comparison,
): readonly Advice[] {
  const killed = deleted.filter((pod) => pod.killed !== null);
  const period = formatDuration(settings.terminationGracePeriod);
  const failed = Object.values(failures).reduce((all, each) => all + each.length, 0);
  const texts = [
    ...byBehaviour(killed).map(
      (alike) =>
        `${reaction(alike, 'SIGTERM', variant === 'alone')}: the kubelet had to kill ${namesOf(alike.pods)} after ${period}.`,
    ),
    ...(failed > 0 && load !== null ? [onFailures(failed, failures)] : []),
  ];
  return texts.map((text) => ({ severity: 'problem', text }));
}

function onFailures(failed: number, failures: FailuresByCause): string {
  const late = failures.late.length + failures.refused.length;
  const [cut, early] = [failures.cut.length, failures.early.length];
  const others = failures.app.length + failures['no endpoint'].length;
  const parts = [
    late > 0 ? `${late} arrived after the app had stopped accepting connections` : '',
    cut > 0 ? `${cut} ${wasOrWere(cut)} cut when it exited` : '',
    early > 0 ? `${early} ${wasOrWere(early)} sent to a new replica that did not accept connections yet` : '',
    others > 0 ? `${others} failed for other reasons` : '',
  ].filter((part) => part !== '');
  return `${requests(failed)} failed without k8s-run: ${parts.join(', ')}.`;
}
