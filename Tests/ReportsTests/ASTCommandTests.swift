import Reports
import TestSupport
import Testing

@Suite(
  "The command slipway ast",
  .enabled(
    if: Processes.slipway != nil, "needs the slipway binary beside the tests: swift build --product slipway"))
struct ASTCommandTests {
  private func ast(_ arguments: [String], input: String = "", folder: String? = nil) throws -> ProcessResult {
    try Processes.run(
      Processes.slipway ?? "slipway", ["ast"] + arguments, environment: ["NO_COLOR": "1"],
      input: Array(input.utf8),
      folder: folder)
  }

  private let stages = TestSupport.fixture("dockerfiles/valid/stages.Dockerfile")

  @Test("each format", arguments: ["tree", "json", "sexp", "markdown", "dot", "mermaid"])
  func formats(format: String) throws {
    let result = try ast(["--format", format, stages])
    #expect(result.status == 0)
    #expect(result.errors.isEmpty)
    #expect(result.output.last == 0x0A)
    #expect(try ast(["-f", format, stages]).output == result.output)
  }

  @Test("tree is what is printed when nothing is asked for")
  func defaultFormat() throws {
    #expect(try ast([stages]).output == ast(["--format", "tree", stages]).output)
  }

  @Test("the S-expression is the library's")
  func sExpression() throws {
    let golden = try Files.read(TestSupport.fixture("ast/stages.sexp"))
    #expect(try ast(["--format", "sexp", stages]).output == golden)
  }

  @Test("standard input, and Dockerfile without an argument")
  func inputs() throws {
    #expect(try ast(["--format", "sexp", "-"], input: "FROM a\n").outputText == "(from \"a\")\n")
    try Files.withTemporaryFolder { folder in
      try Files.write(Array("FROM b\n".utf8), to: folder + "/Dockerfile")
      #expect(try ast(["--format", "sexp"], folder: folder).outputText == "(from \"b\")\n")
    }
  }

  @Test("a file with problems is dumped all the same, the problems go to standard error, and the status is 1")
  func problems() throws {
    let result = try ast(["-"], input: "FROM a\nCOPPY a b\nRUN c\n")
    #expect(result.status == 1)
    #expect(result.outputText.contains("RUN  3:1-3:6"))
    #expect(result.errorText.contains("-:2:1: error: "))
    #expect(result.errorText.contains("COPPY a b"))
    #expect(result.errorText.contains("^^^^^"))
  }

  @Test("a file that BuildKit refuses has no S-expression: status 1 and the line")
  func refused() throws {
    let result = try ast(["--format", "sexp", "-"], input: "FROM a\nENV b\n")
    #expect(result.status == 1)
    #expect(result.output.isEmpty)
    #expect(result.errorText.contains("-:2:5: error: "))
    let long = try ast(
      ["--format", "sexp", "-"], input: "FROM a\nRUN " + String(repeating: "x", count: 70_000))
    #expect(long.status == 1)
    #expect(long.errorText.contains("-:2:1"))
  }

  @Test("what BuildKit's parser lets pass has an S-expression, whatever it means")
  func meaningless() throws {
    let result = try ast(["--format", "sexp", "-"], input: "FROM a b\n")
    #expect(result.status == 0)
    #expect(result.outputText == "(from \"a\" \"b\")\n")
  }

  @Test("--tokens lists all bytes; with a format that has no tokens it is wrong usage")
  func tokens() throws {
    #expect(try ast(["--tokens", "-"], input: "FROM a\n").outputText.contains("keyword \"FROM\"  1:1-1:5"))
    #expect(try ast(["--tokens", "--format", "sexp", "-"], input: "FROM a\n").status == 2)
  }

  @Test("what cannot be read gives status 2 and a message with the path")
  func unreadable() throws {
    let result = try ast(["/no/such/file"])
    #expect(result.status == 2)
    #expect(result.errorText.contains("/no/such/file"))
    #expect(try ast([TestSupport.packageRoot]).status == 2)
    #expect(try ast(["--format", "xml", stages]).status == 2)
  }

  @Test("the help names every format")
  func help() throws {
    let result = try ast(["--help"])
    #expect(result.status == 0)
    for word in ["tree", "json", "sexp", "markdown", "dot", "mermaid", "--tokens", "-f, --format"] {
      #expect(result.outputText.contains(word), "\(word) is not in the help")
    }
  }
}
