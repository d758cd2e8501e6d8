#include "CProcess.h"

#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>

static int argument_count;
static char **arguments;

// glibc calls what stands in .init_array with the arguments of main.
__attribute__((constructor)) static void keep_arguments(int count, char **values) {
  argument_count = count;
  arguments = values;
}

int process_argument_count(void) { return argument_count; }

const char *process_argument(int place) {
  return place >= 0 && place < argument_count ? arguments[place] : NULL;
}

int process_forbid_core_dumps(void) {
  struct rlimit none = {0, 0};
  return setrlimit(RLIMIT_CORE, &none) == 0 && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0;
}
