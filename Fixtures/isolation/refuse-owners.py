"""Runs a program that can give no file away to user 1, as on a file system of a network. Needs root, so that setuid programs still work.

    refuse-owners.py PROGRAM [ARGUMENT...]

`fchown` to 1 gives EPERM, which servers answer that do not know the users of a user namespace.
"""

import ctypes
import os
import struct
import sys

LOAD, ANSWER, EQUAL = 0x20, 0x06, 0x15
ALLOW, ERRNO = 0x7FFF0000, 0x00050000

fchown = {"x86_64": 93, "aarch64": 55}[os.uname().machine]
program = [
    (LOAD, 0, 0, 0),
    (EQUAL, 1, 0, fchown),
    (ANSWER, 0, 0, ALLOW),
    (LOAD, 0, 0, 24),
    (EQUAL, 0, 1, 1),
    (ANSWER, 0, 0, ERRNO | 1),
    (ANSWER, 0, 0, ALLOW),
]
code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *line) for line in program))
filter = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(program), ctypes.addressof(code)))
libc = ctypes.CDLL(None, use_errno=True)
# PR_SET_SECCOMP with SECCOMP_MODE_FILTER.
if libc.prctl(22, 2, filter) != 0:
    sys.exit("seccomp: " + os.strerror(ctypes.get_errno()))
os.execvp(sys.argv[1], sys.argv[1:])
