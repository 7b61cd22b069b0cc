/* Prints its own /proc/self/status and /proc/self/maps, whatever its arguments are. */
#include <fcntl.h>
#include <unistd.h>

static void show(const char *path) {
  char text[4096];
  int file = open(path, O_RDONLY);
  for (ssize_t size; (size = read(file, text, sizeof text)) > 0;)
    if (write(1, text, (size_t)size) != size) _exit(1);
  close(file);
}

int main(void) {
  show("/proc/self/status");
  show("/proc/self/maps");
  return 0;
}
