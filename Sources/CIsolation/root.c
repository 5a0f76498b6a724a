// The root file system: a directory bound onto itself, or an overlay.

#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

// The kernel takes one page of mount options.
static char options[4096];
static size_t used;

static void append(const char *text) {
  size_t length = strlen(text);
  if (used + length >= sizeof options) {
    errno = E2BIG;
    isolation_fail(ISOLATION_OVERLAY, -1);
  }
  memcpy(options + used, text, length + 1);
  used += length;
}

// Names a directory by a descriptor: short, so that many layers fit, free of the characters that
// mean something in an option, and silent about the host's paths.
static int append_directory(const char *path, int index) {
  int descriptor = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) isolation_fail(ISOLATION_OVERLAY, index);
  char digits[12];
  size_t position = sizeof digits;
  digits[--position] = 0;
  for (int rest = descriptor; rest > 0 || digits[position] == 0; rest /= 10)
    digits[--position] = (char)('0' + rest % 10);
  append("/proc/self/fd/");
  append(digits + position);
  return descriptor;
}

static int mount_overlay(const struct isolation_spec *spec) {
  int first = -1, last = -1;
  append("lowerdir=");
  for (int i = 0; spec->lower[i] != NULL; i++) {
    if (i > 0) append(":");
    last = append_directory(spec->lower[i], i);
    if (first < 0) first = last;
  }
  append(",upperdir=");
  append_directory(spec->upper, -1);
  append(",workdir=");
  last = append_directory(spec->work, -1);
  append(spec->overlay_options);
  // Over its own upper directory, which nobody needs under its own name in this namespace.
  if (mount("overlay", spec->upper, "overlay", MS_NODEV, options) != 0)
    isolation_fail(ISOLATION_OVERLAY, -1);
  for (int descriptor = first; descriptor <= last; descriptor++) close(descriptor);
  int root = open(spec->upper, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (root < 0) isolation_fail(ISOLATION_OVERLAY, -1);
  return root;
}

int isolation_mount_root(const struct isolation_spec *spec) {
  if (spec->lower != NULL) return mount_overlay(spec);
  int root = open_tree(AT_FDCWD, spec->root, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
  // A device node that the command makes must not open the host's device.
  struct mount_attr attr = {.attr_set = MOUNT_ATTR_NODEV};
  if (root < 0 ||
      mount_setattr(root, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, sizeof attr) != 0 ||
      move_mount(root, "", AT_FDCWD, spec->root, MOVE_MOUNT_F_EMPTY_PATH) != 0)
    isolation_fail(ISOLATION_ROOT, -1);
  return root;
}
