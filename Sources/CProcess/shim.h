#include <sys/prctl.h>
#include <sys/resource.h>

// prctl(2) takes a variable number of arguments, which Swift does not call.
static inline int process_forbid_core_dumps(void) {
  struct rlimit none = {0, 0};
  return setrlimit(RLIMIT_CORE, &none) == 0 && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0;
}
