import type { Notice } from '../lifecycle/notice.ts';
import type { SkipReason, StopCause, Traffic, Waited } from '../lifecycle/state.ts';
import type { Facts } from './entry.ts';
import type { MessageContext } from './message.ts';

export function causeText(cause: StopCause, signalName: MessageContext['signalName']): string {
  switch (cause.kind) {
    case 'signal':
      return signalName(cause.signal);
    case 'terminal':
      return 'the loss of the terminal';
    case 'change':
      return `the change of ${cause.path}`;
    case 'resize':
      return 'the resize of the container';
    case 'fault':
      return `an internal error in ${cause.fault.room}`;
  }
}

/** Ctrl-C and a fault may also end other waits than the delay. */
export function skipText(skipped: SkipReason | null, program: string): string {
  switch (skipped) {
    case null:
      return '';
    case 'no delay':
      return '; no delay is configured';
    case 'never ready':
      return `; no delay, because ${program} never became ready`;
    case 'not alive':
      return `; no delay, because ${program} fails its liveness probe`;
    case 'listens on nothing':
      return `; no delay, because ${program} listens on nothing`;
    case 'second Ctrl-C':
      return '; no further wait, because Ctrl-C was pressed';
    case 'fault':
      return '; no further wait, because of an internal error';
  }
}

export function trafficText(traffic: Traffic): string {
  return traffic.kind === 'counted' ? `; connections: ${traffic.busy} busy, ${traffic.open - traffic.busy} idle` : '';
}

export function trafficFacts(traffic: Traffic): Facts {
  return traffic.kind === 'counted'
    ? { busyConnections: traffic.busy, idleConnections: traffic.open - traffic.busy }
    : {};
}

export function waitedText(waited: Waited): string {
  if (waited === null) return '';
  const { ended, traffic } = waited;
  if (ended === 'none in flight')
    return `; the wait is nearly over and no request is in flight at this moment${trafficText(traffic)}`;
  if (ended === 'limit') return `; the limit of --drain-connections is reached${trafficText(traffic)}`;
  const idle = traffic.kind === 'counted' ? traffic.open : 0;
  return idle === 0
    ? '; no TCP connection is open'
    : `; ${idle} idle ${idle === 1 ? 'connection stays' : 'connections stay'} open`;
}

/** What follows before the app is signalled. */
export function delayText(
  { preStop, delayMs, delayIsOpen }: Extract<Notice, { event: 'terminating' }>,
  { duration, program }: MessageContext,
): string {
  const parts = [
    ...(preStop ? ['running --pre-stop'] : []),
    ...(delayMs === 0
      ? []
      : [
          `delaying ${duration(delayMs)} before signalling ${program}${delayIsOpen ? ', if it listens on anything' : ''}`,
        ]),
  ];
  return parts.length === 0 ? '' : `; ${parts.join(', then ')}`;
}
