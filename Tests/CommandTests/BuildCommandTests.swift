import Glibc
import TestSupport
import Testing

/// `slipway build`, `load`, `images` and `save`, as they are called.
@Suite("slipway build", .serialized, .enabled(if: Processes.slipway != nil, "the program has not been built"))
struct BuildCommandTests {
  /// As whom the program runs.
  enum Caller: CaseIterable {
    case root, nobody

    static var possible: [Caller] {
      if geteuid() != 0 { return [.nobody] }
      return Processes.find("setpriv") == nil ? [.root] : allCases
    }

    /// Whether an ordinary user can make a user namespace here, told by another program than the one under test.
    static let canMakeNamespaces: Bool = {
      var command = ["unshare", "--user", "--map-root-user", "true"]
      if geteuid() == 0 {
        command = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"] + command
      }
      let result = try? Processes.run(command[0], Array(command.dropFirst()))
      return result?.status == 0
    }()
  }

  /// A folder with a context, and the program.
  struct Desk {
    let folder: String
    let caller: Caller

    func write(_ path: String, _ text: String) throws {
      try Files.write(Array(text.utf8), to: "\(folder)/\(path)")
    }

    func slipway(_ arguments: [String], environment: [String: String?] = [:], input: String = "") throws
      -> ProcessResult
    {
      let program = try #require(Processes.slipway)
      var command = [program] + arguments
      if caller == .nobody, geteuid() == 0 {
        _ = try Processes.run("chown", ["-R", "65534:65534", folder])
        command = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"] + command
      }
      var variables: [String: String?] = [
        "HOME": folder, "SLIPWAY_ROOT": "\(folder)/store", "SOURCE_DATE_EPOCH": nil, "TMPDIR": folder,
      ]
      variables.merge(environment) { $1 }
      return try Processes.run(
        command[0], Array(command.dropFirst()), environment: variables, input: Array(input.utf8),
        folder: folder)
    }

    func build(_ arguments: String...) throws -> ProcessResult {
      try slipway(["build"] + arguments)
    }
  }

  private func withDesk(_ caller: Caller, _ body: (Desk) throws -> Void) throws {
    try Files.withTemporaryFolder { folder in
      #expect(unsafe chmod(folder, 0o755) == 0)
      let desk = Desk(folder: folder, caller: caller)
      try desk.write("c/hello", "hello\n")
      try desk.write("c/Dockerfile", "FROM scratch\nCOPY hello /h\nCMD [\"/h\"]\n")
      try body(desk)
    }
  }

  /// A base with busybox under the name `base`.
  private func makeBase(_ desk: Desk) throws {
    try Files.createFolder(desk.folder + "/b")
    let copied = try Processes.run("cp", ["/bin/busybox", desk.folder + "/b/busybox"])
    #expect(copied.status == 0)
    try desk.write(
      "b/Dockerfile",
      "FROM scratch\nCOPY busybox /bin/busybox\nRUN [\"/bin/busybox\", \"sh\", \"-c\", "
        + "\"/bin/busybox --install -s /bin; mkdir -p /etc /root /tmp\"]\n")
    let built = try desk.build("-t", "base", "b")
    #expect(built.status == 0, "\(built.errorText)")
  }

  private static let hasBusybox = Files.exists("/bin/busybox")

  @Test("A failing RUN is shown whole, with the command that failed underlined", .enabled(if: hasBusybox))
  func failedCommand() throws {
    try withDesk(Caller.possible[0]) { desk in
      try makeBase(desk)
      try desk.write("c/f", "FROM base\nRUN echo a && \\\n  # why\n  nosuch --flag && \\\n  echo b\n")
      for progress in ["plain", "quiet"] {
        let built = try desk.build("--progress", progress, "-f", "c/f", "c")
        #expect(built.status == 1)
        #expect(
          built.errorText.hasSuffix(
            """
            c/f:4:3: error: RUN exited with 127
              2 | RUN echo a && \\
              3 |   # why
              4 |   nosuch --flag && \\
                |   ^^^^^^^^^^^^^
              5 |   echo b


            """), "\(built.errorText)")
      }
    }
  }

  @Test("An image goes to the store under its names", arguments: Caller.possible)
  func store(caller: Caller) throws {
    try withDesk(caller) { desk in
      let built = try desk.build("-t", "app:1", "-t", "app:2", "c")
      #expect(built.status == 0, "\(built.errorText)")
      #expect(built.outputText.hasPrefix("sha256:"))
      #expect(built.outputText.hasSuffix(" app:1 app:2\n"))
      #expect(built.errorText.contains("[1/1] COPY hello /h\n"))
      let images = try desk.slipway(["images"]).outputText.split(separator: "\n")
      #expect(images.count == 3)
      #expect(images[1].hasPrefix("app"))
      let quiet = try desk.build("-q", "c")
      #expect(quiet.outputText.utf8.count == 72)
      #expect(quiet.errors.isEmpty)
      #expect(try Files.names(in: desk.folder + "/store/tmp").isEmpty)
    }
  }

  @Test(
    "RUN works as root and as an ordinary user, and leaves nothing behind",
    .enabled(if: hasBusybox, "busybox is missing (Debian: busybox-static)"),
    .enabled(if: Caller.canMakeNamespaces, "this machine refuses ordinary users their namespaces"),
    arguments: Caller.possible)
  func run(caller: Caller) throws {
    try withDesk(caller) { desk in
      try makeBase(desk)
      try desk.write(
        "c/Dockerfile",
        "FROM base\nRUN id -u && echo $$ && echo x > /made && chmod 000 /made\nCOPY --chown=5:6 hello /h\n")
      let built = try desk.build("-o", "out.tar", "-t", "app", "c")
      #expect(built.status == 0, "\(built.errorText)")
      #expect(built.errorText.contains(" 0\n#2 "))
      #expect(try Files.names(in: desk.folder + "/store/tmp").isEmpty)
      try inspect(desk.folder + "/out.tar", desk)
    }
  }

  /// What other tools say of the archive.
  private func inspect(_ archive: String, _ desk: Desk) throws {
    if Processes.find("skopeo") != nil {
      for scheme in ["oci-archive", "docker-archive"] {
        let result = try Processes.run("skopeo", ["inspect", "--raw", "\(scheme):\(archive)"])
        #expect(result.status == 0, "\(result.errorText)")
      }
    }
    guard Processes.find("umoci") != nil else { return }
    let layout = desk.folder + "/layout"
    try Files.createFolder(layout)
    #expect(try Processes.run("tar", ["-xf", archive, "-C", layout]).status == 0)
    let options = geteuid() == 0 ? [] : ["--rootless"]
    let result = try Processes.run(
      "umoci", ["unpack"] + options + ["--image", layout + ":latest", desk.folder + "/bundle"])
    #expect(result.status == 0, "\(result.errorText)")
    let status = try Processes.run(
      "stat", ["-c", "%a %u:%g", desk.folder + "/bundle/rootfs/made", desk.folder + "/bundle/rootfs/h"])
    if geteuid() == 0 { #expect(status.outputText == "0 0:0\n644 5:6\n") }
  }

  @Test("With SOURCE_DATE_EPOCH the digest is the same every time, for every caller")
  func reproducible() throws {
    var digests: Set<String> = []
    for caller in Caller.possible {
      try withDesk(caller) { desk in
        #expect(try Processes.run("touch", ["-d", "@1500000000", desk.folder + "/c/hello"]).status == 0)
        let environment = ["SOURCE_DATE_EPOCH": "1700000000"]
        for _ in 0..<2 {
          let built = try desk.slipway(["build", "-q", "c"], environment: environment)
          #expect(built.status == 0, "\(built.errorText)")
          digests.insert(built.outputText)
        }
        let argument = try desk.build("-q", "--build-arg", "SOURCE_DATE_EPOCH=1700000000", "c")
        digests.insert(argument.outputText)
        try desk.write(
          "c/Dockerfile", "ARG SOURCE_DATE_EPOCH=1700000000\nFROM scratch\nCOPY hello /h\nCMD [\"/h\"]\n")
        #expect(try Processes.run("touch", ["-d", "@1500000000", desk.folder + "/c/hello"]).status == 0)
        digests.insert(try desk.build("-q", "c").outputText)
      }
    }
    #expect(digests.count == 1)
  }

  @Test("SOURCE_DATE_EPOCH that is no time: where and what; the context, when a folder has none")
  func wrongEpoch() throws {
    try withDesk(Caller.possible[0]) { desk in
      let given = try desk.build("--build-arg", "SOURCE_DATE_EPOCH=soon", "c")
      #expect(given.status == 2)
      #expect(given.errorText.contains("SOURCE_DATE_EPOCH cannot be `soon`; write the seconds since 1970"))
      let folder = try desk.build("--build-arg", "SOURCE_DATE_EPOCH=context", "c")
      #expect(folder.status == 0)
      #expect(folder.errorText.contains("warning: SOURCE_DATE_EPOCH=context: it has no time of its own"))
      try desk.write("c/Dockerfile", "ARG SOURCE_DATE_EPOCH=soon\nFROM scratch\nCOPY hello /h\n")
      let declared = try desk.build("c")
      #expect(declared.status == 1)
      let place = "c/Dockerfile:1:23: error: SOURCE_DATE_EPOCH cannot be `soon`"
      #expect(declared.errorText.contains(place), "\(declared.errorText)")
    }
  }

  @Test(
    "A failing command: place, excerpt, status, and its last lines where they were not shown",
    .enabled(if: hasBusybox, "busybox is missing (Debian: busybox-static)"))
  func failing() throws {
    try withDesk(Caller.possible[0]) { desk in
      try makeBase(desk)
      try desk.write("c/Dockerfile", "FROM base\n\nRUN echo why >&2; exit 7\n")
      let built = try desk.build("-q", "c")
      #expect(built.status == 1)
      #expect(
        built.errorText.contains(
          "c/Dockerfile:3:19: error: RUN exited with 7\n  3 | RUN echo why >&2; exit 7\n"))
      #expect(built.errorText.contains("  why\n"))
      #expect(built.output.isEmpty)
    }
  }

  @Test("What cannot be built is told before anything runs, all at once")
  func invalid() throws {
    try withDesk(Caller.possible[0]) { desk in
      try desk.write(
        "c/Dockerfile",
        "FROM localhost:1/nothere\nFROM scratch\nSTOPSIGNAL X\nADD --checksum=x http://a/b /\n")
      let built = try desk.build("c")
      #expect(built.status == 1)
      #expect(built.errorText.contains("c/Dockerfile:3:12: error: `X` is no signal"))
      #expect(built.errorText.contains("c/Dockerfile:4:16: error: `x` is no checksum"))
      let base = try desk.build("--target", "0", "c")
      #expect(
        base.errorText.contains(
          "the base image `localhost:1/nothere` cannot be pulled: localhost:1 cannot be reached"))
      try desk.write("c/Dockerfile", "FROM scratch\nRUNN x\n")
      #expect(try desk.build("c").errorText.contains("did you mean RUN?"))
    }
  }

  @Test("Wrong usage ends with 2")
  func usage() throws {
    try withDesk(Caller.possible[0]) { desk in
      for arguments in [
        ["--nothing", "c"], [], ["http://127.0.0.1:1/x.tar"], ["nothere"], ["c/hello"],
        ["-o", "type=local", "c"], ["-o", "type=local,dest=-", "c"], ["-o", "type=registry", "c"],
        ["--push", "c"], ["-o", "type=oci,dest=x,push=true", "c"], ["--push", "-t", "x", "-o", "x.tar", "c"],
        ["-o", "type=oci,dest=x,compression=lzma", "c"], ["-o", "type=oci,dest=x,compression-level=3", "c"],
        ["-o", "-", "-o", "type=oci,dest=-", "c"], ["--annotation", "index:a=b", "c"],
        ["--annotation", "a", "c"],
        ["--annotation", "nowhere:a=b", "c"], ["--build-context", "x", "c"], ["-f", "-", "-"],
        ["--platform", "linux/amd64,b", "c"], ["-t", "UPPER", "c"], ["-f", "nothere", "c"],
        ["--label", "x", "c"],
      ] {
        let result = try desk.slipway(["build"] + arguments)
        #expect(result.status == 2, "\(arguments): \(result.errorText)")
        #expect(!result.errors.isEmpty)
      }
      let bad = try desk.slipway(["build", "c"], environment: ["SOURCE_DATE_EPOCH": "soon"])
      #expect(bad.status == 2)
    }
  }

  @Test("Outputs: archive, folder, standard output, digest and metadata files")
  func outputs() throws {
    try withDesk(Caller.possible[0]) { desk in
      let built = try desk.build(
        "-t", "a", "-o", "type=oci,dest=x.tar", "-o", "type=oci,dest=layout,tar=false", "-o",
        "type=docker,dest=y.tar",
        "--iidfile", "id", "--metadata-file", "meta.json", "c")
      #expect(built.status == 0, "\(built.errorText)")
      #expect(try Files.read(desk.folder + "/x.tar") == Files.read(desk.folder + "/y.tar"))
      #expect(Files.exists(desk.folder + "/layout/index.json"))
      let digest = String(decoding: try Files.read(desk.folder + "/id"), as: UTF8.self)
      #expect(built.outputText == digest + " a:latest\n")
      let metadata = String(decoding: try Files.read(desk.folder + "/meta.json"), as: UTF8.self)
      #expect(metadata.contains("\"containerimage.digest\": \"\(digest)\""))
      let piped = try desk.build("-q", "-o", "type=oci,dest=-", "c")
      #expect(piped.output.count > 1024)
      let loaded = try desk.slipway(["load", "-i", "x.tar", "-t", "b:2"])
      #expect(loaded.outputText == "Loaded image: a:latest\nLoaded image: b:2\n")
      #expect(try desk.slipway(["save", "-o", "z.tar", "b:2"]).status == 0)
      #expect(try desk.slipway(["save", "-o", "z.tar", "nothere"]).status == 1)
    }
  }

  @Test("A base in a layout or archive is taken where it lies, and is not listed")
  func archivesAsBases() throws {
    try withDesk(Caller.possible[0]) { desk in
      #expect(
        try desk.build("-t", "a", "-o", "x.tar", "-o", "type=oci,dest=layout,tar=false", "c").status == 0)
      for base in [
        "oci-layout://layout", "oci-archive:x.tar", "docker-archive:x.tar:a:latest",
        "oci-layout://layout:latest",
      ] {
        try desk.write("c/D2", "FROM \(base)\nLABEL l=1\n")
        let built = try desk.build("-q", "-f", "c/D2", "-o", "type=oci,dest=out.tar", "c")
        #expect(built.status == 0, "\(base): \(built.errorText)")
      }
      #expect(try desk.slipway(["images", "-q"]).output.isEmpty)
      for (base, place) in [("oci-layout:layout:nope", "layout"), ("docker-archive:x.tar:nope", "x.tar")] {
        try desk.write("c/D2", "FROM \(base)\n")
        let refused = try desk.build("-f", "c/D2", "c")
        #expect(refused.status == 1)
        #expect(
          refused.errorText.contains("there is no image `nope` in `\(place)`")
            && refused.errorText.contains("there are `a:latest`"), "\(refused.errorText)")
      }
    }
  }

  @Test("The Dockerfile may come from standard input, and has its own ignore file")
  func files() throws {
    try withDesk(Caller.possible[0]) { desk in
      let piped = try desk.slipway(["build", "-q", "-f", "-", "c"], input: "FROM scratch\nCOPY hello /\n")
      #expect(piped.status == 0, "\(piped.errorText)")
      try desk.write("c/.dockerignore", "nothing\n")
      try desk.write("c/Dockerfile.dockerignore", "hello\n")
      let ignored = try desk.build("c")
      #expect(ignored.status == 1)
      #expect(ignored.errorText.contains("is left out of the context by .dockerignore"))
    }
  }

  @Test("An error stands at the word that it is about, and says what to do")
  func places() throws {
    try withDesk(Caller.possible[0]) { desk in
      try desk.write("c/.dockerignore", "hidden\n")
      try desk.write("c/hidden", "")
      try desk.write("c/d/f", "")
      let expectations = [
        ("COPY hello gone /x/", "2:12: error: there is no `gone` to copy", "the path starts in the context"),
        ("COPY hello hidden /x/", "2:12: error: `hidden` is left out", "write `!hidden` behind the line"),
        ("COPY .git/HEAD /", "2:6: error: there is no `.git/HEAD` to copy", "ADD --keep-git-dir"),
        ("COPY hello /x\nCOPY d /x", "3:1: error: `/x` is a file", ""),
        ("ENV a='b\\'c'", "2:7: error: a quote has no end", "between single quotes that is a letter too"),
        ("ARG A\nENV a=${A:?no}", "3:7: error: A: no", "give A a value: with --build-arg"),
        (
          "RUN --mount=type=cache,source=/a,target=/b x", "2:13: error: the field `source` of a cache",
          "write `from=`"
        ),
        (
          "ADD --checksum=sha256:\(String(repeating: "0", count: 64)) hello /",
          "2:5: error: --checksum is for URLs", "remove"
        ),
        ("ADD hello http://127.0.0.1:1/f /x/", "2:11: error: http://127.0.0.1:1/f cannot be fetched", ""),
        (
          "ADD http://h/r.git?tag=a#b /x/", "2:5: error: http://h/r.git?tag=a#b and its flags give two",
          "leave one of them out"
        ),
      ]
      for (text, message, help) in expectations {
        try desk.write("c/Dockerfile", "FROM scratch\n\(text)\n")
        let built = try desk.build("c")
        #expect(built.status == 1, "\(text)")
        #expect(built.errorText.contains("c/Dockerfile:" + message), "\(built.errorText)")
        #expect(built.errorText.contains(help), "\(built.errorText)")
      }
      try desk.write("c/.dockerignore", "!\n")
      let ignore = try desk.build("c")
      #expect(
        ignore.errorText.contains("c/.dockerignore:1: a `!` stands alone: write behind it"),
        "\(ignore.errorText)")
    }
  }

  @Test(
    "A RUN whose shell is missing, or whose list is none, says so",
    .enabled(if: hasBusybox, "busybox is missing (Debian: busybox-static)"))
  func commandHelp() throws {
    try withDesk(Caller.possible[0]) { desk in
      try makeBase(desk)
      try desk.write("c/Dockerfile", "FROM base\nRUN [\"echo\", \"a\"]b\n")
      #expect(try desk.build("c").errorText.contains("help: what follows RUN is no list in JSON"))
      try desk.write("c/Dockerfile", "FROM base\nRUN [ -e /nowhere ]\n")
      #expect(try !desk.build("c").errorText.contains("help:"))
      try desk.write("c/Dockerfile", "FROM base\nRUN rm /bin/sh\nRUN true\n")
      #expect(try desk.build("c").errorText.contains("help: the shell is not in the image"))
      try desk.write("c/Dockerfile", "FROM base\nRUN [\"export\", \"a=b\"]\n")
      #expect(try desk.build("c").errorText.contains("help: a list names a program of the image"))
    }
  }

  @Test(
    "Ctrl-C ends the command, cleans up and exits with 130",
    .enabled(if: hasBusybox, "busybox is missing (Debian: busybox-static)"))
  func interrupted() throws {
    try withDesk(Caller.possible[0]) { desk in
      try makeBase(desk)
      try desk.write("c/Dockerfile", "FROM base\nRUN echo started && sleep 60\n")
      let program = try #require(Processes.slipway)
      let script = """
        \(program) build c & pid=$!
        for i in $(seq 100); do sleep 0.1; pgrep -P $pid >/dev/null && break; done
        sleep 0.3; kill -INT $pid; wait $pid
        """
      let result = try Processes.run(
        "bash", ["-c", script], environment: ["SLIPWAY_ROOT": desk.folder + "/store"], folder: desk.folder)
      #expect(result.status == 130, "\(result.errorText)")
      #expect(result.errorText.contains("interrupted"))
      #expect(try Files.names(in: desk.folder + "/store/tmp").isEmpty)
    }
  }
}
