"""Runs a program that is refused one system call with EPERM, as by a filter of a container or the server of a file system.

    refuse-call.py CALL PROGRAM [ARGUMENT...]

CALL is `chroot`, or `fchown`, of which only files are refused that are to be user 1's. Whoever is not root cannot run setuid programs then.
"""

import ctypes
import os
import struct
import sys

LOAD, ANSWER, EQUAL = 0x20, 0x06, 0x15
ALLOW, ERRNO = 0x7FFF0000, 0x00050000

CALLS = {
    "chroot": ({"x86_64": 161, "aarch64": 51}, []),
    # The second argument.
    "fchown": ({"x86_64": 93, "aarch64": 55}, [(LOAD, 0, 0, 24), (EQUAL, 1, 0, 1), (ANSWER, 0, 0, ALLOW)]),
}
numbers, condition = CALLS[sys.argv[1]]
program = [
    (LOAD, 0, 0, 0),
    (EQUAL, 1, 0, numbers[os.uname().machine]),
    (ANSWER, 0, 0, ALLOW),
    *condition,
    (ANSWER, 0, 0, ERRNO | 1),
]
code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *line) for line in program))
filter = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(program), ctypes.addressof(code)))
libc = ctypes.CDLL(None, use_errno=True)
# PR_SET_NO_NEW_PRIVS for those who are not root; PR_SET_SECCOMP with SECCOMP_MODE_FILTER.
if os.geteuid() != 0 and libc.prctl(38, 1, 0, 0, 0) != 0:
    sys.exit("no_new_privs: " + os.strerror(ctypes.get_errno()))
if libc.prctl(22, 2, filter) != 0:
    sys.exit("seccomp: " + os.strerror(ctypes.get_errno()))
os.execvp(sys.argv[2], sys.argv[2:])
