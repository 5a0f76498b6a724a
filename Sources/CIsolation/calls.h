// The system calls that are supervised. Included several times, with these macros:
// CALL(number, operation, directory, path, flags, first) names the indices of the arguments, NONE for what a call does
// not have; `first` is where its values begin. NO_FOLLOW stands for a call that never follows a link in last place.
// CALL_OF(…, value) asks only if the first value is that one,
// CALL_IF(…, bits) asks only if the first value has one of the bits.

#include "owner_calls.h"

// Who a process is.
CALL(SYS_getuid, ISOLATION_CALL_GETUID, NONE, NONE, NONE, 0)
CALL(SYS_geteuid, ISOLATION_CALL_GETEUID, NONE, NONE, NONE, 0)
CALL(SYS_getgid, ISOLATION_CALL_GETGID, NONE, NONE, NONE, 0)
CALL(SYS_getegid, ISOLATION_CALL_GETEGID, NONE, NONE, NONE, 0)
CALL(SYS_getresuid, ISOLATION_CALL_GETRESUID, NONE, NONE, NONE, 0)
CALL(SYS_getresgid, ISOLATION_CALL_GETRESGID, NONE, NONE, NONE, 0)
CALL(SYS_getgroups, ISOLATION_CALL_GETGROUPS, NONE, NONE, NONE, 0)
CALL(SYS_setuid, ISOLATION_CALL_SETUID, NONE, NONE, NONE, 0)
CALL(SYS_setgid, ISOLATION_CALL_SETGID, NONE, NONE, NONE, 0)
CALL(SYS_setreuid, ISOLATION_CALL_SETREUID, NONE, NONE, NONE, 0)
CALL(SYS_setregid, ISOLATION_CALL_SETREGID, NONE, NONE, NONE, 0)
CALL(SYS_setresuid, ISOLATION_CALL_SETRESUID, NONE, NONE, NONE, 0)
CALL(SYS_setresgid, ISOLATION_CALL_SETRESGID, NONE, NONE, NONE, 0)
CALL(SYS_setfsuid, ISOLATION_CALL_SETFSUID, NONE, NONE, NONE, 0)
CALL(SYS_setfsgid, ISOLATION_CALL_SETFSGID, NONE, NONE, NONE, 0)
CALL(SYS_setgroups, ISOLATION_CALL_SETGROUPS, NONE, NONE, NONE, 0)
CALL(SYS_capget, ISOLATION_CALL_CAPGET, NONE, NONE, NONE, 0)
CALL(SYS_capset, ISOLATION_CALL_CAPSET, NONE, NONE, NONE, 0)
CALL_OF(SYS_prctl, ISOLATION_CALL_KEEP, NONE, NONE, NONE, 0, PR_SET_KEEPCAPS)
CALL(SYS_execve, ISOLATION_CALL_EXECUTE, NONE, 0, NONE, 1)
CALL(SYS_execveat, ISOLATION_CALL_EXECUTE, 0, 1, 4, 2)

// What makes files: a process that is not root believes to own them.
CALL(SYS_umask, ISOLATION_CALL_UMASK, NONE, NONE, NONE, 0)
#ifdef SYS_open
CALL(SYS_creat, ISOLATION_CALL_CREATE, NONE, 0, NONE, 1)
CALL(SYS_mkdir, ISOLATION_CALL_MKDIR, NONE, 0, NONE, 1)
CALL(SYS_symlink, ISOLATION_CALL_SYMLINK, NONE, 1, NONE, 0)
CALL_IF(SYS_open, ISOLATION_CALL_OPEN, NONE, 0, NONE, 1, MAKES_FILE)
#endif
CALL(SYS_mkdirat, ISOLATION_CALL_MKDIR, 0, 1, NONE, 2)
CALL(SYS_symlinkat, ISOLATION_CALL_SYMLINK, 1, 2, NONE, 0)
CALL_IF(SYS_openat, ISOLATION_CALL_OPEN, 0, 1, NONE, 2, MAKES_FILE)
CALL(SYS_openat2, ISOLATION_CALL_OPEN2, 0, 1, NONE, 2)
