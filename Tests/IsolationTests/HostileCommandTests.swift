import Glibc
import Testing

@testable import Isolation

extension Running {
  /// Commands of a RUN that try to get out, or to do harm.
  @Suite("Hostile commands")
  struct HostileCommands {
    let sandbox: Sandbox

    init() throws { sandbox = try Sandbox() }

    /// Each prints `escaped` if it gets what it wants.
    static let attacks: [(name: String, script: String)] = [
      ("a disk of the host", "mknod /d b 254 0 && head -c 1 /d && echo escaped"),
      ("every disk", "for m in 7 8 253 254 259; do mknod /d$m b $m 0; head -c 1 /d$m && echo escaped; done"),
      ("the memory of the machine", "mknod /m c 1 1 && head -c 1 /m && echo escaped"),
      (
        "a device through a file system in memory",
        "mknod /dev/shm/d b 254 0 && head -c 1 /dev/shm/d && echo escaped"
      ),
      ("the kernel's switches", "echo 1 > /proc/sys/kernel/panic && echo escaped"),
      ("the program for cores", "echo '|/bin/sh' > /proc/sys/kernel/core_pattern && echo escaped"),
      ("the program for modules", "echo /bin/sh > /proc/sys/kernel/modprobe && echo escaped"),
      ("the magic keys", "echo h > /proc/sysrq-trigger && echo escaped"),
      ("a kernel setting made writable", "mount -o remount,rw /proc/sys && echo escaped"),
      ("a mask taken off", "busybox umount /proc/kcore && echo escaped"),
      ("a second /proc", "mkdir /p && mount -t proc proc /p && echo escaped"),
      ("a mount of the host's disk", "mknod /d b 254 0; mkdir /h; mount /d /h && echo escaped"),
      ("a bind of the root", "mkdir /b && mount -o bind / /b && echo escaped"),
      ("namespaces of its own", "unshare -Ur true && echo escaped"),
      ("the namespaces of the first process", "busybox nsenter -t 1 -m -n -u -i true && echo escaped"),
      ("the host's root by /proc", "test -e /proc/1/root\(packageMarker) && echo escaped; true"),
      (
        "the working directory of the builder",
        "ls /proc/*/cwd/Package.swift 2>/dev/null && echo escaped; true"
      ),
      (
        "the environment of the builder",
        "cat /proc/[0-9]*/environ | grep -a -q SLIPWAY_TEST_SECRET && echo escaped; true"
      ),
      (
        "writing to /sys",
        "for f in /sys/kernel/mm/transparent_hugepage/enabled /sys/power/state; do echo x > $f && echo escaped; done"
      ),
      (
        "a control group",
        "mkdir /sys/fs/cgroup/escape && echo escaped; mkdir /sys/fs/cgroup/pids/escape && echo escaped"
      ),
      (
        "the log of the kernel",
        "busybox dmesg | grep -q . && echo escaped; head -c 1 /proc/kmsg && echo escaped"
      ),
      ("the keys of the host", "cat /proc/keys | grep -q . && echo escaped"),
      ("the clock", "busybox date -s 2001-01-01; test $(busybox date +%Y) = 2001 && echo escaped"),
      ("the name of the machine", "hostname escaped; hostname"),
      ("the end of the machine", "busybox reboot -f && echo escaped; busybox poweroff -f && echo escaped"),
      (
        "swap",
        "dd if=/dev/zero of=/swap bs=4096 count=10; busybox mkswap /swap; busybox swapon /swap && echo escaped"
      ),
      ("the firmware", "ls /sys/firmware/* && echo escaped"),
      ("a module", "echo > /x.ko; busybox insmod /x.ko && echo escaped"),
      ("the resolver's file", "rm /etc/resolv.conf && echo escaped; mv /etc/resolv.conf /x && echo escaped"),
      ("another user's files in /tmp", "ls /tmp | grep -q . && echo escaped"),
      ("the terminal", "echo x > /dev/tty && echo escaped; test -e /dev/console && echo escaped"),
      ("descriptors of the builder", "for n in 3 4 5 6 7 8 9; do (: <&$n) 2>/dev/null && echo escaped; done"),
      ("a raw port", "test -c /dev/port && echo escaped; test -c /dev/mem && echo escaped"),
      ("the root, left by dot-dot", "cd /../../../../..; test -e .\(packageMarker) && echo escaped"),
      ("a link out of the root", "ln -s ../../../../../../..\(packageMarker) /l; cat /l && echo escaped"),
    ]

    /// A path that only the host has.
    private static let packageMarker = "/usr/bin/env"

    @Test("none gets what it wants", arguments: Sandbox.namespaces)
    func attacks(namespace: UserNamespace) throws {
      _ = unsafe setenv("SLIPWAY_TEST_SECRET", "SLIPWAY_TEST_SECRET", 1)
      defer { _ = unsafe unsetenv("SLIPWAY_TEST_SECRET") }
      for (name, script) in Self.attacks {
        let sandbox = try Sandbox()
        var spec = sandbox.script("(\(script)) 2>/dev/null; true")
        spec.resolverConfiguration = bytes("nameserver 127.0.0.1\n")
        let result = try outcome(spec, namespace)
        #expect(!result.output.contains("escaped"), "\(name)")
        #expect(result.status == .exited(0), "\(name)")
        #expect(!sandbox.exists("root/etc/resolv.conf"), "\(name)")
      }
    }

    @Test(
      "Modes, owners and times of devices are its own, whichever way it reaches them",
      arguments: Sandbox.namespaces)
    func devices(namespace: UserNamespace) throws {
      let names = ["null", "zero", "full", "random", "urandom", "tty"]
      func nodes() -> [String] {
        names.map { name in
          var status = stat()
          guard unsafe stat("/dev/" + name, &status) == 0 else { return name }
          return "\(name) \(status.st_mode) \(status.st_uid) \(status.st_gid) \(status.st_mtim.tv_sec)"
        }
      }
      let before = nodes()
      let sandbox = try Sandbox()
      let script = """
        for f in null zero full random urandom tty; do
          chmod 640 /dev/$f; chown 5:6 /dev/$f; touch -d @1000 /dev/$f; rm -f /dev/$f
        done
        for f in /proc/self/fd/0 /proc/kcore; do chmod 641 $f; chown 7:8 $f; touch -d @1000 $f; done
        echo x > /dev/null && head -c 3 /dev/zero | wc -c && head -c 1 /dev/urandom | wc -c
        """
      let result = try outcome(sandbox.script(script), namespace)
      #expect(result.output == "3\n1\n")
      #expect(nodes() == before)
    }

    @Test("killing everything kills its own", arguments: Sandbox.namespaces)
    func killAll(namespace: UserNamespace) throws {
      let seconds = String(getpid() + 5_000_000)
      var child: pid_t = 0
      let words: [String] = ["sleep", seconds]
      var arguments: [UnsafeMutablePointer<CChar>?] = unsafe words.map { unsafe strdup($0) } + [nil]
      defer { unsafe arguments.forEach { unsafe free($0) } }
      #expect(unsafe posix_spawnp(&child, "sleep", nil, nil, &arguments, environ) == 0)
      defer {
        kill(child, SIGKILL)
        var status: CInt = 0
        _ = unsafe waitpid(child, &status, 0)
      }
      let result = try outcome(
        sandbox.script(
          "sleep 1000 & kill -9 -1; for i in 2 3 4 5 6 7 8 9; do kill -9 $i; done 2>/dev/null; echo left"),
        namespace)
      #expect(result.output == "left\n")
      #expect(kill(child, 0) == 0)
    }

    @Test(
      "a disk that is full is the command's trouble, and the next one has room again",
      arguments: Sandbox.namespaces)
    func fullDisk(namespace: UserNamespace) throws {
      var spec = sandbox.script(
        "dd if=/dev/zero of=/t/big bs=64k count=1000; echo $?; echo x > /t/small; rm /t/big")
      spec.mounts = [Mount(.temporary(size: 1 << 20), at: bytes("/t"))]
      let result = try outcome(spec, namespace)
      #expect(result.output == "1\n")
      #expect(result.error.contains("No space left"))
      #expect(try outcome(spec, namespace).output == "1\n")
      #expect(!sandbox.exists("root/t"))
    }

    @Test("a command that ignores every signal ends when it is cancelled", arguments: Sandbox.namespaces)
    func stubborn(namespace: UserNamespace) async throws {
      let cancellation = try Cancellation()
      let canceller = Task.detached {
        try await Task.sleep(for: .milliseconds(200))
        cancellation.cancel()
      }
      let seconds = String(getpid() + 6_000_000)
      let spec = sandbox.script(
        "trap '' TERM INT HUP QUIT USR1; (trap '' TERM INT HUP; setsid sleep \(seconds)) & while :; do sleep \(seconds); done"
      )
      #expect(throws: IsolationError.cancelled) { try outcome(spec, namespace, cancellation: cancellation) }
      try await canceller.value
      #expect(!isRunning(bytes("sleep\0" + seconds + "\0")))
    }

    @Test(
      "a daemon that has left its parent, session and output ends with the command",
      arguments: Sandbox.namespaces)
    func daemon(namespace: UserNamespace) throws {
      let seconds = String(getpid() + 7_000_000)
      let spec = sandbox.script(
        "(setsid sh -c '(setsid sleep \(seconds) </dev/null >/dev/null 2>&1 &)' &) ; sleep 0.2; echo done")
      #expect(try outcome(spec, namespace).output == "done\n")
      #expect(!isRunning(bytes("sleep\0" + seconds + "\0")))
    }

    @Test("an output without an end is passed on, and ends", arguments: Sandbox.namespaces)
    func endlessOutput(namespace: UserNamespace) async throws {
      let cancellation = try Cancellation()
      let canceller = Task.detached {
        try await Task.sleep(for: .milliseconds(200))
        cancellation.cancel()
      }
      let executor = NamespaceExecutor(userNamespace: namespace)
      #expect(throws: IsolationError.cancelled) {
        _ = try executor.run(
          sandbox.script("while :; do echo aaaaaaaaaaaaaaaaaaaaaa; done"), cancellation: cancellation
        ) {
          _ in
        }
      }
      try await canceller.value
    }
  }
}
