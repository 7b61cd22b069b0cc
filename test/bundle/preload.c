/* For LD_PRELOAD, and in place of any library for LD_LIBRARY_PATH: it prints a word whenever it is loaded. */
#include <unistd.h>

__attribute__((constructor)) static void on_load(void) { (void)!write(2, "LOADED\n", 7); }
