/**
 * Every signal that k8s-run can relay, by name. Not here: KILL and STOP cannot be caught; CHLD is libuv's; PIPE and the
 * faults (SEGV, BUS, ILL, FPE, TRAP, SYS, ABRT) must keep their default, for a fault of ours must end us and a closed
 * stderr must not end the app. IO and POLL are one number; it is listened to once. See signal(7).
 *
 * This file imports nothing and listens as soon as it is imported, which is first of all: until then a TERM that is sent to
 * PID 1 is dropped by the kernel.
 */
const RELAYED = [
  // TERM first: it is the one that is sent while we are still starting.
  ...(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGALRM', 'SIGSTKFLT', 'SIGCONT'] as const),
  ...(['SIGTSTP', 'SIGTTIN', 'SIGTTOU', 'SIGURG', 'SIGXCPU', 'SIGXFSZ', 'SIGVTALRM', 'SIGPROF', 'SIGWINCH'] as const),
  ...(['SIGIO', 'SIGPWR'] as const),
];

/** Signals as they came in: kept until somebody listens, then handed over in the same order. */
export type ReceivedSignals = {
  readonly deliverTo: (listener: (signal: number) => void) => void;
  /** A child has ended. CHLD is for who waits; it is never relayed. */
  readonly onChildExit: (listener: () => void) => void;
};

function listen(): ReceivedSignals {
  const queued: number[] = [];
  let listener = (signal: number): void => {
    queued.push(signal);
  };
  for (const name of RELAYED) {
    try {
      process.on(name, (_name: string, signal: number) => listener(signal));
    } catch {
      // This platform has no such signal (macOS: STKFLT, PWR).
    }
  }
  return {
    deliverTo(next) {
      listener = next;
      for (const signal of queued.splice(0)) next(signal);
    },
    onChildExit(ended) {
      process.on('SIGCHLD', ended);
    },
  };
}

/** Listening since this module was read. */
export const signals: ReceivedSignals = listen();
