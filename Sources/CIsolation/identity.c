// Who the command is: limits, groups, user, capabilities. Raw system calls, because glibc's
// wrappers of set*id signal every thread of a list that is stale in the child.

#include "internal.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static void set_limits(const struct isolation_spec *spec) {
  for (size_t i = 0; i < spec->limit_count; i++) {
    const struct isolation_limit *limit = &spec->limits[i];
    const uint64_t values[2] = {limit->soft, limit->hard};
    if (syscall(SYS_prlimit64, 0, limit->resource, values, NULL) != 0)
      isolation_fail(ISOLATION_LIMIT, (int)i);
  }
}

static void set_capabilities(uint64_t mask) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  struct __user_cap_data_struct data[2] = {
      {.effective = (uint32_t)mask, .permitted = (uint32_t)mask, .inheritable = 0},
      {.effective = (uint32_t)(mask >> 32), .permitted = (uint32_t)(mask >> 32), .inheritable = 0},
  };
  if (syscall(SYS_capset, &header, data) != 0) isolation_fail(ISOLATION_CAPABILITIES, -1);
}

static void drop_bounding_set(uint64_t keep) {
  for (int capability = 0; capability < 64; capability++) {
    if (keep >> capability & 1) continue;
    if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0) continue;
    if (errno == EINVAL) break;  // past the last one that this kernel knows
    isolation_fail(ISOLATION_CAPABILITIES, capability);
  }
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
}

// The parent may hold less than asked for; what it lacks cannot be kept.
static uint64_t permitted_capabilities(void) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  struct __user_cap_data_struct data[2] = {{0}, {0}};
  if (syscall(SYS_capget, &header, data) != 0) isolation_fail(ISOLATION_CAPABILITIES, -1);
  return (uint64_t)data[1].permitted << 32 | data[0].permitted;
}

void isolation_assume_identity(const struct isolation_spec *spec) {
  set_limits(spec);
  // A command that opens /dev/stdout must be allowed to, whoever it is.
  if (spec->uid != 0) {
    if (fchown(1, spec->uid, spec->gid) != 0 || fchown(2, spec->uid, spec->gid) != 0) errno = 0;
  }
  drop_bounding_set(spec->capabilities);
  if (spec->set_groups && syscall(SYS_setgroups, spec->group_count, spec->groups) != 0)
    isolation_fail(ISOLATION_GROUPS, -1);
  // A process whose identities are supervised is the only user that there is: whom it takes itself for, the supervisor knows.
  int is_real = spec->supervised == ISOLATION_NOT_SUPERVISED || spec->supervised == ISOLATION_OWNERS_SUPERVISED;
  if (is_real && (syscall(SYS_setresgid, spec->gid, spec->gid, spec->gid) != 0 ||
                            syscall(SYS_setresuid, spec->uid, spec->uid, spec->uid) != 0))
    isolation_fail(ISOLATION_IDENTITY, -1);
  set_capabilities(spec->uid == 0 ? spec->capabilities & permitted_capabilities() : 0);
}
