import { writeFileSync } from 'node:fs';
import { clock } from '../clock.ts';
import { OPTIONS } from '../config/options/table.ts';
import type { Hook } from '../config/pod-manifest/read.ts';
import type { ProbeSpec } from '../config/probe-spec.ts';
import { askHealth } from '../health/ask.ts';
import { isLoopback, listenersOf, listeningInodes, mayBeInspector, stillListens } from '../linux/listeners.ts';
import { dispositionOf, listProcesses } from '../linux/procfs.ts';
import type { Probe } from '../probe/answer.ts';
import { createProbe } from '../probe/registry.ts';
import { SIGKILL, send } from '../process/app-process.ts';
import { killDescendants, startCapturedProcess } from '../process/captured-process.ts';
import { startKillGuard } from '../process/kill-guard.ts';
import { runCommand, runningCommands } from '../process/run-command.ts';
import { openWaitidReaper } from '../process/waitid.ts';
import type { Environment, Outside } from '../rehearse/outside.ts';
import { isFree } from '../rehearse/ports.ts';
import { unreadyIn } from '../rehearse/refusal.ts';
import { type RehearsalPlan, rehearse } from '../rehearse/rehearsal.ts';
import { reportText } from '../rehearse/report-text.ts';
import { openScreen } from '../rehearse/screen.ts';
import { sleep } from '../rehearse/sleep.ts';
import { hasLost } from '../rehearse/words.ts';
import { VERSION } from '../version.ts';
import type { Invocation, Taken } from './command.ts';
import { print, STDERR } from './print.ts';
import { readWishes, TAKEN, type Wishes } from './rehearse-options.ts';

/** unshare(1): as root, and as anybody else where the kernel lets everybody make namespaces of users. */
const FIRST_PROCESS: readonly (readonly string[])[] = [
  ['unshare', '--pid', '--fork', '--kill-child'],
  ['unshare', '--user', '--map-current-user', '--pid', '--fork', '--kill-child'],
];
/** By signal(7), on every architecture that Node runs on. */
const SIGHUP = 1;
const SIGINT = 2;
const SIGTERM = 15;
const SIGWINCH = 28;
/** Of Kubernetes, where nothing else is said. */
const TERMINATION_GRACE_PERIOD = 30_000;
const NODES = 3;

export const takes: readonly Taken[] = TAKEN;
/** Those of supervising too, and the app's command. */
export const operands = 'options';

/** `k8s-run rehearse`: 0 when nothing was lost, 1 when something was or it could not be played, 128 + n when a signal ended it. */
export async function run({ words, environment, signals, launch }: Invocation): Promise<number> {
  const read = await readWishes(words, environment);
  if (typeof read === 'number') return read;
  if ('code' in read) {
    print(`${read.text}\n`, STDERR);
    return read.code;
  }
  const wishes = read.ok;
  for (const warning of read.warnings) print(`${warning}\n`, STDERR);
  const stopped = new AbortController();
  let signal = 0;
  const screen = openScreen(environment, wishes.command.join(' '), wishes.compare !== null, (text) =>
    print(text, STDERR),
  );
  signals.deliverTo((number) => {
    if (number === SIGWINCH) screen.resized();
    if (![SIGHUP, SIGINT, SIGTERM].includes(number)) return;
    signal = number;
    stopped.abort();
  });
  const outside = introduce(environment);
  const reaper = openWaitidReaper({ isOurs: outside.isOurs, after: clock.after, reaped: () => {} });
  if (!('missing' in reaper)) signals.onChildExit(reaper.reap);
  try {
    const rehearsal = await rehearse(planFor(wishes, environment, launch, outside), outside, screen, stopped.signal);
    screen.close();
    let written = true;
    const has = (flag: string): boolean => Object.values(OPTIONS).some((option) => option.flag === flag);
    if (wishes.report !== null) {
      const { page, picture } = await import('../rehearse/page.ts');
      const make = /\.svg$/i.test(wishes.report) ? picture : page;
      try {
        writeFileSync(wishes.report, make(rehearsal, has));
      } catch (error) {
        print(`cannot write --report ${wishes.report}: ${(error as Error).message}\n`, STDERR);
        written = false;
      }
    }
    const { columns, paint } = screen.report;
    if (wishes.json) print(`${JSON.stringify(rehearsal, null, 2)}\n`);
    else print(reportText(rehearsal, has, columns, paint));
    if (wishes.report !== null && written && !wishes.json) print(`\nThe report is in ${wishes.report}\n`);
    // What was played for so long is told all the same.
    if (!written) return EXIT_CANTCREAT;
    const lost = rehearsal.trouble !== null || rehearsal.sides.some((side) => side.way === 'k8s-run' && hasLost(side));
    return lost ? 1 : 0;
  } catch (error) {
    screen.close();
    if (!stopped.signal.aborted) throw error;
    print('Stopped; all that was started has been ended.\n', STDERR);
    return 128 + signal;
  } finally {
    screen.close();
    outside.dismiss();
  }
}

/** sysexits(3). */
const EXIT_CANTCREAT = 73;

function planFor(wishes: Wishes, inherited: Environment, launch: readonly string[], outside: Outside): RehearsalPlan {
  const { config, workload, passed, taken } = wishes;
  const environment = { ...inherited, ...workload?.environment };
  const own = (key: 'ready' | 'live' | 'startup'): ProbeSpec | null => (config.chosen.has(key) ? config[key] : null);
  const healthPort = config.healthPort === 'off' || config.healthPort === 0 ? null : config.healthPort;
  const appPorts = [...(workload?.ports ?? [])].filter(([name, port]) => name !== 'health' && port !== healthPort);
  const { replicas, rollouts, rate, keptAlive, paths, lag, seed } = wishes;
  return {
    command: wishes.command,
    // Replicas share this machine's ports, where pods have their own: hence any free health port.
    supervised: (flags, command) => [
      ...[...launch, ...passed, ...flags, '--health-port=0', '--log-format=json', '--log-level=info'],
      ...['--', ...command],
    ],
    environment,
    portVariable: wishes.portVariable,
    probes: { ready: own('ready'), live: own('live'), startup: own('startup') },
    hasChecks: config.checks.length > 0,
    manifest: { stanzas: workload?.probes ?? null, appPort: appPorts[0]?.[1] ?? null, healthPort },
    preStop: (port, variables, cancelled) => preStop(workload?.preStop ?? null, port, variables, cancelled, outside),
    remarks: [
      ...(taken.length > 0 ? [`its k8s-run has ${taken.join(', ')}, and so have the replicas`] : []),
      ...(workload?.remarks ?? []),
    ].map((remark) => `Of the manifest: ${remark}.`),
    ways: wishes.compare === null ? ['k8s-run'] : [wishes.compare, 'k8s-run'],
    circumstances: {
      ...{ replicas, rollouts, rate, keptAlive, paths, lag, seed, nodes: NODES },
      ...{
        shutdownDelay: config.shutdownDelay,
        drainConnections: config.drainConnections,
        grace: config.grace,
        preStop: workload?.preStop != null,
        readinessProbe: workload === null || workload.probes.ready !== undefined,
      },
      terminationGracePeriod:
        workload?.terminationGracePeriod ?? config.terminationGracePeriod ?? TERMINATION_GRACE_PERIOD,
    },
    ...{ readyWithin: wishes.readyWithin, settle: wishes.settle, duration: wishes.duration },
  };
}

async function preStop(
  hook: Hook | null,
  port: number,
  variables: Environment,
  cancelled: AbortSignal,
  outside: Outside,
): Promise<unknown> {
  switch (hook?.kind) {
    case undefined:
      return undefined;
    case 'sleep':
      return sleep(hook.milliseconds, cancelled);
    case 'exec':
      return outside.run(hook.command, variables, cancelled);
    case 'http': {
      const { spec } = hook;
      if (spec.kind !== 'http') return undefined;
      const url = new URL(spec.url);
      url.port = String(port);
      return outside.question({ ...spec, url }, 0, variables)(cancelled);
    }
  }
}

/** The other rooms, as a rehearsal needs them. */
function introduce(environment: Environment): Outside & {
  readonly isOurs: (pid: number) => boolean;
  readonly dismiss: () => void;
} {
  const guard = startKillGuard();
  const groups = new Set<number>();
  const ours = new Set<number>([guard.pid]);
  const refused =
    (ask: Probe) =>
    async (cancelled: AbortSignal): Promise<string | null> => {
      const answer = await ask(cancelled);
      return answer.kind === 'passed' ? null : answer.reason;
    };
  return {
    version: VERSION,
    isOurs: (pid) => ours.has(pid) || runningCommands.has(pid),
    dismiss: guard.dismiss,
    async start(words, variables, printed) {
      const started = await startCapturedProcess(words, variables, printed);
      if ('pid' in started) {
        ours.add(started.pid);
        started.exited.then(() => ours.delete(started.pid)).catch(() => {});
      }
      return started;
    },
    run: runCommand,
    async asFirstProcess() {
      for (const prefix of FIRST_PROCESS) {
        const end = await runCommand([...prefix, 'true'], environment, new AbortController().signal);
        if (end.kind === 'ended' && end.exit.kind === 'code' && end.exit.code === 0) return prefix;
      }
      return null;
    },
    childOf: (pid) => listProcesses().find(({ parent }) => parent === pid)?.pid ?? null,
    question: (spec, app, variables) =>
      refused(
        createProbe(spec, {
          ...{ app, version: VERSION, now: clock.now },
          processes: { stateOf: () => 'unknown' as const },
          sockets: { listenersOf, listeningInodes, stillListens, isLoopback, mayBeInspector },
          runCommand: (words, cancelled) => runCommand(words, { ...environment, ...variables }, cancelled),
        }),
      ),
    async unready(port) {
      const hosts = ['127.0.0.1', '::1'];
      const reply = await askHealth({
        ...{ hosts, port, path: '/statusz', agent: `k8s-run-rehearse/${VERSION}`, limit: 1_000, after: clock.after },
      });
      return 'status' in reply ? unreadyIn(reply.body) : null;
    },
    listening(pid) {
      const found = listenersOf(pid);
      return found.kind === 'unknowable' ? null : [...new Set(found.listeners.map(({ port }) => port))];
    },
    isFree,
    disposition: dispositionOf,
    guard: {
      add(group) {
        groups.add(group);
        guard.watch([...groups]);
      },
      remove(group) {
        groups.delete(group);
        guard.watch([...groups]);
      },
    },
    signal: send,
    killGroup: (group) => send(-group, SIGKILL),
    sweep: () => killDescendants(new Set([guard.pid])),
  };
}
