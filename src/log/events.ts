import type { Notice } from '../lifecycle/notice.ts';
import type { Level } from './entry.ts';

/** Notices that have no event of their own in the log: `killing` tells of both. */
type SharedNotice = 'appRemains' | 'killingLeftovers' | 'leftoversRemain';

/** Every `event` that a log line can have: those of the lifecycle's notices, and those that are written without a notice. */
export type LogEvent =
  | Exclude<Notice['event'], SharedNotice>
  | 'answered'
  | 'degraded'
  | 'restored'
  | 'resized'
  | 'reaped'
  | 'warning'
  | 'fault'
  | 'mistake';

/** What docs/reference.md says of an event. */
export type LogEventRow = {
  readonly levels: readonly Level[];
  /** When the line is written. */
  readonly when: string;
  /** Each field of the line besides `time`, `level`, `severity`, `event` and `msg`, and what it holds. */
  readonly fields: Readonly<Record<string, string>>;
};

const NAME = 'name of the app; where a wrapper or a script has executed it, its own';
const AFTER_SPAWN = 'since `spawned`';
const CONNECTIONS = {
  busyConnections: 'busy inbound connections at the last count',
  idleConnections: 'idle ones',
};

/**
 * All events, in the order of a life. An event without a row does not compile. Prose for the reference: nothing loads it at
 * run time.
 */
export const LOG_EVENTS: Readonly<Record<LogEvent, LogEventRow>> = {
  starting: {
    levels: ['info'],
    when: 'before the app is started',
    fields: {
      program: 'name of the app, without its arguments',
      version: 'of k8s-run',
      health: 'URL of the health server, or null',
    },
  },
  answered: {
    levels: ['info'],
    when: 'a `--wait-for` probe passes',
    fields: { probe: 'the probe', afterMs: 'since the wait began' },
  },
  spawned: {
    levels: ['info'],
    when: 'the app runs',
    fields: { program: 'name of the app, as it was started', pid: 'its process' },
  },
  started: {
    levels: ['info'],
    when: 'the startup probe passes for the first time',
    fields: { program: NAME, afterMs: AFTER_SPAWN },
  },
  ready: {
    levels: ['info'],
    when: 'the ready probe passes',
    fields: { program: NAME, afterMs: AFTER_SPAWN, ports: 'with `auto`: the ports that are open' },
  },
  unready: {
    levels: ['warn'],
    when: 'the ready probe fails after it has passed',
    fields: { reason: 'why it fails' },
  },
  live: {
    levels: ['info'],
    when: 'the live probe passes again',
    fields: {},
  },
  unlive: {
    levels: ['warn'],
    when: 'the live probe fails',
    fields: { reason: 'why it fails' },
  },
  degraded: {
    levels: ['warn'],
    when: 'a named check with `degraded: true` fails; the verdict does not change',
    fields: { check: 'name of the check', reason: 'why it fails' },
  },
  restored: {
    levels: ['info'],
    when: 'such a check passes again',
    fields: { check: 'name of the check' },
  },
  signal: {
    levels: ['info'],
    when: 'k8s-run received a signal',
    fields: {
      signal: 'the signal',
      outcome: 'what became of it: [outcomes](#outcomes-of-a-signal)',
      as: 'the signal that the app was sent, where it was passed on',
    },
  },
  changed: {
    levels: ['info'],
    when: 'the content of a path of `--watch` has changed',
    fields: { path: 'the path', signal: 'the signal that the app is sent, with `--on-change <signal>`' },
  },
  resized: {
    levels: ['info'],
    when: 'the limits of the container have changed while it runs: an in-place resize of the pod. Within 10 s of the change',
    fields: {
      memoryLimitBytes: 'the memory limit, or null: there is none',
      oldMemoryLimitBytes: 'the one before, or null',
      cpuLimitCores: 'the CPU limit, or null',
      oldCpuLimitCores: 'the one before, or null',
    },
  },
  settled: {
    levels: ['info'],
    when: 'with `--on-resize`: the limits have not changed for 2 s after a `resized`, and the action begins; not during a shutdown',
    fields: { action: '`signal`, `restart` or `exec`', signal: 'the signal that the app is sent' },
  },
  hook: {
    levels: ['info', 'warn'],
    when: 'a hook starts, prints a line, ends or fails',
    fields: {
      hook: '`pre-start`, `pre-stop`, `post-exit`, `on-change`, `on-resize`, `on-unlive`, `before-kill` or `on-memory`',
      outcome: '`runs`, `done`, `failed`, or `sent`: the app was sent the signal of a post-mortem hook',
      account:
        'what a post-mortem hook has done: the signal and its receivers, or the command and the last line that it printed',
      leftMs: 'with `sent`: how long the app has to write',
      reason: 'why it failed',
      output: 'the line that it printed',
    },
  },
  restarting: {
    levels: ['info', 'warn'],
    when: 'the app has exited and is restarted in place; `warn` where it exited by itself',
    fields: {
      code: 'its exit code, or null',
      signal: 'the signal that ended it, or null',
      error: 'errno, where it could not be started',
      delayMs: 'back-off before the restart',
      restarts: 'number of restarts, this one included',
    },
  },
  terminating: {
    levels: ['info'],
    when: 'a shutdown begins: readiness fails, then the pre-stop hook and the delay follow',
    fields: {
      because: 'what began the shutdown',
      delayMs:
        'the delay, `--shutdown-delay`; 0 where there is none. With `--pre-stop` it is left out if the app listens on nothing after that',
      drainSignal: 'what the app was sent at once (`--drain-signal`)',
    },
  },
  draining: {
    levels: ['info'],
    when: 'the delay is over, and k8s-run waits for requests in flight (`--drain-connections`)',
    fields: { limitMs: 'the longest that it waits', ...CONNECTIONS },
  },
  uncountable: {
    levels: ['warn'],
    when: 'connections cannot be counted, so the drain lasts until its limit',
    fields: { reason: 'why not' },
  },
  stopping: {
    levels: ['info'],
    when: 'the app is sent its stop signal; it has what the drain has left of the grace',
    fields: {
      signal: 'the stop signal',
      graceMs: 'how long the app has to exit: the grace (`--grace`), less what the drain took',
      because: 'what began the shutdown',
      delaySkipped: 'why there was no delay, or not all of it: [reasons](#reasons-to-skip-the-delay)',
      waitEnded: 'how the drain ended: [ends](#ends-of-the-drain)',
      ...CONNECTIONS,
    },
  },
  killing: {
    levels: ['warn', 'error'],
    when: 'the app or its leftovers are sent SIGKILL; once more, without `signal`, when they are still there a second later (`error` for the app)',
    fields: { signal: '`SIGKILL`', why: '`grace over`, `third Ctrl-C`, `no effect` or `leftovers`' },
  },
  leftovers: {
    levels: ['warn'],
    when: 'the app has exited and left processes behind',
    fields: {
      leftovers:
        'list with `pid` and `program` of the first twenty, or with the `group` where /proc cannot tell them apart',
      count: 'how many there are',
      signal: 'the signal that they are sent',
    },
  },
  reaped: {
    levels: ['debug'],
    when: 'an orphan has ended and was reaped',
    fields: { pid: 'its process', code: 'its exit code', signal: 'the signal that ended it' },
  },
  warning: {
    levels: ['warn', 'error'],
    when: 'something needs attention: memory near its limit, a CPU quota that makes probes late, a socket on loopback only, an unknown variable …',
    fields: {
      probe: 'the probe that it is about',
      path: 'the path of `--watch` that it is about',
      signal: 'the signal that could not be sent, or waits',
      program: 'a program that another signal would stop better',
      advice: 'with `program`: the options that do so, a list',
      reason:
        'why: `not caught` (a signal waits, because it would end the app), `memory`, `throttling`, `resize`, `kept-alive connections`, an errno, or words',
      memoryBytes: 'with `memory`: the working set, 90 % of the limit or more',
      memoryLimitBytes: 'with `memory`: the limit',
      throttledPercent: 'with `throttling`: share of the quota periods in which the container was throttled',
      processors: 'with `throttling`: the CPU limit',
      variables: 'with `resize`: names of the variables that `--resource-env` would set otherwise now',
      cutRequests: 'number of requests that were in flight when the app was restarted because of a change',
    },
  },
  fault: {
    levels: ['error'],
    when: 'a bug in k8s-run that does not affect the app; that part of k8s-run is restarted',
    fields: {
      room: 'the part that failed: a value of `room` in [`k8s_run_faults_total`](#metrics)',
      error: 'message of the exception',
    },
  },
  mistake: {
    levels: ['error'],
    when: 'a mistake in the configuration; one line for each',
    fields: {},
  },
  exited: {
    levels: ['info', 'warn', 'error'],
    when: 'the last line',
    fields: {
      program: 'name of the app, where there was one',
      code: 'exit code of k8s-run',
      signal: 'the signal that ended the app, or null',
      cause: 'why the life ended: [causes](#causes-of-exited)',
      oomKilled:
        'whether SIGKILL ended the app and the kernel has killed a process of this container for lack of memory',
      cutRequests:
        'number of requests that were in flight when the app ended, where a shutdown counted them: [how exact it is](explanation/connections.md#requests-that-were-cut)',
      remedy: 'the option that would have waited for them, if there is one',
      phases:
        'how long each [phase](#states-and-phases) lasted, such as `delayingMs`; of the last life, where the app was restarted',
      restarts: 'number of restarts, if there were any',
      sender: 'who sent the signal that ended the app: [senders](#senders)',
      because: 'what began the shutdown, if there was one',
      oomKills:
        'number of processes of the container that the kernel has killed for lack of memory since k8s-run began',
      memoryPeakBytes: 'most memory that the container used',
      memoryLimitBytes: 'its limit',
      resized: 'the last resize, if there was one: `oldMemoryLimitBytes`, `oldCpuLimitCores`, `agoMs`',
      lastProbeError: 'the last probe failure: `probe`, `reason`, `agoMs`',
      passedOn:
        'a signal that was only passed on, less than 30 s before the app exited: perhaps it belongs in `--stop-on`',
      passedOnFor: 'with `passedOn`: the option for which k8s-run has sent it, where it did not receive it',
      postMortem: 'what post-mortem hooks have done, a list: `hook`, `outcome`, `text`, `agoMs`',
      error: 'errno, where the app could not be started',
      reason: 'the same in words, or why it was not started',
      fault: 'the bug in k8s-run that ended the app: `room`, `message`',
      droppedLines: 'number of log lines that stderr did not take',
    },
  },
};
