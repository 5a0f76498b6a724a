import DockerfileSyntax
import FileTree
import Isolation
import OCIModel
import TestSupport
import Testing

@testable import ImageBuild

/// How lines are read, as it shows in what is built; by the numbers of the semantics that Slipway follows.
@Suite("Lines of the Dockerfile")
struct LineFormTests {
  private func paths(_ text: String, _ files: [String]) throws -> [String] {
    try Workshop.open { shop in
      for file in files { try shop.write(file) }
      return try shop.build(text).paths
    }
  }

  private func problem(_ line: String) throws -> BuildProblem.Kind {
    try Workshop.open { shop in
      try shop.write("f")
      return try shop.failure("FROM scratch\n\(line)\n").kind
    }
  }

  // MARK: Words

  @Test("E35 the words of COPY and ADD end at blanks: quotes and escapes do not join them, a list does")
  func words() throws {
    let files = ["a", "b", "a b"]
    for keyword in ["COPY", "ADD"] {
      #expect(try problem("\(keyword) \"a b\" /x") == .expansion(.unterminatedQuote))
      #expect(try problem("\(keyword) 'a b' /x/") == .expansion(.unterminatedQuote))
      #expect(try paths("FROM scratch\n\(keyword) a\\ b /x/\n", files) == ["x", "x/a", "x/b"])
      #expect(try paths("FROM scratch\n\(keyword) \"a\" '/x'\n", files) == ["x"])
      #expect(try paths("FROM scratch\n\(keyword) [\"a b\", \"/x y/\"]\n", files) == ["x y", "x y/a b"])
    }
  }

  @Test("E37 a list is JSON with strings in it; what is no JSON is a text for the shell")
  func lists() throws {
    let config = try plan("FROM scratch\nENTRYPOINT ['a']\nCMD [\"b\"] c\nVOLUME /v [\"x\"]\n").image.config
    #expect(config.entrypoint == ["/bin/sh", "-c", "['a']"])
    #expect(config.command == ["/bin/sh", "-c", "[\"b\"] c"])
    #expect(config.volumes.sorted() == ["/v", "[x]"])
    let empty = try plan("FROM scratch\nENTRYPOINT []\nCMD []\n").image.config
    #expect(empty.entrypoint == [] && empty.command == [])
    for keyword in ["RUN", "CMD", "ENTRYPOINT"] {
      #expect(try problems("FROM scratch\n" + keyword) == [.syntax(.missingArguments)], "\(keyword)")
    }
    for line in [
      "CMD [\"a\",1]", "ENTRYPOINT [null]", "RUN [\"a\", [\"b\"]]", "VOLUME [1]", "SHELL [true]",
    ] {
      #expect(try problems("FROM scratch\n" + line) == [.syntax(.syntax(.execFormNotStrings))], "\(line)")
    }
    #expect(try problem("RUN []") == .missingArguments)
  }

  @Test(
    "E37 in single quotes a list is a command that the shell does not find",
    .enabled(if: Workshop.canRun, "needs a static /bin/busybox and namespaces"))
  func singleQuotes() throws {
    try Workshop.open { shop in
      try shop.makeBase()
      #expect(try shop.failure("FROM busybox\nRUN ['true']\n").kind == .runFailed(.exited(127)))
    }
  }

  // MARK: Lines

  @Test("E38 continued lines, comments between them, and what is no comment")
  func continuations() throws {
    let text = "FROM scratch\nCOPY f \\  \n# comment\n  # another\n\n  g \\\n/x/\nCOPY f /y \\"
    #expect(try paths(text, ["f", "g"]) == ["x", "x/f", "x/g", "y"])
    #expect(try paths("FROM scratch\nCOPY f /x #c/\n", ["f", "x"]) == ["#c", "#c/f", "#c/x"])
    let command = try plan("FROM scratch\nRUN a \\\n  # no command\n  b # c\n")
    #expect(try command.historyLines == ["RUN /bin/sh -c a   b # c # buildkit"])
  }

  @Test("E39 blanks in front, small letters, line ends of Windows and a byte-order mark")
  func surroundings() throws {
    let text = "\u{FEFF}\tfrom scratch\r\n  \tCopy f \\\r\n g /x/\r\n\tlabel a=b\r\n"
    #expect(try paths(text, ["f", "g"]) == ["x", "x/f", "x/g"])
    #expect(try plan("\u{FEFF}\tfrom scratch\r\n  label a=b\r\n").image.config.labels == ["a": "b"])
    let document = "FROM scratch\r\nCOPY <<E /x\r\ntext\r\nE\r\nCOPY f /y\r\n"
    #expect(try paths(document, ["f"]) == ["x", "y"])
  }

  @Test("E39 an instruction that there is not is an error, with what was meant")
  func unknownInstruction() throws {
    for (line, suggestion) in [("FORM a", "FROM"), ("COPPY f /x", "COPY"), ("frm a", "FROM")] {
      guard case .syntax(.unknownInstruction(_, let meant, _)) = try problem(line) else {
        Issue.record("\(line)")
        continue
      }
      #expect(meant == suggestion)
    }
  }

  @Test("H09 the history has the text of a here-document of RUN, and only the name of one of COPY")
  func history() throws {
    let lines = try plan(
      "FROM scratch\nRUN cat <<EOF > /x\nof RUN\nEOF\nCOPY <<EOF <<b /y/\nof COPY\nEOF\nb\nADD <<c /z\nof ADD\nc\n"
    ).historyLines
    #expect(
      lines == [
        "RUN /bin/sh -c cat <<EOF > /x\nof RUN\nEOF # buildkit", "COPY <<EOF <<b /y/ # buildkit",
        "ADD <<c /z # buildkit",
      ])
  }

  // MARK: Directives and flags

  @Test("P04 docker's own frontend may be named in any version, and does nothing; another one is an error")
  func frontends() throws {
    let text = "\nFROM scratch\nLABEL a=b\n"
    for name in [
      "docker/dockerfile:1", "docker/dockerfile", "docker/dockerfile:1.99-labs",
      "docker.io/docker/dockerfile:1",
      "docker/dockerfile:1@\(Digest(of: []))", "docker/dockerfile-upstream:master",
    ] {
      #expect(try plan("# syntax=" + name + text).label("a") == "b", "\(name)")
    }
    for name in ["example.com/frontend:1", "docker/dockerfiles:1", "docker/dockerfile.other"] {
      #expect(try problems("# syntax=" + name + text) == [.unsupported(.frontend(name))], "\(name)")
    }
  }

  @Test("P06 flags stand before everything else, and -- ends them")
  func flags() throws {
    #expect(
      try paths("FROM scratch\nCOPY -- --chmod f /x/\n", ["f", "--chmod"]) == ["x", "x/--chmod", "x/f"])
    #expect(
      try paths("FROM scratch\nCOPY f --chown=1 /x/\n", ["f", "--chown=1"]) == ["x", "x/--chown=1", "x/f"])
    #expect(
      try problem("COPY --form=a f /x")
        == .syntax(.unknownFlag(name: "form", suggestion: "from", distance: 1)))
    #expect(
      try problem("COPY --foo f /x") == .syntax(.unknownFlag(name: "foo", suggestion: nil, distance: 0)))
    for flag in ["--chown=1", "--link", "--chmod=1"] {
      let name = String(flag.dropFirst(2).prefix { $0 != "=" })
      #expect(try problem("COPY \(flag) \(flag) f /x") == .syntax(.duplicateFlag(name: name)))
    }
  }

  // MARK: Sizes

  @Test("P07 a line may be longer than 64 KiB")
  func longLine() throws {
    let value = String(repeating: "a", count: 200_000)
    #expect(try plan("FROM scratch\nLABEL l=\(value)\n").label("l")?.utf8.count == 200_000)
    let blanks = String(repeating: " ", count: 200_000)
    #expect(try paths("FROM scratch\nCOPY f\(blanks)/x\n# \(value)\n", ["f"]) == ["x"])
    let names = (0..<20_000).map { "f\($0)" }
    #expect(
      try plan("FROM scratch\nVOLUME \(names.joined(separator: " "))\n").image.config.volumes.count == 20_000)
  }

  @Test("P08 ten thousand lines")
  func manyLines() throws {
    let lines = (0..<10_000).map { "LABEL l\($0)=\($0)\n" }.joined()
    let built = try plan("FROM scratch\n" + lines)
    #expect(try built.image.config.labels.count == 10_000 && built.label("l9999") == "9999")
    #expect(try built.image.history.count == 10_000)
  }

  @Test("P08 a thousand stages, each on the one before")
  func manyStages() throws {
    let text = (1...1000).map { "FROM s\($0 - 1) AS s\($0)\nENV n=${n}.\n" }.joined()
    let built = try plan("FROM scratch AS s0\n" + text + "LABEL l=$n\n")
    #expect(built.stages.map(\.number) == Array(0...1000))
    #expect(try built.label("l")?.utf8.count == 1000)
    let copies = (1...1000).map { "FROM scratch AS s\($0)\nCOPY --from=s\($0 - 1) /f /f\n" }.joined()
    #expect(try plan("FROM scratch AS s0\nCOPY f /f\n" + copies).stages.count == 1001)
    let mounts = (1...1000).map { "FROM scratch AS s\($0)\nRUN --mount=from=s\($0 - 1),target=/m x\n" }
      .joined()
    #expect(try plan("FROM scratch AS s0\nCOPY f /f\n" + mounts).stages.count == 1001)
    // What is wrong in the first one is told once.
    #expect(try problems("FROM scratch AS s0\nSTOPSIGNAL X\n" + text + copies) == [.invalidSignal("X")])
  }

  @Test(
    "P08 a NUL byte is an error where a name stands, and nothing else where it is text",
    arguments: [
      "COPY a\0b /x", "COPY f /x\0y", "COPY --from=a\0b f /x", "COPY --chown=a\0b f /x", "ADD f\0 /x",
      "WORKDIR /a\0b", "FROM scr\0atch", "COPY\0 f /x", "RUN\0 x", "STOPSIGNAL \0", "EXPOSE 8\00",
    ])
  func nulByte(line: String) throws {
    try Workshop.open { shop in
      try shop.write("f")
      #expect(try shop.failure("FROM scratch\n\(line)\n").instruction == 1)
      let label = try plan("FROM scratch\n# \0\nLABEL l=\"a\0b\"\n").label("l")
      #expect(label == "a\0b")
    }
  }

  @Test(
    "P08 a NUL byte in a command is an error",
    .enabled(if: Workshop.canRun, "needs a static /bin/busybox and namespaces"))
  func nulByteInCommand() throws {
    try Workshop.open { shop in
      try shop.makeBase()
      for line in ["RUN echo a\0b", "RUN [\"echo\", \"a\\u0000b\"]"] {
        guard case .isolation(.invalid(.nulByte)) = try shop.failure("FROM busybox\n\(line)\n").kind else {
          Issue.record("\(line)")
          continue
        }
      }
    }
  }
}
