/**
 * The result of one probe. `broken`: the prober itself had an error, which says nothing about the app, so no threshold counts
 * it. `remark`: a sentence for the log, which is logged once. `ports`: those that were found open.
 */
export type ProbeAnswer =
  | { readonly kind: 'passed'; readonly remark?: string; readonly ports?: readonly number[] }
  | { readonly kind: 'failed'; readonly reason: string; readonly remark?: string }
  | { readonly kind: 'broken'; readonly reason: string };

/** Probes once. After `cancelled` fires it settles soon, and its result is not used. */
export type Probe = (cancelled: AbortSignal) => Promise<ProbeAnswer>;

/** How a probe ended, before any threshold, as the metrics count it. */
export type ProbeResult = ProbeAnswer['kind'] | 'timeout';
