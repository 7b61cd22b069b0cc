import type { Notice } from '../lifecycle/notice.ts';
import type { SkipReason, StopCause, Traffic, Waited } from '../lifecycle/state.ts';
import type { Facts } from './entry.ts';
import type { MessageContext } from './message.ts';

export function causeText(cause: StopCause, signalName: MessageContext['signalName']): string {
  switch (cause.kind) {
    case 'signal':
      return signalName(cause.signal);
    case 'terminal':
      return 'the lost terminal';
    case 'change':
      return `the change of ${cause.path}`;
    case 'fault':
      return `an internal error in ${cause.fault.room}`;
  }
}

export function skipText(skipped: SkipReason, program: string): string {
  switch (skipped) {
    case 'no delay':
      return 'the delay is 0';
    case 'never ready':
      return `${program} never became ready`;
    case 'not alive':
      return `${program} fails its liveness`;
    case 'listens on nothing':
      return `${program} listens on nothing`;
    case 'second Ctrl-C':
      return 'Ctrl-C was pressed again';
    case 'fault':
      return 'k8s-run has a fault';
  }
}

export function trafficText(traffic: Traffic): string {
  return traffic.kind === 'counted' ? `: ${traffic.busy} busy, ${traffic.open - traffic.busy} idle` : '';
}

export function trafficFacts(traffic: Traffic): Facts {
  return traffic.kind === 'counted'
    ? { busyConnections: traffic.busy, idleConnections: traffic.open - traffic.busy }
    : {};
}

export function waitedText(waited: Waited): string {
  if (waited === null) return '';
  const { ended, traffic } = waited;
  if (ended === 'none in hand')
    return `; the wait is nearly over, and at this moment no request is in hand${trafficText(traffic)}`;
  if (ended === 'limit') return `; the limit of the wait has passed${trafficText(traffic)}`;
  const idle = traffic.kind === 'counted' ? traffic.open : 0;
  return idle === 0
    ? '; no TCP connection is open'
    : `; ${idle} idle ${idle === 1 ? 'connection is' : 'connections are'} left open`;
}

/** What follows the beginning of a shutdown. */
export function delayText(
  { preStop, pauseMs }: Extract<Notice, { event: 'draining' }>,
  duration: MessageContext['duration'],
): string {
  const parts = [
    ...(preStop ? ['running --pre-stop'] : []),
    ...(pauseMs === 0 ? [] : [`pausing ${duration(pauseMs)}`]),
  ];
  return parts.length === 0 ? '' : `; ${parts.join(', then ')}`;
}
