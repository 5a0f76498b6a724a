"""Runs a program where nobody may make namespaces, as in a container with docker's filter of system calls.

    refuse-namespaces.py PROGRAM [ARGUMENT...]

`unshare` and `clone` with a flag of a namespace give EPERM, `clone3` ENOSYS (docker's answers).
"""

import ctypes
import os
import struct
import sys

LOAD, ANSWER, EQUAL, ANY_BIT = 0x20, 0x06, 0x15, 0x45
ALLOW, ERRNO = 0x7FFF0000, 0x00050000
NAMESPACES = 0x7E020000
CALLS = {"x86_64": (272, 56, 435), "aarch64": (97, 220, 435)}

unshare, clone, clone3 = CALLS[os.uname().machine]
program = [
    (LOAD, 0, 0, 0),
    (EQUAL, 0, 1, unshare),
    (ANSWER, 0, 0, ERRNO | 1),
    (EQUAL, 0, 1, clone3),
    (ANSWER, 0, 0, ERRNO | 38),
    (EQUAL, 1, 0, clone),
    (ANSWER, 0, 0, ALLOW),
    (LOAD, 0, 0, 16),
    (ANY_BIT, 0, 1, NAMESPACES),
    (ANSWER, 0, 0, ERRNO | 1),
    (ANSWER, 0, 0, ALLOW),
]
code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *line) for line in program))
filter = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(program), ctypes.addressof(code)))
libc = ctypes.CDLL(None, use_errno=True)
# PR_SET_NO_NEW_PRIVS for those who are not root; PR_SET_SECCOMP with SECCOMP_MODE_FILTER.
if os.geteuid() != 0 and libc.prctl(38, 1, 0, 0, 0) != 0:
    sys.exit("no_new_privs: " + os.strerror(ctypes.get_errno()))
if libc.prctl(22, 2, filter) != 0:
    sys.exit("seccomp: " + os.strerror(ctypes.get_errno()))
os.execvp(sys.argv[1], sys.argv[1:])
