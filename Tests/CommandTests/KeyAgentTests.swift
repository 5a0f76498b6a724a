import Glibc
import TestSupport
import Testing

/// `slipway build --ssh NAME=KEYFILE`: an agent with keys of files.
@Suite(
  "slipway build --ssh with key files",
  .enabled(if: Processes.slipway != nil, "the program has not been built"),
  .enabled(if: Processes.find("ssh-add") != nil, "ssh-add is missing (Debian: openssh-client)"))
struct KeyAgentTests {
  private struct Desk {
    let folder: String

    /// Makes a key, and answers what ssh-add calls it.
    func makeKey(_ name: String, type: String = "ed25519", passphrase: String = "") throws -> Substring {
      let made = try Processes.run(
        "ssh-keygen", ["-q", "-t", type, "-N", passphrase, "-f", name], folder: folder)
      #expect(made.status == 0, "\(made.errorText)")
      let shown = try Processes.run("ssh-keygen", ["-l", "-f", name + ".pub"], folder: folder).outputText
      return shown.split(separator: " ")[1]
    }

    /// A context with ssh-add and what it is linked with.
    func addProgram() throws {
      let script =
        "program=$(command -v ssh-add); for file in $program $(ldd $program | grep -o '/[^ ]*'); do "
        + "mkdir -p c/root$(dirname $file) && cp -L $file c/root$file; done; cp $program c/root/ssh-add"
      #expect(try Processes.run("sh", ["-c", script], folder: folder).status == 0)
    }

    func build(_ arguments: [String], _ dockerfile: String) throws -> ProcessResult {
      try Files.write(Array(dockerfile.utf8), to: folder + "/c/Dockerfile")
      return try Processes.run(
        try #require(Processes.slipway), ["build", "--progress", "plain"] + arguments + ["c"],
        environment: ["HOME": folder, "SLIPWAY_ROOT": folder + "/store", "SSH_AUTH_SOCK": nil], folder: folder
      )
    }

    /// Whether an agent of a build is there.
    func hasAgent() throws -> Bool {
      let found = try Processes.run("pgrep", ["-f", "^ssh-agent -D -a agent"]).outputText
      return found.split(separator: "\n").contains { process in
        guard let folder = try? Processes.run("readlink", ["/proc/\(process)/cwd"]).outputText else {
          return false
        }
        return folder.hasPrefix(self.folder)
      }
    }
  }

  private func withDesk(_ body: (Desk) throws -> Void) throws {
    try Files.withTemporaryFolder { folder in
      try Files.createFolder(folder + "/c")
      try body(Desk(folder: folder))
    }
  }

  private static let list =
    "FROM scratch\nCOPY root /\nRUN --mount=type=ssh [\"/ssh-add\", \"-l\"]\n"
    + "RUN --mount=type=ssh,id=two [\"/ssh-add\", \"-l\"]\n"

  @Test(
    "Each name has an agent with its keys, whatever their permissions; no key and no agent stays",
    .enabled(if: BuildCommandTests.Caller.canMakeNamespaces, "this machine refuses namespaces"))
  func keys() throws {
    try withDesk { desk in
      try desk.addProgram()
      let names = (try desk.makeKey("a"), try desk.makeKey("b", type: "rsa"), try desk.makeKey("c d"))
      #expect(unsafe chmod(desk.folder + "/a", 0o644) == 0)
      let built = try desk.build(["--ssh", "default=a,b", "--ssh", "two=c d"], Self.list)
      #expect(built.status == 0, "\(built.errorText)")
      let shown = built.errorText.split(separator: "\n").filter { $0.contains(" SHA256:") }
      #expect(shown.count == 3)
      #expect(shown[0].contains(names.0) && shown[1].contains(names.1) && shown[2].contains(names.2))
      let key = try Processes.run("sh", ["-c", "sed -n 3p a"], folder: desk.folder).outputText.dropLast()
      let found = try Processes.run("grep", ["-rlaF", String(key), desk.folder])
      #expect(found.outputText == desk.folder + "/a\n")
      #expect(try Files.names(in: desk.folder + "/store/tmp").isEmpty)
      #expect(try !desk.hasAgent())
    }
  }

  @Test(
    "A RUN reaches the agent as the user that its mount names, and can ask and have things signed, but change nothing",
    .enabled(if: BuildCommandTests.Caller.canMakeNamespaces, "this machine refuses namespaces"))
  func allowed() throws {
    try withDesk { desk in
      try desk.addProgram()
      let name = try desk.makeKey("a")
      try Files.write(Array("root:x:0:0::/:/\napp:x:50:60::/:/\n".utf8), to: desk.folder + "/c/passwd")
      let start = "FROM scratch\nCOPY root /\nCOPY passwd /etc/passwd\n"
      func run(_ options: String, _ argument: String, user: String = "") throws -> ProcessResult {
        let line = "RUN --mount=type=ssh\(options) [\"/ssh-add\", \"\(argument)\"]\n"
        return try desk.build(["--no-cache", "--ssh", "default=a"], start + user + line)
      }
      for (options, user) in [("", ""), (",uid=50", "USER app\n"), (",mode=0666", "USER app\n")] {
        let listed = try run(options, "-l", user: user)
        #expect(listed.status == 0 && listed.errorText.contains(name), "\(options): \(listed.errorText)")
      }
      if geteuid() == 0 {
        let denied = try run("", "-l", user: "USER app\n")
        #expect(denied.status == 1 && denied.errorText.contains("Permission denied"), "\(denied.errorText)")
      }
      // The public key is enough for a question whether the agent can sign; ssh-add verifies the answer.
      try Files.write(try Files.read(desk.folder + "/a.pub"), to: desk.folder + "/c/a.pub")
      let signed = try desk.build(
        ["--ssh", "default=a"],
        start + "COPY a.pub /\nRUN --mount=type=ssh [\"/ssh-add\", \"-T\", \"/a.pub\"]\n")
      #expect(signed.status == 0, "\(signed.errorText)")
      for argument in ["-D", "-X"] {
        let refused = try run("", argument)
        #expect(refused.status == 1, "\(argument): \(refused.errorText)")
      }
    }
  }

  @Test("A key with a passphrase, and what is no key, are told before anything is built")
  func refused() throws {
    try withDesk { desk in
      _ = try desk.makeKey("locked", passphrase: "word word")
      let pem = ["-q", "-t", "rsa", "-m", "PEM", "-N", "word word", "-f", "pem"]
      #expect(try Processes.run("ssh-keygen", pem, folder: desk.folder).status == 0)
      try Files.write(Array("no key\n".utf8), to: desk.folder + "/text")
      for (value, words) in [
        (
          "x=locked",
          "\(desk.folder)/locked has a passphrase, which a build cannot ask for; load it with ssh-add"
        ),
        ("x=pem", "\(desk.folder)/pem has a passphrase"),
        ("x=text", "\(desk.folder)/text is no private key: "), ("x=locked,gone", "/gone: No such file"),
      ] {
        let failed = try desk.build(["--ssh", value], "FROM scratch\n")
        #expect(failed.status == 2)
        #expect(failed.errorText.hasPrefix("slipway: --ssh \(value): "), "\(failed.errorText)")
        #expect(failed.errorText.contains(words), "\(failed.errorText)")
        #expect(try Files.names(in: desk.folder + "/store/tmp").isEmpty)
        #expect(try !desk.hasAgent())
      }
    }
  }

  @Test("Without openssh-client the package is named")
  func missing() throws {
    try withDesk { desk in
      _ = try desk.makeKey("a")
      let program = try #require(Processes.slipway)
      try Files.write(Array("FROM scratch\n".utf8), to: desk.folder + "/c/Dockerfile")
      let failed = try Processes.run(
        program, ["build", "--ssh", "default=a", "c"],
        environment: ["SLIPWAY_ROOT": desk.folder + "/store", "PATH": "/nowhere"], folder: desk.folder)
      #expect(failed.status == 2)
      #expect(
        failed.errorText.contains("`ssh-agent` is not in PATH (Debian: openssh-client)"),
        "\(failed.errorText)")
    }
  }

  @Test(
    "The agent goes with a build that is killed",
    .enabled(if: Files.exists("/bin/busybox"), "busybox is missing (Debian: busybox-static)"),
    .enabled(if: BuildCommandTests.Caller.canMakeNamespaces, "this machine refuses namespaces"))
  func killed() throws {
    try withDesk { desk in
      _ = try desk.makeKey("a")
      #expect(try Processes.run("cp", ["/bin/busybox", desk.folder + "/c/busybox"]).status == 0)
      try Files.write(
        Array("FROM scratch\nCOPY busybox /\nRUN [\"/busybox\", \"sleep\", \"1000\"]\n".utf8),
        to: desk.folder + "/c/Dockerfile")
      let program = try #require(Processes.slipway)
      let script =
        "\(program) build --progress plain --ssh default=a c 2>log & for i in $(seq 600); do "
        + "grep -q 'sleep 1000\\|busybox.*sleep' log && break; sleep 0.1; done; sleep 0.3; "
        + "pgrep -f '^ssh-agent -D -a agent' >agents; kill -9 $!; wait"
      let run = try Processes.run(
        "sh", ["-c", script], environment: ["SLIPWAY_ROOT": desk.folder + "/store"], folder: desk.folder)
      #expect(run.status == 0)
      #expect(try !Files.read(desk.folder + "/agents").isEmpty)
      var looks = 0
      while try desk.hasAgent(), looks < 200 {
        looks += 1
        usleep(50_000)
      }
      #expect(looks < 200)
    }
  }
}
