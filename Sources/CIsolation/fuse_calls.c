// The calls of fuse-overlayfs that this process makes in its place, as a filter of system calls asks it to (seccomp_unotify(2)). What
// the program (1.10) does otherwise than an overlay of the kernel would be seen in layers:
// - a file that is copied up gets a new name in its folder, which changes the folder's time;
// - of a copy, set-id bits are lost by the change of its owner, and those of a folder by mkdir; a symbolic link keeps neither time nor
//   owner;
// - what is made in a folder with a set-group-ID bit does not get the folder's group;
// - what has been renamed over a lower object, and is then removed or renamed, leaves the lower object there;
// - setxattr of a symbolic link would follow it, out of the step's files.

#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

struct server {
  int listener, upper, lower;
  char upper_path[PATH_MAX];
};

// Where a name is to be, or to go.
struct place {
  int folder;  // -1 if it is not in the upper directory
  char relative[PATH_MAX];
  const char *name;
};

static int path_of(int descriptor, char path[PATH_MAX]) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t length = readlink(link, path, PATH_MAX - 1);
  if (length < 0) return -errno;
  path[length] = 0;
  return (int)length;
}

static int open_inside(int directory, const char *path, int flags) {
  return isolation_open_below(directory, path, (uint64_t)(flags | O_PATH), RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
}

static int open_descriptor(pid_t pid, int number) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/fd/%d", pid, number);
  return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

// Opens the folder that a call names something in. 0 or -errno.
static int open_folder(pid_t pid, int number, char *text, int *folder, const char **name) {
  char *slash = strrchr(text, '/');
  *name = slash != NULL ? slash + 1 : text;
  if (slash != NULL) *slash = 0;
  int directory = open_descriptor(pid, number);
  if (directory >= 0) {
    *folder = slash == NULL ? directory : open_inside(directory, text[0] == 0 ? "." : text, O_DIRECTORY);
    if (*folder != directory) close(directory);
  } else {
    *folder = -errno;
  }
  if (slash != NULL) *slash = '/';
  return *folder < 0 ? *folder : 0;
}

// 0 if the place is in the upper directory.
static int find_place(const struct server *server, pid_t pid, int number, char *text, struct place *place) {
  place->folder = -1;
  int folder;
  if (open_folder(pid, number, text, &folder, &place->name) != 0) return -1;
  char path[PATH_MAX];
  size_t length = strlen(server->upper_path);
  int count = path_of(folder, path);
  if (count >= 0 && strncmp(path, server->upper_path, length) == 0 && (path[length] == '/' || path[length] == 0)) {
    const char *rest = path[length] == '/' ? path + length + 1 : path + length;
    int written = snprintf(place->relative, sizeof place->relative, "%s%s%s", rest, rest[0] ? "/" : "", place->name);
    if (written > 0 && (size_t)written < sizeof place->relative) {
      place->folder = folder;
      return 0;
    }
  }
  close(folder);
  return -1;
}

static int is_opaque(int folder) {
  static const char *const names[] = {"trusted.overlay.opaque", "user.overlay.opaque", "user.fuseoverlayfs.opaque"};
  char path[64], value[4];
  snprintf(path, sizeof path, "/proc/self/fd/%d", folder);
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (getxattr(path, names[i], value, sizeof value) > 0 && value[0] == 'y') return 1;
  return faccessat(folder, ".wh..wh..opq", F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static int is_named(int folder, const char *name) {
  struct stat status;
  return fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT;
}

// Whether the lower directory has an object of a place that nothing in the same folder of the upper one stands for, or hides.
static int is_bare(const struct server *server, const struct place *place, struct stat *status) {
  int object = open_inside(server->lower, place->relative, O_NOFOLLOW);
  if (object < 0) return 0;
  int failed = fstat(object, status);
  close(object);
  char hidden[NAME_MAX + 5];
  snprintf(hidden, sizeof hidden, ".wh.%s", place->name);
  return !failed && !is_named(place->folder, place->name) && !is_named(place->folder, hidden);
}

// Whether the lower object of a place shows through: then what comes to this place is a copy of it.
static int shows_through(const struct server *server, const struct place *place, struct stat *status) {
  if (!is_bare(server, place, status)) return 0;
  char path[PATH_MAX];
  for (size_t end = 0; place->relative[end] != 0; end++) {
    if (place->relative[end] != '/') continue;
    memcpy(path, place->relative, end);
    path[end] = 0;
    int folder = open_inside(server->upper, path, O_DIRECTORY);
    int hides = folder < 0 || is_opaque(folder);
    if (folder >= 0) close(folder);
    if (hides) return 0;
  }
  return 1;
}

static int set_mode(int object, mode_t mode) {
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", object);
  return chmod(path, mode & 07777) == 0 ? 0 : -errno;
}

// Both, as a file system of another program may know no other way.
static int set_times(int object, const struct stat *wanted) {
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", object);
  const struct timespec times[2] = {wanted->st_atim, wanted->st_mtim};
  return utimensat(AT_FDCWD, path, times, 0) == 0 ? 0 : -errno;
}

// Makes a copy like what it was copied from.
static int match(int object, const struct stat *now, const struct stat *wanted) {
  int failed = 0;
  if (now->st_uid != wanted->st_uid || now->st_gid != wanted->st_gid)
    failed = fchownat(object, "", wanted->st_uid, wanted->st_gid, AT_EMPTY_PATH) == 0 ? 0 : -errno;
  if (!failed && !S_ISLNK(wanted->st_mode) && now->st_mode != wanted->st_mode)
    failed = set_mode(object, wanted->st_mode);
  if (!failed) failed = set_times(object, wanted);
  return failed;
}

// What is made in a folder that hands on its group.
static int inherit(int object, const struct stat *now, const struct stat *folder) {
  if (now->st_gid != folder->st_gid &&
      fchownat(object, "", (uid_t)-1, folder->st_gid, AT_EMPTY_PATH) != 0)
    return -errno;
  if (S_ISLNK(now->st_mode)) return 0;
  mode_t mode = now->st_mode | (S_ISDIR(now->st_mode) ? S_ISGID : 0);
  return set_mode(object, mode);
}

enum { PROCEED = 1 };

// Something new, or a copy, comes into the upper directory.
static int rename_into(const struct server *server, int source, const char *name, struct place *place) {
  int object = openat(source, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  if (object < 0) return PROCEED;
  struct stat now, folder, below;
  int answer = PROCEED;
  if (fstat(object, &now) == 0 && fstat(place->folder, &folder) == 0) {
    int is_copy = shows_through(server, place, &below) && (below.st_mode & S_IFMT) == (now.st_mode & S_IFMT) &&
                  !(S_ISDIR(now.st_mode) && is_opaque(object));
    if (is_copy || folder.st_mode & S_ISGID) {
      answer = is_copy ? match(object, &now, &below) : inherit(object, &now, &folder);
      if (answer == 0 && renameat(source, name, place->folder, place->name) != 0) answer = -errno;
      if (answer == 0 && is_copy) answer = set_times(place->folder, &folder);
    }
  }
  close(object);
  return answer;
}

// Something leaves its place in the upper directory. The program takes what has replaced a lower object for one that has nothing
// below it: the lower object would be there again. It also looks below folders that hide the lower ones.
static int rename_out(const struct server *server, const struct place *source, int folder, const char *name) {
  struct stat below;
  if (renameat(source->folder, source->name, folder, name) != 0) return -errno;
  if (!is_bare(server, source, &below)) return 0;
  if (mknodat(source->folder, source->name, S_IFCHR | 0700, 0) == 0) return 0;
  char hidden[NAME_MAX + 5];
  snprintf(hidden, sizeof hidden, ".wh.%s", source->name);
  int file = openat(source->folder, hidden, O_CREAT | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0700);
  if (file < 0) return -errno;
  close(file);
  return 0;
}

static int rename_call(const struct server *server, const struct seccomp_notif *call) {
  const struct seccomp_data *data = &call->data;
  if (data->nr == SYS_renameat2 && data->args[4] != 0) return PROCEED;
  char from[PATH_MAX], to[PATH_MAX];
  pid_t pid = (pid_t)call->pid;
  if (isolation_read_text(pid, data->args[1], from, sizeof from) < 0) return PROCEED;
  if (isolation_read_text(pid, data->args[3], to, sizeof to) < 0) return PROCEED;
  int folder = -1, answer = PROCEED;
  const char *name;
  struct place place;
  if (find_place(server, pid, (int)data->args[0], from, &place) == 0) {
    if (open_folder(pid, (int)data->args[2], to, &folder, &name) == 0)
      answer = rename_out(server, &place, folder, name);
  } else if (open_folder(pid, (int)data->args[0], from, &folder, &name) == 0) {
    if (find_place(server, pid, (int)data->args[2], to, &place) == 0) answer = rename_into(server, folder, name, &place);
  }
  if (folder >= 0) close(folder);
  if (place.folder >= 0) close(place.folder);
  return answer;
}

// symlinkat: straight into the upper directory it is a copy of a lower link.
static int link_into(const struct server *server, const struct seccomp_notif *call) {
  const struct seccomp_data *data = &call->data;
  char target[PATH_MAX], to[PATH_MAX];
  pid_t pid = (pid_t)call->pid;
  if (isolation_read_text(pid, data->args[0], target, sizeof target) < 0) return PROCEED;
  if (isolation_read_text(pid, data->args[2], to, sizeof to) < 0) return PROCEED;
  struct place place;
  if (find_place(server, pid, (int)data->args[1], to, &place) != 0) return PROCEED;
  int answer = PROCEED;
  struct stat folder, below, now;
  if (shows_through(server, &place, &below) && S_ISLNK(below.st_mode) && fstat(place.folder, &folder) == 0) {
    answer = symlinkat(target, place.folder, place.name) == 0 ? 0 : -errno;
    int object = answer == 0 ? openat(place.folder, place.name, O_PATH | O_NOFOLLOW | O_CLOEXEC) : -1;
    if (object >= 0) {
      answer = fstat(object, &now) == 0 ? match(object, &now, &below) : -errno;
      close(object);
    }
    if (answer == 0) answer = set_times(place.folder, &folder);
  }
  close(place.folder);
  return answer;
}

// setxattr by a path.
static int attribute(const struct seccomp_notif *call) {
  static const char own[] = "/proc/self/fd/";
  char text[PATH_MAX], path[PATH_MAX + 32];
  if (isolation_read_text((pid_t)call->pid, call->data.args[0], text, sizeof text) < 0) return PROCEED;
  const char *rest = text + sizeof own - 1;
  int is_own = strncmp(text, own, sizeof own - 1) == 0;
  // A descriptor itself leads nowhere else.
  if (is_own && strchr(rest, '/') == NULL) return PROCEED;
  if (is_own)
    snprintf(path, sizeof path, "/proc/%d/fd/%s", (int)call->pid, rest);
  else
    snprintf(path, sizeof path, "%s", text);
  struct stat status;
  return lstat(path, &status) == 0 && S_ISLNK(status.st_mode) ? -EPERM : PROCEED;
}

void isolation_serve_fuse(int listener, int upper, int lower) {
  struct server server = {.listener = listener, .upper = upper, .lower = lower};
  if (path_of(upper, server.upper_path) < 0) return;
  // Newer kernels may have a larger structure, and want all of it to be zeros.
  union {
    struct seccomp_notif call;
    unsigned char bytes[512];
  } room;
  for (;;) {
    struct pollfd watch = {.fd = listener, .events = POLLIN};
    if (poll(&watch, 1, -1) < 0) {
      if (errno == EINTR) continue;
      return;
    }
    if (!(watch.revents & POLLIN)) return;
    memset(&room, 0, sizeof room);
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &room) != 0) {
      // ENOENT: it was killed meanwhile.
      if (errno == EINTR || errno == ENOENT) continue;
      return;
    }
    int answer = PROCEED;
    switch (room.call.data.nr) {
      case SYS_renameat:
      case SYS_renameat2:
        answer = rename_call(&server, &room.call);
        break;
      case SYS_symlinkat:
        answer = link_into(&server, &room.call);
        break;
      case SYS_setxattr:
        answer = attribute(&room.call);
        break;
    }
    if (answer == PROCEED)
      isolation_proceed(listener, room.call.id);
    else
      isolation_answer(listener, room.call.id, 0, -answer);
  }
}

// MARK: The step's objects

int isolation_open_backing(int object, int upper, int lower) {
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "%d/fd/%d", (int)getpid(), object);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return -errno;
  path[length] = 0;
  if (path[0] != '/') return -ENOENT;
  const char *relative = path[1] == 0 ? "." : path + 1;
  int found = open_inside(upper, relative, O_NOFOLLOW);
  return found == -ENOENT || found == -ENOTDIR ? open_inside(lower, relative, O_NOFOLLOW) : found;
}
