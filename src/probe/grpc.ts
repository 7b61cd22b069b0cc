import { bracketed, hostsOf, type ProbeHost } from '../config/probe-spec.ts';
import type { ProbeAnswer } from './answer.ts';
import { type Http2Answer, type Http2Request, requestByHttp2 } from './http2.ts';
import { connectFailure, tlsFailure } from './tcp.ts';

export type GrpcProbeTarget = {
  readonly host: ProbeHost;
  readonly port: number;
  readonly service: string;
  /** Over TLS, as with the kubelet's `mode: TLS`: certificates are not verified. */
  readonly tls?: true;
};

/** google.golang.org/grpc/codes, by number. */
const CODES: readonly string[] = [
  ...['OK', 'CANCELLED', 'UNKNOWN', 'INVALID_ARGUMENT', 'DEADLINE_EXCEEDED', 'NOT_FOUND', 'ALREADY_EXISTS'],
  ...['PERMISSION_DENIED', 'RESOURCE_EXHAUSTED', 'FAILED_PRECONDITION', 'ABORTED', 'OUT_OF_RANGE', 'UNIMPLEMENTED'],
  ...['INTERNAL', 'UNAVAILABLE', 'DATA_LOSS', 'UNAUTHENTICATED'],
];
/** HealthCheckResponse.ServingStatus of grpc.health.v1, by number. */
const STATUSES: readonly string[] = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'];
const SERVING = 1;

/**
 * Passes when grpc.health.v1.Health/Check answers SERVING, by the kubelet's rules (pkg/probe/grpc/grpc.go): one
 * connection for each probe, and a server without the health service fails. It uses Node's own HTTP/2, because the request
 * is one string and the response one number, and a gRPC library would take 4 MiB of memory more.
 */
export async function grpcProbe(
  target: GrpcProbeTarget,
  userAgent: string,
  cancelled: AbortSignal,
): Promise<ProbeAnswer> {
  const { host, port, service } = target;
  let failure: ProbeAnswer = { kind: 'failed', reason: 'no address to try' };
  for (const address of hostsOf(host)) {
    const at = `${bracketed(address)}:${port}`;
    try {
      return answerOf(await requestByHttp2(requestOf(target, at, userAgent), cancelled), service, at);
    } catch (error) {
      failure = failureOf(error as NodeJS.ErrnoException, at, target.tls === true);
      // A second address is tried only where nothing listens on the first.
      if ((error as NodeJS.ErrnoException).code !== 'ECONNREFUSED') break;
    }
  }
  return failure;
}

/** Bytes. A health response is four bytes of protobuf; a longer one is no answer to this request. */
const MAX_BODY = 10 * 1024;

function requestOf({ service, tls }: GrpcProbeTarget, at: string, userAgent: string): Http2Request {
  return {
    at,
    tls: tls === true,
    headers: {
      ':method': 'POST',
      ':path': '/grpc.health.v1.Health/Check',
      'content-type': 'application/grpc',
      'user-agent': userAgent,
      te: 'trailers',
    },
    body: framed(service),
    maxBody: MAX_BODY,
  };
}

function answerOf({ headers, body, cut }: Http2Answer, service: string, at: string): ProbeAnswer {
  if (cut) return { kind: 'failed', reason: `${at} does not speak gRPC` };
  const status = Number(headers[':status']);
  if (status !== 200) return { kind: 'failed', reason: `HTTP ${status}, which is not a gRPC response` };
  const code = Number(headers['grpc-status'] ?? Number.NaN);
  if (!Number.isInteger(code)) return { kind: 'failed', reason: `${at} does not speak gRPC` };
  const name = CODES[code] ?? `code ${code}`;
  if (name === 'UNIMPLEMENTED') return { kind: 'failed', reason: `${at} does not implement grpc.health.v1.Health` };
  if (name === 'NOT_FOUND') return { kind: 'failed', reason: `${at} has no service ${JSON.stringify(service)}` };
  if (code !== 0) return { kind: 'failed', reason: `gRPC ${name}` };
  const serving = servingStatusOf(body);
  if (serving === null) return { kind: 'failed', reason: `${at} did not send a HealthCheckResponse` };
  if (serving === SERVING) return { kind: 'passed' };
  return { kind: 'failed', reason: `the health service answers ${STATUSES[serving] ?? `status ${serving}`}` };
}

/** HealthCheckRequest { string service = 1 }, after the five bytes that precede each gRPC message: not compressed, its length. */
function framed(service: string): Buffer {
  const name = Buffer.from(service);
  const message = name.length === 0 ? name : Buffer.concat([Buffer.from([0x0a, ...varint(name.length)]), name]);
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

function varint(value: number): readonly number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}

/** The status of a HealthCheckResponse { ServingStatus status = 1 }, in which 0 may be left out; null: it is another message. */
function servingStatusOf(body: Buffer): number | null {
  if (body.length < 5 || body[0] !== 0 || body.readUInt32BE(1) !== body.length - 5) return null;
  const message = body.subarray(5);
  if (message.length === 0) return 0;
  const [tag, status = 0x80] = message;
  return tag === 0x08 && status < 0x80 ? status : null;
}

function failureOf(error: NodeJS.ErrnoException, at: string, tls: boolean): ProbeAnswer {
  if (error.name === 'AbortError') return { kind: 'failed', reason: `${at} did not answer` };
  if (error.message === 'closed') {
    const remedy = tls ? '' : '; if it wants TLS, write grpcs://';
    return { kind: 'failed', reason: `${at} closed the connection without an answer${remedy}` };
  }
  if (error.code?.startsWith('ERR_HTTP2_') === true) return { kind: 'failed', reason: `${at} does not speak gRPC` };
  return tlsFailure(error, at, 'grpc') ?? connectFailure(error, at);
}
