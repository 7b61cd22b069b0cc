/*
 * lib/libkeep-signals.so of the portable folder: keeps a signal that was blocked when the runtime was executed blocked until the
 * runtime has a listener for it. The kernel drops a signal that PID 1 does not catch, but never one that is blocked.
 *
 * The launcher blocks them. Node sets a mask of its own long before the first line of k8s-run, so its calls come here first: the
 * runtime is linked with this object before the C library. No variable is needed, and no other program gets it.
 *
 * libuv sets a listener with all signals blocked, and then sets the mask from before, in which here the signal is no more. What
 * is pending is delivered then. Executed without the launcher, the runtime has nothing blocked, and this does nothing.
 */
#include "kept-signals.h"

/* glibc: sigset_t has 1024 bits, of which the kernel uses the first 64. */
typedef struct { unsigned long words[16]; } signal_set;

/* glibc: struct sigaction of x86-64 and arm64. */
struct action {
  void (*handler)(int);
  signal_set mask;
  int flags;
  void (*restorer)(void);
};

static const unsigned SA_RESETHAND = 0x80000000;
enum { EINVAL = 22 };

int sigprocmask(int how, const signal_set *set, signal_set *old);
int __sigaction(int signal, const struct action *next, struct action *old);

/* Blocked, whatever Node asks for, and not visible to it. */
static volatile unsigned long held;

__attribute__((constructor)) static void begin(void) {
  signal_set mask;
  /* Not USR1, which Node blocks itself, and src/process/unblock-sigusr1.ts unblocks. */
  if (sigprocmask(SIG_BLOCK, 0, &mask) == 0) held = mask.words[0] & KEPT & ~BIT(SIGUSR1);
}

__attribute__((visibility("default"))) int pthread_sigmask(int how, const signal_set *set, signal_set *old) {
  unsigned long hidden = held;
  signal_set mask;
  if (set) {
    mask = *set;
    if (how == SIG_UNBLOCK) mask.words[0] &= ~hidden;
    if (how == SIG_SETMASK) mask.words[0] |= hidden;
  }
  if (sigprocmask(how, set ? &mask : 0, old) != 0) return EINVAL;
  if (old) old->words[0] &= ~hidden;
  return 0;
}

__attribute__((visibility("default"))) int sigaction(int signal, const struct action *next, struct action *old) {
  unsigned long bit = signal > 0 && signal <= 64 ? BIT(signal) : 0;
  if (!next || !(held & bit)) return __sigaction(signal, next, old);
  struct action now;
  /* At its start Node sets each signal to its default, for which the kernel drops a pending WINCH, URG or CONT. */
  if (next->handler == 0 && !old && __sigaction(signal, 0, &now) == 0 && now.handler == 0) return 0;
  int answer = __sigaction(signal, next, old);
  /* SIG_DFL and SIG_IGN are 0 and 1. A handler for one signal only is Node's own, which resets the terminal and ends Node. */
  if (answer == 0 && (unsigned long)next->handler > 1 && !((unsigned)next->flags & SA_RESETHAND)) held &= ~bit;
  return answer;
}
