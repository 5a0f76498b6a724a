// A command without namespaces has a keeper: the process that the parent knows, which adopts whatever the command leaves
// behind, and ends it all when the command ends, when the parent says so (SIGTERM), and when the parent is gone.

#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// Kills every child. A process whose parent dies becomes a child of the keeper (PR_SET_CHILD_SUBREAPER), so that
// doing this until there is none ends every descendant. Answers whether the list of children could be read.
static int kill_children(int list) {
  if (list < 0 || lseek(list, 0, SEEK_SET) != 0) return 0;
  char text[4096];
  long pid = 0;
  ssize_t count;
  while ((count = read(list, text, sizeof text)) != 0) {
    if (count < 0) {
      if (errno == EINTR) continue;
      return 0;
    }
    for (ssize_t i = 0; i < count; i++) {
      if (text[i] >= '0' && text[i] <= '9') {
        pid = pid * 10 + (text[i] - '0');
      } else {
        if (pid > 1) kill((pid_t)pid, SIGKILL);
        pid = 0;
      }
    }
  }
  return 1;
}

static void end_all(int list, pid_t command) {
  for (;;) {
    // Without the list at least the command's own process group goes.
    int isListed = kill_children(list);
    if (!isListed) kill(-command, SIGKILL);
    pid_t ended;
    do ended = waitpid(-1, NULL, __WALL | (isListed ? 0 : WNOHANG));
    while (ended < 0 && errno == EINTR);
    // Blocking once, then all that have gone in the meantime.
    while (ended > 0) ended = waitpid(-1, NULL, __WALL | WNOHANG);
    if (ended < 0 || !isListed) return;
  }
}

_Noreturn static void end_like(int status) {
  if (WIFEXITED(status)) _exit(WEXITSTATUS(status));
  // The parent learns of the signal by the keeper's own death. One core is enough.
  const struct rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  sigset_t every;
  sigemptyset(&every);
  sigprocmask(SIG_SETMASK, &every, NULL);
  kill(getpid(), WTERMSIG(status));
  _exit(128 + WTERMSIG(status));
}

void isolation_keep(void) {
  sigset_t every, none;
  sigfillset(&every);
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &every, NULL);
  if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) isolation_fail(ISOLATION_KEEPER, -1);
  // In place of the signal that would kill the keeper alone.
  if (prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0) != 0) isolation_fail(ISOLATION_KEEPER, -1);
  // Not fork(3), which takes locks.
  long command = syscall(SYS_clone, (long)SIGCHLD, 0L, 0L, 0L, 0L);
  if (command < 0) isolation_fail(ISOLATION_KEEPER, -1);
  if (command == 0) {
    sigprocmask(SIG_SETMASK, &none, NULL);
    setsid();
    return;
  }
  int list = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
  if (list >= 0 && list < 64) list = fcntl(list, F_DUPFD_CLOEXEC, 64);
  // The pipes end when the command ends, and not with the keeper.
  syscall(SYS_close_range, 0U, 63U, 0);
  for (;;) {
    siginfo_t information;
    long signal = syscall(SYS_rt_sigtimedwait, &every, &information, NULL, sizeof(uint64_t));
    if (signal == SIGCHLD) {
      pid_t ended;
      int status;
      while ((ended = waitpid(-1, &status, __WALL | WNOHANG)) > 0) {
        if (ended != command) continue;
        end_all(list, (pid_t)command);
        end_like(status);
      }
    } else if (signal > 0) {
      end_all(list, (pid_t)command);
      _exit(125);
    }
  }
}
