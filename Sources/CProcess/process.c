#define _GNU_SOURCE
#include "CProcess.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

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

int process_core_dumps_are_forbidden(void) {
  struct rlimit limit;
  return getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_cur == 0 && prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0;
}

uint64_t process_locked_memory_limit(void) {
  struct rlimit limit;
  // A limit that cannot be read is taken for none that helps.
  if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0) return 0;
  return limit.rlim_cur == RLIM_INFINITY ? UINT64_MAX : limit.rlim_cur;
}

int process_clock_is_synchronised(void) {
  struct timex clock = {0};
  int state = adjtimex(&clock);
  return state < 0 ? -1 : !(clock.status & STA_UNSYNC);
}

const char *const process_cleared_screen = "\x1b[2J\x1b[3J\x1b[H";

// Runs in a child of a program that may have threads: nothing here but what a signal handler may call.
static void guard(
    int end, int terminal, const struct termios *before, const struct termios *silent, int is_cleared) {
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, NULL);
  setsid();
  // No file of records stays open, and locked, because of this process.
  for (int other = 0; other < 3; other++) {
    if (other != end && other != terminal) close(other);
  }
  int low = end < terminal ? end : terminal, high = end < terminal ? terminal : end;
  if (low > 3) close_range(3, low - 1, 0);
  if (high > low + 1) close_range(low + 1 > 3 ? low + 1 : 3, high - 1, 0);
  close_range(high + 1 > 3 ? high + 1 : 3, ~0U, 0);
  char released;
  ssize_t got;
  while ((got = read(end, &released, 1)) < 0 && errno == EINTR) {
  }
  if (got == 1) _exit(0);
  if (is_cleared) {
    // It may be stopped with Ctrl-S, and this process is not to stay for ever.
    int flags = fcntl(terminal, F_GETFL);
    fcntl(terminal, F_SETFL, flags | O_NONBLOCK);
    got = write(terminal, process_cleared_screen, strlen(process_cleared_screen));
    fcntl(terminal, F_SETFL, flags);
  }
  struct termios now;
  if (tcgetattr(terminal, &now) == 0 && now.c_lflag == silent->c_lflag && now.c_cc[VSUSP] == silent->c_cc[VSUSP]) {
    // What was typed and never asked for goes to no shell either.
    tcsetattr(terminal, TCSAFLUSH, before);
  }
  _exit(0);
}

int process_guard_terminal(
    int terminal, const struct termios *before, const struct termios *silent, int is_cleared) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return -1;
  // Forked twice, so that nobody has to wait for it.
  pid_t child = fork();
  if (child == 0) {
    close(ends[1]);
    if (fork() == 0) guard(ends[0], terminal, before, silent, is_cleared);
    _exit(0);
  }
  close(ends[0]);
  if (child < 0) {
    close(ends[1]);
    return -1;
  }
  while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {
  }
  return ends[1];
}

void process_release_terminal(int guard) {
  if (guard < 0) return;
  // The child may be gone, and a closed pipe is no reason to end.
  struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
  sigaction(SIGPIPE, &ignore, &before);
  ssize_t got = write(guard, "", 1);
  (void)got;
  sigaction(SIGPIPE, &before, NULL);
  close(guard);
}
