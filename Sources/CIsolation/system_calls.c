// The filter of system calls (seccomp(2)), which the parent has put together.

#include "internal.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

_Static_assert(sizeof(struct isolation_instruction) == sizeof(struct sock_filter), "the same layout");

void isolation_filter(const struct isolation_spec *spec) {
  if (spec->filter_length == 0) return;
  const struct {
    unsigned short length;
    const struct isolation_instruction *instructions;
  } program = {(unsigned short)spec->filter_length, spec->filter};
  if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0) return;
  // EACCES: without CAP_SYS_ADMIN only a process that gives up setuid programs may filter itself.
  if (spec->filter_optional && errno == EACCES) return;
  isolation_fail(ISOLATION_FILTER, -1);
}
