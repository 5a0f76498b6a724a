#pragma once
// System calls that the Swift overlay of glibc does not show, or shows only as variadic macros.
// Every function returns a value >= 0, or a negative errno; none touches the caller's errno contract.
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// What statx(2) tells about one object; times in seconds and nanoseconds since the epoch.
struct slipway_status {
  uint64_t dev, ino, rdev, nlink;
  uint32_t mode, uid, gid;
  int64_t size, blocks;
  int64_t mtime_seconds, ctime_seconds;
  uint32_t mtime_nanoseconds, ctime_nanoseconds;
};

// Flags of open(2) that need _GNU_SOURCE, as plain constants.
extern const int slipway_o_path;
extern const int slipway_o_tmpfile;
extern const int slipway_o_directory;
extern const int slipway_o_nofollow;
extern const int slipway_at_empty_path;

// Resolution flags of openat2(2).
#define SLIPWAY_RESOLVE_NO_XDEV 0x01
#define SLIPWAY_RESOLVE_NO_MAGICLINKS 0x02
#define SLIPWAY_RESOLVE_NO_SYMLINKS 0x04
#define SLIPWAY_RESOLVE_BENEATH 0x08
#define SLIPWAY_RESOLVE_IN_ROOT 0x10

int slipway_openat2(int dirfd, const char *path, uint64_t flags, uint32_t mode, uint64_t resolve);
int slipway_openat(int dirfd, const char *path, int flags, uint32_t mode);

/// The object itself, a symbolic link is not followed. An empty path means `dirfd` itself.
int slipway_status(int dirfd, const char *path, struct slipway_status *out);

/// When the object was made; zero where its file system does not know. A link is not followed.
int slipway_birth(int dirfd, const char *path, int64_t *seconds, uint32_t *nanoseconds);

/// Reads directory entries into `buffer` as `type byte, name, NUL` triples (type is DT_*), without
/// "." and "..". Returns the bytes used; `*end` is 1 once nothing is left.
ssize_t slipway_list(int fd, char *buffer, size_t capacity, int *end);

// Extended attributes of `name` in the folder `dirfd` (no link is followed; an empty name means
// `dirfd` itself, which may be an O_PATH descriptor).
ssize_t slipway_getxattrat(int dirfd, const char *name, const char *attribute, void *value, size_t size);
ssize_t slipway_listxattrat(int dirfd, const char *name, char *list, size_t size);
int slipway_setxattrat(int dirfd, const char *name, const char *attribute, const void *value, size_t size);
int slipway_removexattrat(int dirfd, const char *name, const char *attribute);

ssize_t slipway_copy_file_range(int from, int to, size_t count);
int slipway_ficlone(int from, int to);
/// The next byte at or after `offset` that holds data (`*start`) and the end of that stretch
/// (`*end`). Returns 1, 0 when only a hole is left, or a negative errno.
int slipway_next_data(int fd, int64_t offset, int64_t *start, int64_t *end);

uint64_t slipway_makedev(uint32_t major, uint32_t minor);
uint32_t slipway_major(uint64_t dev);
uint32_t slipway_minor(uint64_t dev);
int slipway_mknodat(int dirfd, const char *name, uint32_t mode, uint64_t dev);

#define SLIPWAY_RENAME_NOREPLACE 1
#define SLIPWAY_RENAME_EXCHANGE 2
int slipway_renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags);

/// Permission bits of `name` in `dirfd`; an empty name means `dirfd` itself, O_PATH included.
int slipway_chmodat(int dirfd, const char *name, uint32_t mode);
/// Sets the modification time (and the access time to the same), following no link; an empty
/// name means `dirfd` itself, which must then not be an O_PATH descriptor.
int slipway_set_mtime(int dirfd, const char *name, int64_t seconds, uint32_t nanoseconds);

int slipway_memfd_create(const char *name, unsigned flags);
int slipway_close_range(unsigned first, unsigned last, unsigned flags);
/// Gives the bytes of a memory stretch of a file without moving its offset; retries on EINTR.
ssize_t slipway_pread(int fd, void *buffer, size_t count, int64_t offset);
/// Writes all of `count` bytes at the descriptor's offset. Returns 0 or a negative errno.
int slipway_write_all(int fd, const void *buffer, size_t count);
/// Writes all of `count` bytes at `offset`. Returns 0 or a negative errno.
int slipway_pwrite_all(int fd, const void *buffer, size_t count, int64_t offset);
/// The coarse wall clock, the one that the kernel stamps inodes with.
void slipway_coarse_now(int64_t *seconds, uint32_t *nanoseconds);

/// Makes the allocator fit for a process that allocates and frees much and ends soon. jemalloc gives nothing back to the kernel; glibc
/// keeps no lists of small free pieces (fastbins), which it empties whenever a large one is asked for.
void slipway_keep_freed_memory(void);
