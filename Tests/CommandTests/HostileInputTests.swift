import Glibc
import TestSupport
import Testing

/// What somebody else has written, given to the program on the command line.
@Suite("Hostile inputs", .enabled(if: Processes.slipway != nil, "the program has not been built"))
struct HostileInputTests {
  private static let secret = "what-only-the-host-knows"

  /// A folder with `outside/secret` beside everything else.
  private func withFolder(_ body: (String, ([String], [UInt8]) throws -> ProcessResult) throws -> Void) throws
  {
    try Files.withTemporaryFolder { folder in
      try Files.createFolder(folder + "/outside")
      try Files.write(Array("[\(Self.secret)\n".utf8), to: folder + "/outside/secret")
      let program = try #require(Processes.slipway)
      try body(folder) { arguments, input in
        try Processes.run(
          program, arguments,
          environment: ["HOME": folder, "SLIPWAY_ROOT": folder + "/store", "TMPDIR": folder], input: input,
          folder: folder)
      }
      #expect(try Files.names(in: folder + "/outside") == ["secret"])
      #expect(try Files.read(folder + "/outside/secret") == Array("[\(Self.secret)\n".utf8))
    }
  }

  /// A tar of what a script makes in an empty folder.
  private func tar(_ folder: String, _ script: String) throws -> [UInt8] {
    try Files.createFolder(folder + "/made")
    let made = try Processes.run(
      "sh", ["-e", "-c", script + "\ntar -cf ../made.tar ."], folder: folder + "/made")
    try #require(made.status == 0, "\(made.errorText)")
    return try Files.read(folder + "/made.tar")
  }

  @Test(
    "a context whose Dockerfile or .dockerignore is a link: nothing of the host is read, or shown",
    arguments: [
      "../outside/secret", "../../../../../../../../../../../..$HERE/outside/secret", "$HERE/outside/secret",
    ])
  func links(target: String) throws {
    for name in ["Dockerfile", ".dockerignore"] {
      try withFolder { folder, slipway in
        let link = target.replacing("$HERE", with: folder)
        let archive = try tar(
          folder,
          "echo 'FROM scratch' > Dockerfile; echo 'COPY . /' >> Dockerfile; rm -f \(name); ln -s '\(link)' \(name)"
        )
        let result = try slipway(["build", "--progress", "plain", "-"], archive)
        #expect(!result.errorText.contains(Self.secret) && !result.outputText.contains(Self.secret))
        #expect(name == ".dockerignore" || result.status != 0)
      }
    }
  }

  @Test(
    "a Dockerfile or .dockerignore that is a fifo is waited for by nobody",
    arguments: ["Dockerfile", ".dockerignore"])
  func fifos(name: String) throws {
    try withFolder { folder, slipway in
      let archive = try tar(
        folder,
        "echo 'FROM scratch' > Dockerfile; echo 'COPY Dockerfile /' >> Dockerfile; rm -f \(name); mkfifo \(name)"
      )
      let result = try slipway(["build", "-"], archive)
      #expect(name == ".dockerignore" || result.status != 0)
    }
  }

  @Test("an archive on standard input that leads out of its folder")
  func archives() throws {
    try withFolder { folder, slipway in
      let archive = try tar(
        folder,
        """
        mkdir ../more; ln -s ../../outside ../more/l; tar -C ../more -cf ../evil.tar l
        echo x > ../more/f; tar -C ../more --transform 's,^f$,l/new,' -rf ../evil.tar f
        tar -C ../more --transform 's,^f$,../../outside/new,' -P -rf ../evil.tar f
        """)
      #expect(!archive.isEmpty)
      let result = try slipway(["build", "-"], try Files.read(folder + "/evil.tar"))
      #expect(result.status != 0)
    }
  }

  @Test("files that go to a folder go nowhere else, whatever links it holds")
  func output() throws {
    try withFolder { folder, slipway in
      try Files.createFolder(folder + "/c/etc")
      for name in ["f", "etc/new", "g"] { try Files.write(Array("image".utf8), to: "\(folder)/c/\(name)") }
      try Files.write(Array("FROM scratch\nCOPY etc /etc\nCOPY f g /\n".utf8), to: folder + "/c/Dockerfile")
      try Files.createFolder(folder + "/out")
      for (name, target) in [
        ("etc", "../outside"), ("f", "../outside/secret"), ("g", "\(folder)/outside/new"),
      ] {
        #expect(unsafe symlink(target, "\(folder)/out/\(name)") == 0)
      }
      let result = try slipway(["build", "-o", "out", "c"], [])
      if result.status == 0 {
        #expect(try Files.read(folder + "/out/f") == Array("image".utf8))
        #expect(try Files.read(folder + "/out/g") == Array("image".utf8))
      }
    }
  }

  @Test("an image whose files lead out goes into its folder")
  func hostileImage() throws {
    try withFolder { folder, slipway in
      try Files.createFolder(folder + "/c/d")
      try Files.write(Array("image".utf8), to: folder + "/c/f")
      #expect(unsafe symlink("../../../../../../../../../../..\(folder)/outside", folder + "/c/d/l") == 0)
      try Files.write(Array("FROM scratch\nCOPY d /\nCOPY f /l/new\n".utf8), to: folder + "/c/Dockerfile")
      let result = try slipway(["build", "-o", "out", "c"], [])
      #expect(result.status == 0, "\(result.errorText)")
    }
  }

  @Test("bounds say which one it is, and how to move it")
  func limits() throws {
    try withFolder { folder, slipway in
      _ = try tar(folder, "for i in 1 2 3 4 5; do echo $i > f$i; done; head -c 100000 /dev/zero > big")
      try Files.createFolder(folder + "/c")
      try Files.write(try Files.read(folder + "/made.tar"), to: folder + "/c/a.tar")
      try Files.write(Array("FROM scratch\nADD a.tar /\n".utf8), to: folder + "/c/Dockerfile")
      for (limit, sentence) in [
        ("entries=3", "the archive has more than 3 entries; --limit entries=NUMBER allows more"),
        (
          "unpacked=50k", "the archive has more than 51200 bytes unpacked; --limit unpacked=BYTES allows more"
        ),
        ("name=3", "the name is longer than 3 bytes; --limit name=BYTES allows more"),
      ] {
        let result = try slipway(["build", "--no-cache", "--limit", limit, "c"], [])
        #expect(result.status != 0 && result.errorText.contains(sentence), "\(result.errorText)")
      }
      let enough = try slipway(["build", "--limit", "entries=10", "--limit", "unpacked=1M", "c"], [])
      #expect(enough.status == 0, "\(enough.errorText)")
      for wrong in ["entries", "x=1", "entries=0", "entries=-1", "unpacked=9999999T", "name="] {
        let result = try slipway(["build", "--limit", wrong, "c"], [])
        #expect(result.status == 2 && result.errorText.contains("--limit \(wrong)"), "\(result.errorText)")
      }
    }
  }

  @Test(
    "a secret is in no blob, cache, temporary file, log, history or metadata, whatever a step does with it",
    .enabled(if: Files.exists("/bin/busybox"), "needs /bin/busybox (Debian package busybox-static)"))
  func secrets() throws {
    try withFolder { folder, slipway in
      let value = "hush-0123456789-hush"
      try Files.createFolder(folder + "/c")
      try Files.write(try Files.read("/bin/busybox"), to: folder + "/c/busybox")
      #expect(unsafe chmod(folder + "/c/busybox", 0o755) == 0)
      try Files.write(Array(value.utf8), to: folder + "/outside/key")
      let text = """
        FROM scratch AS a
        COPY busybox /bin/busybox
        RUN ["/bin/busybox", "--install", "-s", "/bin"]
        RUN --mount=type=secret,id=k --mount=type=secret,id=k,env=K --mount=type=cache,target=/c \
          cat /run/secrets/k; echo $K; echo $K >&2; env > /dev/null; sha256sum /run/secrets/k > /sum
        RUN --mount=type=secret,id=k,target=/etc/token cp /etc/token /dev/shm/copy; mkdir -p /etc; true
        FROM a
        RUN --mount=type=secret,id=k,required sh -c 'cat /run/secrets/k | cat >&2; exit 3' || true
        RUN --mount=type=secret,id=k test -s /run/secrets/k && false
        """
      try Files.write(Array(text.utf8), to: folder + "/c/Dockerfile")
      let arguments = [
        "build", "--progress", "plain", "--secret", "id=k,src=outside/key", "--metadata-file", "meta.json",
        "-t", "t",
        "--cache-to", "type=local,dest=cache", "-o", "out.tar", "-o", "type=image", "c",
      ]
      let failed = try slipway(arguments, [])
      #expect(failed.status == 1)
      try Files.write(Array(text.replacing(" && false", with: "").utf8), to: folder + "/c/Dockerfile")
      let built = try slipway(arguments, [])
      #expect(built.status == 0, "\(built.errorText)")
      for result in [failed, built] {
        #expect(!result.errorText.contains(value) && !result.outputText.contains(value))
      }
      #expect(failed.errorText.contains("****"))
      let history = try slipway(["history", "--no-trunc", "t"], [])
      #expect(!history.outputText.contains(value))
      // Every file as it is, and as what it is when unpacked, but for the key itself.
      let search = """
        find . -path ./outside -prune -o -type f -print | while read -r f; do
          for how in cat 'gzip -dc' 'zstd -dcq'; do
            $how "$f" 2>/dev/null | grep -q -a -F "$1" && echo "$f"
          done
        done; true
        """
      let found = try Processes.run("sh", ["-c", search, "sh", value], folder: folder)
      #expect(found.outputText == "")
      // The search finds what is there.
      let control = try Processes.run("sh", ["-c", search, "sh", "sha256sum /run/secrets/k"], folder: folder)
      #expect(control.outputText.contains("./store/blobs/sha256/"))
      #expect(unsafe unlink(folder + "/outside/key") == 0)
    }
  }
}
