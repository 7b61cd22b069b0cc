import { setTimeout } from 'node:timers/promises';
import type { Supervised } from './supervised.ts';

/** In a row, and the milliseconds between. The kubelet asks three times, with seconds between, and from a processor without a flood. */
const TRIES = 5;
const WAIT = 300;

/** The status of /readyz in a flood, in which one connection of hundreds that come at the same moment may be closed to make room. */
export async function probed(run: Supervised): Promise<number> {
  for (let failures = 0; ; failures += 1) {
    try {
      return (await run.get('/readyz')).status;
    } catch (error) {
      if (failures === TRIES - 1) throw error;
      await setTimeout(WAIT);
    }
  }
}
