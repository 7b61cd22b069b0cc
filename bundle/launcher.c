/*
 * bin/k8s-run of the portable folder: finds the folder, checks that it is complete, and executes the runtime in lib/ with the
 * loader and the libraries of the folder instead of those of the image.
 *
 * It blocks the signals that k8s-run passes on, so that none is lost while the runtime starts (keep-signals.c).
 *
 * The environment is the app's. The runtime gets each variable with a `+` before its name, which neither the runtime nor the
 * loader knows, so that no variable acts on it; src/boot/reexec.ts removes the `+`.
 *
 * No library is linked, so it starts in 0.1 ms, in an empty root, with any libc. launcher.ts writes parts.h.
 */
#include "kept-signals.h"
#include "parts.h"
#include "system.h"

enum {
  EX_CONFIG = 78, /* sysexits(3): a problem with the folder, its mount or the kernel */
  MAX_PATH = 4096,
  ELF_HEADER = 20, /* bytes of it that are read: e_machine is at 18 */
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

/* Appends the part of `text` that fits before `limit`, and returns the new end. */
static char *append(char *end, const char *limit, const char *text) {
  while (*text != 0 && end < limit - 1) *end++ = *text++;
  *end = 0;
  return end;
}

/* Writes an error message with one write(2), and exits with EX_CONFIG. */
static __attribute__((noreturn)) void fail(const char *what, const char *which, const char *why) {
  char line[3 * MAX_PATH];
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
    case 1: return "not permitted; check the security profile";
    case 2: return "no such file; copy the whole folder, and keep its symbolic links";
    case 5: return "the disk cannot be read";
    case 7: return "the arguments and the environment are too long";
    case 8: return "it is for another architecture than this machine's, or truncated";
    case 12: return "not enough memory";
    case 13: return "not permitted; its file system may be mounted noexec, or this user may not read it";
    case 20: return "a part of its path is not a folder";
    case 23: case 24: return "too many files are open";
    case 40: return "too many symbolic links in its path";
    default: return "the kernel does not allow it";
  }
}

static char *join(char *buffer, const char *folder, const char *rest) {
  char *end = append(buffer, buffer + MAX_PATH, folder);
  if (append(end, buffer + MAX_PATH, rest) >= buffer + MAX_PATH - 1)
    fail("start: ", folder, "its path is too long");
  return buffer;
}

/* Checks a part before the start, because the loader's exit code for a missing one, 127, means "command not found". */
static void check_part(const char *root, const char *part, int machine) {
  char path[MAX_PATH];
  unsigned char header[ELF_HEADER];
  long file = system_call(SYS_openat, AT_FDCWD, (long)join(path, root, part), O_CLOEXEC, 0, 0);
  if (file < 0) fail("use ", path, reason(file));
  long size = system_call(SYS_read, file, (long)header, sizeof header, 0, 0);
  system_call(SYS_close, file, 0, 0, 0, 0);
  if (size < (long)sizeof header) fail("use ", path, "it is empty or cannot be read");
  if (machine != 0 && (header[0] != 0x7f || header[1] != 'E' || header[18] + header[19] * 256 != machine))
    fail("use ", path, reason(-8));
}

/* Checks the system calls that libuv cannot do without, with arguments that are invalid, so that they have no effect. */
static void check_system_calls(void) {
  static const struct { long number; const char *name; } calls[] = {
      {SYS_epoll_create1, "epoll_create1"}, {SYS_eventfd2, "eventfd2"}, {SYS_pipe2, "pipe2"}, {SYS_dup3, "dup3"},
      {SYS_accept4, "accept4"},
  };
  for (unsigned each = 0; each < sizeof calls / sizeof *calls; each += 1) {
    long answer = system_call(calls[each].number, -1, -1, -1, -1, 0);
    if (answer == -ENOSYS || answer == -EPERM)
      fail("run here: the system call ", calls[each].name,
              answer == -EPERM ? "not permitted; allow it in the seccomp profile" : "this kernel does not have it");
  }
}

/* The folder: from /proc/self/exe, else from the path of execve(2) or where that links to, else /opt/k8s-run. */
static void find_root(char *root, const char *called) {
  long size = system_call(SYS_readlinkat, AT_FDCWD, (long)"/proc/self/exe", (long)root, MAX_PATH - 1, 0);
  if (size <= 0) size = system_call(SYS_readlinkat, AT_FDCWD, (long)called, (long)root, MAX_PATH - 1, 0);
  if (size > 0) root[size] = 0;
  else append(root, root + MAX_PATH, called);
  unsigned long whole = length(root), own = length(SELF);
  if (root[0] == '/' && whole > own && same(root + whole - own, SELF)) root[whole - own] = 0;
  else append(root, root + MAX_PATH, FIXED);
}

static __attribute__((noreturn)) void exit_with(const char *digits) {
  long code = 0;
  while (*digits >= '0' && *digits <= '9') code = code * 10 + *digits++ - '0';
  for (;;) system_call(SYS_exit_group, code, 0, 0, 0, 0);
}

static const char *last_part(const char *path) {
  const char *part = path;
  for (; *path != 0; path += 1)
    if (*path == '/') part = path + 1;
  return part;
}

static const char *executed_as(char **environment_end) {
  for (unsigned long *entry = (unsigned long *)(environment_end + 1); entry[0] != 0; entry += 2)
    if (entry[0] == AT_EXECFN) return (const char *)entry[1];
  return "";
}

void begin(long *stack) {
  long count = *stack;
  char **words = (char **)(stack + 1), **environment = words + count + 1, **last = environment;
  /* Executed by src/main.ts when a write that hangs would block the exit. */
  if (count == 2 && same(words[0], EXIT_WITH)) exit_with(words[1]);

  /* Before anything else: the kernel keeps a blocked signal, and keep-signals.c keeps it blocked until k8s-run listens. */
  system_call(SYS_rt_sigprocmask, SIG_BLOCK, (long)&KEPT, 0, sizeof KEPT, 0);

  unsigned long space = 0;
  for (; *last != 0; last += 1) space += length(*last) + 2;
  char root[MAX_PATH], runtime[MAX_PATH], loader[MAX_PATH], libraries[MAX_PATH], program[MAX_PATH];
  find_root(root, executed_as(last));
  for (unsigned each = 0; each < sizeof BINARIES / sizeof *BINARIES; each += 1) check_part(root, BINARIES[each], MACHINE);
  for (unsigned each = 0; each < sizeof SCRIPTS / sizeof *SCRIPTS; each += 1) check_part(root, SCRIPTS[each], 0);
  check_system_calls();
  join(runtime, root, RUNTIME);
  join(loader, root, LOADER);
  join(libraries, root, "/lib");
  join(program, root, PROGRAM);

  unsigned long more = sizeof FLAGS / sizeof *FLAGS + sizeof SETTINGS / sizeof *SETTINGS + 20;
  unsigned long pointers = (unsigned long)count + (unsigned long)(last - environment) + more;
  long memory = system_call(SYS_mmap, 0, (long)(pointers * sizeof(char *) + space + MAX_PATH + 64), PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS, -1);
  if (memory < 0 && memory > -MAX_PATH) fail("start ", runtime, reason(memory));
  const char **next = (const char **)memory, **arguments = next;
  char *text = (char *)(next + pointers), *limit = text + space + MAX_PATH + 64;

  const char *started = runtime;
  *next++ = "k8s-run";
  if (!same(root, FIXED)) {
    /* The runtime has the paths of its loader and libraries in /opt/k8s-run; elsewhere the loader is started with the paths. */
    started = loader;
    *next++ = "--inhibit-cache", *next++ = "--library-path", *next++ = libraries;
    *next++ = "--argv0", *next++ = "k8s-run", *next++ = runtime;
  }
  for (unsigned each = 0; each < sizeof FLAGS / sizeof *FLAGS; each += 1) *next++ = FLAGS[each];
  *next++ = program;
  /* kubectl's plugin, and what completes its words, are links with these names (src/cli/called-as.ts). */
  const char *called = last_part(count > 0 ? words[0] : "");
  if (same(called, PLUGIN_COMPLETION)) *next++ = "completion", *next++ = "kubectl", *next++ = "--";
  for (long each = 1; each < count; each += 1) *next++ = words[each];
  *next++ = 0;

  const char **settings = next;
  for (unsigned each = 0; each < sizeof SETTINGS / sizeof *SETTINGS; each += 1) *next++ = SETTINGS[each];
  if (same(called, PLUGIN)) *next++ = CALLED "=" PLUGIN;
  *next++ = text;
  text = append(append(append(text, limit, LAUNCHER "="), limit, root), limit, SELF) + 1;
  for (char **each = environment; each < last; each += 1) {
    *next++ = text;
    text = append(append(text, limit, "+"), limit, *each) + 1;
  }
  *next = 0;

  /* Here it costs nothing, and in the runtime 2 ms. The setting survives execve(2). */
  if (system_call(SYS_getpid, 0, 0, 0, 0, 0) != 1) system_call(SYS_prctl, PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  long error = system_call(SYS_execve, (long)started, (long)arguments, (long)settings, 0, 0);
  if (error == -ENOENT) fail("start ", runtime, "its loader in lib/ was not found; copy the whole folder to /opt/k8s-run");
  fail("start ", started, reason(error));
}
