/* An app for a root with musl and nothing else: it listens, makes an orphan that ends at once with 5 and one that stays, and
 * leaves with 3 on TERM. On the way the compiler checks, in musl's headers, every number that k8s-run gives to node:ffi. */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

_Static_assert(sizeof(siginfo_t) == 128 && offsetof(siginfo_t, si_code) == 8, "siginfo_t");
_Static_assert(offsetof(siginfo_t, si_pid) == 16 && offsetof(siginfo_t, si_status) == 24, "siginfo_t");
_Static_assert(P_ALL == 0 && P_PID == 1 && WNOHANG == 1 && WEXITED == 4 && WNOWAIT == 0x01000000, "waitid(2)");
_Static_assert(CLD_EXITED == 1 && PR_SET_CHILD_SUBREAPER == 36, "wait(2), prctl(2)");
_Static_assert(MSG_DONTWAIT == 0x40 && MSG_NOSIGNAL == 0x4000 && EAGAIN == 11 && EINTR == 4, "send(2)");
_Static_assert(SIG_BLOCK == 0 && SIGTTOU == 22 && sizeof(sigset_t) <= 128, "sigprocmask(2)");

static void orphan(int stays) {
  if (fork() == 0) {
    if (fork() != 0) _exit(0);
    setsid();
    while (stays) pause();
    _exit(5);
  }
  wait(NULL);
}

static void leave(int signal) {
  (void)signal;
  _exit(3);
}

int main(void) {
  struct sockaddr_in anywhere = {.sin_family = AF_INET};
  int listening = socket(AF_INET, SOCK_STREAM, 0);
  signal(SIGTERM, leave);
  if (bind(listening, (struct sockaddr *)&anywhere, sizeof anywhere) != 0 || listen(listening, 8) != 0) return 1;
  orphan(0);
  orphan(1);
  printf("child of %d\n", (int)getppid());
  fflush(stdout);
  for (;;) close(accept(listening, NULL, NULL));
}
