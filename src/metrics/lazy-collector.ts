import type { CollectorSources } from './collector.ts';
import type { Exposition } from './exposition.ts';

/** Answers scrapes; loaded by the first one, so that who is never scraped pays nothing for it. */
export function lazyCollector(meters: CollectorSources): (accept: string) => Promise<Exposition> {
  let metered: ((accept: string) => Promise<Exposition>) | null = null;
  return async (accept) => {
    const { createCollector } = await import('./collector.ts');
    metered ??= createCollector(meters);
    return metered(accept);
  };
}
