// fuse-overlayfs as a child of this process. The builder mounts, so that no program needs rights for that, and nothing has to be
// waited for: whoever looks into the mount waits for the program's first answer, or finds that it is gone.

#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

int isolation_open_fuse(void) {
  int device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
  return device >= 0 ? device : -errno;
}

int isolation_mount_fuse(int device) {
  int context = fsopen("fuse", FSOPEN_CLOEXEC);
  if (context < 0) return -errno;
  char number[16], user[16], group[16];
  snprintf(number, sizeof number, "%d", device);
  snprintf(user, sizeof user, "%u", geteuid());
  snprintf(group, sizeof group, "%u", getegid());
  const char *const options[][2] = {{"source", "fuse-overlayfs"}, {"fd", number},     {"rootmode", "40000"},
                                    {"user_id", user},            {"group_id", group}};
  // Whoever is in a step may use it, and the kernel checks who may do what.
  const char *const flags[] = {"default_permissions", "allow_other"};
  int result = 0;
  for (size_t i = 0; result == 0 && i < sizeof options / sizeof options[0]; i++)
    result = fsconfig(context, FSCONFIG_SET_STRING, options[i][0], options[i][1], 0);
  for (size_t i = 0; result == 0 && i < sizeof flags / sizeof flags[0]; i++)
    result = fsconfig(context, FSCONFIG_SET_FLAG, flags[i], NULL, 0);
  if (result == 0) result = fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
  if (result == 0) result = fsmount(context, FSMOUNT_CLOEXEC, MOUNT_ATTR_NODEV | MOUNT_ATTR_NOATIME);
  int error = errno;
  close(context);
  return result >= 0 ? result : -error;
}

int isolation_attach_fuse(int mounted, const char *folder) {
  return move_mount(mounted, "", AT_FDCWD, folder, MOVE_MOUNT_F_EMPTY_PATH) == 0 ? 0 : -errno;
}

int isolation_unmount_fuse(const char *folder) {
  if (umount2(folder, UMOUNT_NOFOLLOW) == 0) return 0;
  // Somebody still holds a file of it.
  if (errno == EBUSY && umount2(folder, UMOUNT_NOFOLLOW | MNT_DETACH) == 0) return 0;
  return -errno;
}

int isolation_wait_readable(int descriptor, int milliseconds) {
  struct pollfd watch = {.fd = descriptor, .events = POLLIN};
  int count;
  do count = poll(&watch, 1, milliseconds);
  while (count < 0 && errno == EINTR);
  return count > 0;
}

// MARK: The child

#if defined(__x86_64__)
#define NATIVE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE AUDIT_ARCH_AARCH64
#endif

#define ASK(number) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (number), 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF)

static int install_filter(void) {
  static const struct sock_filter instructions[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NATIVE, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      ASK(SYS_renameat),
      ASK(SYS_renameat2),
      ASK(SYS_symlinkat),
      ASK(SYS_setxattr),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {
      .len = sizeof instructions / sizeof instructions[0],
      .filter = (struct sock_filter *)instructions,
  };
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
}

enum { DEVICE = 3, SOCKET = 4, FIRST_FREE = 5 };

_Noreturn static void fail(int error) {
  isolation_write(SOCKET, &error, sizeof error);
  _exit(127);
}

_Noreturn static void serve(const char *const *arguments, int device, int error, int socket) {
  static char *const environment[] = {NULL};
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  int wanted[FIRST_FREE] = {null, null, error, device, socket};
  // First out of the way, so that no dup3 closes what another one still needs.
  for (int i = 0; i < FIRST_FREE; i++) wanted[i] = fcntl(wanted[i], F_DUPFD_CLOEXEC, FIRST_FREE);
  for (int i = 0; i < FIRST_FREE; i++)
    if (dup3(wanted[i], i, i == SOCKET ? O_CLOEXEC : 0) < 0) _exit(127);
  syscall(SYS_close_range, FIRST_FREE, ~0U, 0);
  sigset_t none;
  sigemptyset(&none);
  isolation_reset_signals(&none);
  // Not the terminal's group: what is typed there is the builder's to know first.
  setsid();
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  struct pollfd end = {.fd = SOCKET, .events = 0};
  if (poll(&end, 1, 0) == 1 && (end.revents & (POLLHUP | POLLERR))) _exit(127);
  // It opens whatever it finds, to look at it: no device of the machine by that.
  struct mount_attr attr = {.attr_set = MOUNT_ATTR_NODEV, .propagation = MS_PRIVATE};
  if (syscall(SYS_unshare, CLONE_NEWNS) != 0 || mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &attr, sizeof attr) != 0)
    fail(errno);
  int listener = install_filter();
  if (listener < 0) fail(errno);
  if (isolation_send(SOCKET, listener) != 0) _exit(127);
  close(listener);
  execve(arguments[0], (char *const *)arguments, environment);
  fail(errno);
}

pid_t isolation_start_fuse(const char *const *arguments, int device, int error, int socket, int *pidfd) {
  sigset_t every, previous;
  sigfillset(&every);
  if (pthread_sigmask(SIG_SETMASK, &every, &previous) != 0) return -EINVAL;
  int descriptor = -1;
  struct clone_args request = {
      .flags = CLONE_PIDFD, .pidfd = (uint64_t)(uintptr_t)&descriptor, .exit_signal = SIGCHLD};
  long pid = syscall(SYS_clone3, &request, sizeof request);
  if (pid < 0 && errno == ENOSYS) pid = syscall(SYS_clone, (long)(CLONE_PIDFD | SIGCHLD), 0L, &descriptor, 0L, 0L);
  int failed = errno;
  if (pid == 0) serve(arguments, device, error, socket);
  pthread_sigmask(SIG_SETMASK, &previous, NULL);
  if (pid < 0) return -failed;
  *pidfd = descriptor;
  return (pid_t)pid;
}

int isolation_receive_fuse(int socket) {
  int number = 0;
  struct iovec part = {.iov_base = &number, .iov_len = sizeof number};
  union {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int))];
  } control;
  struct msghdr message = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
  ssize_t count;
  do count = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  while (count < 0 && errno == EINTR);
  if (count < 0) return -errno;
  if (count == 0) return -ECHILD;
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  if (header == NULL || header->cmsg_type != SCM_RIGHTS) return number > 0 ? -number : -ECHILD;
  int listener;
  memcpy(&listener, CMSG_DATA(header), sizeof listener);
  // The end, as the program is executed; or why it cannot be.
  do count = read(socket, &number, sizeof number);
  while (count < 0 && errno == EINTR);
  if (count == 0) return listener;
  close(listener);
  return count == sizeof number && number > 0 ? -number : -ECHILD;
}

int isolation_own_mounts(void) {
  if (syscall(SYS_unshare, CLONE_NEWNS) != 0) return -errno;
  return mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) == 0 ? 0 : -errno;
}
