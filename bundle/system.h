/* The system calls of the launcher, without a libc: numbers from the kernel's asm/unistd.h, which never change. */
#if defined(__x86_64__)
enum {
  SYS_read = 0, SYS_write = 1, SYS_close = 3, SYS_mmap = 9, SYS_rt_sigprocmask = 14, SYS_getpid = 39, SYS_execve = 59, SYS_prctl = 157,
  SYS_exit_group = 231, SYS_openat = 257, SYS_readlinkat = 267, SYS_accept4 = 288, SYS_eventfd2 = 290,
  SYS_epoll_create1 = 291, SYS_dup3 = 292, SYS_pipe2 = 293,
};
enum { MACHINE = 62 /* EM_X86_64 */ };

__asm__(".globl _start\n_start:\n\txor %ebp, %ebp\n\tmov %rsp, %rdi\n\tand $-16, %rsp\n\tcall begin\n");

static inline long system_call6(long number, long a, long b, long c, long d, long e, long f) {
  register long r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;
  long answer;
  __asm__ volatile("syscall"
                   : "=a"(answer)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return answer;
}
#elif defined(__aarch64__)
enum {
  SYS_dup3 = 24, SYS_eventfd2 = 19, SYS_epoll_create1 = 20, SYS_openat = 56, SYS_close = 57, SYS_pipe2 = 59,
  SYS_read = 63, SYS_write = 64, SYS_readlinkat = 78, SYS_exit_group = 94, SYS_rt_sigprocmask = 135, SYS_prctl = 167, SYS_getpid = 172,
  SYS_execve = 221, SYS_mmap = 222, SYS_accept4 = 242,
};
enum { MACHINE = 183 /* EM_AARCH64 */ };

__asm__(".globl _start\n_start:\n\tmov x29, #0\n\tmov x30, #0\n\tmov x0, sp\n\tb begin\n");

static inline long system_call6(long number, long a, long b, long c, long d, long e, long f) {
  register long x8 __asm__("x8") = number, x0 __asm__("x0") = a, x1 __asm__("x1") = b, x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d, x4 __asm__("x4") = e, x5 __asm__("x5") = f;
  __asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
  return x0;
}
#else
#error "k8s-run is made for x86-64 and arm64"
#endif

#define system_call(number, a, b, c, d, e) system_call6(number, a, b, c, d, e, 0)

enum {
  AT_FDCWD = -100, AT_EXECFN = 31, O_CLOEXEC = 02000000, PROT_READ = 1, PROT_WRITE = 2, MAP_PRIVATE = 2,
  MAP_ANONYMOUS = 0x20, PR_SET_CHILD_SUBREAPER = 36, EPERM = 1, ENOENT = 2, ENOSYS = 38,
};
