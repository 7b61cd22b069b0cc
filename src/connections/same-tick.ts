import type { ConnectionInfo } from './connection.ts';
import { DELAYED_ACKNOWLEDGEMENT } from './opening.ts';

/**
 * The times of a connection whose last request came in the same tick of the kernel's clock as the response before it, put in order. A
 * tick is often 4 ms, and a client in the same cluster sends its next request sooner. Such a request is told from an answered one when
 * three things are true:
 *
 * - the kernel has acknowledged received data by a segment of its own, as it does when the app does not answer within 40 ms;
 * - the client has not acknowledged anything since its last data, which was later than the app's;
 * - the client has sent more segments than the app, so its last one has none in return.
 */
export function inOrder(info: ConnectionInfo): ConnectionInfo {
  const { sentAgo, receivedAgo, volume } = info;
  if (volume === null || sentAgo !== receivedAgo || receivedAgo < DELAYED_ACKNOWLEDGEMENT) return info;
  const isLast = volume.acknowledgedAgo >= receivedAgo && volume.segmentsIn > volume.segmentsOut;
  // SYN and ACK of the handshake are the first without data.
  return isLast && volume.bareSegmentsOut > 1 ? { ...info, sentAgo: receivedAgo + 1 } : info;
}
