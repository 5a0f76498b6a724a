#include "CLinux.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#ifndef __NR_setxattrat
#define __NR_setxattrat 463
#define __NR_getxattrat 464
#define __NR_listxattrat 465
#define __NR_removexattrat 466
#endif
#ifndef __NR_fchmodat2
#define __NR_fchmodat2 452
#endif

const int slipway_o_path = O_PATH;
const int slipway_o_tmpfile = O_TMPFILE;
const int slipway_o_directory = O_DIRECTORY;
const int slipway_o_nofollow = O_NOFOLLOW;
const int slipway_at_empty_path = AT_EMPTY_PATH;

#define RETURN_ERRNO(call) \
  do {                     \
    long result;           \
    do {                   \
      result = (call);     \
    } while (result < 0 && errno == EINTR); \
    return result < 0 ? -errno : result;    \
  } while (0)

int slipway_openat2(int dirfd, const char *path, uint64_t flags, uint32_t mode, uint64_t resolve) {
  struct open_how how = {.flags = flags, .mode = mode, .resolve = resolve};
  RETURN_ERRNO(syscall(SYS_openat2, dirfd, path, &how, sizeof how));
}

int slipway_openat(int dirfd, const char *path, int flags, uint32_t mode) {
  RETURN_ERRNO(openat(dirfd, path, flags, mode));
}

int slipway_status(int dirfd, const char *path, struct slipway_status *out) {
  struct statx x;
  int flags = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | (path[0] == 0 ? AT_EMPTY_PATH : 0);
  if (statx(dirfd, path, flags, STATX_BASIC_STATS, &x) < 0) return -errno;
  *out = (struct slipway_status){
      .dev = makedev(x.stx_dev_major, x.stx_dev_minor),
      .ino = x.stx_ino,
      .rdev = makedev(x.stx_rdev_major, x.stx_rdev_minor),
      .nlink = x.stx_nlink,
      .mode = x.stx_mode,
      .uid = x.stx_uid,
      .gid = x.stx_gid,
      .size = (int64_t)x.stx_size,
      .blocks = (int64_t)x.stx_blocks,
      .mtime_seconds = x.stx_mtime.tv_sec,
      .ctime_seconds = x.stx_ctime.tv_sec,
      .mtime_nanoseconds = x.stx_mtime.tv_nsec,
      .ctime_nanoseconds = x.stx_ctime.tv_nsec,
  };
  return 0;
}

int slipway_birth(int dirfd, const char *path, int64_t *seconds, uint32_t *nanoseconds) {
  struct statx x;
  int flags = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | (path[0] == 0 ? AT_EMPTY_PATH : 0);
  if (statx(dirfd, path, flags, STATX_BTIME, &x) < 0) return -errno;
  // Zero where the file system does not know.
  *seconds = x.stx_btime.tv_sec;
  *nanoseconds = x.stx_btime.tv_nsec;
  return 0;
}

struct kernel_dirent {
  uint64_t ino;
  int64_t offset;
  uint16_t length;
  uint8_t type;
  char name[];
};

ssize_t slipway_list(int fd, char *buffer, size_t capacity, int *end) {
  long filled;
  do {
    filled = syscall(SYS_getdents64, fd, buffer, capacity);
  } while (filled < 0 && errno == EINTR);
  if (filled < 0) return -errno;
  *end = filled == 0;
  // A compacted entry is shorter than the kernel's 19-byte head, so it never overtakes the reader.
  size_t used = 0;
  for (long at = 0; at < filled;) {
    struct kernel_dirent *entry = (struct kernel_dirent *)(buffer + at);
    at += entry->length;
    const char *name = entry->name;
    if (name[0] == '.' && (name[1] == 0 || (name[1] == '.' && name[2] == 0))) continue;
    uint8_t type = entry->type;
    size_t length = strlen(name) + 1;
    memmove(buffer + used + 1, name, length);
    buffer[used] = (char)type;
    used += length + 1;
  }
  return (ssize_t)used;
}

// Linux 6.13 has the *xattrat family. Before it, /proc/self/fd gives a path to the folder.
struct xattr_arguments {
  uint64_t value;
  uint32_t size, flags;
};

static int no_xattrat = 0;

static int proc_path(char *out, size_t size, int dirfd, const char *name) {
  int length = name[0] ? snprintf(out, size, "/proc/self/fd/%d/%s", dirfd, name)
                       : snprintf(out, size, "/proc/self/fd/%d", dirfd);
  return length < 0 || (size_t)length >= size ? -ENAMETOOLONG : 0;
}

static int at_flags(const char *name) {
  return AT_SYMLINK_NOFOLLOW | (name[0] == 0 ? AT_EMPTY_PATH : 0);
}

// seccomp filters older than the call may answer EPERM in place of ENOSYS.
#define TRY_AT(call)                                                         \
  if (!__atomic_load_n(&no_xattrat, __ATOMIC_RELAXED)) {                     \
    long result = (call);                                                    \
    if (result >= 0) return result;                                          \
    if (errno != ENOSYS && errno != EPERM) return -errno;                    \
    if (errno == ENOSYS) __atomic_store_n(&no_xattrat, 1, __ATOMIC_RELAXED); \
  }                                                                          \
  char path[4096 + 64];                                                      \
  int failed = proc_path(path, sizeof path, dirfd, name);                    \
  if (failed) return failed;

#define FOLLOWING(name, follow, keep) ((name)[0] == 0 ? (follow) : (keep))

ssize_t slipway_getxattrat(int dirfd, const char *name, const char *attribute, void *value, size_t size) {
  struct xattr_arguments arguments = {.value = (uint64_t)(uintptr_t)value, .size = (uint32_t)size};
  TRY_AT(syscall(__NR_getxattrat, dirfd, name, at_flags(name), attribute, &arguments, sizeof arguments))
  RETURN_ERRNO(FOLLOWING(name, getxattr(path, attribute, value, size), lgetxattr(path, attribute, value, size)));
}

ssize_t slipway_listxattrat(int dirfd, const char *name, char *list, size_t size) {
  TRY_AT(syscall(__NR_listxattrat, dirfd, name, at_flags(name), list, size))
  RETURN_ERRNO(FOLLOWING(name, listxattr(path, list, size), llistxattr(path, list, size)));
}

int slipway_setxattrat(int dirfd, const char *name, const char *attribute, const void *value, size_t size) {
  struct xattr_arguments arguments = {.value = (uint64_t)(uintptr_t)value, .size = (uint32_t)size};
  TRY_AT(syscall(__NR_setxattrat, dirfd, name, at_flags(name), attribute, &arguments, sizeof arguments))
  RETURN_ERRNO(
      FOLLOWING(name, setxattr(path, attribute, value, size, 0), lsetxattr(path, attribute, value, size, 0)));
}

int slipway_removexattrat(int dirfd, const char *name, const char *attribute) {
  TRY_AT(syscall(__NR_removexattrat, dirfd, name, at_flags(name), attribute))
  RETURN_ERRNO(FOLLOWING(name, removexattr(path, attribute), lremovexattr(path, attribute)));
}

ssize_t slipway_copy_file_range(int from, int to, size_t count) {
  RETURN_ERRNO(copy_file_range(from, NULL, to, NULL, count, 0));
}

int slipway_ficlone(int from, int to) { RETURN_ERRNO(ioctl(to, FICLONE, from)); }

int slipway_next_data(int fd, int64_t offset, int64_t *start, int64_t *end) {
  off_t data = lseek(fd, offset, SEEK_DATA);
  if (data < 0) return errno == ENXIO ? 0 : -errno;
  off_t hole = lseek(fd, data, SEEK_HOLE);
  if (hole < 0) return -errno;
  *start = data;
  *end = hole;
  return 1;
}

uint64_t slipway_makedev(uint32_t major_number, uint32_t minor_number) {
  return makedev(major_number, minor_number);
}
uint32_t slipway_major(uint64_t dev) { return major(dev); }
uint32_t slipway_minor(uint64_t dev) { return minor(dev); }

int slipway_mknodat(int dirfd, const char *name, uint32_t mode, uint64_t dev) {
  RETURN_ERRNO(mknodat(dirfd, name, mode, dev));
}

int slipway_renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags) {
  RETURN_ERRNO(syscall(SYS_renameat2, from_fd, from, to_fd, to, flags));
}

int slipway_chmodat(int dirfd, const char *name, uint32_t mode) {
  long result = syscall(__NR_fchmodat2, dirfd, name, mode, at_flags(name));
  if (result >= 0) return 0;
  if (errno != ENOSYS && errno != EPERM) return -errno;
  // Linux before 6.6: pin the object, see that it is no link, and go through its magic link.
  int fd = name[0] ? openat(dirfd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC) : dirfd;
  if (fd < 0) return -errno;
  struct stat status;
  int failed = fstat(fd, &status) < 0 ? -errno : S_ISLNK(status.st_mode) ? -EOPNOTSUPP : 0;
  char path[64];
  if (!failed) failed = proc_path(path, sizeof path, fd, "");
  if (!failed && chmod(path, mode) < 0) failed = -errno;
  if (name[0]) close(fd);
  return failed;
}

int slipway_set_mtime(int dirfd, const char *name, int64_t seconds, uint32_t nanoseconds) {
  struct timespec time = {.tv_sec = seconds, .tv_nsec = nanoseconds};
  struct timespec times[2] = {time, time};
  if (name[0] == 0) RETURN_ERRNO(futimens(dirfd, times));
  RETURN_ERRNO(utimensat(dirfd, name, times, AT_SYMLINK_NOFOLLOW));
}

int slipway_memfd_create(const char *name, unsigned flags) { RETURN_ERRNO(memfd_create(name, flags)); }

int slipway_close_range(unsigned first, unsigned last, unsigned flags) {
  RETURN_ERRNO(syscall(SYS_close_range, first, last, flags));
}

ssize_t slipway_pread(int fd, void *buffer, size_t count, int64_t offset) {
  RETURN_ERRNO(pread(fd, buffer, count, offset));
}

int slipway_write_all(int fd, const void *buffer, size_t count) {
  const char *at = buffer;
  while (count > 0) {
    ssize_t written = write(fd, at, count);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return -errno;
    at += written;
    count -= (size_t)written;
  }
  return 0;
}

int slipway_pwrite_all(int fd, const void *buffer, size_t count, int64_t offset) {
  const char *at = buffer;
  while (count > 0) {
    ssize_t written = pwrite(fd, at, count, offset);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return -errno;
    at += written;
    offset += written;
    count -= (size_t)written;
  }
  return 0;
}

void slipway_coarse_now(int64_t *seconds, uint32_t *nanoseconds) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME_COARSE, &now);
  *seconds = now.tv_sec;
  *nanoseconds = (uint32_t)now.tv_nsec;
}

/// jemalloc's control, where the binary was linked with it.
extern int mallctl(const char *name, void *old, size_t *old_size, void *new, size_t new_size)
    __attribute__((weak));

void slipway_keep_freed_memory(void) {
  if (mallctl) {
    ssize_t never = -1;
    // The arena that there is, and those to come. Where it does not know the names, all stays as it is.
    (void)mallctl("arena.0.dirty_decay_ms", NULL, NULL, &never, sizeof never);
    (void)mallctl("arenas.dirty_decay_ms", NULL, NULL, &never, sizeof never);
    return;
  }
#ifdef __GLIBC__
  (void)mallopt(M_MXFAST, 0);
#endif
}
