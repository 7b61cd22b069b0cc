/*
 * The signals that are kept from the first instruction of the launcher until k8s-run listens, as a mask of the kernel: those that
 * src/boot/signals.ts passes on. Without TTOU, which one thread of k8s-run must never block (src/log/block-sigttou.ts), and XFSZ,
 * which Node ignores at its start, so that the kernel drops it. The same numbers on x86-64 and arm64 (signal(7)).
 */
#define BIT(signal) (1UL << ((signal) - 1))

enum {
  SIGHUP = 1, SIGINT = 2, SIGQUIT = 3, SIGUSR1 = 10, SIGUSR2 = 12, SIGALRM = 14, SIGTERM = 15, SIGSTKFLT = 16, SIGCONT = 18,
  SIGTSTP = 20, SIGTTIN = 21, SIGURG = 23, SIGXCPU = 24, SIGVTALRM = 26, SIGPROF = 27, SIGWINCH = 28, SIGIO = 29, SIGPWR = 30,
};

static const unsigned long KEPT = BIT(SIGHUP) | BIT(SIGINT) | BIT(SIGQUIT) | BIT(SIGUSR1) | BIT(SIGUSR2) | BIT(SIGALRM) |
                                  BIT(SIGTERM) | BIT(SIGSTKFLT) | BIT(SIGCONT) | BIT(SIGTSTP) | BIT(SIGTTIN) | BIT(SIGURG) |
                                  BIT(SIGXCPU) | BIT(SIGVTALRM) | BIT(SIGPROF) | BIT(SIGWINCH) | BIT(SIGIO) | BIT(SIGPWR);

enum { SIG_BLOCK = 0, SIG_UNBLOCK = 1, SIG_SETMASK = 2 };
