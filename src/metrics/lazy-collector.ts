import type { CollectorSources } from './collector.ts';
import type { Exposition } from './exposition.ts';

/** Answers scrapes. The first one loads the collector, so it costs nothing without scrapes. */
export function lazyCollector(sources: CollectorSources): (accept: string) => Promise<Exposition> {
  let collect: ((accept: string) => Promise<Exposition>) | null = null;
  return async (accept) => {
    const { createCollector } = await import('./collector.ts');
    collect ??= createCollector(sources);
    return collect(accept);
  };
}
