/**
 * One answer to one question. `broken` is the prober's own error: it says nothing of the app, so no threshold counts it.
 * `remark` is something that a person should hear once.
 */
export type ProbeAnswer =
  | { readonly kind: 'passed'; readonly remark?: string }
  | { readonly kind: 'failed'; readonly reason: string; readonly remark?: string }
  | { readonly kind: 'broken'; readonly reason: string };

/** Asks once. When `cancelled` fires it must settle soon, whatever it settles to. */
export type Probe = (cancelled: AbortSignal) => Promise<ProbeAnswer>;

/** `broken`: the prober's own error, which says nothing of the app. */
export type ProbeResult = 'passed' | 'failed' | 'timeout' | 'broken';
