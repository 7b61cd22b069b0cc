import type { Exposition } from './health/exposition.ts';
import type { Meters } from './metering.ts';
import type { Shell } from './supervisor.ts';
import type { Tally } from './tally.ts';

/** Answers scrapes; loaded by the first one, so that who is never scraped pays nothing for it. */
export function scraping(meters: Meters): (accept: string) => Promise<Exposition> {
  let metered: ((accept: string) => Promise<Exposition>) | null = null;
  return async (accept) => {
    const { metering } = await import('./metering.ts');
    metered ??= metering(meters);
    return metered(accept);
  };
}

/** The effects that send the app a signal, counted once they are done. */
export function countingSignals(
  app: Pick<Shell, 'passOn' | 'stopApp'>,
  tally: Tally,
): Pick<Shell, 'passOn' | 'stopApp'> {
  return {
    passOn(effect) {
      app.passOn(effect);
      tally.forwarded(effect.signal);
    },
    stopApp(effect) {
      app.stopApp(effect);
      tally.forwarded(effect.signal);
    },
  };
}
