/* Says "up" and ends with 7, or stays when it has an argument: without a libc, for Debian's cross compiler has none. */
static long call(long number, long a, long b, long c) {
  register long x8 __asm__("x8") = number, x0 __asm__("x0") = a, x1 __asm__("x1") = b, x2 __asm__("x2") = c;
  __asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory");
  return x0;
}

enum { SYS_WRITE = 64, SYS_EXIT_GROUP = 94, SYS_PPOLL = 73 };

__asm__(".globl _start\n_start:\n\tmov x0, sp\n\tb begin\n");

void begin(const long *stack) {
  call(SYS_WRITE, 1, (long)"up\n", 3);
  while (*stack > 1) call(SYS_PPOLL, 0, 0, 0);
  call(SYS_EXIT_GROUP, 7, 0, 0);
}
