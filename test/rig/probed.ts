import type { Supervised } from './supervised.ts';

/**
 * The status of /readyz as the kubelet sees it, to which only the third failure in a row counts: in a flood one connection of
 * hundreds that come at the same moment may be closed to make room.
 */
export async function probed(run: Supervised): Promise<number> {
  for (let failures = 0; ; failures += 1) {
    try {
      return (await run.get('/readyz')).status;
    } catch (error) {
      if (failures === 2) throw error;
    }
  }
}
