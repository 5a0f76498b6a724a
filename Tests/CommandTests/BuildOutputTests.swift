import Glibc
import TestSupport
import Testing

/// Outputs and contexts of `slipway build`, as they are called.
@Suite(
  "slipway build, outputs and contexts",
  .enabled(if: Processes.slipway != nil, "the program has not been built"))
struct BuildOutputTests {
  private struct Desk {
    let folder: String

    func run(_ arguments: [String], input: [UInt8] = []) throws -> ProcessResult {
      try Processes.run(
        try #require(Processes.slipway), arguments,
        environment: [
          "HOME": folder, "SLIPWAY_ROOT": folder + "/store", "SOURCE_DATE_EPOCH": "1700000000",
          "TERM": "dumb",
        ], input: input, folder: folder)
    }

    func build(_ arguments: String..., input: [UInt8] = []) throws -> ProcessResult {
      let result = try run(["build"] + arguments, input: input)
      #expect(result.status == 0, "\(arguments): \(result.errorText)")
      return result
    }

    func write(_ path: String, _ text: String) throws {
      try Files.write(Array(text.utf8), to: folder + "/" + path)
    }

    func tool(_ words: String...) throws -> ProcessResult {
      let result = try Processes.run(words[0], Array(words.dropFirst()), folder: folder)
      #expect(result.status == 0, "\(words): \(result.errorText)")
      return result
    }
  }

  /// A context `c` with a file, a program, a link and a Dockerfile that copies them.
  private func withDesk(_ body: (Desk) throws -> Void) throws {
    try Files.withTemporaryFolder { folder in
      let desk = Desk(folder: folder)
      try desk.write("c/hello", "hello\n")
      try desk.write("c/d/program", "x")
      _ = unsafe chmod(folder + "/c/d/program", 0o755)
      _ = unsafe symlink("program", folder + "/c/d/link")
      try desk.write("c/Dockerfile", "FROM scratch\nCOPY hello /h\nCOPY d /d\n")
      try body(desk)
    }
  }

  @Test("type=local and type=tar write the files; the folder keeps what else is in it")
  func files() throws {
    try withDesk { desk in
      try desk.write("out/kept", "k")
      _ = try desk.build("-o", "out", "-o", "type=tar,dest=files.tar", "c")
      #expect(try Files.names(in: desk.folder + "/out") == ["d", "h", "kept"])
      #expect(try desk.tool("stat", "-c", "%a %Y", "out/d/program").outputText == "755 1700000000\n")
      #expect(try desk.tool("readlink", "out/d/link").outputText == "program\n")
      let piped = try desk.build("-o", "-", "c")
      #expect(try Files.read(desk.folder + "/files.tar") == piped.output)
      let names = try desk.tool("tar", "-tf", "files.tar").outputText
      #expect(names == "d/\nd/link\nd/program\nh\n")
    }
  }

  @Test("Metadata, id file and quiet output name the image of the first output")
  func metadata() throws {
    try withDesk { desk in
      let built = try desk.build(
        "-q", "-o", "type=oci,dest=a.tar,compression=zstd,\"name=x:1,y:2\"", "-o", "type=oci,dest=b.tar",
        "--iidfile", "id", "--metadata-file", "m.json", "c")
      let digest = String(built.outputText.dropLast())
      #expect(try Files.read(desk.folder + "/id") == Array(digest.utf8))
      let text = String(decoding: try Files.read(desk.folder + "/m.json"), as: UTF8.self)
      #expect(text.contains("\"containerimage.digest\": \"\(digest)\""))
      #expect(text.contains("\"containerimage.config.digest\": \"sha256:"))
      let loaded = try desk.run(["load", "-i", "a.tar"])
      #expect(loaded.outputText == "Loaded image: x:1\nLoaded image: y:2\n")
    }
  }

  @Test("--squash leaves one layer, the same files and the whole history")
  func squash() throws {
    try withDesk { desk in
      _ = try desk.build("--squash", "-t", "s", "-o", "type=image", "-o", "type=tar,dest=s.tar", "c")
      _ = try desk.build("-o", "type=tar,dest=p.tar", "c")
      #expect(try Files.read(desk.folder + "/s.tar") == Files.read(desk.folder + "/p.tar"))
      let manifest = try desk.run(["inspect", "--format", "manifest", "s"]).outputText
      #expect(manifest.split(separator: "tar+gzip").count == 2)
      let config = try desk.run(["inspect", "--format", "config", "s"]).outputText
      #expect(config.split(separator: "\"empty_layer\":true").count == 3)
      #expect(try desk.run(["inspect", "s", "nothere"]).status == 1)
      #expect(try desk.run(["inspect", "s"]).outputText.contains("\"RepoTags\": [\n      \"s:latest\""))
    }
  }

  @Test("Several platforms make an index, with its annotations")
  func platforms() throws {
    try withDesk { desk in
      let built = try desk.build(
        "--platform", "linux/amd64,linux/arm64", "--annotation", "index:a=b", "--annotation",
        "manifest[linux/arm64]:c=d", "-t", "m", "-o", "type=oci,dest=l,tar=false", "-o", "out", "c")
      let digest = built.outputText.dropFirst(7).prefix(64)
      let index = String(
        decoding: try Files.read(desk.folder + "/l/blobs/sha256/" + digest), as: UTF8.self)
      #expect(index.contains("\"annotations\":{\"a\":\"b\"}"))
      #expect(index.contains("\"architecture\":\"arm64\""))
      #expect(try Files.names(in: desk.folder + "/out") == ["linux_amd64", "linux_arm64"])
      #expect(built.errorText.contains("[linux/arm64 1/2] COPY hello /h\n"))
    }
  }

  @Test("The same image from a folder, a tar in any compression on standard input or in a file, and git")
  func contexts() throws {
    try withDesk { desk in
      let wanted = try desk.build("-q", "c").outputText
      _ = try desk.tool("tar", "-C", "c", "-cf", "c.tar", ".")
      #expect(try desk.build("-q", "c.tar").outputText == wanted)
      for tool in ["cat", "gzip", "xz", "zstd"] where Processes.find(tool) != nil {
        let bytes = try desk.tool(tool, tool == "cat" ? "c.tar" : "-c", tool == "cat" ? "/dev/null" : "c.tar")
          .output
        #expect(try desk.build("-q", "-", input: bytes).outputText == wanted, "\(tool)")
      }
      try desk.write("other", "FROM scratch\nCOPY hello /h\nCOPY d /d\n")
      #expect(try desk.build("-q", "-f", "other", "c").outputText == wanted)
      guard Processes.find("git") != nil else { return }
      for words in [
        ["init", "-q", "-b", "main"], ["add", "-A"],
        ["-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-q", "-m", "m"],
      ] {
        #expect(try Processes.run("git", words, folder: desk.folder + "/c").status == 0)
      }
      _ = try desk.tool("git", "clone", "-q", "--bare", "c", "r.git")
      let url = "file://" + desk.folder + "/r.git"
      #expect(try desk.build("-q", url + "#main").outputText == wanted)
      let missing = try desk.run(["build", url + "#nothere"])
      #expect(missing.status == 2 && missing.errorText.contains("nothere"), "\(missing.errorText)")
      let folder = try desk.run(["build", url + "#main:nofolder"])
      #expect(folder.status == 2 && folder.errorText.contains("no folder `nofolder`"))
    }
  }

  @Test(
    "The same image from the URL of a tar; the URL of a text is a Dockerfile, and the only file of its context",
    .enabled(if: Processes.find("python3") != nil, "needs python3"))
  func contextOverHTTP() throws {
    try withDesk { desk in
      let server = try WebServer(desk.folder)
      let wanted = try desk.build("-q", "c").outputText
      _ = try desk.tool("tar", "-C", "c", "-czf", "www/c.tgz", ".")
      #expect(try desk.build("-q", server.url + "/to/c.tgz").outputText == wanted)
      try server.write("text", "FROM scratch\nCOPY . /\n")
      _ = try desk.build("-o", "out", server.url + "/text")
      #expect(try Files.names(in: desk.folder + "/out") == ["context"])
      #expect(try desk.tool("stat", "-c", "%a %Y", "out/context").outputText == "600 1600000000\n")
      try desk.write("e/Dockerfile", "FROM scratch\nCOPY --from=x hello /\n")
      _ = try desk.build("--build-context", "x=" + server.url + "/c.tgz", "-o", "named", "e")
      #expect(try Files.names(in: desk.folder + "/named") == ["hello"])
      let missing = try desk.run(["build", server.url + "/gone"])
      #expect(missing.status == 2)
      let wanted404 = "\(server.url)/gone cannot be fetched: the server answers 404, there is no such file\n"
      #expect(missing.errorText == "slipway: " + wanted404)
      let folder = try desk.run(["build", server.url + "/text#fragment", "-f", "-"])
      #expect(folder.status == 1, "\(folder.errorText)")
      #expect(try Files.names(in: desk.folder + "/store/tmp").isEmpty)
    }
  }

  @Test("A Dockerfile on standard input has an empty context")
  func dockerfileAlone() throws {
    try withDesk { desk in
      _ = try desk.build("-q", "-", input: Array("FROM scratch\nENV A=1\n".utf8))
      let failed = try desk.run(["build", "-"], input: Array("FROM scratch\nCOPY hello /\n".utf8))
      #expect(failed.status == 1)
    }
  }

  @Test(
    "Ignore files: the Dockerfile's own first, podman's name before docker's; Containerfile where there is no Dockerfile"
  )
  func ignoreFiles() throws {
    try withDesk { desk in
      try desk.write("p/Containerfile", "FROM scratch\nCOPY . /\n")
      for name in ["a", "b", "c", "d"] { try desk.write("p/" + name, name) }
      var left = ["a", "b", "c", "d"]
      for (file, name) in [
        (".dockerignore", "a"), (".containerignore", "b"), ("Containerfile.dockerignore", "c"),
        ("Containerfile.containerignore", "d"),
      ] {
        try desk.write("p/" + file, name + "\nC*\n.*\n")
        left = ["a", "b", "c", "d"].filter { $0 != name }
        Files.remove(desk.folder + "/out")
        _ = try desk.build("-o", "out", "p")
        #expect(try Files.names(in: desk.folder + "/out") == left, "\(file)")
      }
    }
  }

  @Test("--build-context goes before images and stages of its name")
  func namedContexts() throws {
    try withDesk { desk in
      try desk.write(
        "e/Dockerfile",
        "FROM base AS b\nFROM scratch AS s\nFROM scratch\nCOPY --from=x /hello /q\nCOPY --from=b /d /b\n"
          + "COPY --from=s /only /s\n")
      try desk.write("s/only", "o")
      _ = try desk.tool("tar", "-C", "c", "-cf", "c.tar", ".")
      _ = try desk.build(
        "--build-context", "base=c", "--build-context", "x=c.tar", "--build-context", "s=s", "-o", "out", "e")
      #expect(try Files.names(in: desk.folder + "/out") == ["b", "q", "s"])
      #expect(try Files.names(in: desk.folder + "/out/b") == ["link", "program"])
      _ = try desk.build("-t", "im", "c")
      try desk.write("f/Dockerfile", "FROM nowhere\n")
      _ = try desk.build("-q", "--build-context", "nowhere=docker-image://im", "f")
    }
  }

  @Test("rawjson: a JSON object a line, in BuildKit's shape; plain: docker's lines")
  func progress() throws {
    try withDesk { desk in
      let json = try desk.build("--progress", "rawjson", "c").errorText
      for line in json.split(separator: "\n") {
        #expect(line.hasPrefix("{\"vertexes\":[{\"digest\":\"sha256:"))
      }
      let plain = try desk.build("--progress", "plain", "--no-cache", "c").errorText
      #expect(plain.hasPrefix("#1 [1/2] COPY hello /h\n#1 DONE "))
      let cached = try desk.build("--progress", "plain", "c").errorText
      #expect(cached.hasPrefix("#1 [1/2] COPY hello /h\n#1 CACHED\n"))
    }
  }
}
