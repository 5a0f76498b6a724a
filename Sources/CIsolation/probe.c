// What the kernel lets this process do, found out by doing it in a child.

#include "CIsolation.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

const uint64_t isolation_clone_mount = CLONE_NEWNS;
const uint64_t isolation_clone_pid = CLONE_NEWPID;
const uint64_t isolation_clone_ipc = CLONE_NEWIPC;
const uint64_t isolation_clone_uts = CLONE_NEWUTS;
const uint64_t isolation_clone_cgroup = CLONE_NEWCGROUP;

// 0, or -errno of what the child could not do.
static int answer_of(pid_t child) {
  int status;
  if (child < 0) return -errno;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return -errno;
  if (!WIFEXITED(status)) return -EINTR;
  return -WEXITSTATUS(status);
}

int isolation_try_namespaces(uint64_t flags) {
  pid_t child = fork();
  if (child == 0) _exit(syscall(SYS_unshare, flags) == 0 ? 0 : errno & 0xff);
  return answer_of(child);
}

int isolation_try_notification(void) {
  struct sock_filter program[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  struct sock_fprog filter = {.len = 1, .filter = program};
  pid_t child = fork();
  if (child == 0) {
    uint32_t action = SECCOMP_RET_USER_NOTIF;
    int isKnown = syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
    // Without privileges a filter is for those who give up all that they could gain.
    if (isKnown) isKnown = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
    long listener = -1;
    if (isKnown) listener = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &filter);
    _exit(listener >= 0 ? 0 : errno & 0xff);
  }
  return answer_of(child);
}

int isolation_filter_support(void) {
  uint32_t action = SECCOMP_RET_ERRNO;
  return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0 ? 0 : -errno;
}

uint64_t isolation_permitted_capabilities(void) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  struct __user_cap_data_struct data[2] = {{0}, {0}};
  if (syscall(SYS_capget, &header, data) != 0) return 0;
  return (uint64_t)data[1].permitted << 32 | data[0].permitted;
}

int64_t isolation_filesystem_type(const char *path) {
  struct statfs status;
  return statfs(path, &status) == 0 ? (int64_t)(uint32_t)status.f_type : -errno;
}

int isolation_clone_file(int from, int to) {
  // FICLONE of linux/fs.h, which does not go together with sys/mount.h everywhere.
  return ioctl(to, _IOW(0x94, 9, int), from) == 0 ? 0 : -errno;
}

int isolation_try_attribute(int file) {
  return fsetxattr(file, "user.slipway.probe", "y", 1, 0) == 0 ? 0 : -errno;
}

void isolation_hide_memory(void) { prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }
