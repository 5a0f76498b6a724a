// The supervisor's system calls: it receives the calls of supervised processes, reads their memory, and answers.
// Everything here runs in the builder's process, on the supervisor's thread. What comes from a process is never
// trusted: numbers are bounded, and texts are read up to PATH_MAX.

#include "CIsolation.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#endif

enum { NONE = -1, NO_FOLLOW = -2 };

struct meaning {
  int number, operation, directory, path, flags, first;
};

static const struct meaning meanings[] = {
#define CALL(number, operation, directory, path, flags, first) \
  {number, operation, directory, path, flags, first},
#define CALL_IF(number, operation, directory, path, flags, first, bits) \
  {number, operation, directory, path, flags, first},
#define CALL_OF CALL_IF
#include "calls.h"
#undef CALL
#undef CALL_OF
#undef CALL_IF
};

void isolation_prefer_quick_answers(int listener) {
  // Linux 6.6: both threads take turns on one processor. Older kernels answer slower, and right.
  ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
}

static void interpret(const struct seccomp_notif *notification, struct isolation_call *call) {
  const struct seccomp_data *data = &notification->data;
  *call = (struct isolation_call){.id = notification->id,
                                  .pid = (int32_t)notification->pid,
                                  .operation = ISOLATION_CALL_UNKNOWN,
                                  .directory = AT_FDCWD};
  for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++) {
    const struct meaning *meaning = &meanings[i];
    if (meaning->number != data->nr) continue;
    call->operation = meaning->operation;
    if (meaning->directory >= 0) call->directory = (int32_t)data->args[meaning->directory];
    call->has_path = meaning->path >= 0;
    if (meaning->path >= 0) call->path = data->args[meaning->path];
    if (meaning->flags >= 0) call->flags = (uint32_t)data->args[meaning->flags];
    if (meaning->flags == NO_FOLLOW) call->flags = AT_SYMLINK_NOFOLLOW;
    for (int value = 0; value < 4 && meaning->first + value < 6; value++)
      call->values[value] = data->args[meaning->first + value];
    return;
  }
}

int isolation_next_call(int listener, struct isolation_call *call) {
  // Newer kernels may have a larger structure, and want all of it to be zeros.
  union {
    struct seccomp_notif notification;
    unsigned char bytes[512];
  } room;
  for (;;) {
    struct pollfd watch = {.fd = listener, .events = POLLIN};
    if (poll(&watch, 1, -1) < 0) {
      if (errno == EINTR) continue;
      return -errno;
    }
    if (!(watch.revents & POLLIN)) return 0;
    memset(&room, 0, sizeof room);
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &room) == 0) {
      interpret(&room.notification, call);
      return 1;
    }
    // ENOENT: the process was killed meanwhile.
    if (errno != EINTR && errno != ENOENT) return -errno;
  }
}

int isolation_is_pending(int listener, uint64_t id) {
  return ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) == 0;
}

static void answer(int listener, struct seccomp_notif_resp *response) {
  // The only failure that is left is a process that has been killed.
  while (ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, response) != 0 && errno == EINTR) {
  }
}

void isolation_answer(int listener, uint64_t id, int64_t value, int error) {
  struct seccomp_notif_resp response = {.id = id, .val = value, .error = -error};
  answer(listener, &response);
}

void isolation_proceed(int listener, uint64_t id) {
  struct seccomp_notif_resp response = {.id = id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};
  answer(listener, &response);
}

int isolation_hand_over(int listener, uint64_t id, int descriptor, int closes_on_exec) {
  struct seccomp_notif_addfd request = {.id = id,
                                        .flags = SECCOMP_ADDFD_FLAG_SEND,
                                        .srcfd = (uint32_t)descriptor,
                                        .newfd_flags = closes_on_exec ? O_CLOEXEC : 0};
  while (ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &request) < 0)
    if (errno != EINTR) return -errno;
  return 0;
}

// MARK: A process's memory and credentials

int isolation_read_memory(pid_t pid, uint64_t address, void *buffer, size_t count) {
  struct iovec local = {.iov_base = buffer, .iov_len = count};
  struct iovec remote = {.iov_base = (void *)(uintptr_t)address, .iov_len = count};
  ssize_t done = process_vm_readv(pid, &local, 1, &remote, 1, 0);
  if (done < 0) return -errno;
  return (size_t)done == count ? 0 : -EFAULT;
}

int isolation_write_memory(pid_t pid, uint64_t address, const void *buffer, size_t count) {
  struct iovec local = {.iov_base = (void *)buffer, .iov_len = count};
  struct iovec remote = {.iov_base = (void *)(uintptr_t)address, .iov_len = count};
  ssize_t done = process_vm_writev(pid, &local, 1, &remote, 1, 0);
  if (done < 0) return -errno;
  return (size_t)done == count ? 0 : -EFAULT;
}

int isolation_read_text(pid_t pid, uint64_t address, char *text, size_t capacity) {
  enum { PAGE = 4096, PIECE = 256 };
  size_t length = 0;
  while (length < capacity) {
    // A text may end just before memory that is not there: no read goes over the end of a page.
    size_t piece = PAGE - (address + length) % PAGE;
    if (piece > PIECE) piece = PIECE;
    if (piece > capacity - length) piece = capacity - length;
    int failed = isolation_read_memory(pid, address + length, text + length, piece);
    if (failed) return failed;
    const char *end = memchr(text + length, 0, piece);
    if (end != NULL) return (int)(end - text);
    length += piece;
  }
  return -ENAMETOOLONG;
}

int isolation_get_tag(pid_t pid, uint64_t *tag) {
  struct rlimit limit;
  if (prlimit(pid, RLIMIT_LOCKS, NULL, &limit) != 0) return -errno;
  *tag = limit.rlim_cur;
  return 0;
}

int isolation_set_tag(pid_t pid, uint64_t tag) {
  struct rlimit limit;
  if (prlimit(pid, RLIMIT_LOCKS, NULL, &limit) != 0) return -errno;
  limit.rlim_cur = tag;
  return prlimit(pid, RLIMIT_LOCKS, &limit, NULL) == 0 ? 0 : -errno;
}
