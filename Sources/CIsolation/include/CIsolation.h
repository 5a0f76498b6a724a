#pragma once
// The part of process isolation that must be C: everything between clone3 and execve, where only
// async-signal-safe calls are allowed, and the system calls that Swift's Glibc module lacks.
// Every pointer of a specification stays valid in the child, which has a copy of the memory.

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// What the child was doing when it stopped; the first one is a message, not a failure.
enum isolation_stage {
  ISOLATION_ROOT_READY = 0,
  ISOLATION_DESCRIPTORS,
  ISOLATION_HANDSHAKE,
  ISOLATION_PRIVATE_MOUNTS,
  ISOLATION_ROOT,
  ISOLATION_OVERLAY,
  ISOLATION_HOSTNAME,
  ISOLATION_LOOPBACK,
  ISOLATION_MOUNT,
  ISOLATION_PIVOT,
  ISOLATION_WORKING_DIRECTORY,
  ISOLATION_LIMIT,
  ISOLATION_GROUPS,
  ISOLATION_IDENTITY,
  ISOLATION_CAPABILITIES,
  ISOLATION_EXECUTE,
  ISOLATION_TERMINAL,
  ISOLATION_KEEPER,
  ISOLATION_FILTER,
  ISOLATION_SUPERVISION,  // without an error it is a message: the listener of the filter is on its way
  ISOLATION_CONTROL_GROUP,
  ISOLATION_STAGE_COUNT,
};

enum isolation_mount_kind {
  ISOLATION_MOUNT_BIND,        // `source` of the host, with everything mounted below it
  ISOLATION_MOUNT_FILESYSTEM,  // a new instance of the file system type `source`
  ISOLATION_MOUNT_CONTENT,     // a file in memory with `content`
  ISOLATION_MOUNT_SYMLINK,     // no mount: a symbolic link to `source`
  ISOLATION_MOUNT_MASK,        // hide `target` if it exists
  ISOLATION_MOUNT_READ_ONLY,   // make `target` read-only if it exists
  ISOLATION_MOUNT_DEVICE,      // a node of its own for the character device `device`
};

enum isolation_mount_flag {
  ISOLATION_MOUNT_OPTIONAL = 1,   // a failure is no error
  ISOLATION_MOUNT_FALLBACK = 2,   // only if the mount before failed
  ISOLATION_MOUNT_DIRECTORY = 4,  // the target, where missing below a mount, is made a directory
};

struct isolation_mount {
  int32_t kind;
  uint32_t flags;
  uint64_t attributes;              // MOUNT_ATTR_*
  const char *source_root;          // if set, `source` is resolved below it
  const char *source;
  const char *target;               // resolved below the new root
  const char *const *options;       // key, value, key, value …, NULL
  const unsigned char *content;
  size_t content_length;
  uint32_t mode, uid, gid;          // of a content file
  uint32_t device_major, device_minor;
};

// Whether calls that need other identities than the caller's are answered by the parent.
enum isolation_supervised {
  ISOLATION_NOT_SUPERVISED,
  ISOLATION_SUPERVISED,
  ISOLATION_SUPERVISED_IF_POSSIBLE,
  ISOLATION_OWNERS_SUPERVISED,  // if possible: devices, and owners that the user namespace does not have
};

struct isolation_limit {
  int32_t resource;
  uint64_t soft, hard;
};

// An instruction of classic BPF, `struct sock_filter`.
struct isolation_instruction {
  uint16_t code;
  uint8_t yes, no;
  uint32_t value;
};

struct isolation_spec {
  uint64_t clone_flags;
  int32_t change_root_only;  // no namespaces, no mounts: `root` becomes the root, and a keeper watches
  int32_t standard_input, standard_output, standard_error;
  int32_t go;      // read end: one byte from the parent per permission to go on
  int32_t report;  // write end: struct isolation_report
  // -1, or a socket: the command gets a terminal of its own as input, output and controlling
  // terminal, and the parent its other end.
  int32_t terminal;
  int32_t supervisor;  // -1, or a socket: where the listener of the filter goes
  int32_t announce_root;
  int32_t own_control_groups;  // the group that the parent has put the child into becomes the root of what it sees
  const char *root;              // a directory; with `lower`, where the overlay is mounted
  const char *const *lower;      // topmost first, NULL at the end; NULL for a plain directory
  const char *upper, *work;
  const char *overlay_options;   // ",name=value…", appended to the directories
  const struct isolation_mount *mounts;
  size_t mount_count;
  const char *hostname;
  int32_t loopback_up;
  const char *working_directory;
  const char *process_limit;     // how many processes the pid namespace may have, in digits; NULL for no limit
  const struct isolation_limit *limits;
  size_t limit_count;
  int32_t supervised;            // enum isolation_supervised
  uint32_t uid, gid;
  const uint32_t *groups;
  size_t group_count;
  int32_t set_groups;
  uint64_t capabilities;
  const struct isolation_instruction *filter;  // of system calls; may be empty
  size_t filter_length;
  int32_t filter_optional;       // a process that may not filter goes without
  const char *const *programs;   // tried in turn
  const char *const *arguments;
  const char *const *environment;
  int32_t dry_run;               // stop where execve would be, with status 0
};

struct isolation_report {
  int32_t stage, error, index;
};

// Starts the child; the pidfd (close-on-exec) is stored. Answers the pid, or -errno.
pid_t isolation_start(const struct isolation_spec *spec, int *pidfd);

// Waits for the child and reaps it. Stores the exit status or the signal. 0 or -errno.
int isolation_wait(int pidfd, int *exited, int *value);

// Kills the child, and with it its pid namespace. 0 or -errno.
int isolation_kill(int pidfd);

// Tells the keeper of a child without namespaces to end it all. 0 or -errno.
int isolation_end(int pidfd);

// Removes what `name` is in `directory`, a folder with all that is in it; no link is followed. 0 or -errno.
int isolation_remove_tree(int directory, const char *name);

// What the machine offers, tried in a child; 0 or -errno.
int isolation_try_namespaces(uint64_t flags);
int isolation_try_notification(void);
int isolation_filter_support(void);
// The capabilities that this process has.
uint64_t isolation_permitted_capabilities(void);
// The magic number of the file system that holds `path`, or -errno.
int64_t isolation_filesystem_type(const char *path);
// Shares a file's blocks with another file. 0 or -errno.
int isolation_clone_file(int from, int to);
// Gives a file an attribute, to see whether it can have one. 0 or -errno.
int isolation_try_attribute(int file);
// Keeps other processes of the same user away from this one's memory.
void isolation_hide_memory(void);

// Moves this process, which must have one thread only, into a new user namespace and a mount
// namespace of it. 0 or -errno.
int isolation_enter_user_namespace(void);
// In the status of `isolation_make_range_namespace`.
enum {
  ISOLATION_RANGE_GROUPS = 1 << 16,  // the program for groups has failed, not the one for users
  ISOLATION_RANGE_OWNERS = 1 << 17,  // no program: files in the folder cannot be given away, and the rest is why, an errno
};

// The same, with the identities that two programs give it: newuidmap and newgidmap, each with its arguments but the process,
// NULL at the end. Files in `folder` must be able to belong to them. Without `enters` it is only tried. `status` is the wait
// status of the program that has failed, or one of the above with more; else 0. After a failure the process is where it was.
int isolation_make_range_namespace(const char *const *users, const char *const *groups, const char *folder,
                                   int enters, int *status);

// The following answer a descriptor (close-on-exec) or -errno.
int isolation_pipe(int ends[2]);
int isolation_socket_pair(int ends[2]);
// The descriptor that the child has sent over a socket; it does not block.
int isolation_receive(int socket);
int isolation_eventfd(void);
int isolation_open_below(int directory, const char *path, uint64_t flags, uint64_t resolve);

// Constants that the Glibc module does not export.
extern const uint64_t isolation_clone_user, isolation_clone_network, isolation_clone_always;
extern const uint64_t isolation_clone_mount, isolation_clone_pid, isolation_clone_ipc, isolation_clone_uts,
    isolation_clone_cgroup;
extern const uint64_t isolation_attribute_read_only, isolation_attribute_nosuid,
    isolation_attribute_nodev, isolation_attribute_noexec;
extern const uint64_t isolation_open_path, isolation_resolve_in_root, isolation_resolve_no_symlinks,
    isolation_resolve_no_magic_links;
extern const int isolation_empty_path;

#include "fuse.h"
#include "supervise.h"
