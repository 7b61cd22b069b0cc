/*
 * The app in the roots of these tests, which have no shell: `app PORT` loses an orphan that ends with 5 and one that stays,
 * answers HTTP on loopback, says what it gets by USR1, and ends with 3 on TERM. `app check` is an exec probe that passes;
 * `app environment` prints its environment and ends.
 */
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static void on_term(int signal) {
  (void)signal;
  _exit(3);
}

static void on_usr1(int signal) {
  (void)signal;
  (void)!write(1, "got USR1\n", 9);
}

/* A grandchild whose parent is gone. */
static void orphan(int stays) {
  pid_t child = fork();
  if (child == 0) {
    /* Before the app goes on: a signal to its group must not reach the orphan. */
    if (stays) setsid();
    if (fork() != 0) _exit(0);
    if (!stays) _exit(5);
    signal(SIGTERM, SIG_DFL);
    for (;;) pause();
  }
  waitpid(child, NULL, 0);
}

int main(int count, char **words) {
  if (count > 1 && strcmp(words[1], "check") == 0) return 0;
  if (count > 1 && strcmp(words[1], "environment") == 0) {
    for (char **each = environ; *each != NULL; each++) puts(*each);
    return 0;
  }
  struct sigaction term = {.sa_handler = on_term}, usr1 = {.sa_handler = on_usr1, .sa_flags = SA_RESTART};
  sigaction(SIGTERM, &term, NULL);
  sigaction(SIGUSR1, &usr1, NULL);
  orphan(0);
  orphan(1);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(words[1]))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int server = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
  setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(server, (struct sockaddr *)&address, sizeof address) != 0 || listen(server, 16) != 0) return 9;
  for (;;) {
    char question[4096];
    int client = accept(server, NULL, NULL);
    if (client < 0) continue;
    if (read(client, question, sizeof question) > 0)
      dprintf(client, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
    close(client);
  }
}
