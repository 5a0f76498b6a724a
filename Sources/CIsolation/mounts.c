// Mounts, through descriptors: a source becomes a detached tree, gets its attributes, and is
// attached to a target that the kernel resolved inside the new root. No path of the image is ever
// resolved against the host's root.

#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static int open_in(int root, const char *path, uint64_t flags) {
  int descriptor =
      isolation_open_below(root, path, flags, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
  if (descriptor >= 0) return descriptor;
  errno = -descriptor;
  return -1;
}

// Opens the directory that holds `path` and points `name` at the last component in `storage`.
static int open_parent(int root, const char *path, char storage[PATH_MAX], const char **name) {
  size_t length = strlen(path);
  if (length >= PATH_MAX) {
    errno = ENAMETOOLONG;
    return -1;
  }
  memcpy(storage, path, length + 1);
  char *slash = strrchr(storage, '/');
  if (slash == NULL) {
    *name = storage;
    return open_in(root, "/", O_PATH | O_DIRECTORY);
  }
  *slash = 0;
  *name = slash + 1;
  return open_in(root, storage[0] ? storage : "/", O_PATH | O_DIRECTORY);
}

static int make(int root, const char *path, int directory) {
  char storage[PATH_MAX];
  const char *name;
  int parent = open_parent(root, path, storage, &name);
  if (parent < 0) return -1;
  int result = directory ? mkdirat(parent, name, 0755) : mknodat(parent, name, S_IFREG | 0644, 0);
  if (result != 0 && errno == EEXIST) result = 0;
  int error = errno;
  close(parent);
  errno = error;
  return result;
}

// Opens a mount target. What is missing can only be below another mount (the parent made the
// rest), and is made there.
static int open_target(int root, const char *path, int directory) {
  int target = open_in(root, path, O_PATH);
  if (target >= 0 || errno != ENOENT) return target;
  char prefix[PATH_MAX];
  size_t length = strlen(path);
  if (length >= PATH_MAX) {
    errno = ENAMETOOLONG;
    return -1;
  }
  for (size_t end = 1; end < length; end++) {
    if (path[end] != '/') continue;
    memcpy(prefix, path, end);
    prefix[end] = 0;
    int ancestor = open_in(root, prefix, O_PATH | O_DIRECTORY);
    if (ancestor >= 0)
      close(ancestor);
    else if (errno != ENOENT || make(root, prefix, 1) != 0)
      return -1;
  }
  if (make(root, path, directory) != 0) return -1;
  return open_in(root, path, O_PATH);
}

static int set_attributes(int tree, uint64_t attributes) {
  struct mount_attr attr = {.attr_set = attributes};
  if (attributes == 0) return 0;
  return mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, sizeof attr);
}

static int attach(int tree, int target) {
  return move_mount(tree, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
}

static int clone_tree(int directory, const char *path, unsigned extra) {
  return open_tree(directory, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE | extra);
}

static int clone_source(const struct isolation_mount *mount) {
  if (mount->source_root == NULL) return clone_tree(AT_FDCWD, mount->source, 0);
  int base = open(mount->source_root, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (base < 0) return -1;
  int source = open_in(base, mount->source, O_PATH);
  int error = errno;
  close(base);
  errno = error;
  if (source < 0) return -1;
  int tree = clone_tree(source, "", AT_EMPTY_PATH);
  error = errno;
  close(source);
  errno = error;
  return tree;
}

static int new_filesystem(const char *type, const char *const *options, uint64_t attributes) {
  int context = fsopen(type, FSOPEN_CLOEXEC);
  if (context < 0) return -1;
  // What the lists of mounts name it by; without it they say "none".
  int result = fsconfig(context, FSCONFIG_SET_STRING, "source", type, 0);
  for (size_t i = 0; result == 0 && options != NULL && options[i] != NULL; i += 2)
    result = options[i + 1][0] == 0
                 ? fsconfig(context, FSCONFIG_SET_FLAG, options[i], NULL, 0)
                 : fsconfig(context, FSCONFIG_SET_STRING, options[i], options[i + 1], 0);
  if (result == 0) result = fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
  if (result == 0) result = fsmount(context, FSMOUNT_CLOEXEC, (unsigned)attributes);
  int error = errno;
  close(context);
  errno = error;
  return result;
}

// The bytes live in the tmpfs of /dev for as long as it takes to bind them elsewhere; then the
// name goes, and only the mount is left.
static const char content_name[] = ".content";

static void forget_content(int root) {
  int directory = open_in(root, "/dev", O_PATH | O_DIRECTORY);
  if (directory < 0) return;
  unlinkat(directory, content_name, 0);
  close(directory);
}

static int content_tree(int root, const struct isolation_mount *mount) {
  int directory = open_in(root, "/dev", O_PATH | O_DIRECTORY);
  if (directory < 0) return -1;
  int tree = -1, error;
  int file = openat(directory, content_name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (file >= 0) {
    if (isolation_write(file, mount->content, mount->content_length) == 0 &&
        ((mount->uid == 0 && mount->gid == 0) || fchown(file, mount->uid, mount->gid) == 0) &&
        fchmod(file, mount->mode) == 0)
      tree = open_tree(directory, content_name, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    error = errno;
    close(file);
    errno = error;
  }
  error = errno;
  close(directory);
  errno = error;
  return tree;
}

// A device node that no other process has: what the command does to its mode, owner and times stays here. It is bound over
// itself, as only a mount of its own may be opened as a device; in the rest of /dev nothing may, whatever nodes the command makes
// there. EPERM in a user namespace.
static int device_tree(int root, const struct isolation_mount *mount) {
  char storage[PATH_MAX];
  const char *name;
  int parent = open_parent(root, mount->target, storage, &name);
  if (parent < 0) return -1;
  int tree = -1;
  dev_t device = makedev(mount->device_major, mount->device_minor);
  if (mknodat(parent, name, S_IFCHR | 0666, device) == 0) {
    struct mount_attr attr = {.attr_clr = MOUNT_ATTR_NODEV};
    tree = open_tree(parent, name, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    if (tree >= 0 && mount_setattr(tree, "", AT_EMPTY_PATH, &attr, sizeof attr) != 0) {
      int error = errno;
      close(tree);
      tree = -1;
      errno = error;
    }
  }
  int error = errno;
  close(parent);
  errno = error;
  return tree;
}

static int make_symlink(int root, const struct isolation_mount *mount) {
  char storage[PATH_MAX];
  const char *name;
  int parent = open_parent(root, mount->target, storage, &name);
  if (parent < 0) return -1;
  int result = symlinkat(mount->source, parent, name);
  close(parent);
  return result;
}

// Masks or write-protects a path of /proc or /sys; one that is not there needs nothing.
static int restrict_path(int root, const struct isolation_mount *mount) {
  int target = open_in(root, mount->target, O_PATH);
  if (target < 0) return errno == ENOENT || errno == ENOTDIR || errno == EACCES ? 0 : -1;
  struct stat status;
  int tree = -1;
  uint64_t attributes = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
  if (mount->kind == ISOLATION_MOUNT_READ_ONLY) {
    tree = clone_tree(target, "", AT_EMPTY_PATH);
  } else if (fstat(target, &status) == 0 && S_ISDIR(status.st_mode)) {
    tree = new_filesystem("tmpfs", NULL, attributes);
  } else {
    // The host's node: its mode and owner are not the command's to change. Devices can be written to all the same.
    tree = clone_tree(AT_FDCWD, "/dev/null", 0);
    attributes = MOUNT_ATTR_RDONLY;
  }
  if (tree < 0 || set_attributes(tree, attributes) != 0 || attach(tree, target) != 0) return -1;
  close(tree);
  close(target);
  return 0;
}

static int perform(int root, const struct isolation_mount *mount) {
  int tree = -1;
  switch (mount->kind) {
    case ISOLATION_MOUNT_SYMLINK:
      return make_symlink(root, mount);
    case ISOLATION_MOUNT_MASK:
    case ISOLATION_MOUNT_READ_ONLY:
      return restrict_path(root, mount);
    case ISOLATION_MOUNT_BIND:
      tree = clone_source(mount);
      break;
    case ISOLATION_MOUNT_FILESYSTEM:
      tree = new_filesystem(mount->source, mount->options, mount->attributes);
      break;
    case ISOLATION_MOUNT_CONTENT:
      tree = content_tree(root, mount);
      break;
    case ISOLATION_MOUNT_DEVICE:
      tree = device_tree(root, mount);
      break;
  }
  if (tree < 0) return -1;
  int target = -1, result = -1;
  if (mount->kind == ISOLATION_MOUNT_FILESYSTEM || set_attributes(tree, mount->attributes) == 0)
    target = open_target(root, mount->target, mount->flags & ISOLATION_MOUNT_DIRECTORY);
  if (target >= 0) result = attach(tree, target);
  int error = errno;
  if (target >= 0) close(target);
  close(tree);
  if (mount->kind == ISOLATION_MOUNT_CONTENT) forget_content(root);
  errno = error;
  return result;
}

void isolation_mount_all(int root, const struct isolation_spec *spec) {
  int failed = 0;
  for (size_t i = 0; i < spec->mount_count; i++) {
    const struct isolation_mount *mount = &spec->mounts[i];
    if (mount->flags & ISOLATION_MOUNT_FALLBACK && !failed) continue;
    failed = perform(root, mount) != 0;
    if (failed && !(mount->flags & ISOLATION_MOUNT_OPTIONAL))
      isolation_fail(ISOLATION_MOUNT, (int)i);
  }
}
