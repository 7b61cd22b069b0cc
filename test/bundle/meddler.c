/* What LD_PRELOAD would bring in, and LD_LIBRARY_PATH as any library's stand-in: it leaves a word whenever it is loaded. */
#include <unistd.h>

__attribute__((constructor)) static void meddle(void) { (void)!write(2, "MEDDLED\n", 8); }
