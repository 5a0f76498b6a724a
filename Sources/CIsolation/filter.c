// The filter of a supervised process: which system calls ask the supervisor. The kernel remembers which calls always
// pass, so that those cost nothing. The numbers are one list; `supervise.c` says what each call means.

#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

#if defined(__x86_64__)
#define NATIVE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE AUDIT_ARCH_AARCH64
#else
#error "no list of system calls for this architecture"
#endif

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
// Both architectures are little-endian: the low half comes first.
#define LOW(index) LOAD(args[index])
#define HIGH(index) \
  BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[index]) + sizeof(uint32_t))
#define RETURN(value) BPF_STMT(BPF_RET | BPF_K, (value))
#define EQUAL(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), (yes), (no))

#define ASK(number) EQUAL((number), 0, 1), RETURN(SECCOMP_RET_USER_NOTIF)

#define ASK_OF(number, index, value)                                                      \
  EQUAL((number), 0, 4), LOW(index), EQUAL((value), 0, 1), RETURN(SECCOMP_RET_USER_NOTIF), \
      RETURN(SECCOMP_RET_ALLOW)

// O_TMPFILE without the O_DIRECTORY in it.
#define MAKES_FILE (O_CREAT | (O_TMPFILE & ~O_DIRECTORY))

// Asks only if the argument has one of the bits.
#define ASK_IF(number, index, bits)                                                     \
  EQUAL((number), 0, 4), LOW(index), BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, (bits), 0, 1), \
      RETURN(SECCOMP_RET_USER_NOTIF), RETURN(SECCOMP_RET_ALLOW)

// For a process that has other identities.
static const struct sock_filter owner_instructions[] = {
    LOAD(arch),
    EQUAL(NATIVE, 1, 0),
    RETURN(SECCOMP_RET_ALLOW),
    LOAD(nr),
#define CALL(number, ...) ASK(number),
#include "owner_calls.h"
#undef CALL
    RETURN(SECCOMP_RET_ALLOW),
};

static const struct sock_filter instructions[] = {
    LOAD(arch),
    // Programs of another architecture are not supervised: they find what the kernel answers.
    EQUAL(NATIVE, 1, 0),
    RETURN(SECCOMP_RET_ALLOW),
    LOAD(nr),
#define CALL(number, ...) ASK(number),
#define CALL_OF(number, operation, directory, path, flags, first, value) ASK_OF(number, first, value),
#define CALL_IF(number, operation, directory, path, flags, first, bits) ASK_IF(number, first, bits),
#include "calls.h"
#undef CALL
#undef CALL_OF
#undef CALL_IF
    // The supervisor keeps a process's credentials in a limit that the kernel has not used since 2.4: it is handed
    // on at a fork, kept at an execve, and nobody sets it by accident.
    EQUAL(SYS_setrlimit, 0, 4),
    LOW(0),
    EQUAL(RLIMIT_LOCKS, 0, 1),
    RETURN(SECCOMP_RET_ERRNO),
    RETURN(SECCOMP_RET_ALLOW),
    EQUAL(SYS_prlimit64, 0, 7),
    LOW(1),
    EQUAL(RLIMIT_LOCKS, 0, 5),
    LOW(2),
    EQUAL(0, 0, 2),
    HIGH(2),
    EQUAL(0, 1, 0),
    RETURN(SECCOMP_RET_ERRNO),
    RETURN(SECCOMP_RET_ALLOW),
};

int isolation_install_filter(int owners_only) {
  struct sock_fprog program = {
      .len = sizeof instructions / sizeof instructions[0],
      .filter = (struct sock_filter *)instructions,
  };
  if (owners_only) {
    program.len = sizeof owner_instructions / sizeof owner_instructions[0];
    program.filter = (struct sock_filter *)owner_instructions;
  }
  unsigned long flags = SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_SPEC_ALLOW;
  // A call that the supervisor has begun with is not interrupted by a signal and made a second time; Linux 5.19.
  long listener = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
                          flags | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, &program);
  if (listener < 0 && errno == EINVAL)
    listener = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
  return (int)listener;
}
