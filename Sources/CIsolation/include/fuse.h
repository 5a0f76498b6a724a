#pragma once
// fuse-overlayfs as a child of this process: the mount is made here, and the program only serves it. Functions that answer an
// int answer 0 or a descriptor, or -errno, unless something else is said.

#include <sys/types.h>

// Opens /dev/fuse.
int isolation_open_fuse(void);
// Mounts, at no place yet, what a program will serve that gets `device`; answers a descriptor of the mount.
int isolation_mount_fuse(int device);
// Gives such a mount a place, in this process's mount namespace.
int isolation_attach_fuse(int mounted, const char *folder);
// Takes it off.
int isolation_unmount_fuse(const char *folder);
// Gives this process, which must have one thread only, a mount namespace of its own.
int isolation_own_mounts(void);

// Starts a program that serves `device`, which it finds as /dev/fd/3, with `error` as its standard error and nothing else: its
// environment is empty, and it dies with the thread that calls. Answers the pid; the pidfd is stored. What comes over the other
// end of `socket`, isolation_receive_fuse takes.
pid_t isolation_start_fuse(const char *const *arguments, int device, int error, int socket, int *pidfd);
// Waits until the program is executed; answers the descriptor for isolation_serve_fuse, or why there is none, as -errno.
int isolation_receive_fuse(int socket);

// Answers the calls of fuse-overlayfs that it would not make as an overlay does, until it has ended.
void isolation_serve_fuse(int listener, int upper, int lower);

// Finds what an object of a step's file system, which fuse-overlayfs serves, is on the disk, by the path that the object has now
// as seen from this thread, whose working directory is /proc: in the upper directory, else in the lower one.
int isolation_open_backing(int object, int upper, int lower);

// Waits until a descriptor can be read, for so many milliseconds at most. 1 if it can, 0 if not.
int isolation_wait_readable(int descriptor, int milliseconds);
