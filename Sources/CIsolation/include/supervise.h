#pragma once
// What the supervisor of a process without other identities calls (seccomp_unotify(2)). Functions that answer an int
// answer 0 or a descriptor, or -errno, unless something else is said.

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum isolation_operation {
  ISOLATION_CALL_UNKNOWN = 0,
  ISOLATION_CALL_CHOWN,  // uid, gid
  ISOLATION_CALL_GETUID,
  ISOLATION_CALL_GETEUID,
  ISOLATION_CALL_GETGID,
  ISOLATION_CALL_GETEGID,
  ISOLATION_CALL_GETRESUID,  // addresses
  ISOLATION_CALL_GETRESGID,
  ISOLATION_CALL_GETGROUPS,  // count, address
  ISOLATION_CALL_SETUID,
  ISOLATION_CALL_SETGID,
  ISOLATION_CALL_SETREUID,
  ISOLATION_CALL_SETREGID,
  ISOLATION_CALL_SETRESUID,
  ISOLATION_CALL_SETRESGID,
  ISOLATION_CALL_SETFSUID,
  ISOLATION_CALL_SETFSGID,
  ISOLATION_CALL_SETGROUPS,  // count, address
  ISOLATION_CALL_CAPGET,  // addresses of header and data
  ISOLATION_CALL_CAPSET,
  ISOLATION_CALL_KEEP,    // PR_SET_KEEPCAPS, value
  ISOLATION_CALL_EXECUTE,
  ISOLATION_CALL_UMASK,
  ISOLATION_CALL_CREATE,   // mode
  ISOLATION_CALL_OPEN,     // flags, mode
  ISOLATION_CALL_OPEN2,    // address and size of a struct open_how
  ISOLATION_CALL_MKDIR,    // mode
  ISOLATION_CALL_MKNOD,    // mode, device
  ISOLATION_CALL_SYMLINK,  // address of the target
  ISOLATION_CALL_STAT,     // address of a struct stat
  ISOLATION_CALL_STATX,    // mask, address of a struct statx
  ISOLATION_CALL_NEW_ROOT,
  ISOLATION_CALL_SETXATTR,  // addresses of name and value, size, flags
  ISOLATION_CALL_LISTXATTR,    // address, size
  ISOLATION_CALL_REMOVEXATTR,  // address of the name
};

// One call of a supervised process, whatever its name: chown, lchown, fchown and fchownat are one operation.
struct isolation_call {
  uint64_t id;
  int32_t pid;        // of the thread
  int32_t operation;  // enum isolation_operation
  int32_t directory;  // what a relative path starts at, or the descriptor that is meant; AT_FDCWD if there is none
  uint32_t flags;     // AT_*
  int32_t has_path;
  uint64_t path;      // an address in the process
  uint64_t values[4];
};

void isolation_prefer_quick_answers(int listener);

// Waits for the next call: 1, 0 when no process is left, or -errno.
int isolation_next_call(int listener, struct isolation_call *call);
// Whether the process still waits for an answer: what was read of its memory was its own.
int isolation_is_pending(int listener, uint64_t id);
// Ends a call with a value, or an error that is not 0.
void isolation_answer(int listener, uint64_t id, int64_t value, int error);
// Lets the kernel carry out the call.
void isolation_proceed(int listener, uint64_t id);

int isolation_read_memory(pid_t pid, uint64_t address, void *buffer, size_t count);
int isolation_write_memory(pid_t pid, uint64_t address, const void *buffer, size_t count);
// Reads a text with its NUL; answers its length, or -ENAMETOOLONG.
int isolation_read_text(pid_t pid, uint64_t address, char *text, size_t capacity);

// A number that the kernel keeps with a process, and copies at a fork.
int isolation_get_tag(pid_t pid, uint64_t *tag);
int isolation_set_tag(pid_t pid, uint64_t tag);

int isolation_open_root(pid_t pid);
int isolation_open_processes(void);
// Gives this thread a root and a working directory of its own.
int isolation_detach(void);
// Makes `root` the root of this thread, which was detached, and `processes` (/proc) its working directory: the
// following functions rely on both.
int isolation_enter(int processes, int root);
// The same by way of the mount namespace of a process whose root it is, where a filter of a container refuses chroot: answers a
// descriptor of the thread's own namespace, or -errno. The step's is there as long as somebody is in it, and with it what
// is mounted: a thread must leave it before the mount points are removed.
int isolation_enter_mounts(int processes, pid_t pid);
int isolation_leave_mounts(int home);
// 0 if the process has the root that this thread has, otherwise a descriptor of its root.
int isolation_foreign_root(int processes, pid_t pid);
// Opens, with O_PATH, what a process names. An empty path is the descriptor itself.
int isolation_open_named(int processes, pid_t pid, int directory, const char *path, uint64_t flags);

struct isolation_object {
  uint64_t device, inode;
  uint64_t represented;  // by a device node
  int64_t size;
  uint32_t mode, uid, gid;
  int64_t born_seconds;
  uint32_t born_nanoseconds;
};
int isolation_object(int descriptor, struct isolation_object *object);
// Gives an object to this user, who has it already: with all that a change of owner does besides.
int isolation_change_owner(int descriptor);
// Gives an object to an owner that this user namespace has.
int isolation_give(int descriptor, uint32_t uid, uint32_t gid);
int isolation_change_mode(int descriptor, uint32_t mode);

// New files, in a folder that was opened with O_PATH. Of the flags of open(2), those count that say how a file is used.
int isolation_make_file(int parent, const char *name, uint64_t flags, uint32_t mode);
int isolation_make_unnamed_file(int folder, uint64_t flags, uint32_t mode);
int isolation_make_folder(int parent, const char *name, uint32_t mode);
int isolation_make_node(int parent, const char *name, uint32_t mode);
int isolation_make_link(int parent, const char *name, const char *target);
int isolation_open_child(int parent, const char *name);
// Ends a call with a descriptor of the process's own, for the file of this one.
int isolation_hand_over(int listener, uint64_t id, int descriptor, int closes_on_exec);

// Reads /proc/PID/status; answers its length, with a NUL behind it.
int isolation_read_status(int processes, pid_t pid, char *text, size_t capacity);
// Whether a process gains nothing from a program's mode (PR_SET_NO_NEW_PRIVS); 1, 0.
int isolation_gains_nothing(int processes, pid_t pid);
// Whether a file is a script, whose mode gives nothing; 1, 0.
int isolation_is_script(int descriptor);
// Answers the length.
int isolation_get_attribute(int descriptor, const char *name, void *value, size_t capacity);
int isolation_set_attribute(int descriptor, const char *name, const void *value, size_t count, int flags);
int isolation_remove_attribute(int descriptor, const char *name);
// The names of an object's attributes, each with its NUL; answers their bytes, or -errno.
int isolation_list_attributes(int descriptor, char *names, size_t capacity);
// The attribute of what a process names, with one system call: good for a process whose root is this thread's, and for
// nothing but the question whether there is one.
int isolation_get_named_attribute(pid_t pid, int directory, const char *path, int follows, const char *name,
                                  void *value, size_t capacity);

// What a process is to see of an object, in place of what the disk says.
struct isolation_seen {
  uint32_t uid, gid, mode;
  uint64_t device;
};
int isolation_tell_status(pid_t pid, uint64_t address, int descriptor, const struct isolation_seen *seen);
int isolation_tell_statx(pid_t pid, uint64_t address, int descriptor, unsigned mask, const struct isolation_seen *seen);
