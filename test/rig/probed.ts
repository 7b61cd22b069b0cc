import type { Supervised } from './supervised.ts';

/** In a row. The kubelet asks three times, with seconds between; this client has its processor from the flood as well. */
const TRIES = 10;

/** The status of /readyz in a flood, in which one connection of hundreds that come at the same moment may be closed to make room. */
export async function probed(run: Supervised): Promise<number> {
  for (let failures = 0; ; failures += 1) {
    try {
      return (await run.get('/readyz')).status;
    } catch (error) {
      if (failures === TRIES - 1) throw error;
    }
  }
}
