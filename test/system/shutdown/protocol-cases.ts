/** What k8s-run does with a connection that is in this state when the shutdown begins. */
export type Verdict = 'waited for' | 'not waited for' | 'holds the signal';

export type ProtocolCase = {
  readonly protocol: string;
  readonly state: string;
  readonly verdict: Verdict;
};

const FIRST = 'the first request is in flight';
const LATER = 'a later request is in flight';
const AFTER_ONE = 'idle after one quick response';
const AFTER_EIGHT = 'idle after eight responses';

/** The rows of the table in docs/explanation/connections.md. */
export const PROTOCOL_CASES: readonly ProtocolCase[] = [
  { protocol: 'HTTP/1.1', state: FIRST, verdict: 'waited for' },
  { protocol: 'HTTP/1.1', state: LATER, verdict: 'waited for' },
  { protocol: 'HTTP/1.1', state: AFTER_ONE, verdict: 'not waited for' },
  { protocol: 'HTTP/1.1', state: 'idle after three quick responses to longer requests', verdict: 'holds the signal' },
  ...['HTTP/1.1 over TLS 1.2', 'HTTP/1.1 over TLS 1.3'].flatMap((protocol): readonly ProtocolCase[] => [
    { protocol, state: FIRST, verdict: 'waited for' },
    { protocol, state: LATER, verdict: 'waited for' },
    { protocol, state: AFTER_EIGHT, verdict: 'not waited for' },
    { protocol, state: AFTER_ONE, verdict: 'holds the signal' },
  ]),
  { protocol: 'HTTP/2 over TLS', state: FIRST, verdict: 'waited for' },
  { protocol: 'HTTP/2 over TLS', state: LATER, verdict: 'waited for' },
  { protocol: 'HTTP/2 over TLS', state: AFTER_EIGHT, verdict: 'not waited for' },
  { protocol: 'HTTP/2 over TLS', state: 'idle, with pings of the client', verdict: 'not waited for' },
  { protocol: 'HTTP/2 without TLS', state: FIRST, verdict: 'waited for' },
  { protocol: 'HTTP/2 without TLS', state: LATER, verdict: 'waited for' },
  { protocol: 'HTTP/2 without TLS', state: AFTER_EIGHT, verdict: 'not waited for' },
  { protocol: 'HTTP/2 without TLS', state: AFTER_ONE, verdict: 'not waited for' },
  { protocol: 'HTTP/2 without TLS', state: 'open, without a request', verdict: 'not waited for' },
  { protocol: 'gRPC', state: 'the first call is in flight', verdict: 'waited for' },
  { protocol: 'gRPC', state: 'a later call is in flight', verdict: 'waited for' },
  { protocol: 'gRPC', state: 'idle after one call', verdict: 'not waited for' },
  { protocol: 'gRPC', state: 'idle, with pings of the client', verdict: 'not waited for' },
  { protocol: 'gRPC', state: 'a call is in flight, with pings of the client', verdict: 'waited for' },
  { protocol: 'gRPC stream', state: 'a message each half second', verdict: 'waited for' },
  { protocol: 'gRPC stream', state: 'a message, then silence', verdict: 'not waited for' },
  { protocol: 'gRPC stream', state: 'the client sends, and has no answer yet', verdict: 'waited for' },
  { protocol: 'WebSocket', state: 'a message has no reply yet', verdict: 'waited for' },
  { protocol: 'WebSocket', state: 'silent after a reply', verdict: 'not waited for' },
  { protocol: 'WebSocket', state: 'silent, with pings of the client', verdict: 'not waited for' },
  { protocol: 'event stream', state: 'an event each half second', verdict: 'waited for' },
  { protocol: 'event stream', state: 'an event, then silence', verdict: 'not waited for' },
  { protocol: 'event stream over TLS', state: 'an event, then silence', verdict: 'holds the signal' },
  { protocol: 'upload', state: 'the client stalls', verdict: 'waited for' },
  { protocol: 'download', state: 'the client reads nothing', verdict: 'waited for' },
];
