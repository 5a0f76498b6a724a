import Glibc
import TestSupport
import Testing

/// `slipway build --on-fail shell`, at a terminal.
@Suite(
  "slipway build --on-fail shell", .enabled(if: Processes.slipway != nil, "the program has not been built"),
  .enabled(if: Files.exists("/bin/busybox"), "busybox is missing (Debian: busybox-static)"),
  .enabled(if: TerminalSession.isPossible, "needs python3"))
struct FailureShellTests {
  typealias Caller = BuildCommandTests.Caller

  private static let busybox = "/bin/busybox"
  /// Lines after which RUN has a shell, and the image has neither /bin/bash nor /bin/sh.
  private static let base =
    "FROM scratch AS base\nCOPY busybox /bin/busybox\nSHELL [\"/bin/busybox\", \"sh\", \"-c\"]\n"
  private static let opened = "ends the build"

  private struct Desk {
    let folder: String
    let caller: Caller

    private func command(_ words: [String]) throws -> [String] {
      guard caller == .nobody, geteuid() == 0 else { return words }
      #expect(try Processes.run("chown", ["-R", "65534:65534", folder]).status == 0)
      return ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"] + words
    }

    private var variables: [String: String?] {
      [
        "HOME": folder, "SLIPWAY_ROOT": folder + "/store", "SOURCE_DATE_EPOCH": nil, "TMPDIR": folder,
        "TERM": "vt100", "NO_COLOR": "1",
      ]
    }

    func build(
      _ dockerfile: String, arguments: [String] = [], _ steps: [TerminalSession.Step]
    ) throws -> TerminalSession.Result {
      try Files.write(Array(dockerfile.utf8), to: folder + "/c/Dockerfile")
      let program = try #require(Processes.slipway)
      let result = try TerminalSession.run(
        command([program, "build", "--on-fail", "shell"] + arguments + ["c"]), environment: variables,
        folder: folder, steps)
      #expect(result.isRestored, "the terminal works as before")
      #expect(try Files.names(in: folder + "/store/tmp").isEmpty, "nothing is left")
      return result
    }

    /// Without a terminal.
    func run(_ arguments: [String], _ dockerfile: String) throws -> ProcessResult {
      try Files.write(Array(dockerfile.utf8), to: folder + "/c/Dockerfile")
      let words = try command([try #require(Processes.slipway), "build"] + arguments + ["c"])
      return try Processes.run(words[0], Array(words.dropFirst()), environment: variables, folder: folder)
    }
  }

  private func withDesk(_ caller: Caller = Caller.possible[0], _ body: (Desk) throws -> Void) throws {
    try Files.withTemporaryFolder { folder in
      #expect(unsafe chmod(folder, 0o755) == 0)
      try Files.createFolder(folder + "/c")
      #expect(try Processes.run("cp", [Self.busybox, folder + "/c/busybox"]).status == 0)
      try body(Desk(folder: folder, caller: caller))
    }
  }

  private func isRunning(_ word: String) throws -> Bool {
    try Processes.run("pgrep", ["-f", word]).status == 0
  }

  @Test(
    "The shell has the files, the environment, the folder and the mounts of the command; then the build fails as ever",
    .enabled(if: Caller.canMakeNamespaces, "this machine refuses ordinary users their namespaces"),
    arguments: Caller.possible, ["plain", "tty", "quiet"])
  func shell(caller: Caller, progress: String) throws {
    try withDesk(caller) { desk in
      let seconds = "\(getpid())\(progress.utf8.count).\(caller == .root ? 1 : 2)"
      let text =
        Self.base + "ENV X=value\nWORKDIR /w\n"
        + "RUN --network=none --mount=type=tmpfs,target=/t echo said; echo made > /made; exit 7\n"
      let built = try desk.build(
        text, arguments: ["--progress", progress],
        [
          .type(
            "busybox cat /made; echo $X-$TERM; busybox tty; busybox grep -c ' /t tmpfs' /proc/mounts; "
              + "busybox wc -l < /proc/net/dev; busybox sleep \(seconds) & busybox pwd; exit 3\n",
            after: Self.opened)
        ])
      #expect(built.status == 1, "\(built.shown)")
      let lines = built.shown.split(separator: "\n")
      for line in ["made", "value-vt100", "/dev/pts/0", "1", "3", "/w"] {
        #expect(lines.contains(Substring(line)), "\(line): \(built.shown)")
      }
      #expect(built.shown.contains("c/Dockerfile:6:"))
      #expect(built.shown.contains("error: RUN exited with 7"))
      // What the command had said stands before the shell.
      let parts = built.shown.split(separator: Self.opened, maxSplits: 1)
      #expect(parts[0].contains("said") && parts[0].contains("RUN exited with 7; a shell opens"))
      #expect(try !isRunning("sleep \(seconds)"))
    }
  }

  @Test("Ctrl-C is for what runs in the shell, and a new size of the terminal is the shell's too")
  func keys() throws {
    try withDesk { desk in
      let built = try desk.build(
        Self.base + "RUN false\n",
        [
          // It speaks when it is in the foreground.
          .type("busybox sh -c 'echo go-$((1+1)); exec busybox sleep 1000'\n", after: Self.opened),
          .type("\u{3}", after: "go-2"),
          .type("echo alive-$((1+1))\n", after: "^C"),
          .resize(rows: 41, columns: 133, after: "alive-2"),
          .type("busybox stty size; echo size-$((1+1))\n", after: "# "),
          .type("exit\n", after: "size-2"),
        ])
      #expect(built.status == 1, "\(built.shown)")
      #expect(built.shown.split(separator: "\n").contains("41 133"), "\(built.shown)")
      #expect(built.shown.contains("error: RUN exited with 1"))
    }
  }

  @Test("The end of slipway is the end of the shell, and the terminal is handed back")
  func terminated() throws {
    try withDesk { desk in
      let seconds = "\(getpid()).5"
      let built = try desk.build(
        Self.base + "RUN false\n",
        [
          .type("echo go-$((1+1)); busybox sleep \(seconds)\n", after: Self.opened),
          .signal(SIGTERM, after: "go-2"),
        ])
      #expect(built.status == 128 + SIGTERM)
      #expect(built.shown.contains("slipway: interrupted"))
      #expect(try !isRunning("sleep \(seconds)"))
    }
  }

  @Test("What is done in the shell is in no layer")
  func layers() throws {
    try withDesk { desk in
      let text = Self.base + "RUN echo good > /good\n"
      _ = try desk.build(
        text + "RUN false\n", [.type("echo bad > /bad; echo bad > /good; exit\n", after: Self.opened)])
      let built = try desk.run(["-o", "out", "--progress", "plain"], text + "RUN true\n")
      #expect(built.status == 0, "\(built.errorText)")
      #expect(built.errorText.contains("CACHED"))
      #expect(!Files.exists(desk.folder + "/out/bad"))
      #expect(try Files.read(desk.folder + "/out/good") == Array("good\n".utf8))
    }
  }

  @Test("It is /bin/bash; where that does not start /bin/sh; where there is neither SHELL; and none is told")
  func choice() throws {
    try withDesk { desk in
      func script(_ name: String) throws {
        try Files.write(Array("#!/bin/busybox sh\necho this is $0\n".utf8), to: desk.folder + "/c/\(name)")
        #expect(unsafe chmod(desk.folder + "/c/\(name)", 0o755) == 0)
      }
      try script("bash")
      try script("sh")
      let both = "COPY bash sh /bin/\n"
      let link = "RUN [\"/bin/busybox\", \"ln\", \"-sf\", \"/gone\", \"/bin/bash\"]\n"
      for (lines, shell) in [(both, "/bin/bash"), (both + link, "/bin/sh")] {
        let built = try desk.build(Self.base + lines + "RUN false\n", [])
        #expect(built.status == 1)
        #expect(built.shown.contains("\nthis is \(shell)\n"), "\(built.shown)")
      }
      let none = try desk.build(
        "FROM scratch\nCOPY busybox /bin/busybox\nRUN [\"/bin/busybox\", \"false\"]\n", [])
      #expect(none.status == 1)
      #expect(
        none.shown.contains(
          "warning: there is no shell to open where the command failed: the image has none of /bin/bash, /bin/sh\n"
        ),
        "\(none.shown)")
      #expect(none.shown.contains("error: RUN exited with 1"))
    }
  }

  @Test("While the shell is open no other step begins, and no other failure closes it")
  func otherStages() throws {
    try withDesk { desk in
      let mount = "RUN --mount=type=cache,target=/cache "
      func wait(_ file: String) -> String {
        "until busybox test -e /cache/\(file); do busybox sleep 0.05; done; "
      }
      let text =
        Self.base
        + "FROM base AS a\n\(mount)busybox touch /cache/a; \(wait("go"))busybox touch /cache/first\n\(mount)busybox touch /cache/second\n"
        + "FROM base AS c\n\(mount)busybox touch /cache/c; \(wait("go"))busybox touch /cache/third; false\n"
        + "FROM base AS b\n\(mount)\(wait("a"))\(wait("c"))exit 9\n"
        + "FROM base\nCOPY --from=a / /a\nCOPY --from=b / /b\nCOPY --from=c / /c\n"
      let built = try desk.build(
        text, arguments: ["--jobs", "8", "--progress", "plain"],
        [
          .type(
            "busybox touch /cache/go; \(wait("first"))\(wait("third"))busybox sleep 1; echo $(busybox ls /cache); exit\n",
            after: Self.opened)
        ])
      #expect(built.status == 1)
      #expect(built.shown.contains("\na c first go third\n"), "\(built.shown)")
      #expect(built.shown.contains("error: RUN exited with 9"), "it is the failure that was looked at")
    }
  }

  @Test("Without a terminal it is wrong usage, and nothing is built")
  func withoutTerminal() throws {
    try withDesk { desk in
      let result = try desk.run(["--on-fail", "shell"], Self.base)
      #expect(result.status == 2)
      #expect(
        result.errorText
          == "slipway: --on-fail shell needs a terminal as standard input and standard error: leave it out in scripts and CI\n"
      )
      #expect(!Files.exists(desk.folder + "/store"))
      let stopped = try desk.run(["--on-fail", "stop"], Self.base + "RUN exit 4\n")
      #expect(stopped.status == 1 && stopped.errorText.contains("RUN exited with 4"))
      #expect(try desk.run(["--on-fail", "ask"], Self.base).status == 2)
    }
  }
}
