#pragma once

#include <stdint.h>

/// What the program was started with, its name first. Swift's run time reads it from /proc, where that is mounted.
int process_argument_count(void);
/// NULL from process_argument_count() on.
const char *process_argument(int place);

/// What empties a terminal's screen and what was scrolled out of it.
extern const char *const process_cleared_screen;

struct termios;

/// Starts a process that gives a terminal its state back when this program ends without doing so, whatever ended it.
/// It holds nothing else of this program, and is in no group that a signal for this one reaches.
///
/// - Parameters:
///   - silent: the state in which this program keeps the terminal: any other is somebody else's, and stays.
///   - is_cleared: whether the screen is cleared, too.
/// Returns a descriptor that process_release_terminal takes; -1 where no process could be started.
int process_guard_terminal(
    int terminal, const struct termios *before, const struct termios *silent, int is_cleared);

/// The terminal has its state back, or somebody else has it: ends the guarding process.
void process_release_terminal(int guard);

/// Whether that was done, and nothing undid it.
int process_core_dumps_are_forbidden(void);

/// How many bytes of memory this process may lock; UINT64_MAX for any number.
uint64_t process_locked_memory_limit(void);

/// Whether the kernel says that something keeps the clock right; 0 where nothing does, -1 where it does not say.
int process_clock_is_synchronised(void);

/// From now on no core file is left, and no other program of the same user may look into this one; 0 where that failed.
int process_forbid_core_dumps(void);
