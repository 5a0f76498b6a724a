import Glibc
import TestSupport
import Testing

/// `slipway build --memory`, `--ulimit` and their like.
@Suite(
  "Limits of RUN on the command line", .serialized,
  .enabled(if: Processes.slipway != nil, "the program has not been built"))
struct ResourceOptionTests {
  private static let hasBusybox = Files.exists("/bin/busybox")
  /// Told by the program that is under test: whether it can keep a limit shows when it has to.
  private static let doctor: String = {
    guard let program = Processes.slipway else { return "" }
    return (try? Processes.run(program, ["doctor"]))?.outputText ?? ""
  }()
  private static let canRun = !doctor.contains("isolation: none")
  private static let canLimit = doctor.split(separator: "\n").contains {
    $0.hasPrefix("yes  limits of RUN by cgroups") && $0.hasSuffix(" memory cpu cpuset pids")
  }

  private struct Desk {
    let folder: String

    func build(_ arguments: [String], _ name: String = "c") throws -> ProcessResult {
      try Processes.run(
        try #require(Processes.slipway), ["build", "--progress", "plain"] + arguments + [name],
        environment: ["HOME": folder, "SLIPWAY_ROOT": folder + "/store", "SOURCE_DATE_EPOCH": "1700000000"],
        folder: folder)
    }
  }

  private func withDesk(_ run: String, _ body: (Desk) throws -> Void) throws {
    try Files.withTemporaryFolder { folder in
      if Self.hasBusybox {
        try Files.createFolder(folder + "/c")
        #expect(try Processes.run("cp", ["/bin/busybox", folder + "/c/busybox"]).status == 0)
      }
      let text = "FROM scratch\nCOPY busybox /bin/busybox\nSHELL [\"/bin/busybox\", \"sh\", \"-c\"]\n"
      try Files.write(Array("\(text)RUN \(run)\n".utf8), to: folder + "/c/Dockerfile")
      try body(Desk(folder: folder))
    }
  }

  @Test(
    "A tree may be deeper than the caller may have files open, and RUN has the caller's limit",
    .enabled(if: canRun && hasBusybox, "needs namespaces and busybox"))
  func openFiles() throws {
    try withDesk("ulimit -Sn; ulimit -Sn 100") { desk in
      let prepare = """
        mkdir c/t && cd c/t && i=0 && while [ $i -lt 700 ]; do mkdir d && cd d && i=$((i+1)); done
        cd "$1" && printf 'COPY t /t\\nFROM scratch\\nCOPY --from=0 /t /y\\n' >> c/Dockerfile
        """
      #expect(try Processes.run("sh", ["-c", prepare, "sh", desk.folder], folder: desk.folder).status == 0)
      for (option, limit) in [("--progress=plain", "256"), ("--ulimit=nofile=300:400", "300")] {
        let built = try Processes.run(
          "sh",
          [
            "-c", "ulimit -Sn 256 && exec \"$@\"", "sh", try #require(Processes.slipway), "build",
            "--no-cache",
            option, "c",
          ], environment: ["HOME": desk.folder, "SLIPWAY_ROOT": desk.folder + "/store"], folder: desk.folder)
        #expect(built.status == 0, "\(built.errorText)")
        let lines = built.errorText.split(separator: "\n")
        #expect(lines.contains { $0.hasSuffix(" \(limit)") }, "\(built.errorText)")
      }
    }
  }

  @Test(
    "What makes no sense is an error before anything is run",
    arguments: [
      (["--memory", "x"], "--memory x: write bytes, or a number with k, m or g behind it"),
      (["-m", "1m"], "--memory 1m: write 6m or more"),
      (["--memory-swap", "1g"], "write --memory too"),
      (["-m", "1g", "--memory-swap", "512m"], "write as much as --memory, or more"),
      (["-c", "1"], "--cpu-shares 1: write a number from 2 to 262144"),
      (["--cpu-period", "10"], "--cpu-period 10: write a number from 1000 to 1000000"),
      (["--cpu-quota", "many"], "--cpu-quota many: write a number from 1000"),
      (["--cpuset-cpus", "3-1"], "--cpuset-cpus 3-1: write numbers and ranges"),
      (["--shm-size", "0"], "--shm-size 0: write bytes"),
      (["--ulimit", "nofile"], "--ulimit nofile: write NAME=SOFT:HARD"),
      (["--ulimit", "files=3"], "`files` is no limit; there are as, core, cpu"),
      (["--ulimit", "nofile=9:3"], "the soft limit is above the hard one"),
      (["--ulimit", "nofile=1:2:3"], "write NAME=SOFT:HARD"),
      (["--ulimit", "nofile=x"], "`x` is no number"),
      (["--ulimit", "locks=3"], "Linux has had no such limit since 2.4"),
    ] as [([String], String)])
  func nonsense(arguments: [String], sentence: String) throws {
    try withDesk("true") { desk in
      let result = try desk.build(arguments)
      #expect(result.status == 2)
      #expect(result.errorText.contains(sentence), "\(result.errorText)")
    }
  }

  @Test(
    "--shm-size and --ulimit hold in a RUN, for every user",
    .enabled(if: hasBusybox, "needs /bin/busybox"), .enabled(if: canRun, "RUN cannot work here"),
    .enabled(if: !doctor.contains("isolation: chroot"), "without namespaces there is no /dev/shm of its own"))
  func sizes() throws {
    try withDesk("busybox df -k /dev/shm && ulimit -n && ulimit -Hn && ulimit -c") { desk in
      let result = try desk.build([
        "--shm-size", "3m", "--ulimit", "nofile=77:88", "--ulimit", "core=0", "--no-cache",
      ])
      #expect(result.status == 0, "\(result.errorText)")
      #expect(result.errorText.contains(" 3072 "), "\(result.errorText)")
      for line in [" 77\n", " 88\n", " 0\n"] {
        #expect(result.errorText.contains(line), "\(result.errorText)")
      }
    }
  }

  @Test(
    "A limit that cannot be raised is an error with the way out",
    .enabled(if: hasBusybox, "needs /bin/busybox"),
    .enabled(if: canRun, "RUN cannot work here"), .enabled(if: geteuid() != 0, "root may raise limits"))
  func raised() throws {
    try withDesk("true") { desk in
      let result = try desk.build(["--ulimit", "memlock=-1"])
      #expect(result.status == 1)
      #expect(result.errorText.contains("only root can raise a hard limit"), "\(result.errorText)")
    }
  }

  @Test(
    "A RUN without enough memory fails, says so, and says what to do; limits are no part of the cache's keys",
    .enabled(if: hasBusybox, "needs /bin/busybox"), .enabled(if: canRun, "RUN cannot work here"),
    .enabled(if: canLimit, "this machine lets this user make no control groups with limits"))
  func memory() throws {
    try withDesk("busybox dd if=/dev/zero of=/dev/null bs=200M count=1 && echo done > /done") { desk in
      let hungry = try desk.build(["-m", "32m", "--memory-swap", "32m"])
      #expect(hungry.status == 1)
      #expect(hungry.errorText.contains("RUN had no memory left"), "\(hungry.errorText)")
      #expect(hungry.errorText.contains("at its limit of 32m"))
      #expect(hungry.errorText.contains("allow more with --memory"))
      let enough = try desk.build([
        "--memory", "1g", "--cpu-quota", "80000", "-c", "512", "--cpuset-cpus", "0",
      ])
      #expect(enough.status == 0, "\(enough.errorText)")
      let again = try desk.build(["-m", "32m", "--memory-swap", "32m"])
      #expect(again.status == 0, "the layer is in the cache: \(again.errorText)")
      #expect(again.errorText.contains("CACHED"))
      #expect(again.outputText == enough.outputText)
    }
  }

  @Test(
    "What was killed without harm to the command is a warning",
    .enabled(if: hasBusybox, "needs /bin/busybox"), .enabled(if: canRun, "RUN cannot work here"),
    .enabled(if: canLimit, "this machine lets this user make no control groups with limits"))
  func survived() throws {
    // A shell that waits for another command: alone, it would become the command.
    let run = "busybox sh -c 'busybox dd if=/dev/zero of=/dev/null bs=200M count=1; true'; true"
    try withDesk(run) { desk in
      let result = try desk.build(["-m", "32m", "--memory-swap", "32m"])
      #expect(result.status == 0, "\(result.errorText)")
      #expect(
        result.errorText.contains("had no memory left and were killed")
          || result.errorText.contains("1 process of"), "\(result.errorText)")
    }
  }

  @Test(
    "A processor that is not there is an error", .enabled(if: hasBusybox, "needs /bin/busybox"),
    .enabled(if: canRun, "RUN cannot work here"),
    .enabled(if: canLimit, "this machine lets this user make no control groups with limits"))
  func processors() throws {
    try withDesk("true") { desk in
      let result = try desk.build(["--cpuset-cpus", "4000"])
      #expect(result.status == 1)
      #expect(result.errorText.contains("name processors that this machine has"), "\(result.errorText)")
    }
  }

  @Test(
    "A limit that nobody can keep here is an error that says why, and not a RUN without it",
    .enabled(if: hasBusybox, "needs /bin/busybox"), .enabled(if: canRun, "RUN cannot work here"),
    .enabled(if: doctor.contains("no   limits of RUN by cgroups"), "the limits of this machine can be kept"))
  func impossible() throws {
    try withDesk("true") { desk in
      let result = try desk.build(["-m", "64m"])
      #expect(result.status == 1)
      #expect(result.errorText.contains("its limits cannot be kept: "), "\(result.errorText)")
      #expect(try desk.build([]).status == 0)
    }
  }

  @Test(
    "What a killed build leaves of groups, the next build removes",
    .enabled(if: hasBusybox, "needs /bin/busybox"), .enabled(if: canRun, "RUN cannot work here"),
    .enabled(if: canLimit, "this machine lets this user make no control groups with limits"))
  func killed() throws {
    try withDesk("echo ready; busybox sleep 1000") { desk in
      let script = """
        "$0" build --progress plain -m 64m c >log 2>&1 &
        pid=$!
        until grep -q 'ready$' log; do kill -0 $pid 2>/dev/null || exit 1; sleep 0.05; done
        find /sys/fs/cgroup -maxdepth 6 -type d -name "slipway-$pid-*" >before
        kill -9 $pid; wait $pid 2>/dev/null
        sed -i '$d' c/Dockerfile; echo 'RUN true' >>c/Dockerfile
        "$0" build -m 64m c >/dev/null 2>>log || exit 1
        find /sys/fs/cgroup -maxdepth 6 -type d -name "slipway-$pid-*" >after
        """
      let result = try Processes.run(
        "sh", ["-c", script, try #require(Processes.slipway)],
        environment: ["HOME": desk.folder, "SLIPWAY_ROOT": desk.folder + "/store"], folder: desk.folder)
      let log = String(decoding: try Files.read(desk.folder + "/log"), as: UTF8.self)
      #expect(result.status == 0, "\(log)")
      #expect(!(try Files.read(desk.folder + "/before")).isEmpty)
      #expect((try Files.read(desk.folder + "/after")).isEmpty)
    }
  }
}
