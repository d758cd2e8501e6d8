// measure FIGURES COMMAND…: runs the command; writes its wall time in nanoseconds and its peak memory in KiB.
// Small, because a child's peak counts from the memory of the process that started it.
#include <spawn.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

int main(int count, char **arguments) {
  struct timespec start, end;
  struct rusage usage;
  pid_t child;
  int status;
  if (count < 3) return 64;
  clock_gettime(CLOCK_MONOTONIC, &start);
  if (posix_spawnp(&child, arguments[2], NULL, NULL, arguments + 2, environ) != 0) return 127;
  if (wait4(child, &status, 0, &usage) != child) return 70;
  clock_gettime(CLOCK_MONOTONIC, &end);
  FILE *figures = fopen(arguments[1], "w");
  if (figures == NULL) return 73;
  fprintf(figures, "%lld %ld\n",
          (end.tv_sec - start.tv_sec) * 1000000000LL + end.tv_nsec - start.tv_nsec, usage.ru_maxrss);
  fclose(figures);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
