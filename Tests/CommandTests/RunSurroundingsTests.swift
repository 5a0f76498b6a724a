import Glibc
import TestSupport
import Testing

/// What a RUN has around it, for root and for an ordinary user.
@Suite(
  "What a RUN sees", .serialized,
  .enabled(if: Processes.slipway != nil && Files.exists("/bin/busybox"), "needs the program and busybox"),
  .enabled(if: BuildCommandTests.Caller.canMakeNamespaces, "ordinary users cannot make user namespaces here"))
struct RunSurroundingsTests {
  typealias Caller = BuildCommandTests.Caller

  /// Builds on a base with busybox, and gives the folder with the image's files and what the program has said.
  private func build(
    _ caller: Caller, _ dockerfile: String, _ options: [String] = [], environment: [String: String?] = [:],
    _ check: (_ files: String, ProcessResult) throws -> Void
  ) throws {
    try Files.withTemporaryFolder { folder in
      #expect(unsafe chmod(folder, 0o755) == 0)
      let desk = BuildCommandTests.Desk(folder: folder, caller: caller)
      try desk.write("c/Dockerfile", Self.base + dockerfile)
      #expect(try Processes.run("cp", ["/bin/busybox", folder + "/c/busybox"]).status == 0)
      let built = try desk.slipway(
        ["build", "--progress", "plain", "-o", "out"] + options + ["c"], environment: environment)
      #expect(built.status == 0, "\(built.errorText)")
      try check(folder + "/out", built)
    }
  }

  private static let base = """
    FROM scratch
    COPY busybox /bin/busybox
    RUN ["/bin/busybox", "sh", "-c", "/bin/busybox --install -s /bin; mkdir -p /etc /srv /root; mkdir -m 1777 /tmp"]
    COPY <<EOF /etc/passwd
    root::0:0:root:/root:/bin/sh
    app:x:50:60::/tmp:/bin/sh
    EOF

    """

  private func text(_ path: String) throws -> String { String(decoding: try Files.read(path), as: UTF8.self) }

  @Test(
    "R08: docker's capabilities, its filter of system calls, and programs that become root: su and ping work",
    arguments: Caller.possible)
  func rights(caller: Caller) throws {
    let dockerfile = """
      RUN cp /bin/busybox /srv/busybox && chmod 4755 /srv/busybox && \\
        grep -E '^(CapPrm|CapEff|CapBnd|NoNewPrivs|Seccomp):' /proc/self/status > /tmp/status
      RUN --network=none ping -c 1 -w 60 127.0.0.1 > /tmp/ping-root
      USER app
      RUN --network=none id -u > /tmp/id; /srv/busybox ping -c 1 -w 60 127.0.0.1 > /tmp/ping && \\
        /srv/busybox su -c 'id -u; grep CapEff /proc/self/status' > /tmp/su
      RUN --network=none /bin/busybox ping -c 1 -w 60 127.0.0.1 > /tmp/without 2>&1 || true

      """
    try build(caller, dockerfile) { (files, _) throws in
      let docker = "00000000a80425fb"
      #expect(
        try text(files + "/tmp/status")
          == "CapPrm:\t\(docker)\nCapEff:\t\(docker)\nCapBnd:\t\(docker)\nNoNewPrivs:\t0\nSeccomp:\t2\n")
      #expect(try text(files + "/tmp/id") == "50\n")
      for name in ["ping-root", "ping"] {
        #expect(try text("\(files)/tmp/\(name)").contains("1 packets received"), "\(name)")
      }
      #expect(try text(files + "/tmp/su") == "0\nCapEff:\t\(docker)\n")
      // With one identity all users of a build are one to the kernel.
      if caller == .root { #expect(try text(files + "/tmp/without").contains("permission denied")) }
    }
  }

  @Test(
    "R09: /proc, /sys read-only, a /dev of its own, and hosts and resolv.conf mounted on /etc",
    arguments: Caller.possible)
  func mounts(caller: Caller) throws {
    let dockerfile = """
      RUN cut -d ' ' -f 2,3 /proc/mounts > /srv/mounts; ls /dev > /srv/devices; cat /etc/hosts > /srv/hosts; \\
        cat /etc/resolv.conf > /srv/resolver; for f in kcore keys timer_list; do cat /proc/$f 2> /dev/null | wc -c; done > /srv/masked; \\
        stat -c '%F %t:%T' /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty > /srv/nodes; \\
        mkdir /sys/kernel/x 2>&1 | grep -c 'Read-only' > /srv/sys; echo 1 2> /srv/kernel > /proc/sys/kernel/pid_max; \\
        true

      """
    try build(caller, dockerfile) { files, _ in
      let mounts = try text(files + "/srv/mounts").split(separator: "\n")
      for mount in [
        "/proc proc", "/sys sysfs", "/dev tmpfs", "/dev/pts devpts", "/dev/shm tmpfs", "/dev/mqueue mqueue",
        "/etc/hosts tmpfs", "/etc/resolv.conf tmpfs",
      ] { #expect(mounts.contains(Substring(mount)), "\(mount) in \(mounts)") }
      #expect(
        try text(files + "/srv/devices").split(separator: "\n") == [
          "core", "fd", "full", "mqueue", "null", "ptmx", "pts", "random", "shm", "stderr", "stdin", "stdout",
          "tty", "urandom", "zero",
        ])
      let nodes = ["1:3", "1:5", "1:7", "1:8", "1:9", "5:0"].map { "character special file \($0)\n" }
      #expect(try text(files + "/srv/nodes") == nodes.joined())
      #expect(try text(files + "/srv/hosts").hasPrefix("127.0.0.1\tlocalhost buildkitsandbox\n"))
      #expect(try text(files + "/srv/resolver") == (try? text("/etc/resolv.conf")) ?? "")
      #expect(try text(files + "/srv/masked") == "0\n0\n0\n")
      #expect(try text(files + "/srv/sys") == "1\n")
      #expect(try text(files + "/srv/kernel").contains("Read-only file system"))
      #expect(try Files.names(in: files + "/etc") == ["passwd"])
    }
  }

  @Test(
    "L17, M01, R12, R15, R24, R25: the layer has what a command wrote, in volumes and /tmp as well, and nothing of its surroundings",
    arguments: Caller.possible)
  func traces(caller: Caller) throws {
    let mark = "left-by-\(getpid())-\(caller)"
    let dockerfile = """
      COPY Dockerfile /dev/own
      VOLUME /volume
      RUN --mount=target=/ctx/deep --mount=type=tmpfs,target=/m/t --mount=type=cache,target=/k/c \\
        test -f /ctx/deep/Dockerfile && test -d /m/t && test -d /k/c && test ! -e /dev/own && test ! -e /volume && \\
        # what stays
        mkdir /volume && echo x > /volume/f && echo y > /tmp/y && echo z > /dev/shm/z && echo more >> /etc/hosts || exit 9; \\
        sh -c 'sleep 600; : \(mark)' & true

      """
    let time = try ContinuousClock().measure {
      try build(caller, dockerfile) { files, _ in
        let names = try Files.names(in: files)
        #expect(names == ["bin", "dev", "etc", "proc", "root", "srv", "sys", "tmp", "volume"])
        for (folder, content) in [("dev", ["own"]), ("etc", ["passwd"]), ("proc", []), ("sys", [])] {
          #expect(try Files.names(in: "\(files)/\(folder)") == content, "\(folder)")
        }
        #expect(try text(files + "/dev/own").contains("COPY Dockerfile /dev/own"))
        #expect(try text(files + "/volume/f") == "x\n" && text(files + "/tmp/y") == "y\n")
      }
    }
    // Far from the 600 seconds, however busy the machine is.
    #expect(time < .seconds(300))
    let processes = try Files.names(in: "/proc").filter { $0.allSatisfy(\.isNumber) }
    let left = processes.filter { process in
      // One that has just ended has no command line any more.
      String(decoding: (try? Files.read("/proc/\(process)/cmdline")) ?? [], as: UTF8.self).contains(mark)
    }
    #expect(left == [])
  }

  @Test(
    "R26: what a command prints is shown in full, whatever bytes it is", arguments: Caller.possible)
  func output(caller: Caller) throws {
    let dockerfile = """
      RUN seq 1 20000; printf 'a\\000b\\377\\376c\\n'; printf 'no end'
      RUN echo behind >&2

      """
    try build(caller, dockerfile, ["--no-cache"]) { _, built in
      #expect(String(validating: built.errors, as: UTF8.self) != nil, "what is shown is UTF-8")
      let lines = built.errorText.split(separator: "\n").compactMap { line -> String? in
        let words = line.split(separator: " ", maxSplits: 2)
        guard words.count == 3, ["#4", "#5"].contains(words[0]), words[1].first?.isNumber == true else {
          return nil
        }
        return String(words[2])
      }
      #expect(lines.compactMap { Int($0) } == Array(1...20000))
      #expect(lines.contains("ab\u{FFFD}\u{FFFD}c") && lines.contains("behind") && lines.contains("no end"))
    }
    try build(caller, dockerfile, ["--no-cache", "--progress", "rawjson"]) { _, built in
      var printed: [UInt8] = []
      for line in built.errorText.split(separator: "\n") where line.contains("\"stream\":1,") {
        let data = try #require(line.split(separator: "\"data\":\"").last?.prefix { $0 != "\"" })
        printed += try Processes.run("base64", ["-d"], input: Array(data.utf8)).output
      }
      var expected = Array((1...20000).map { "\($0)\n" }.joined().utf8)
      expected += [0x61, 0, 0x62, 0xFF, 0xFE, 0x63, 0x0A] + Array("no end".utf8)
      #expect(printed == expected)
    }
  }

  @Test(
    "R27: a command has the real time, and SOURCE_DATE_EPOCH only where an ARG declares it",
    arguments: Caller.possible)
  func clock(caller: Caller) throws {
    let dockerfile = """
      RUN date +%s > /srv/a; echo ${SOURCE_DATE_EPOCH-unset} >> /srv/a
      ARG SOURCE_DATE_EPOCH
      RUN date +%s > /srv/b; echo ${SOURCE_DATE_EPOCH-unset} >> /srv/b

      """
    let before = time(nil)
    try build(caller, dockerfile, environment: ["SOURCE_DATE_EPOCH": "1000000000"]) { files, _ in
      for (name, epoch) in [("a", "unset"), ("b", "1000000000")] {
        let lines = try text("\(files)/srv/\(name)").split(separator: "\n")
        #expect(lines.count == 2 && lines.last == Substring(epoch))
        let now = try #require(lines.first.flatMap { Int($0) })
        #expect(now >= before && now <= time(nil))
        var status = stat()
        #expect(unsafe stat("\(files)/srv/\(name)", &status) == 0)
        #expect(status.st_mtim.tv_sec == 1_000_000_000)
      }
    }
  }
}
