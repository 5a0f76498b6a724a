// A user namespace for this process whose identities setuid programs give it: they must run outside of it.

#include "CIsolation.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// Executes a program with nothing of this process's but its output thrown away; answers its wait status.
static int run_program(const char *const *arguments) {
  static char *const environment[] = {NULL};
  pid_t child = fork();
  if (child == 0) {
    int null = open("/dev/null", O_RDWR);
    for (int i = 0; i < 3 && null >= 0; i++) dup2(null, i);
    syscall(SYS_close_range, 3, ~0U, 0);
    execve(arguments[0], (char *const *)arguments, environment);
    _exit(127);
  }
  int status = 0;
  if (child < 0) return 126 << 8;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return 126 << 8;
  return status & 0xffff;
}

// The life of the process that stays outside.
_Noreturn static void help(int go, int answer, const char *const *users, const char *const *groups) {
  char byte;
  ssize_t count;
  while ((count = read(go, &byte, 1)) < 0 && errno == EINTR) {
  }
  // The end without a byte: there is no namespace.
  if (count != 1) _exit(0);
  int status = run_program(users);
  if (status == 0) {
    status = run_program(groups);
    if (status != 0) status |= 1 << 16;
  }
  while (write(answer, &status, sizeof status) < 0 && errno == EINTR) {
  }
  _exit(0);
}

int isolation_enter_range_namespace(const char *const *users, const char *const *groups, int *status) {
  int go[2], answer[2];
  if (pipe2(go, O_CLOEXEC) != 0) return -errno;
  if (pipe2(answer, O_CLOEXEC) != 0) {
    int error = errno;
    close(go[0]);
    close(go[1]);
    return -error;
  }
  pid_t helper = fork();
  int error = helper < 0 ? errno : 0;
  if (helper == 0) {
    close(go[1]);
    close(answer[0]);
    help(go[0], answer[1], users, groups);
  }
  close(go[0]);
  close(answer[1]);
  if (error == 0 && syscall(SYS_unshare, CLONE_NEWUSER | CLONE_NEWNS) != 0) error = errno;
  if (error == 0) {
    char byte = 0;
    ssize_t count;
    while ((count = write(go[1], &byte, 1)) < 0 && errno == EINTR) {
    }
    if (count != 1) error = EPIPE;
    if (error == 0) {
      while ((count = read(answer[0], status, sizeof *status)) < 0 && errno == EINTR) {
      }
      if (count != sizeof *status) error = EPIPE;
    }
  }
  close(go[1]);
  close(answer[0]);
  if (helper > 0)
    while (waitpid(helper, NULL, 0) < 0 && errno == EINTR) {
    }
  return -error;
}
