import Glibc
import TestSupport
import Testing

/// What `slipway build` gives to RUN and ADD of this machine and of others, as it is called.
@Suite(
  "slipway build, secrets, agents and what is elsewhere",
  .enabled(if: Processes.slipway != nil, "the program has not been built"))
struct BuildMountTests {
  private struct Desk {
    let folder: String

    func build(
      _ arguments: [String], _ dockerfile: String, environment: [String: String?] = [:]
    ) throws -> ProcessResult {
      try Files.write(Array(dockerfile.utf8), to: folder + "/c/Dockerfile")
      var variables: [String: String?] = [
        "HOME": folder, "SLIPWAY_ROOT": folder + "/store", "TMPDIR": folder, "SSH_AUTH_SOCK": nil,
        "TERM": "dumb",
      ]
      variables.merge(environment) { $1 }
      return try Processes.run(
        try #require(Processes.slipway), ["build"] + arguments + ["c"], environment: variables, folder: folder
      )
    }

    func write(_ path: String, _ text: String) throws {
      try Files.write(Array(text.utf8), to: folder + "/" + path)
    }
  }

  private func withDesk(_ body: (Desk) throws -> Void) throws {
    try Files.withTemporaryFolder { folder in
      try Files.createFolder(folder + "/c")
      try body(Desk(folder: folder))
    }
  }

  private static let busybox = "/bin/busybox"
  private static let canRun = Files.exists(busybox)
  /// The lines of a Dockerfile after which RUN has a shell.
  private static let base =
    "FROM scratch\nCOPY busybox /bin/busybox\nSHELL [\"/bin/busybox\", \"sh\", \"-c\"]\n"

  private func addBusybox(_ desk: Desk) throws {
    #expect(try Processes.run("cp", [Self.busybox, desk.folder + "/c/busybox"]).status == 0)
  }

  @Test(
    "--secret: of a file, of a variable, and by its id alone; the value is shown in no style of progress, and kept nowhere",
    .enabled(if: canRun, "busybox is missing (Debian: busybox-static)"),
    arguments: ["plain", "rawjson", "tty", "quiet"])
  func secrets(progress: String) throws {
    try withDesk { desk in
      try addBusybox(desk)
      let value = "nobody-knows-4711"
      let text =
        Self.base
        + "RUN --mount=type=secret,id=a,required --mount=type=secret,id=b --mount=type=secret,id=C,env=C "
        + "busybox cat /run/secrets/a /run/secrets/b; echo \"$C\"; busybox wc -c < /run/secrets/a > /size\n"
      try desk.write("key", value)
      let arguments = [
        "--progress", progress, "--secret", "id=a,src=key", "--secret", "type=env,id=b,env=VALUE", "--secret",
        "id=C", "-o", "out", "--metadata-file", "meta.json",
      ]
      // Nowhere, the key itself aside.
      func check(_ built: ProcessResult, _ desk: Desk) throws {
        #expect(!built.errorText.contains(value) && !built.outputText.contains(value))
        let found = try Processes.run("grep", ["-r", "-l", "-a", value, desk.folder])
        #expect(found.outputText == desk.folder + "/key\n")
      }
      let variables = ["VALUE": value, "C": value]
      let built = try desk.build(arguments, text, environment: variables)
      #expect(built.status == 0, "\(built.errorText)")
      if progress == "plain" {
        #expect(built.errorText.contains("************\n") || built.errorText.contains("****"))
      }
      #expect(try Files.read(desk.folder + "/out/size") == Array("\(value.utf8.count)\n".utf8))
      try check(built, desk)
      let failed = try desk.build(arguments, text + "RUN false\n", environment: variables)
      #expect(failed.status == 1)
      try check(failed, desk)
    }
  }

  @Test(
    "Cache mounts: another store takes them over as they are, prune names and removes them",
    .enabled(if: canRun, "busybox is missing (Debian: busybox-static)"))
  func cacheMounts() throws {
    try withDesk { desk in
      try addBusybox(desk)
      let text =
        Self.base + "RUN --mount=type=cache,id=go,target=/c echo x >> /c/n; busybox wc -l < /c/n > /n\n"
      func count(_ arguments: String...) throws -> String {
        let built = try desk.build(["-o", "out", "--no-cache"] + arguments, text)
        #expect(built.status == 0, "\(built.errorText)")
        return String(decoding: try Files.read(desk.folder + "/out/n"), as: UTF8.self)
      }
      #expect(try count() == "1\n")
      #expect(try count() == "2\n")
      try Files.createFolder(desk.folder + "/second")
      let copied = try Processes.run(
        "cp", ["-a", desk.folder + "/store/cachemounts", desk.folder + "/second/cachemounts"])
      #expect(copied.status == 0)
      #expect(try count("--root", "second") == "3\n")
      func prune(_ arguments: String...) throws -> [Substring] {
        let program = try #require(Processes.slipway)
        let result = try Processes.run(
          program, ["prune", "-f", "--root", desk.folder + "/store"] + arguments,
          environment: ["HOME": desk.folder])
        #expect(result.status == 0, "\(result.errorText)")
        return result.outputText.split(separator: "\n").filter { $0.hasPrefix("mount ") }
      }
      #expect(try prune() == [])
      #expect(try prune("--all", "--filter", "until=1h") == [])
      #expect(try prune("--all", "--keep-storage", "1GB") == [])
      let told = try prune("--filter", "type=exec.cachemount", "--dry-run")
      #expect(told.count == 1 && told.first?.hasSuffix(" go") == true)
      #expect(try prune("--all", "--keep-storage", "1") == told)
      #expect(try count() == "1\n")
      #expect(try prune("--all") == told)
    }
  }

  @Test("--secret and --ssh that mean nothing are wrong usage, which names what to write")
  func options() throws {
    try withDesk { desk in
      try desk.write("key", "x")
      for (option, value, words) in [
        ("--secret", "a", "write id=NAME"), ("--secret", "id=a,src=gone", "gone: No such file"),
        ("--secret", "id=a,env=NOT_SET", "the variable NOT_SET is not set"),
        ("--secret", "id=a,src=key,env=HOME", "not both"),
        ("--secret", "id=a,mode=0400", "`mode` is no field"),
        ("--secret", "env=HOME", "the id is missing"), ("--secret", "id=a,type=vault", "file or env"),
        ("--ssh", "default", "SSH_AUTH_SOCK is not set"), ("--ssh", "default=gone", "No such file"),
        ("--ssh", "default=c", "neither the socket of an agent nor a file"), ("--ssh", "", "write default"),
      ] {
        let result = try desk.build([option, value], "FROM scratch\n")
        #expect(result.status == 2, "\(value)")
        #expect(result.errorText.hasPrefix("slipway: \(option) \(value): "), "\(result.errorText)")
        #expect(result.errorText.contains(words), "\(result.errorText)")
      }
    }
  }

  @Test(
    "A mount whose secret, agent or source is missing is told at its line, with what to do",
    .enabled(if: canRun, "busybox is missing (Debian: busybox-static)"))
  func missing() throws {
    try withDesk { desk in
      try addBusybox(desk)
      for (mount, message, help) in [
        ("type=secret,id=k,required", "RUN needs the secret `k`", "--secret id=k,src=FILE"),
        ("type=ssh,required", "RUN needs the SSH agent `default`", "--ssh default"),
        ("source=gone,target=/x", "there is no `gone` to mount", ""),
        ("type=cache,source=/a,target=/x", "source", ""),
      ] {
        let failed = try desk.build([], Self.base + "RUN --mount=\(mount) true\n")
        #expect(failed.status == 1)
        #expect(failed.errorText.contains("c/Dockerfile:4:"), "\(failed.errorText)")
        #expect(failed.errorText.contains(message) && failed.errorText.contains(help), "\(failed.errorText)")
      }
    }
  }

  @Test(
    "A file of --build-context that cannot be read is named in full, with the reason",
    .enabled(if: geteuid() == 0 && Processes.find("setpriv") != nil, "needs root, to become somebody else"))
  func unreadable() throws {
    try withDesk { desk in
      #expect(unsafe chmod(desk.folder, 0o777) == 0)
      try desk.write("x/d/secret", "s")
      #expect(unsafe chmod(desk.folder + "/x/d/secret", 0o600) == 0)
      for line in ["FROM scratch\nCOPY --from=x / /", "FROM x"] {
        try desk.write("c/Dockerfile", line + "\n")
        let words = [
          "--reuid", "65534", "--regid", "65534", "--clear-groups", try #require(Processes.slipway), "build",
          "--build-context", "x=x", "c",
        ]
        let failed = try Processes.run(
          "setpriv", words, environment: ["HOME": desk.folder, "SLIPWAY_ROOT": desk.folder + "/store"],
          folder: desk.folder)
        #expect(failed.status == 1)
        #expect(
          failed.errorText.contains("\(desk.folder)/x/d/secret: open: Permission denied"),
          "\(failed.errorText)")
      }
    }
  }

  @Test("What slipway never does is told before anything runs")
  func refused() throws {
    try withDesk { desk in
      for (line, message) in [
        ("RUN --security=insecure true", "--security=insecure would give a command more rights"),
        ("RUN --device=vendor.example/d=x true", "--device would hand a device of this machine"),
        ("RUN --network=elsewhere true", "`--network` cannot be `elsewhere`"),
      ] {
        let failed = try desk.build([], "FROM scratch\nCOPY gone /\n\(line)\n")
        #expect(failed.status == 1)
        #expect(failed.errorText.contains("c/Dockerfile:3:"), "\(failed.errorText)")
        #expect(failed.errorText.contains(message), "\(failed.errorText)")
      }
      let frontend = try desk.build([], "# syntax=example.com/other/frontend:1\nFROM scratch\n")
      #expect(frontend.status == 1)
      #expect(frontend.errorText.contains("c/Dockerfile:1:"))
      #expect(frontend.errorText.contains("the frontend `example.com/other/frontend:1` cannot be used"))
    }
  }

  @Test(
    "ADD of a URL and of a repository that cannot be had: where, what and why; no password is shown",
    .enabled(if: Processes.find("python3") != nil, "needs python3"))
  func remote() throws {
    try withDesk { desk in
      let server = try WebServer(desk.folder)
      try server.write("f", "content")
      let secret = server.url.split(separator: "/").last.map { "http://me:word@\($0)" } ?? ""
      let added = try desk.build(["-o", "out"], "FROM scratch\nADD \(secret)/f /x/\n")
      #expect(added.status == 0, "\(added.errorText)")
      #expect(try Files.read(desk.folder + "/out/x/f") == Array("content".utf8))
      let zeros = "sha256:" + String(repeating: "0", count: 64)
      for (line, column, message) in [
        ("ADD \(secret)/gone /", 5, "\(server.url)/gone cannot be fetched: the server answers 404"),
        ("ADD --checksum=\(zeros) \(server.url)/f /", 88, "\(server.url)/f has the checksum sha256:"),
        ("ADD \(server.url)/ /x/", 5, "does not say what the file is called"),
        ("ADD \(secret)/gone.git /", 5, "git ls-remote of \(server.url)/gone.git failed"),
      ] {
        let failed = try desk.build([], "FROM scratch\n\(line)\n")
        #expect(failed.status == 1)
        #expect(failed.errorText.contains("c/Dockerfile:2:\(column): error: "), "\(failed.errorText)")
        #expect(failed.errorText.contains(message), "\(failed.errorText)")
        #expect(!failed.errorText.contains("error: \(secret)"), "\(failed.errorText)")
      }
    }
  }
}
