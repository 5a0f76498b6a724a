#!/usr/bin/env python3
"""Measures what system calls cost in a RUN of an ordinary user: those that the supervisor answers, and others."""

import argparse
import os
import pathlib
import subprocess
import tempfile

PROGRAM = r"""
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e6 + time.tv_nsec / 1e3;
}

#define MEASURE(name, count, call)                                          \
  do {                                                                      \
    double start = now();                                                   \
    for (int i = 0; i < count; i++)                                         \
      if ((call) < 0) { perror(name); return 1; }                           \
    printf("%s %.3f\n", name, (now() - start) / count);                     \
  } while (0)

int main(int argc, char **argv) {
  if (chdir(argv[1]) != 0) return 1;
  int user = atoi(argv[2]);
  int file = open("file", O_CREAT | O_RDWR, 0644);
  if (file < 0) return 1;
  struct stat status;
  MEASURE("stat", 100000, stat("file", &status));
  MEASURE("geteuid", 100000, syscall(SYS_geteuid));
  MEASURE("chown", 100000, chown("file", user, user));
  MEASURE("fchown", 100000, fchown(file, user, user));
  MEASURE("stat-recorded", 100000, stat("file", &status));
  MEASURE("getppid", 1000000, syscall(SYS_getppid));
  MEASURE("lseek", 1000000, lseek(file, 0, SEEK_SET));
  MEASURE("access", 200000, access("file", R_OK));
  MEASURE("read", 1000000, read(file, &status, 0));
  return 0;
}
"""


def measured(lines):
    pairs = [line.split()[-2:] for line in lines if len(line.split()) >= 2]
    return {name: float(value) for name, value in pairs}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--slipway", default="slipway")
    parser.add_argument("--root", help="the folder of the store")
    parser.add_argument("--compiler", default="cc")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder)
        (path / "calls.c").write_text(PROGRAM)
        subprocess.run(
            [arguments.compiler, "-O2", "-static", "-o", path / "calls", path / "calls.c"], check=True)
        outside = subprocess.run(
            [path / "calls", folder, str(os.getuid())], check=True, capture_output=True, text=True)
        (path / "Dockerfile").write_text(
            'FROM scratch\nWORKDIR /work\nCOPY calls /calls\nRUN ["/calls", "/work", "1234"]\n')
        command = [arguments.slipway, "build", "--no-cache", "--progress", "plain"]
        if arguments.root:
            command += ["--root", arguments.root]
        done = subprocess.run(command + [folder], capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(done.stderr)
        outside = measured(outside.stdout.splitlines())
        inside = measured(
            line for line in (done.stdout + done.stderr).splitlines()
            if line.split()[-2:-1] and line.split()[-2] in outside)
        print(f"{'call':<14} {'outside':>10} {'in a RUN':>10} {'more':>10}   (µs)")
        for name, value in outside.items():
            print(f"{name:<14} {value:>10.3f} {inside[name]:>10.3f} {inside[name] - value:>10.3f}")


main()
