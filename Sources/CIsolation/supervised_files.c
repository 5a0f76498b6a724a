// The files of supervised processes, as the supervisor finds, reads and makes them: see `supervise.h`. Names are
// resolved from the process's own root, without the magic links of /proc, so that they lead where the process could
// get itself.

#include "CIsolation.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

int isolation_open_root(pid_t pid) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/root", pid);
  int root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
  return root >= 0 ? root : -errno;
}

int isolation_open_processes(void) {
  int descriptor = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
  return descriptor >= 0 ? descriptor : -errno;
}

int isolation_detach(void) {
  if (unshare(CLONE_FS) != 0) return -errno;
  // The mask is that of the process that asks.
  umask(0);
  return 0;
}

int isolation_enter(int processes, int root) {
  return fchdir(root) == 0 && chroot(".") == 0 && fchdir(processes) == 0 ? 0 : -errno;
}

int isolation_enter_mounts(int processes, pid_t pid) {
  char path[64];
  int home = open("/proc/thread-self/ns/mnt", O_RDONLY | O_CLOEXEC);
  if (home < 0) return -errno;
  snprintf(path, sizeof path, "/proc/%d/ns/mnt", pid);
  // Open for this moment only: what another thread starts has every descriptor until it closes them.
  int mounts = open(path, O_RDONLY | O_CLOEXEC);
  int failed = mounts < 0 || syscall(SYS_setns, mounts, CLONE_NEWNS) != 0 || fchdir(processes) != 0;
  int error = errno;
  if (mounts >= 0) close(mounts);
  if (!failed) return home;
  close(home);
  return -error;
}

int isolation_leave_mounts(int home) { return syscall(SYS_setns, home, CLONE_NEWNS) == 0 ? 0 : -errno; }

// Opens a magic link of a process: `entry`, "root" or "cwd", or with a number other than AT_FDCWD a descriptor.
static int open_entry(int processes, pid_t pid, const char *entry, int number) {
  char path[64];
  if (number < 0 && number != AT_FDCWD) return -EBADF;
  if (number >= 0)
    snprintf(path, sizeof path, "%d/fd/%d", pid, number);
  else
    snprintf(path, sizeof path, "%d/%s", pid, entry);
  int descriptor = openat(processes, path, O_PATH | O_CLOEXEC);
  return descriptor >= 0 ? descriptor : -errno;
}

int isolation_foreign_root(int processes, pid_t pid) {
  char path[64], target[2];
  snprintf(path, sizeof path, "%d/root", pid);
  // As seen from this thread's root, the same root is "/".
  ssize_t length = readlinkat(processes, path, target, sizeof target);
  if (length < 0) return -errno;
  if (length == 1 && target[0] == '/') return 0;
  return open_entry(processes, pid, "root", AT_FDCWD);
}

// Names that stand for a descriptor of the process that uses them: they cannot be resolved by another one.
static int descriptor_name(const char *path) {
  static const struct {
    const char *name;
    int number;
  } names[] = {{"/dev/stdin", 0}, {"/dev/stdout", 1}, {"/dev/stderr", 2}};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (strcmp(path, names[i].name) == 0) return names[i].number;
  static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};
  for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
    size_t length = strlen(folders[i]);
    if (strncmp(path, folders[i], length) != 0) continue;
    int number = 0;
    const char *digit = path + length;
    if (*digit == 0) return -1;
    for (; *digit >= '0' && *digit <= '9' && number < 1 << 24; digit++) number = number * 10 + (*digit - '0');
    return *digit == 0 ? number : -1;
  }
  return -1;
}

int isolation_open_named(int processes, pid_t pid, int directory, const char *path, uint64_t flags) {
  int base = AT_FDCWD;
  if (path[0] != '/') {
    base = open_entry(processes, pid, "cwd", directory);
    if (base < 0 || path[0] == 0) return base == -ENOENT ? -EBADF : base;
  }
  struct open_how how = {.flags = flags | O_PATH | O_CLOEXEC, .resolve = RESOLVE_NO_MAGICLINKS};
  long descriptor;
  do descriptor = syscall(SYS_openat2, base, path, &how, sizeof how);
  while (descriptor < 0 && errno == EINTR);
  int error = descriptor < 0 ? errno : 0;
  if (base >= 0) close(base);
  if (descriptor >= 0) return (int)descriptor;
  if ((error == ELOOP || error == ENOENT) && !(flags & O_NOFOLLOW)) {
    int number = descriptor_name(path);
    if (number >= 0) return open_entry(processes, pid, "fd", number);
  }
  return -error;
}

int isolation_object(int descriptor, struct isolation_object *object) {
  struct statx status;
  if (statx(descriptor, "", AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS | STATX_BTIME, &status) != 0)
    return -errno;
  *object = (struct isolation_object){
      .device = makedev(status.stx_dev_major, status.stx_dev_minor),
      .inode = status.stx_ino,
      .represented = makedev(status.stx_rdev_major, status.stx_rdev_minor),
      .size = (int64_t)status.stx_size,
      .mode = status.stx_mode,
      .uid = status.stx_uid,
      .gid = status.stx_gid,
      .born_seconds = status.stx_btime.tv_sec,
      .born_nanoseconds = status.stx_btime.tv_nsec,
  };
  return 0;
}

int isolation_change_owner(int descriptor) {
  return fchownat(descriptor, "", geteuid(), getegid(), AT_EMPTY_PATH) == 0 ? 0 : -errno;
}

int isolation_give(int descriptor, uint32_t uid, uint32_t gid) {
  return fchownat(descriptor, "", uid, gid, AT_EMPTY_PATH) == 0 ? 0 : -errno;
}

// An O_PATH descriptor takes no attribute itself; its magic link does, which is found from the working directory.
static void own_path(char *path, size_t capacity, int descriptor) {
  snprintf(path, capacity, "%d/fd/%d", (int)getpid(), descriptor);
}

int isolation_change_mode(int descriptor, uint32_t mode) {
  char path[64];
  own_path(path, sizeof path, descriptor);
  return chmod(path, mode) == 0 ? 0 : -errno;
}

int isolation_get_attribute(int descriptor, const char *name, void *value, size_t capacity) {
  char path[64];
  own_path(path, sizeof path, descriptor);
  ssize_t count = getxattr(path, name, value, capacity);
  return count >= 0 ? (int)count : -errno;
}

int isolation_set_attribute(int descriptor, const char *name, const void *value, size_t count, int flags) {
  char path[64];
  own_path(path, sizeof path, descriptor);
  return setxattr(path, name, value, count, flags) == 0 ? 0 : -errno;
}

int isolation_remove_attribute(int descriptor, const char *name) {
  char path[64];
  own_path(path, sizeof path, descriptor);
  return removexattr(path, name) == 0 ? 0 : -errno;
}

int isolation_list_attributes(int descriptor, char *names, size_t capacity) {
  char path[64];
  own_path(path, sizeof path, descriptor);
  ssize_t count = listxattr(path, names, capacity);
  return count >= 0 ? (int)count : -errno;
}

int isolation_get_named_attribute(pid_t pid, int directory, const char *path, int follows, const char *name,
                                  void *value, size_t capacity) {
  // From the working directory, /proc, the magic link of the process's own leads to where a relative path starts.
  char full[PATH_MAX + 64];
  const char *start = path;
  if (path[0] != '/') {
    // An empty path is the descriptor itself, and a slash behind it would mean a folder.
    const char *slash = path[0] == 0 ? "" : "/";
    int length = directory == AT_FDCWD
                     ? snprintf(full, sizeof full, "%d/cwd%s%s", pid, slash, path)
                     : snprintf(full, sizeof full, "%d/fd/%d%s%s", pid, directory, slash, path);
    if (length < 0 || (size_t)length >= sizeof full) return -ENAMETOOLONG;
    start = full;
  }
  ssize_t count = follows ? getxattr(start, name, value, capacity) : lgetxattr(start, name, value, capacity);
  return count >= 0 ? (int)count : -errno;
}

int isolation_tell_status(pid_t pid, uint64_t address, int descriptor, const struct isolation_seen *seen) {
  struct stat status;
  if (fstatat(descriptor, "", &status, AT_EMPTY_PATH) != 0) return -errno;
  status.st_uid = seen->uid;
  status.st_gid = seen->gid;
  status.st_mode = seen->mode;
  status.st_rdev = seen->device;
  return isolation_write_memory(pid, address, &status, sizeof status);
}

int isolation_tell_statx(pid_t pid, uint64_t address, int descriptor, unsigned mask,
                         const struct isolation_seen *seen) {
  struct statx status;
  if (statx(descriptor, "", AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW, mask, &status) != 0) return -errno;
  status.stx_uid = seen->uid;
  status.stx_gid = seen->gid;
  status.stx_mode = (uint16_t)seen->mode;
  status.stx_rdev_major = major(seen->device);
  status.stx_rdev_minor = minor(seen->device);
  return isolation_write_memory(pid, address, &status, sizeof status);
}

// MARK: New files

int isolation_make_file(int parent, const char *name, uint64_t flags, uint32_t mode) {
  const int kept = O_ACCMODE | O_APPEND | O_NONBLOCK | O_SYNC | O_DSYNC | O_DIRECT | O_NOATIME | O_LARGEFILE;
  int file = openat(parent, name, ((int)flags & kept) | O_CREAT | O_EXCL | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC, mode);
  return file >= 0 ? file : -errno;
}

int isolation_make_unnamed_file(int folder, uint64_t flags, uint32_t mode) {
  const int kept = O_ACCMODE | O_APPEND | O_NONBLOCK | O_SYNC | O_DSYNC | O_DIRECT | O_NOATIME | O_LARGEFILE | O_EXCL;
  int file = openat(folder, ".", ((int)flags & kept) | O_TMPFILE | O_CLOEXEC, mode);
  return file >= 0 ? file : -errno;
}

int isolation_make_folder(int parent, const char *name, uint32_t mode) {
  return mkdirat(parent, name, mode) == 0 ? 0 : -errno;
}

int isolation_make_node(int parent, const char *name, uint32_t mode) {
  return mknodat(parent, name, mode, 0) == 0 ? 0 : -errno;
}

int isolation_make_link(int parent, const char *name, const char *target) {
  return symlinkat(target, parent, name) == 0 ? 0 : -errno;
}

int isolation_open_child(int parent, const char *name) {
  int object = openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  return object >= 0 ? object : -errno;
}

// MARK: Programs

int isolation_read_status(int processes, pid_t pid, char *text, size_t capacity) {
  char path[64];
  snprintf(path, sizeof path, "%d/status", pid);
  int file = openat(processes, path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return -errno;
  ssize_t count = read(file, text, capacity - 1);
  int error = errno;
  close(file);
  if (count < 0) return -error;
  text[count] = 0;
  return (int)count;
}

int isolation_gains_nothing(int processes, pid_t pid) {
  char text[4096];
  if (isolation_read_status(processes, pid, text, sizeof text) < 0) return 1;
  const char *line = strstr(text, "\nNoNewPrivs:\t");
  return line != NULL && line[13] == '1';
}

int isolation_is_script(int descriptor) {
  char path[64], start[2] = {0};
  own_path(path, sizeof path, descriptor);
  int file = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (file < 0) return 0;
  ssize_t count = read(file, start, sizeof start);
  close(file);
  return count == 2 && start[0] == '#' && start[1] == '!';
}
