/*
 * One static binary, as Go and Rust make them: an image over scratch has nothing else. Answers hello on PORT, one after the
 * other, and on SIGTERM finishes what it has in hand and exits with 0.
 */
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static volatile sig_atomic_t stopping;

static void on_term(int number) {
  (void)number;
  stopping = 1;
}

int main(void) {
  static const char hello[] = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nhello\n";
  const char *port = getenv("PORT");
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(port ? port : "8080"))};
  /* Without SA_RESTART, so that accept(2) is interrupted. */
  struct sigaction action = {.sa_handler = on_term};
  sigaction(SIGTERM, &action, NULL);
  int server = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
  setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(server, (struct sockaddr *)&address, sizeof address) != 0 || listen(server, 64) != 0) return 1;
  while (!stopping) {
    char question[4096];
    int client = accept(server, NULL, NULL);
    if (client < 0) continue;
    if (read(client, question, sizeof question) > 0) (void)!write(client, hello, sizeof hello - 1);
    close(client);
  }
  return 0;
}
