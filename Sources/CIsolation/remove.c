// Removing a tree below a descriptor.

#include "CIsolation.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static int remove_entries(int directory) {
  int copy = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (copy < 0) return -errno;
  DIR *stream = fdopendir(copy);
  if (stream == NULL) {
    int error = errno;
    close(copy);
    return -error;
  }
  int result = 0;
  struct dirent *entry;
  while (result == 0 && (entry = readdir(stream)) != NULL) {
    const char *name = entry->d_name;
    if (name[0] == '.' && (name[1] == 0 || (name[1] == '.' && name[2] == 0))) continue;
    result = isolation_remove_tree(directory, name);
  }
  closedir(stream);
  return result;
}

int isolation_remove_tree(int directory, const char *name) {
  if (unlinkat(directory, name, 0) == 0 || errno == ENOENT) return 0;
  if (errno != EISDIR && errno != EPERM) return -errno;
  int below = openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (below < 0) return -errno;
  int result = remove_entries(below);
  close(below);
  if (result != 0) return result;
  return unlinkat(directory, name, AT_REMOVEDIR) == 0 ? 0 : -errno;
}
