/* Preloaded into a Postgres of the bench: each sync of its log takes SLOW_SYNC_US microseconds longer, as on a slower disk. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

int fdatasync(int file) {
  static int (*sync_of_system)(int);
  if (sync_of_system == NULL) *(void **)&sync_of_system = dlsym(RTLD_NEXT, "fdatasync");
  const int result = sync_of_system(file);
  const char *extra = getenv("SLOW_SYNC_US");
  if (extra != NULL) usleep(atoi(extra));
  return result;
}
