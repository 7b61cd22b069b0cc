import { BARE_HANDLER, type Contender, INITS, inFolder, k8sRun } from './contenders.ts';
import { cpuOf, keeps } from './kernel.ts';
import { alternate, type Comparison, type Measure } from './measure.ts';
import { standStill, start } from './processes.ts';

const APP = ['sleep', '60'];
/**
 * The signal looked at instead of TERM: Node itself catches TERM and INT long before any script runs, only to restore the
 * terminal and die of it, which PID 1 does not. Every contender catches HUP right after TERM.
 */
const WITNESS = 'SIGHUP';
const LOOK_EVERY = 0.1;
const DEADLINE = 20_000;
/** Time for a stop signal to take the last thread off its CPU, so that the kernel's figure is exact. */
const STOPPING = 2;

/** How long a TERM would be lost to PID 1. */
export const signalsHandled: Measure = {
  name: 'signals-handled',
  async run(effort, progress) {
    const contenders = [BARE_HANDLER, k8sRun('k8s-run'), ...inFolder('k8s-run, portable folder'), ...INITS];
    const cpu = new Map<string, number[]>();
    const rows = await alternate(
      contenders,
      effort === 'full' ? 40 : 8,
      async (contender) => {
        const seen = await once(contender);
        cpu.set(contender.name, [...(cpu.get(contender.name) ?? []), seen.cpu]);
        return seen.wall;
      },
      progress,
    );
    const method =
      'until /proc/<pid>/status shows HUP among the caught signals (C inits: the blocked ones, which they wait for), ' +
      `looked at every ${LOOK_EVERY} ms. HUP, which all of them catch right after TERM, because Node has a handler of its ` +
      'own for TERM from early on that is of no use to PID 1.';
    const common = { kind: 'comparison', unit: 'ms', yardstick: BARE_HANDLER.name, targets: [] } as const;
    return [
      { ...common, title: 'Exec → signals handled: wall time', method: `From before the fork ${method}`, rows },
      {
        ...common,
        title: 'Exec → signals handled: CPU time',
        method:
          `Of all threads ${method} A container limited to 0.1 CPU is given 10 ms of it in each 100 ms: ten times this ` +
          'figure is about what it waits.',
        // The first round is a rehearsal, as in every measure.
        rows: [...cpu].map(([name, values]) => ({ name, values: values.slice(1) })),
      } satisfies Comparison,
    ];
  },
};

async function once(contender: Contender): Promise<{ readonly wall: number; readonly cpu: number }> {
  const { name, starting } = contender;
  const from = performance.now();
  await using started = start(starting(APP), 'ignore');
  while (!keeps(started.pid, WITNESS, INITS.includes(contender) ? 'waited for' : 'caught')) {
    standStill(LOOK_EVERY);
    if (performance.now() - from > DEADLINE) throw new Error(`cannot time ${name}: it never catches ${WITNESS}`);
  }
  const wall = performance.now() - from;
  process.kill(started.pid, 'SIGSTOP');
  standStill(STOPPING);
  return { wall, cpu: cpuOf(started.pid) };
}
