/*
 * One static binary, as Go and Rust make them: an image over scratch has nothing else. Answers hello on PORT, each connection in a
 * process of its own, and on SIGTERM finishes its requests in flight and exits with 0.
 */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* Connections that the kernel holds for us, and that are still taken after SIGTERM. */
enum { BACKLOG = 64, SECONDS_FOR_A_REQUEST = 5 };

static volatile sig_atomic_t stopping;

static void on_term(int number) {
  (void)number;
  stopping = 1;
}

static void answer(int client) {
  static const char hello[] = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nhello\n";
  char head[8192];
  size_t length = 0;
  /* Who says nothing, or half of it, is hung up on: SIGALRM ends this process. */
  alarm(SECONDS_FOR_A_REQUEST);
  while (length < sizeof head - 1) {
    ssize_t read_now = read(client, head + length, sizeof head - 1 - length);
    if (read_now <= 0) return;
    length += (size_t)read_now;
    head[length] = '\0';
    if (strstr(head, "\r\n\r\n") == NULL) continue;
    (void)!write(client, hello, sizeof hello - 1);
    return;
  }
}

int main(void) {
  const char *port = getenv("PORT");
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(port ? port : "8080"))};
  int server = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), yes = 1;
  setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(server, (struct sockaddr *)&address, sizeof address) != 0 || listen(server, BACKLOG) != 0) return 1;

  /* Blocked but in ppoll(2), so that it is never lost between a look at `stopping` and the wait. In the children it stays
     blocked: k8s-run signals the whole process group. */
  struct sigaction term = {.sa_handler = on_term};
  sigset_t blocked, open;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  sigprocmask(SIG_BLOCK, &blocked, &open);
  sigaction(SIGTERM, &term, NULL);
  signal(SIGCHLD, SIG_IGN);

  const struct timespec at_once = {0};
  struct pollfd listening = {.fd = server, .events = POLLIN};
  for (int left = BACKLOG; left > 0; left -= stopping) {
    int ready = ppoll(&listening, 1, stopping ? &at_once : NULL, &open);
    if (ready == 0) break;
    int client = ready < 0 ? -1 : accept(server, NULL, NULL);
    if (client < 0) continue;
    if (fork() == 0) {
      close(server);
      answer(client);
      _exit(0);
    }
    close(client);
  }
  close(server);
  while (wait(NULL) > 0) continue;
  return 0;
}
