#pragma once

/// What the program was started with, its name first. Swift's run time reads it from /proc, where that is mounted.
int process_argument_count(void);
/// NULL from process_argument_count() on.
const char *process_argument(int place);

/// From now on no core file is left, and no other program of the same user may look into this one; 0 where that failed.
int process_forbid_core_dumps(void);
