import Glibc
import TestSupport
import Testing

/// `slipway doctor`, and builds where namespaces are refused.
@Suite(
  "Isolation on the command line", .serialized,
  .enabled(if: Processes.slipway != nil, "the program has not been built"),
  .enabled(if: Files.exists("/bin/busybox"), "needs /bin/busybox (Debian package busybox-static)"))
struct IsolationCommandTests {
  enum Caller: CaseIterable {
    case root, nobody

    static var possible: [Caller] {
      if geteuid() != 0 { return [.nobody] }
      return Processes.find("setpriv") == nil ? [.root] : allCases
    }
  }

  /// Python of the system, which everybody can run.
  private static let python = "/usr/bin/python3"
  private static let canRefuse = Files.exists(python)

  /// A folder that belongs to the caller, with a Dockerfile without RUN and one with.
  private struct Desk {
    let folder: String
    let caller: Caller

    /// - Parameters:
    ///   - isRefused: whether nobody may make namespaces.
    ///   - call: the system call that is refused.
    func slipway(
      _ arguments: [String], isRefused: Bool = false, refusing call: String? = nil
    ) throws -> ProcessResult {
      var command = [try #require(Processes.slipway)] + arguments
      if isRefused { command = try wrapper("refuse-namespaces.py") + command }
      if let call { command = try wrapper("refuse-call.py") + [call] + command }
      if caller == .nobody, geteuid() == 0 {
        _ = try Processes.run("chown", ["-R", "65534:65534", folder])
        command = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"] + command
      }
      return try Processes.run(
        command[0], Array(command.dropFirst()),
        environment: [
          "HOME": folder, "SLIPWAY_ROOT": folder + "/store", "SOURCE_DATE_EPOCH": "1700000000",
          "TMPDIR": folder,
        ], folder: folder)
    }

    /// A command of the fixtures, where everybody can read it.
    private func wrapper(_ name: String) throws -> [String] {
      let script = "\(folder)/\(name)"
      try Files.write(
        try Files.read("\(TestSupport.packageRoot)/Fixtures/isolation/\(name)"), to: script)
      return [IsolationCommandTests.python, script]
    }
  }

  @Test(
    "A filter around the build that refuses chroot is no obstacle to an ordinary user, as in a container without capabilities",
    .enabled(if: canRefuse, "needs python3"))
  func refusedChangeOfRoot() throws {
    try withDesk(.nobody) { desk in
      let text = try Files.read(desk.folder + "/run/Dockerfile")
      let more =
        "\nUSER 50:60\nRUN id -u > /tmp/id; chown 50:70 /tmp/id 2>/dev/null || stat -c %u:%g /tmp/id\n"
      try Files.write(
        text + Array("\nRUN mkdir -m 1777 /tmp".utf8) + Array(more.utf8), to: desk.folder + "/run/Dockerfile")
      let usual = try desk.slipway(["build", "-q", "--no-cache", "run"])
      #expect(usual.status == 0, "\(usual.errorText)")
      let refused = try desk.slipway(["build", "-q", "--no-cache", "run"], refusing: "chroot")
      #expect(refused.status == 0, "\(refused.errorText)")
      #expect(refused.outputText == usual.outputText)
    }
  }

  private func withDesk(_ caller: Caller, _ body: (Desk) throws -> Void) throws {
    try Files.withTemporaryFolder { folder in
      #expect(unsafe chmod(folder, 0o755) == 0)
      for name in ["plain", "run"] { try Files.createFolder("\(folder)/\(name)") }
      try Files.write(Array("FROM scratch\nCOPY Dockerfile /d\n".utf8), to: folder + "/plain/Dockerfile")
      try Files.write(try Files.read("/bin/busybox"), to: folder + "/run/busybox")
      #expect(unsafe chmod(folder + "/run/busybox", 0o755) == 0)
      let text = """
        FROM scratch
        COPY busybox /bin/busybox
        RUN ["/bin/busybox", "--install", "-s", "/bin"]
        RUN cat /etc/hosts > /seen; echo x > /dev/null; mkdir -p /a/b; chown 33:44 /a/b 2>/dev/null || true
        RUN <<EOF
        #!/bin/sh
        echo script > /script
        EOF
        """
      try Files.write(Array(text.utf8), to: folder + "/run/Dockerfile")
      try body(Desk(folder: folder, caller: caller))
    }
  }

  @Test("doctor finds that builds with RUN can work", arguments: Caller.possible)
  func doctor(caller: Caller) throws {
    try withDesk(caller) { desk in
      let result = try desk.slipway(["doctor"])
      #expect(result.status == 0, "\(result.outputText)")
      let lines = result.outputText.split(separator: "\n")
      let user = caller == .root ? "as root" : "as an ordinary user"
      #expect(lines.contains { $0.hasPrefix("isolation: namespaces, \(user)") })
      for name in ["kernel", "user namespace", "filter of system calls", "store", "libcurl"] {
        #expect(lines.contains { $0.hasPrefix("yes  \(name) ") || $0 == "yes  \(name)" }, "\(name)")
      }
      #expect(!Files.exists(desk.folder + "/store"), "nothing is made")
    }
  }

  @Test("doctor's JSON says the same", arguments: Caller.possible)
  func json(caller: Caller) throws {
    try withDesk(caller) { desk in
      let result = try desk.slipway(["doctor", "--format", "json"])
      #expect(result.status == 0)
      let check = """
        import json, sys
        report = json.load(sys.stdin)
        assert report["canRun"] is True
        assert report["isolation"]["mode"] == "namespace"
        assert report["isolation"]["users"] == "\(caller == .root ? "host" : "one")"
        checks = {check["name"]: check for check in report["checks"]}
        assert checks["mount namespace"]["status"] == "works"
        assert checks["kernel"]["detail"].startswith("Linux ")
        """
      let python = try #require(Processes.find("python3"))
      let checked = try Processes.run(python, ["-c", check], input: result.output)
      #expect(checked.status == 0, "\(checked.errorText)\(result.outputText)")
    }
  }

  @Test("--explain-isolation says what a build uses", arguments: Caller.possible)
  func explain(caller: Caller) throws {
    try withDesk(caller) { desk in
      let result = try desk.slipway(["build", "--explain-isolation", "plain"])
      #expect(result.status == 0)
      let user = caller == .root ? "as root" : "as an ordinary user"
      #expect(result.errorText.hasPrefix("isolation: namespaces, \(user)"))
      guard caller != .root else { return }
      #expect(result.errorText.contains("Only user 0 exists in a build"))
      #expect(result.errorText.contains("grant this user no range of 65536 identities"))
    }
  }

  @Test("With --isolation none a RUN is an error, and everything else builds", arguments: Caller.possible)
  func none(caller: Caller) throws {
    try withDesk(caller) { desk in
      #expect(try desk.slipway(["build", "--isolation", "none", "plain"]).status == 0)
      let result = try desk.slipway(["build", "--isolation", "none", "run"])
      #expect(result.status != 0)
      #expect(result.errorText.contains("isolation none is not available"))
    }
  }

  @Test(
    "Where namespaces are refused, root's RUN works by a change of the root, and gives the same image",
    .enabled(if: geteuid() == 0, "needs root"), .enabled(if: canRefuse, "needs python3"))
  func chroot() throws {
    try withDesk(.root) { desk in
      let doctor = try desk.slipway(["doctor"], isRefused: true)
      #expect(doctor.status == 0, "\(doctor.outputText)")
      #expect(doctor.outputText.contains("isolation: chroot, as root of a container"))
      #expect(doctor.outputText.contains("no   mount namespace"))
      #expect(doctor.outputText.contains("to do: A container that may make namespaces gives more"))
      let refused = try desk.slipway(["build", "--no-cache", "run"], isRefused: true)
      #expect(refused.status == 0, "\(refused.errorText)")
      let sentence = "namespaces are refused here"
      #expect(refused.errorText.split(separator: "\n").count { $0.contains(sentence) } == 1)
      let usual = try desk.slipway(["build", "--no-cache", "run"])
      #expect(usual.status == 0, "\(usual.errorText)")
      #expect(!usual.errorText.contains(sentence))
      #expect(refused.outputText == usual.outputText)
      let named = try desk.slipway(["build", "--no-cache", "--isolation", "chroot", "run"])
      #expect(named.outputText == usual.outputText)
      let namespace = try desk.slipway(
        ["build", "--no-cache", "--isolation", "namespace", "run"], isRefused: true)
      #expect(namespace.status != 0)
      #expect(namespace.errorText.contains("isolation namespace is not available"))
    }
  }

  @Test(
    "Where namespaces are refused, an ordinary user builds without RUN, and is told what RUN needs",
    .enabled(if: canRefuse, "needs python3"))
  func ordinary() throws {
    try withDesk(.nobody) { desk in
      let doctor = try desk.slipway(["doctor"], isRefused: true)
      #expect(doctor.status == 1)
      #expect(doctor.outputText.contains("isolation: none: RUN cannot work; Dockerfiles without RUN build"))
      #expect(try desk.slipway(["build", "plain"], isRefused: true).status == 0)
      let result = try desk.slipway(["build", "run"], isRefused: true)
      #expect(result.status != 0)
      #expect(
        result.errorText.contains(
          "RUN could not run: the kernel refuses new namespaces (Operation not permitted)"))
      #expect(result.errorText.contains("RUN needs user namespaces, which this system refuses: "))
      let chroot = try desk.slipway(["build", "--isolation", "chroot", "run"], isRefused: true)
      #expect(chroot.errorText.contains("Only root can change the root directory"))
    }
  }

  @Test("What a change of the root cannot give is named", .enabled(if: geteuid() == 0, "needs root"))
  func limits() throws {
    try withDesk(.root) { desk in
      let base = "FROM scratch\nCOPY busybox /bin/busybox\n"
      for (instruction, sentence) in [
        ("RUN --network=none [\"/bin/busybox\", \"true\"]", "RUN --network=none needs namespaces"),
        ("RUN --mount=type=tmpfs,target=/t [\"/bin/busybox\", \"true\"]", "the mount at /t needs namespaces"),
      ] {
        try Files.write(Array("\(base)\(instruction)\n".utf8), to: desk.folder + "/run/Dockerfile")
        let result = try desk.slipway(["build", "--isolation", "chroot", "run"])
        #expect(result.status != 0)
        #expect(result.errorText.contains(sentence), "\(result.errorText)")
      }
      let text =
        "\(base)RUN --mount=type=secret,id=s,env=S [\"/bin/busybox\", \"sh\", \"-c\", \"test $S = v\"]\n"
      try Files.write(Array(text.utf8), to: desk.folder + "/run/Dockerfile")
      try Files.write(Array("v".utf8), to: desk.folder + "/s")
      let result = try desk.slipway(["build", "--isolation", "chroot", "--secret", "id=s,src=s", "run"])
      #expect(result.status == 0, "\(result.errorText)")
    }
  }

  @Test(
    "A RUN that fills the disk fails, and leaves a store that works",
    .enabled(if: geteuid() == 0, "needs root"),
    .enabled(if: Processes.find("unshare") != nil, "needs unshare (Debian package util-linux)"))
  func fullDisk() throws {
    try withDesk(.root) { desk in
      let program = try #require(Processes.slipway)
      let text = "FROM scratch\nCOPY busybox /bin/busybox\n"
      let fill = "RUN [\"/bin/busybox\", \"dd\", \"if=/dev/zero\", \"of=/big\", \"bs=64k\"]\n"
      try Files.write(Array((text + fill).utf8), to: desk.folder + "/run/Dockerfile")
      try Files.write(Array(text.utf8), to: desk.folder + "/run/small")
      try Files.createFolder(desk.folder + "/disk")
      let script = """
        cd "$1" && mount -t tmpfs -o size=24m none disk || exit 9
        "$2" build --root disk/store run && exit 8
        test -z "$(find disk/store/tmp -type f)" || exit 7
        "$2" build --root disk/store -t kept -f run/small run || exit 6
        "$2" verify --root disk/store || exit 5
        "$2" images --root disk/store | grep kept
        """
      let result = try Processes.run(
        "unshare", ["-m", "sh", "-c", script, "sh", desk.folder, program], environment: ["HOME": desk.folder])
      #expect(result.status == 0, "\(result.errorText)")
      #expect(result.errorText.contains("No space left on device"))
    }
  }
}
