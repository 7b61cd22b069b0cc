import type { Meters } from './collector.ts';
import type { Exposition } from './exposition.ts';

/** Answers scrapes; loaded by the first one, so that who is never scraped pays nothing for it. */
export function scraping(meters: Meters): (accept: string) => Promise<Exposition> {
  let metered: ((accept: string) => Promise<Exposition>) | null = null;
  return async (accept) => {
    const { metering } = await import('./collector.ts');
    metered ??= metering(meters);
    return metered(accept);
  };
}
