#include "CBuild.h"

const char *build_commit(void) {
#ifdef TUF_CEREMONY_COMMIT
  return TUF_CEREMONY_COMMIT;
#else
  return NULL;
#endif
}

const char *build_compiler(void) { return __VERSION__; }
