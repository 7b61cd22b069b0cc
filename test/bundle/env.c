/* env -i NAME=VALUE… PROGRAM [argument…], for a root without one. */
#include <string.h>
#include <unistd.h>

int main(int count, char **words) {
  int first = 2;
  while (first < count && strchr(words[first], '=') != NULL) first++;
  static char *variables[4096];
  for (int each = 2; each < first && each < 4096; each++) variables[each - 2] = words[each];
  execve(words[first], words + first, variables);
  return 127;
}
