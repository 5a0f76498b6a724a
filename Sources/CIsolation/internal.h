#pragma once
// Shared by the C files of this module only. Everything here runs in the child.

#include "CIsolation.h"

#include <signal.h>

// Tells the parent what failed (errno, and which element of a list) and ends the child.
_Noreturn void isolation_fail(int stage, int index);

// Mounts the root file system and answers a descriptor of it; ends the child on failure.
int isolation_mount_root(const struct isolation_spec *spec);

// Performs every mount of the specification below `root`; ends the child on failure.
void isolation_mount_all(int root, const struct isolation_spec *spec);

// Takes on the requested user, groups and limits, and drops every other capability.
void isolation_assume_identity(const struct isolation_spec *spec);

// Puts a keeper between the caller and the parent; returns in the process that becomes the command.
void isolation_keep(void);

// Lets the kernel refuse what the specification's filter refuses, from here on; needs CAP_SYS_ADMIN of the user
// namespace, so it comes before capabilities are dropped.
void isolation_filter(const struct isolation_spec *spec);

// Writes the whole buffer; -1 and errno on failure.
int isolation_write(int descriptor, const void *bytes, size_t length);

// Lets the calls of `calls.h`, or those of `owner_calls.h` alone, ask whoever holds the descriptor that is answered; -1 and
// errno on failure.
int isolation_install_filter(int owners_only);

// Gives every signal its default action, and the mask.
void isolation_reset_signals(const sigset_t *mask);

// Sends a descriptor over a socket, with one byte; -1 and errno on failure.
int isolation_send(int socket, int descriptor);
