#include "CBuild.h"

// An array literal of Swift would take a minute to compile. The compiler notes what is embedded as what is included, so
// that a change of these files is in the next build.
static const unsigned char transcript_page[] = {
#embed "../../Runbook/TRANSCRIPT.md"
};

static const unsigned char script_page[] = {
#embed "../../Runbook/SCRIPT.md"
};

static const unsigned char second_verifier[] = {
#embed "../../Runbook/verify_transcript.py"
};

const unsigned char *build_transcript_page(size_t *count) {
  *count = sizeof transcript_page;
  return transcript_page;
}

const unsigned char *build_script_page(size_t *count) {
  *count = sizeof script_page;
  return script_page;
}

const unsigned char *build_second_verifier(size_t *count) {
  *count = sizeof second_verifier;
  return second_verifier;
}
