#pragma once

#include <stddef.h>

/// The commit that a release build was made from, in hex; NULL where the build was not told.
const char *build_commit(void);

/// Version and source of the compiler that came with the toolchain.
const char *build_compiler(void);

/// Runbook/TRANSCRIPT.md, byte for byte.
const unsigned char *build_transcript_page(size_t *count);

/// Runbook/SCRIPT.md, byte for byte.
const unsigned char *build_script_page(size_t *count);

/// Runbook/verify_transcript.py, byte for byte.
const unsigned char *build_second_verifier(size_t *count);
