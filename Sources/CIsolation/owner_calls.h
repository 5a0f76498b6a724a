// The part of `calls.h` that is supervised where a process has other identities: what the disk cannot hold.

// Owners.
#ifdef SYS_chown
CALL(SYS_chown, ISOLATION_CALL_CHOWN, NONE, 0, NONE, 1)
CALL(SYS_lchown, ISOLATION_CALL_CHOWN, NONE, 0, NO_FOLLOW, 1)
#endif
CALL(SYS_fchown, ISOLATION_CALL_CHOWN, 0, NONE, NONE, 1)
CALL(SYS_fchownat, ISOLATION_CALL_CHOWN, 0, 1, 4, 2)

// Devices.
#ifdef SYS_mknod
CALL(SYS_mknod, ISOLATION_CALL_MKNOD, NONE, 0, NONE, 1)
#endif
CALL(SYS_mknodat, ISOLATION_CALL_MKNOD, 0, 1, NONE, 2)

// What a process is told about files.
#ifdef SYS_stat
CALL(SYS_stat, ISOLATION_CALL_STAT, NONE, 0, NONE, 1)
CALL(SYS_lstat, ISOLATION_CALL_STAT, NONE, 0, NO_FOLLOW, 1)
#endif
CALL(SYS_fstat, ISOLATION_CALL_STAT, 0, NONE, NONE, 1)
CALL(SYS_newfstatat, ISOLATION_CALL_STAT, 0, 1, 3, 2)
CALL(SYS_statx, ISOLATION_CALL_STATX, 0, 1, 2, 3)

// After one of these there may be processes with other roots.
CALL(SYS_chroot, ISOLATION_CALL_NEW_ROOT, NONE, NONE, NONE, 0)
CALL(SYS_pivot_root, ISOLATION_CALL_NEW_ROOT, NONE, NONE, NONE, 0)
CALL(SYS_setns, ISOLATION_CALL_NEW_ROOT, NONE, NONE, NONE, 0)

// Attributes that name identities.
CALL(SYS_setxattr, ISOLATION_CALL_SETXATTR, NONE, 0, NONE, 1)
CALL(SYS_lsetxattr, ISOLATION_CALL_SETXATTR, NONE, 0, NO_FOLLOW, 1)
CALL(SYS_fsetxattr, ISOLATION_CALL_SETXATTR, 0, NONE, NONE, 1)

// Attributes that are nobody's to see: those that records are kept in.
CALL(SYS_listxattr, ISOLATION_CALL_LISTXATTR, NONE, 0, NONE, 1)
CALL(SYS_llistxattr, ISOLATION_CALL_LISTXATTR, NONE, 0, NO_FOLLOW, 1)
CALL(SYS_flistxattr, ISOLATION_CALL_LISTXATTR, 0, NONE, NONE, 1)
CALL(SYS_removexattr, ISOLATION_CALL_REMOVEXATTR, NONE, 0, NONE, 1)
CALL(SYS_lremovexattr, ISOLATION_CALL_REMOVEXATTR, NONE, 0, NO_FOLLOW, 1)
CALL(SYS_fremovexattr, ISOLATION_CALL_REMOVEXATTR, 0, NONE, NONE, 1)
