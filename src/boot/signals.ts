/**
 * The signals that k8s-run passes on. Not KILL and STOP, which cannot be caught; not CHLD, which is libuv's; not PIPE and the
 * faults (SEGV, BUS, ILL, FPE, TRAP, SYS, ABRT), which keep their default, because a fault of k8s-run must end it, and a closed
 * stderr must not end the app. IO and POLL are the same number, so only IO is listed. See signal(7).
 *
 * This file imports nothing and adds its listeners when it is imported, before anything else, because until then the kernel
 * drops a TERM that is sent to PID 1. In the portable folder signals are blocked until then, each until its listener is added here:
 * bundle/kept-signals.h has the same list.
 */
const RELAYED = [
  // TERM first, because it may be sent while k8s-run is still starting.
  ...(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGALRM', 'SIGSTKFLT', 'SIGCONT'] as const),
  ...(['SIGTSTP', 'SIGTTIN', 'SIGTTOU', 'SIGURG', 'SIGXCPU', 'SIGXFSZ', 'SIGVTALRM', 'SIGPROF', 'SIGWINCH'] as const),
  ...(['SIGIO', 'SIGPWR'] as const),
];

/** Those by which a user ends or stops a program: a command has nothing else to fear. The rest stays without effect. */
const OF_THE_USER = ['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGTSTP', 'SIGTTIN', 'SIGTTOU'] as const;

/** The received signals, in order. They are kept until `deliverTo` or `release` is called. */
export type ReceivedSignals = {
  readonly deliverTo: (listener: (signal: number) => void) => void;
  /**
   * Gives those by which a user ends or stops a program their default action again (signal(7)), and has it done for those that came.
   * `hangup`: HUP too.
   */
  readonly release: (how: { readonly hangup: boolean }) => Promise<void>;
  /** Calls back when a child has exited (CHLD), which is for the reaper and is not passed on. */
  readonly onChildExit: (listener: () => void) => void;
};

function listen(): ReceivedSignals {
  const queued: { readonly name: NodeJS.Signals; readonly signal: number }[] = [];
  let listener = (signal: number, name: NodeJS.Signals): void => {
    queued.push({ name, signal });
  };
  for (const name of RELAYED) {
    try {
      process.on(name, (_name: string, signal: number) => listener(signal, name));
    } catch {
      // This platform has no such signal (macOS: STKFLT, PWR).
    }
  }
  return {
    deliverTo(next) {
      listener = next;
      for (const { signal } of queued.splice(0)) next(signal);
    },
    async release({ hangup }) {
      // What the kernel has handed to libuv is told to the listeners when the event loop polls, which it has done after two turns at the latest.
      for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      const released: readonly string[] = hangup ? [...OF_THE_USER, 'SIGHUP'] : OF_THE_USER;
      for (const name of released) process.removeAllListeners(name);
      for (const { name } of queued.splice(0)) if (released.includes(name)) process.kill(process.pid, name);
    },
    onChildExit(ended) {
      process.on('SIGCHLD', ended);
    },
  };
}

/** Listens from the time this module is imported. */
export const signals: ReceivedSignals = listen();
