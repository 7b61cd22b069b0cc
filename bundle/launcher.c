/*
 * bin/k8s-run of the portable folder: finds the folder that it lies in, looks whether all of it is there, and becomes the
 * runtime in lib/, which the loader and the libraries of this folder serve, not those of the image.
 *
 * What the environment says is the app's: the runtime gets each variable under a name that means nothing to it or to its
 * loader (a `+` before its own; src/boot/reexec.ts has the other half), so none can act on it, whatever it is called.
 *
 * No library is linked: it starts in a tenth of a millisecond, in an empty root, on any libc. parts.h is made by build.ts.
 */
#include "parts.h"
#include "system.h"

enum {
  EX_CONFIG = 78, /* sysexits(3): the folder, its mount or the kernel is not as it must be */
  LONGEST_PATH = 4096,
  LAST_RELEVANT_BYTE = 20, /* of an ELF header: e_machine is at 18 */
};

static const char FIXED[] = "/opt/k8s-run";
static const char SELF[] = "/bin/k8s-run";

static unsigned long length(const char *text) {
  unsigned long count = 0;
  while (text[count] != 0) count += 1;
  return count;
}

static int same(const char *one, const char *other) {
  while (*one != 0 && *one == *other) one += 1, other += 1;
  return *one == *other;
}

/* Appends at `end` what fits before `limit`, and returns the new end. */
static char *append(char *end, const char *limit, const char *text) {
  while (*text != 0 && end < limit - 1) *end++ = *text++;
  *end = 0;
  return end;
}

/* One sentence, in one write, and the end. */
static __attribute__((noreturn)) void give_up(const char *what, const char *which, const char *why) {
  char line[3 * LONGEST_PATH];
  const char *limit = line + sizeof line;
  char *end = append(line, limit, "k8s-run: cannot ");
  end = append(end, limit, what);
  end = append(end, limit, which);
  end = append(end, limit, ": ");
  end = append(end, limit, why);
  end = append(end, limit, "\n");
  system_call(SYS_write, 2, (long)line, end - line, 0, 0);
  for (;;) system_call(SYS_exit_group, EX_CONFIG, 0, 0, 0, 0);
}

static const char *reason(long error) {
  switch (-error) {
    case 1: return "not permitted (a security profile?)";
    case 2: return "no such file; copy the whole folder, and keep its symbolic links";
    case 5: return "the disk cannot be read";
    case 7: return "the arguments and the environment are too long";
    case 8: return "it is for another architecture than this machine's, or cut short";
    case 12: return "not enough memory";
    case 13: return "not permitted; is it on a file system that is mounted noexec, or not readable for this user?";
    case 20: return "a part of its path is no folder";
    case 23: case 24: return "too many files are open";
    case 40: return "a symbolic link leads back to itself";
    default: return "the kernel refuses it";
  }
}

static char *join(char *buffer, const char *folder, const char *rest) {
  char *end = append(buffer, buffer + LONGEST_PATH, folder);
  if (append(end, buffer + LONGEST_PATH, rest) >= buffer + LONGEST_PATH - 1)
    give_up("start: ", folder, "its path is too long");
  return buffer;
}

/* Every part is looked at before the start: the loader's own words for what is missing are no sentence of ours, and its
   exit code, 127, says "command not found". */
static void look_at(const char *root, const char *part, int machine) {
  char path[LONGEST_PATH];
  unsigned char header[LAST_RELEVANT_BYTE];
  long file = system_call(SYS_openat, AT_FDCWD, (long)join(path, root, part), O_CLOEXEC, 0, 0);
  if (file < 0) give_up("use ", path, reason(file));
  long size = system_call(SYS_read, file, (long)header, sizeof header, 0, 0);
  system_call(SYS_close, file, 0, 0, 0, 0);
  if (size < (long)sizeof header) give_up("use ", path, "it is empty or cannot be read");
  if (machine != 0 && (header[0] != 0x7f || header[1] != 'E' || header[18] + header[19] * 256 != machine))
    give_up("use ", path, reason(-8));
}

/* What libuv cannot do without. Asked with arguments that no kernel accepts, so that nothing happens. */
static void ask_the_kernel(void) {
  static const struct { long number; const char *name; } calls[] = {
      {SYS_epoll_create1, "epoll_create1"}, {SYS_eventfd2, "eventfd2"}, {SYS_pipe2, "pipe2"}, {SYS_dup3, "dup3"},
      {SYS_accept4, "accept4"},
  };
  for (unsigned each = 0; each < sizeof calls / sizeof *calls; each += 1) {
    long answer = system_call(calls[each].number, -1, -1, -1, -1, 0);
    if (answer == -ENOSYS || answer == -EPERM)
      give_up("run here: the system call ", calls[each].name,
              answer == -EPERM ? "not permitted; allow it in the seccomp profile" : "this kernel does not have it");
  }
}

/* Where the folder is: as the kernel tells it, else as it was called, else where it belongs. */
static void find_root(char *root, const char *called) {
  long size = system_call(SYS_readlinkat, AT_FDCWD, (long)"/proc/self/exe", (long)root, LONGEST_PATH - 1, 0);
  if (size > 0) root[size] = 0;
  else append(root, root + LONGEST_PATH, called);
  unsigned long whole = length(root), own = length(SELF);
  if (root[0] == '/' && whole > own && same(root + whole - own, SELF)) root[whole - own] = 0;
  else append(root, root + LONGEST_PATH, FIXED);
}

static __attribute__((noreturn)) void leave_with(const char *digits) {
  long code = 0;
  while (*digits >= '0' && *digits <= '9') code = code * 10 + *digits++ - '0';
  for (;;) system_call(SYS_exit_group, code, 0, 0, 0, 0);
}

static const char *executed_as(char **environment_end) {
  for (unsigned long *entry = (unsigned long *)(environment_end + 1); entry[0] != 0; entry += 2)
    if (entry[0] == AT_EXECFN) return (const char *)entry[1];
  return "";
}

void begin(long *stack) {
  long count = *stack;
  char **words = (char **)(stack + 1), **environment = words + count + 1, **last = environment;
  /* src/main.ts, when a write that hangs must not hold the exit. */
  if (count == 2 && same(words[0], LEAVE_WITH)) leave_with(words[1]);

  unsigned long space = 0;
  for (; *last != 0; last += 1) space += length(*last) + 2;
  char root[LONGEST_PATH], runtime[LONGEST_PATH], loader[LONGEST_PATH], libraries[LONGEST_PATH], program[LONGEST_PATH];
  find_root(root, executed_as(last));
  for (unsigned each = 0; each < sizeof BINARIES / sizeof *BINARIES; each += 1) look_at(root, BINARIES[each], MACHINE);
  for (unsigned each = 0; each < sizeof SCRIPTS / sizeof *SCRIPTS; each += 1) look_at(root, SCRIPTS[each], 0);
  ask_the_kernel();
  join(runtime, root, RUNTIME);
  join(loader, root, LOADER);
  join(libraries, root, "/lib");
  join(program, root, PROGRAM);

  unsigned long more = sizeof FLAGS / sizeof *FLAGS + sizeof SETTINGS / sizeof *SETTINGS + 16;
  unsigned long pointers = (unsigned long)count + (unsigned long)(last - environment) + more;
  long memory = system_call(SYS_mmap, 0, (long)(pointers * sizeof(char *) + space + LONGEST_PATH + 64), PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS, -1);
  if (memory < 0 && memory > -LONGEST_PATH) give_up("start ", runtime, reason(memory));
  const char **next = (const char **)memory, **arguments = next;
  char *text = (char *)(next + pointers), *limit = text + space + LONGEST_PATH + 64;

  const char *started = runtime;
  *next++ = "k8s-run";
  if (!same(root, FIXED)) {
    /* The runtime names its loader and libraries by where they belong; elsewhere the loader is told. */
    started = loader;
    *next++ = "--inhibit-cache", *next++ = "--library-path", *next++ = libraries;
    *next++ = "--argv0", *next++ = "k8s-run", *next++ = runtime;
  }
  for (unsigned each = 0; each < sizeof FLAGS / sizeof *FLAGS; each += 1) *next++ = FLAGS[each];
  *next++ = program;
  for (long each = 1; each < count; each += 1) *next++ = words[each];
  *next++ = 0;

  const char **settings = next;
  for (unsigned each = 0; each < sizeof SETTINGS / sizeof *SETTINGS; each += 1) *next++ = SETTINGS[each];
  *next++ = text;
  text = append(append(append(text, limit, LAUNCHER "="), limit, root), limit, SELF) + 1;
  for (char **each = environment; each < last; each += 1) {
    *next++ = text;
    text = append(append(text, limit, "+"), limit, *each) + 1;
  }
  *next = 0;

  /* Before the app is there, and for nothing: the runtime would need two milliseconds. It outlives the execve. */
  if (system_call(SYS_getpid, 0, 0, 0, 0, 0) != 1) system_call(SYS_prctl, PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  long error = system_call(SYS_execve, (long)started, (long)arguments, (long)settings, 0, 0);
  if (error == -ENOENT) give_up("start ", runtime, "its loader in lib/ is not where it says; copy the whole folder to /opt/k8s-run");
  give_up("start ", started, reason(error));
}
