import { BARE_HANDLER, type Contender, INITS, inFolder, k8sRun } from './contenders.ts';
import { cpuOf, receives } from './kernel.ts';
import { alternate, type Comparison, type Measure } from './measure.ts';
import { block, start } from './processes.ts';

const APP = ['sleep', '60'];
/**
 * Read instead of TERM: Node itself catches TERM and INT before any script runs, to restore the terminal and to end by the
 * signal, which has no effect on PID 1. Every contender catches HUP right after TERM.
 */
const SIGNAL = 'SIGHUP';
/** Milliseconds. */
const INTERVAL = 0.1;
const DEADLINE = 20_000;
/** Milliseconds in which SIGSTOP takes the last thread off its CPU, so that the kernel's figure is exact. */
const STOPPING = 2;

/** The time in which PID 1 would lose a TERM; in the portable folder the kernel keeps it for so long. */
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
      'until /proc/<pid>/status shows HUP among the caught signals (C inits: among the blocked ones, which they wait for), ' +
      `read every ${INTERVAL} ms. HUP stands for TERM, right after which all of them catch it: for TERM itself Node has an ` +
      'early handler of its own, which has no effect for PID 1. The portable folder keeps a signal that comes before.';
    const common = { kind: 'comparison', unit: 'ms', yardstick: BARE_HANDLER.name, targets: [] } as const;
    return [
      { ...common, title: 'Exec → signals handled: wall time', method: `Wall time from the fork ${method}`, rows },
      {
        ...common,
        title: 'Exec → signals handled: CPU time',
        method:
          `CPU time of all threads ${method} A container limited to 0.1 CPU gets 10 ms in each 100 ms, so it takes about ten ` +
          'times this figure.',
        // The first round does not count, as in `alternate`.
        rows: [...cpu].map(([name, values]) => ({ name, values: values.slice(1) })),
      } satisfies Comparison,
    ];
  },
};

async function once(contender: Contender): Promise<{ readonly wall: number; readonly cpu: number }> {
  const { name, starting } = contender;
  const from = performance.now();
  await using started = start(starting(APP), 'ignore');
  while (!receives(started.pid, SIGNAL, INITS.includes(contender) ? 'waited for' : 'caught')) {
    block(INTERVAL);
    if (performance.now() - from > DEADLINE)
      throw new Error(`cannot time ${name}: it does not catch ${SIGNAL} within ${DEADLINE} ms`);
  }
  const wall = performance.now() - from;
  process.kill(started.pid, 'SIGSTOP');
  block(STOPPING);
  return { wall, cpu: cpuOf(started.pid) };
}
