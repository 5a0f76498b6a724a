import Glibc
import TestSupport
import Testing

/// `mounts=` of `--cache-to` and `--cache-from`, as they are called.
@Suite(
  "slipway build, cache mounts that go from machine to machine",
  .enabled(if: Processes.slipway != nil, "the program has not been built"),
  .enabled(if: Files.exists("/bin/busybox"), "busybox is missing (Debian: busybox-static)"))
struct CacheMountCommandTests {
  private struct Desk {
    let folder: String

    func slipway(_ arguments: [String], _ environment: [String: String?] = [:]) throws -> ProcessResult {
      let variables: [String: String?] = [
        "HOME": folder, "SLIPWAY_ROOT": nil, "TERM": "dumb", "SOURCE_DATE_EPOCH": "1700000000",
        "http_proxy": nil, "HTTP_PROXY": nil, "DOCKER_CONFIG": nil, "REGISTRY_AUTH_FILE": nil,
      ]
      return try Processes.run(
        try #require(Processes.slipway), arguments, environment: variables.merging(environment) { $1 },
        folder: folder)
    }

    /// Builds on a machine of its own, which is a store.
    func build(
      _ text: String, on machine: String, _ arguments: String...
    ) throws -> ProcessResult {
      try Files.write(Array((Self.base + text).utf8), to: folder + "/c/Dockerfile")
      return try slipway(
        ["build", "--progress", "plain", "-o", "out", "--root", machine] + arguments + ["c"])
    }

    /// What the last build has written to `/n`.
    func number() throws -> String {
      String(decoding: try Files.read(folder + "/out/n"), as: UTF8.self)
    }

    /// The lines of a Dockerfile after which RUN has a shell.
    private static let base =
      "FROM scratch\nCOPY busybox /bin/busybox\nSHELL [\"/bin/busybox\", \"sh\", \"-c\"]\n"
  }

  private func withDesk(_ body: (Desk) throws -> Void) throws {
    try Files.withTemporaryFolder { folder in
      try Files.createFolder(folder + "/c")
      #expect(try Processes.run("cp", ["/bin/busybox", folder + "/c/busybox"]).status == 0)
      try body(Desk(folder: folder))
    }
  }

  /// A step that counts how often it was executed with the same cache mounts.
  private func counting(_ ids: String...) -> String {
    let mounts = ids.map { "--mount=type=cache,id=\($0),target=/\($0)" }.joined(separator: " ")
    let command = ids.map { "echo x >> /\($0)/n; busybox wc -l < /\($0)/n >> /n" }.joined(separator: "; ")
    return "RUN \(mounts) \(command)\n"
  }

  @Test("A folder carries them: the next machine goes on where the last one was, and keeps what it has")
  func folder() throws {
    try withDesk { desk in
      let text = counting("go", "npm")
      let first = try desk.build(
        text, on: "one", "--cache-from", "type=local,src=cache,mounts=all", "--cache-to",
        "type=local,dest=cache,mounts=all")
      #expect(first.status == 0 && first.errorText.contains("there is no cache yet"), "\(first.errorText)")
      #expect(first.errorText.contains("slipway: packed the cache mount go: "))
      #expect(try desk.number() == "1\n1\n")
      #expect(try desk.slipway(["verify", "--root", "cache"]).status == 0)
      // Another machine, and a command that has to be executed anew.
      let second = try desk.build(
        text, on: "two", "--no-cache", "--cache-from", "type=local,src=cache,mounts=go")
      #expect(second.status == 0, "\(second.errorText)")
      #expect(second.errorText.contains("slipway: filling the cache mount go: "))
      #expect(try desk.number() == "2\n1\n")
      // What is on a machine is never replaced.
      let again = try desk.build(
        text, on: "two", "--no-cache", "--cache-from", "type=local,src=cache,mounts=all", "--cache-to",
        "type=local,dest=cache,\"mounts=go,npm\"")
      #expect(again.status == 0, "\(again.errorText)")
      #expect(again.errorText.contains("slipway: the cache mount go stays as it is: its folder is not empty"))
      #expect(try desk.number() == "3\n2\n")
      let third = try desk.build(
        text, on: "three", "-q", "--no-cache", "--cache-from",
        "type=local,src=cache,mounts=go,mounts=npm")
      #expect(third.status == 0 && third.errorText == "", "\(third.errorText)")
      #expect(try desk.number() == "4\n3\n")
      // Without being asked for they stay away.
      _ = try desk.build(text, on: "four", "--no-cache", "--cache-from", "type=local,src=cache")
      #expect(try desk.number() == "1\n1\n")
    }
  }

  @Test("The same folders give the same cache, byte for byte; another content replaces its archive")
  func deterministic() throws {
    try withDesk { desk in
      let text = counting("go")
      func blobs() throws -> [String] { try Files.names(in: desk.folder + "/cache/blobs/sha256") }
      let option = "type=local,dest=cache,mounts=all"
      _ = try desk.build(text, on: "one", "--cache-to", option)
      let before = try blobs()
      _ = try desk.build(text, on: "one", "--cache-to", option)
      #expect(try blobs() == before)
      // The step's layer is the same.
      _ = try desk.build(text, on: "one", "--no-cache", "--cache-to", option)
      let after = try blobs()
      #expect(Set(before).subtracting(after).count >= 1)
      let mounts = try desk.slipway(
        ["prune", "-f", "--root", "cache", "--filter", "type=exec.cachemount"])
      #expect(
        mounts.outputText.split(separator: "\n").count { $0.hasPrefix("mount ") && $0.hasSuffix(" go") } == 1)
      #expect(try blobs().count == after.count - 1)
    }
  }

  @Test(
    "A registry carries them", .enabled(if: DockerRegistry.isInstalled, "docker-registry is not installed"))
  func registry() throws {
    try withDesk { desk in
      let registry = try DockerRegistry(desk.folder + "/registry")
      let name = "type=registry,ref=\(registry.authority)/app:cache"
      let text = counting("go", "npm")
      let first = try desk.build(text, on: "one", "--cache-to", name + ",mode=max,mounts=all")
      #expect(first.status == 0, "\(first.errorText)")
      let second = try desk.build(
        text, on: "two", "--no-cache", "--cache-from", name + ",mounts=all", "--cache-to", name + ",mounts=go"
      )
      #expect(second.status == 0, "\(second.errorText)")
      #expect(try desk.number() == "2\n2\n")
      // The artifact is replaced as a whole.
      let third = try desk.build(text, on: "three", "--no-cache", "--cache-from", name + ",mounts=all")
      #expect(third.status == 0, "\(third.errorText)")
      #expect(try desk.number() == "3\n1\n")
      #expect(try desk.slipway(["verify", "--root", "three"]).status == 0)
      // Nothing of an archive stays in the store.
      #expect(try desk.slipway(["prune", "--dry-run", "--root", "three"]).status == 0)
      let damaged = try Processes.run(
        "sh",
        [
          "-c",
          "for f in $(find registry/data -name data -size -3k); do printf xx | dd of=$f conv=notrunc 2>&1; done",
        ], folder: desk.folder)
      #expect(damaged.status == 0)
      let fourth = try desk.build(text, on: "four", "--no-cache", "--cache-from", name + ",mounts=all")
      #expect(fourth.status == 0 && fourth.errorText.contains("warning: --cache-from"), "\(fourth.errorText)")
      #expect(try desk.number() == "1\n1\n")
    }
  }

  @Test(
    "An id that nobody knows: an error when it is to be written, with those there are; a warning when read")
  func unknown() throws {
    try withDesk { desk in
      let text = counting("go", "npm")
      let option = "type=local,dest=cache,mode=max,mounts=yarn"
      let failed = try desk.build(text, on: "one", "--cache-to", option)
      #expect(failed.status == 2)
      #expect(
        failed.errorText.contains(
          "slipway: --cache-to \(option): there is no cache mount `yarn` in this build or its store, only go, npm\n"
        ),
        "\(failed.errorText)")
      let none = try desk.build("RUN true\n", on: "none", "--cache-to", option)
      #expect(
        none.status == 2
          && none.errorText.contains("no cache mount `yarn` in this build or its store, and no other"))
      _ = try desk.build(text, on: "one", "--cache-to", "type=local,dest=cache,mounts=all")
      let read = try desk.build(text, on: "two", "--cache-from", "type=local,src=cache,mounts=yarn,mounts=go")
      #expect(read.status == 0)
      #expect(
        read.errorText.contains(
          "warning: --cache-from type=local,src=cache,mounts=yarn,mounts=go: there is no cache mount `yarn` in the cache, "
            + "only go, npm\n"), "\(read.errorText)")
      #expect(read.errorText.contains("filling the cache mount go"))
      // A step that came from the cache has made no folder: there is nothing to carry, and nothing wrong.
      let cached = try desk.build(
        text, on: "three", "--cache-from", "type=local,src=cache", "--cache-to",
        "type=local,dest=c3,mounts=npm")
      #expect(cached.status == 0, "\(cached.errorText)")
      for (name, field, words) in [
        ("--cache-to", "type=local,dest=x,mounts=", "`mounts` is all, or the ids of cache mounts"),
        ("--cache-from", "type=local,src=x,mounts=", "`mounts` is all, or the ids of cache mounts"),
        ("--cache-to", "type=registry,ref=a/b,\"mounts=a,,b\"", "`mounts` is all"),
        ("--cache-from", "type=registry,ref=a/b,\"mounts=a,,b\"", "`mounts` is all"),
        ("--cache-to", "type=inline,mounts=all", "`mounts` is not supported: write type=inline"),
      ] {
        let refused = try desk.build(text, on: "one", name, field)
        #expect(refused.status == 2 && refused.errorText.contains(words), "\(refused.errorText)")
      }
    }
  }

  @Test("A secret or an agent that is mounted in a cache mount, or under its id, never gets into an archive")
  func secrets() throws {
    try withDesk { desk in
      let value = "nobody-knows-4711"
      try Files.write(Array(value.utf8), to: desk.folder + "/key")
      let text =
        "RUN --mount=type=cache,id=/run/secrets/k,target=/c --mount=type=secret,id=k,target=/c/token "
        + "--mount=type=secret,id=k,env=K busybox test \"$(busybox cat /c/token)\" = \"$K\" && echo x > /c/n\n"
      let built = try desk.build(
        text, on: "one", "--secret", "id=k,src=key", "--cache-to", "type=local,dest=cache,mounts=all")
      #expect(built.status == 0, "\(built.errorText)")
      let shown = "RUN --mount=type=cache,id=/run/secrets/k,target=/c busybox find /c -type f -size +0 > /n\n"
      let other = try desk.build(
        text + shown, on: "two", "--secret", "id=k,src=key", "--cache-from", "type=local,src=cache,mounts=all"
      )
      #expect(other.status == 0, "\(other.errorText)")
      #expect(try desk.number() == "/c/n\n")
      // What came out of the archive is there as plain files.
      let found = try Processes.run("grep", ["-r", "-l", "-a", value, desk.folder])
      #expect(found.outputText == desk.folder + "/key\n")
    }
  }

  @Test(
    "An ordinary user and root carry the same folders: owners stay where the disk can have them",
    .enabled(if: geteuid() == 0 && Processes.find("setpriv") != nil, "needs root, to become somebody else"))
  func ordinary() throws {
    try withDesk { desk in
      #expect(unsafe chmod(desk.folder, 0o777) == 0)
      let text =
        "RUN --mount=type=cache,id=go,target=/c busybox mkdir /c/d; echo x > /c/d/f; busybox chown 0:0 /c/d/f; "
        + "busybox chmod 600 /c/d/f; busybox ln /c/d/f /c/l; busybox stat -c '%u %a %h' /c/l >> /n\n"
      let owned = text.replacing("chown 0:0", with: "chown 7:8")
      let built = try desk.build(owned, on: "one", "--cache-to", "type=local,dest=cache,mounts=all")
      #expect(built.status == 0, "\(built.errorText)")
      #expect(try Processes.run("chmod", ["-R", "a+rX", desk.folder + "/cache"]).status == 0)
      let seen = "RUN --mount=type=cache,id=go,target=/c busybox stat -c '%u:%g %a %h' /c/l > /n\n"
      let option = ["--cache-from", "type=local,src=cache,mounts=all"]
      let root = try desk.build(seen, on: "two", option[0], option[1])
      #expect(root.status == 0, "\(root.errorText)")
      #expect(try desk.number() == "7:8 600 2\n")
      #expect(try Processes.run("rm", ["-rf", desk.folder + "/out"]).status == 0)
      let words = [
        "--reuid", "65534", "--regid", "65534", "--clear-groups", try #require(Processes.slipway), "build",
        "--root", "user", "-o", "out",
      ]
      let user = try Processes.run(
        "setpriv", words + option + ["c"],
        environment: ["HOME": desk.folder, "SLIPWAY_ROOT": nil, "TMPDIR": desk.folder], folder: desk.folder)
      #expect(user.status == 0, "\(user.errorText)")
      #expect(try desk.number() == "0:0 600 2\n")
    }
  }
}
