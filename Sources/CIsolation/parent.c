// What the parent calls: start, wait, kill, and system calls without a wrapper in Swift's Glibc.

#include "CIsolation.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

const uint64_t isolation_clone_user = CLONE_NEWUSER;
const uint64_t isolation_clone_network = CLONE_NEWNET;
const uint64_t isolation_clone_always =
    CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;
const uint64_t isolation_attribute_read_only = MOUNT_ATTR_RDONLY;
const uint64_t isolation_attribute_nosuid = MOUNT_ATTR_NOSUID;
const uint64_t isolation_attribute_nodev = MOUNT_ATTR_NODEV;
const uint64_t isolation_attribute_noexec = MOUNT_ATTR_NOEXEC;
const uint64_t isolation_open_path = O_PATH;
const uint64_t isolation_resolve_in_root = RESOLVE_IN_ROOT;
const uint64_t isolation_resolve_no_symlinks = RESOLVE_NO_SYMLINKS;
const uint64_t isolation_resolve_no_magic_links = RESOLVE_NO_MAGICLINKS;
const int isolation_empty_path = AT_EMPTY_PATH;

_Noreturn void isolation_child(const struct isolation_spec *spec, const sigset_t *mask);

pid_t isolation_start(const struct isolation_spec *spec, int *pidfd) {
  // A handler of this process must never run in the child: no signal is delivered until the
  // child has reset them all.
  sigset_t every, previous;
  sigfillset(&every);
  if (pthread_sigmask(SIG_SETMASK, &every, &previous) != 0) return -EINVAL;
  int descriptor = -1;
  struct clone_args arguments = {
      .flags = spec->clone_flags | CLONE_PIDFD,
      .pidfd = (uint64_t)(uintptr_t)&descriptor,
      .exit_signal = SIGCHLD,
  };
  long pid = syscall(SYS_clone3, &arguments, sizeof arguments);
  // Filters of containers refuse clone3, whose flags they cannot see, in a way that means: use the older call.
  if (pid < 0 && errno == ENOSYS)
    pid = syscall(SYS_clone, (long)(arguments.flags | SIGCHLD), 0L, &descriptor, 0L, 0L);
  int error = errno;
  if (pid == 0) {
    sigset_t none;
    sigemptyset(&none);
    isolation_child(spec, &none);
  }
  pthread_sigmask(SIG_SETMASK, &previous, NULL);
  if (pid < 0) return -error;
  *pidfd = descriptor;
  return (pid_t)pid;
}

int isolation_wait(int pidfd, int *exited, int *value) {
  siginfo_t information;
  for (;;) {
    information.si_pid = 0;
    if (waitid((idtype_t)P_PIDFD, (id_t)pidfd, &information, WEXITED) == 0) break;
    if (errno != EINTR) return -errno;
  }
  *exited = information.si_code == CLD_EXITED;
  *value = information.si_status;
  return 0;
}

int isolation_kill(int pidfd) {
  return syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0) == 0 ? 0 : -errno;
}

int isolation_end(int pidfd) {
  return syscall(SYS_pidfd_send_signal, pidfd, SIGTERM, NULL, 0) == 0 ? 0 : -errno;
}

int isolation_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC) == 0 ? 0 : -errno; }

int isolation_socket_pair(int ends[2]) {
  return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0 ? 0 : -errno;
}

int isolation_receive(int socket) {
  char byte;
  struct iovec part = {.iov_base = &byte, .iov_len = 1};
  union {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int))];
  } control;
  struct msghdr message = {.msg_iov = &part,
                           .msg_iovlen = 1,
                           .msg_control = control.bytes,
                           .msg_controllen = sizeof control.bytes};
  ssize_t count;
  do count = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  while (count < 0 && errno == EINTR);
  if (count < 0) return -errno;
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  if (count == 0 || header == NULL || header->cmsg_type != SCM_RIGHTS) return -EPIPE;
  int descriptor;
  memcpy(&descriptor, CMSG_DATA(header), sizeof descriptor);
  return descriptor;
}

int isolation_eventfd(void) {
  int descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  return descriptor >= 0 ? descriptor : -errno;
}

int isolation_open_below(int directory, const char *path, uint64_t flags, uint64_t resolve) {
  struct open_how how = {.flags = flags | O_CLOEXEC, .resolve = resolve};
  for (;;) {
    long descriptor = syscall(SYS_openat2, directory, path, &how, sizeof how);
    if (descriptor >= 0) return (int)descriptor;
    // EAGAIN: something was renamed while the kernel resolved `..`.
    if (errno != EINTR && errno != EAGAIN) return -errno;
  }
}

int isolation_enter_user_namespace(void) {
  return syscall(SYS_unshare, CLONE_NEWUSER | CLONE_NEWNS) == 0 ? 0 : -errno;
}
