// Plays one contender with one app in its own process: argv[2] is a Job as JSON. Sends the result over the IPC channel. Its
// pods and its load end with it.
import { play } from '../../test/rig/rollout/cell.ts';
import type { Job } from './players.ts';

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(1));
process.on('disconnect', () => process.exit(1));

const { cell, circumstances, delay } = JSON.parse(process.argv[2] ?? '') as Job;
await new Promise((resolve) => setTimeout(resolve, delay));
const played = await play(cell, circumstances);
process.send?.(played, () => process.exit(0));
