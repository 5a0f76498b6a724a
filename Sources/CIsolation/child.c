// The life of the child from clone3 to execve, in order. No allocation, no stdio, no libc call
// that takes a lock or walks the list of threads: the other threads do not exist here.

#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <linux/sched.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// Where the child's own descriptors end up.
enum { GO = 3, REPORT = 4, TERMINAL = 5, SUPERVISOR = 6, FIRST_FREE = 7 };

static int report_descriptor = -1;

int isolation_write(int descriptor, const void *bytes, size_t length) {
  const char *next = bytes;
  while (length > 0) {
    ssize_t written = write(descriptor, next, length);
    if (written < 0) {
      if (errno == EINTR) continue;
      return -1;
    }
    next += written;
    length -= (size_t)written;
  }
  return 0;
}

static void report(int stage, int error, int index) {
  struct isolation_report message = {stage, error, index};
  isolation_write(report_descriptor, &message, sizeof message);
}

_Noreturn void isolation_fail(int stage, int index) {
  report(stage, errno, index);
  _exit(125);
}

// 0, 1, 2, GO, REPORT, TERMINAL and SUPERVISOR are the only descriptors that survive.
static void arrange_descriptors(const struct isolation_spec *spec) {
  report_descriptor = spec->report;
  const int wanted[FIRST_FREE] = {spec->standard_input, spec->standard_output,
                                  spec->standard_error, spec->go,
                                  spec->report, spec->terminal < 0 ? spec->report : spec->terminal,
                                  spec->supervisor < 0 ? spec->report : spec->supervisor};
  int moved[FIRST_FREE];
  // First out of the way, so that no dup3 closes what another one still needs.
  for (int i = 0; i < FIRST_FREE; i++) {
    moved[i] = fcntl(wanted[i], F_DUPFD_CLOEXEC, FIRST_FREE);
    if (moved[i] < 0) isolation_fail(ISOLATION_DESCRIPTORS, i);
  }
  report_descriptor = moved[REPORT];
  for (int i = 0; i < FIRST_FREE; i++)
    if (dup3(moved[i], i, i < GO ? 0 : O_CLOEXEC) < 0) isolation_fail(ISOLATION_DESCRIPTORS, i);
  report_descriptor = REPORT;
  if (syscall(SYS_close_range, FIRST_FREE, ~0U, 0) != 0) isolation_fail(ISOLATION_DESCRIPTORS, -1);
}

void isolation_reset_signals(const sigset_t *mask) {
  // The kernel's structure of zeros is SIG_DFL with no flags. glibc's sigaction would leave out the
  // two signals that it keeps for itself, which a caller may well ignore.
  const uint64_t action[8] = {0};
  for (int signal = 1; signal < NSIG; signal++)
    syscall(SYS_rt_sigaction, signal, action, NULL, sizeof(uint64_t));
  sigprocmask(SIG_SETMASK, mask, NULL);
}

// Waits for the parent's permission; a parent that is gone wants nothing any more.
static void wait_for_parent(void) {
  char byte;
  for (;;) {
    ssize_t count = read(GO, &byte, 1);
    if (count == 1) return;
    if (count == 0) _exit(125);
    if (errno != EINTR) isolation_fail(ISOLATION_HANDSHAKE, -1);
  }
}

// From here on the child dies with the thread that started it.
static void die_with_parent(void) {
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  // If the parent died before the call above, nobody holds the other end of the pipe.
  struct pollfd end = {.fd = REPORT, .events = 0};
  if (poll(&end, 1, 0) == 1 && (end.revents & POLLERR)) _exit(125);
}

static void raise_loopback(void) {
  struct ifreq request;
  memset(&request, 0, sizeof request);
  memcpy(request.ifr_name, "lo", 3);
  int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) isolation_fail(ISOLATION_LOOPBACK, -1);
  if (ioctl(descriptor, SIOCGIFFLAGS, &request) != 0) isolation_fail(ISOLATION_LOOPBACK, -1);
  request.ifr_flags |= IFF_UP | IFF_RUNNING;
  if (ioctl(descriptor, SIOCSIFFLAGS, &request) != 0) isolation_fail(ISOLATION_LOOPBACK, -1);
  close(descriptor);
}

// Numbers of processes are handed out below this: as many as there can be at once. Where it cannot be written, a
// container's /proc for one, there is no such limit.
static void limit_processes(const struct isolation_spec *spec) {
  if (spec->process_limit == NULL) return;
  int file = open("/proc/sys/kernel/pid_max", O_WRONLY | O_CLOEXEC);
  if (file < 0) return;
  isolation_write(file, spec->process_limit, strlen(spec->process_limit));
  close(file);
}

static void enter_root(int root) {
  // The old root ends up mounted over the new one at "."; taking it off leaves nothing of the
  // host's tree in this namespace.
  if (fchdir(root) != 0 || syscall(SYS_pivot_root, ".", ".") != 0 ||
      umount2(".", MNT_DETACH) != 0 || chdir("/") != 0)
    isolation_fail(ISOLATION_PIVOT, -1);
  close(root);
}

int isolation_send(int socket, int descriptor) {
  char byte = 0;
  struct iovec part = {.iov_base = &byte, .iov_len = 1};
  union {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int))];
  } control;
  memset(&control, 0, sizeof control);
  struct msghdr message = {.msg_iov = &part,
                           .msg_iovlen = 1,
                           .msg_control = control.bytes,
                           .msg_controllen = sizeof control.bytes};
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
  while (sendmsg(socket, &message, MSG_NOSIGNAL) < 0)
    if (errno != EINTR) return -1;
  return 0;
}

static void send_descriptor(int socket, int descriptor, int stage) {
  if (isolation_send(socket, descriptor) != 0) isolation_fail(stage, -1);
}

// A terminal of the new root's own /dev/pts, so that the command finds it there by its name. What
// is mounted at /dev/pts may be another's: what is no terminal fails here.
static void open_terminal(void) {
  int master = open("/dev/pts/ptmx", O_RDWR | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (master < 0) isolation_fail(ISOLATION_TERMINAL, -1);
  int locked = 0;
  if (ioctl(master, TIOCSPTLCK, &locked) != 0) isolation_fail(ISOLATION_TERMINAL, -1);
  int terminal = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (terminal < 0 || ioctl(terminal, TIOCSCTTY, 0) != 0) isolation_fail(ISOLATION_TERMINAL, -1);
  send_descriptor(TERMINAL, master, ISOLATION_TERMINAL);
  // The parent gives it a size before anybody asks.
  wait_for_parent();
  for (int i = 0; i < GO; i++)
    if (dup3(terminal, i, 0) < 0) isolation_fail(ISOLATION_TERMINAL, i);
  close(terminal);
  close(master);
  close(TERMINAL);
}

// From here on the calls that need other identities are answered by the parent.
static void ask_supervisor(const struct isolation_spec *spec) {
  int listener = isolation_install_filter(spec->supervised == ISOLATION_OWNERS_SUPERVISED);
  if (listener < 0) {
    // An old kernel, or a filter around this one that asks somebody already. Root can do without.
    if (spec->supervised != ISOLATION_SUPERVISED) return;
    isolation_fail(ISOLATION_SUPERVISION, -1);
  }
  send_descriptor(SUPERVISOR, listener, ISOLATION_SUPERVISION);
  report(ISOLATION_SUPERVISION, 0, -1);
  wait_for_parent();
  close(listener);
}

// Runs the first program that can be run; the errors of a search in PATH are those of a shell.
_Noreturn static void execute(const struct isolation_spec *spec) {
  int error = ENOENT;
  for (size_t i = 0; spec->programs[i] != NULL; i++) {
    execve(spec->programs[i], (char *const *)spec->arguments, (char *const *)spec->environment);
    if (errno == EACCES) error = EACCES;
    if (errno == EACCES || errno == ENOENT || errno == ENOTDIR) continue;
    error = errno;
    break;
  }
  errno = error;
  isolation_fail(ISOLATION_EXECUTE, -1);
}

// The null device of the root in place of the host's, which could be changed by way of the descriptor.
static void own_input(void) {
  struct stat status;
  int null = open("/dev/null", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (null < 0) return;  // a root changed to that has none
  if (fstat(null, &status) == 0 && S_ISCHR(status.st_mode) && dup3(null, 0, 0) < 0)
    isolation_fail(ISOLATION_DESCRIPTORS, 0);
  close(null);
}

// Inside the root: everything that is left to do.
_Noreturn static void become_command(const struct isolation_spec *spec) {
  if (spec->terminal < 0) own_input();
  if (chdir(spec->working_directory) != 0) isolation_fail(ISOLATION_WORKING_DIRECTORY, -1);
  // The supervisor of the one-id mode: see docs/decisions/0019.
  if (spec->supervised) ask_supervisor(spec);
  isolation_filter(spec);
  isolation_assume_identity(spec);
  // A change of identity cleared the death signal.
  die_with_parent();
  umask(022);
  if (spec->dry_run) _exit(0);
  execute(spec);
}

// Without namespaces: the process sees everything but the host's files.
_Noreturn static void run_in_root(const struct isolation_spec *spec) {
  isolation_keep();
  die_with_parent();
  if (chdir(spec->root) != 0 || chroot(".") != 0 || chdir("/") != 0) isolation_fail(ISOLATION_ROOT, -1);
  become_command(spec);
}

_Noreturn void isolation_child(const struct isolation_spec *spec, const sigset_t *mask) {
  arrange_descriptors(spec);
  isolation_reset_signals(mask);
  die_with_parent();
  wait_for_parent();
  // The namespace of clone3 starts at the parent's group.
  if (spec->own_control_groups && syscall(SYS_unshare, CLONE_NEWCGROUP) != 0)
    isolation_fail(ISOLATION_CONTROL_GROUP, -1);
  umask(0);
  setsid();
  // A keyring of its own, where the kernel has keyrings: the caller's must not leak in.
  syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL, 0, 0, 0);

  if (spec->change_root_only) run_in_root(spec);
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
    isolation_fail(ISOLATION_PRIVATE_MOUNTS, -1);
  int root = isolation_mount_root(spec);
  if (spec->announce_root) {
    // The parent reaches the mounted root through /proc/<pid>/cwd.
    if (fchdir(root) != 0) isolation_fail(ISOLATION_ROOT, -1);
    report(ISOLATION_ROOT_READY, 0, 0);
    wait_for_parent();
  }
  // EPERM: podman's filter of system calls refuses this, and lets all the rest through. The name of the container is
  // nothing to hide.
  if (sethostname(spec->hostname, strlen(spec->hostname)) != 0 && errno != EPERM)
    isolation_fail(ISOLATION_HOSTNAME, -1);
  if (spec->loopback_up) raise_loopback();
  limit_processes(spec);
  isolation_mount_all(root, spec);
  enter_root(root);
  if (spec->terminal >= 0) open_terminal();
  become_command(spec);
}
