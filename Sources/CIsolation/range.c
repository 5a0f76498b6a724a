// A user namespace whose identities setuid programs give it: they must run outside of it. A child makes it and tries it, and
// this process enters it only then, so that after a failure it is still what it was.

#include "CIsolation.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// Starts a program with nothing of this process's but its output thrown away.
static pid_t start_program(const char *const *arguments) {
  static char *const environment[] = {NULL};
  pid_t child = fork();
  if (child == 0) {
    int null = open("/dev/null", O_RDWR);
    for (int i = 0; i < 3 && null >= 0; i++) dup2(null, i);
    syscall(SYS_close_range, 3, ~0U, 0);
    execve(arguments[0], (char *const *)arguments, environment);
    _exit(127);
  }
  return child;
}

// The wait status of a child that was started, or that of one that could not be.
static int status_of(pid_t child) {
  int status = 0;
  if (child < 0) return 126 << 8;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return 126 << 8;
  return status & 0xffff;
}

// 0, or the errno that says why the other side has not answered.
static int read_answer(int descriptor, int *answer) {
  ssize_t count;
  while ((count = read(descriptor, answer, sizeof *answer)) < 0 && errno == EINTR) {
  }
  return count == sizeof *answer ? 0 : EPIPE;
}

static void write_answer(int descriptor, int answer) {
  while (write(descriptor, &answer, sizeof answer) < 0 && errno == EINTR) {
  }
}

// Gives a file of this process's away, in a folder whose file system may not take that: one of a network, say. 0 or an errno.
static int give_away(const char *folder) {
  int file = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (file < 0) {
    // Not every file system has files without a name.
    char path[PATH_MAX];
    int length = snprintf(path, sizeof path, "%s/.slipway-owner-%d", folder, (int)getpid());
    if (length < 0 || (size_t)length >= sizeof path) return ENAMETOOLONG;
    file = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file < 0) return errno;
    unlink(path);
  }
  int error = fchown(file, 1, 1) == 0 ? 0 : errno;
  close(file);
  return error;
}

// The life of the process that makes the namespace, and holds it until it is entered.
_Noreturn static void hold(int go, int answer, const char *folder) {
  int permission;
  write_answer(answer, syscall(SYS_unshare, CLONE_NEWUSER) == 0 ? 0 : errno);
  if (read_answer(go, &permission) != 0) _exit(0);
  // It has its identities. What a build needs of it is tried here: some systems let everybody make user namespaces, and
  // nobody use them.
  int usable = syscall(SYS_unshare, CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
  write_answer(answer, usable ? 0 : errno);
  write_answer(answer, give_away(folder));
  (void)read_answer(go, &permission);
  _exit(0);
}

// Makes `holder`'s namespace this process's.
static int enter(pid_t holder) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/ns/user", (int)holder);
  int namespace = open(path, O_RDONLY | O_CLOEXEC);
  if (namespace < 0) return errno;
  int error = syscall(SYS_setns, namespace, CLONE_NEWUSER) == 0 ? 0 : errno;
  close(namespace);
  if (error == 0 && syscall(SYS_unshare, CLONE_NEWNS) != 0) error = errno;
  return error;
}

// Starts newuidmap or newgidmap for a process.
static pid_t start_for(pid_t process, const char *const *words) {
  enum { MOST = 32 };
  const char *arguments[MOST + 2];
  char number[16];
  snprintf(number, sizeof number, "%d", (int)process);
  arguments[0] = words[0];
  arguments[1] = number;
  size_t count = 1;
  while (count < MOST && words[count] != NULL) {
    arguments[count + 1] = words[count];
    count++;
  }
  arguments[count + 1] = NULL;
  return start_program(arguments);
}

int isolation_make_range_namespace(const char *const *users, const char *const *groups, const char *folder,
                                   int enters, int *status) {
  int go[2], answer[2];
  *status = 0;
  if (pipe2(go, O_CLOEXEC) != 0) return -errno;
  if (pipe2(answer, O_CLOEXEC) != 0) {
    int error = errno;
    close(go[0]);
    close(go[1]);
    return -error;
  }
  pid_t holder = fork();
  int error = holder < 0 ? errno : 0;
  if (holder == 0) {
    close(go[1]);
    close(answer[0]);
    hold(go[0], answer[1], folder);
  }
  close(answer[1]);
  int made = 0;
  if (error == 0) error = read_answer(answer[0], &made);
  if (error == 0) error = made;
  if (error == 0) {
    // Neither needs the other.
    pid_t first = start_for(holder, users), second = start_for(holder, groups);
    int failed = status_of(first), other = status_of(second);
    *status = failed != 0 || other == 0 ? failed : other | ISOLATION_RANGE_GROUPS;
  }
  if (error == 0 && *status == 0) {
    // This process has the reading end too, so that a holder that has died is no SIGPIPE.
    write_answer(go[1], 0);
    error = read_answer(answer[0], &made);
    if (error == 0) error = made;
    if (error == 0) error = read_answer(answer[0], &made);
    if (error == 0 && made != 0) *status = ISOLATION_RANGE_OWNERS | made;
    if (error == 0 && made == 0 && enters) error = enter(holder);
  }
  close(go[0]);
  close(go[1]);
  close(answer[0]);
  if (holder > 0) (void)status_of(holder);
  return -error;
}
