import DockerfileSyntax
import SourceText
import Testing

@Suite("Lines, continuations, comments and directives")
struct LineTests {
  @Test(
    "E38: lines are joined by an escape character at their end",
    arguments: [
      ("RUN a \\\n b", "a  b"),
      ("RUN a\\\nb", "ab"),
      ("RUN a \\  \t\n b", "a  b"),
      ("RUN a \\\r\n b", "a  b"),
      ("RUN a \\\n# comment\n b", "a  b"),
      ("RUN a \\\n   # comment\n b", "a  b"),
      ("RUN a \\\n\n\n b", "a  b"),
      ("RUN a \\\n  \t \n b", "a  b"),
      ("RUN a \\\n b \\\n c", "a  b  c"),
      ("RUN a \\", "a"),
      ("RUN a \\\n", "a"),
      ("RUN a \\\n# only a comment", "a"),
      ("RUN a \\\n\n\n", "a"),
    ])
  func continuations(text: String, expected: String) {
    #expect(arguments(text) == [expected])
  }

  @Test("two escape characters at the end join nothing")
  func doubleEscape() {
    #expect(dumped("FROM a\nRUN x \\\\\nRUN y") == "(from \"a\")\n(run \"x \\\\\\\\\")\n(run \"y\")\n")
  }

  @Test("E38: a comment begins only at the start of a line")
  func comments() {
    #expect(arguments("RUN a # b") == ["a # b"])
    #expect(arguments("COPY f /x #c") == ["f", "/x", "#c"])
    #expect(parsed("  # a\n\t#b\nFROM x").instructions.count == 1)
  }

  @Test("a keyword may be cut by a continuation")
  func brokenKeyword() throws {
    let tree = parsed("FR\\\nOM a\n")
    let node = try #require(tree.instructions.first)
    #expect(node.kind == .from)
    #expect(!node.isContiguous)
    #expect(tree.cooked(node.keyword) == Array("FROM".utf8))
    #expect(tree.cookedLine(of: node) == Array("FROM a".utf8))
  }

  @Test("the comments right above an instruction belong to it")
  func leadingComments() {
    func leading(_ text: String) -> [String] {
      let tree = parsed(text)
      guard let node = tree.instructions.last else { return [] }
      return node.leadingComments.indices.filter { tree.tokens[$0].kind == .comment }
        .map { tree.text(tree.range(ofToken: $0)) }
    }
    #expect(leading("# a\nFROM x") == ["# a"])
    #expect(leading("# a\n# b\nFROM x") == ["# a", "# b"])
    #expect(leading("# a\n\n# b\nFROM x") == ["# b"])
    #expect(leading("# a\n\nFROM x") == [])
    #expect(leading("# a\n#\n# b\nFROM x") == ["# b"])
    #expect(leading("# escape=`\nFROM x") == [])
    #expect(leading("FROM y\n  # a\n  RUN x") == ["# a"])
  }

  @Test(
    "P01: directives stand at the very top",
    arguments: [
      ("# syntax=a\nFROM x", ["syntax=a"]),
      ("#syntax=a\n#  Escape =  `  \n#CHECK=skip=all\nFROM x", ["syntax=a", "escape=`", "check=skip=all"]),
      ("# comment\n# syntax=a\nFROM x", []),
      ("\n# syntax=a\nFROM x", []),
      ("FROM x\n# syntax=a\n", []),
      ("# unknown=a\n# syntax=a\nFROM x", []),
      ("# syntax=\n# escape=`\nFROM x", []),
      ("\u{FEFF}# syntax=a\nFROM x", ["syntax=a"]),
    ])
  func directives(text: String, expected: [String]) {
    let tree = parsed(text)
    #expect(tree.directives.map { "\($0.kind.name)=\(tree.text($0.value))" } == expected)
  }

  @Test("P01, P02: the escape directive changes the escape character")
  func escapeDirective() {
    #expect(parsed("# escape=`\nFROM x").escape == 0x60)
    #expect(arguments("# escape=`\nRUN a `\n b \\\n") == ["a  b \\"])
    #expect(parsed("# escape=x\nFROM x").errors.map(\.kind) == [.invalidEscape])
    #expect(parsed("# escape=x\nFROM x").escape == 0x5C)
    #expect(parsed("# escape=`\n# escape=\\\nFROM x").errors.map(\.kind) == [.duplicateDirective(.escape)])
  }

  @Test("an empty file is refused, and so is one with comments only")
  func noInstructions() {
    #expect(parsed("").errors.map(\.kind) == [.noInstructions])
    #expect(parsed("# a\n\n").errors.map(\.kind) == [.noInstructions])
    #expect(dumped("") == nil)
  }

  @Test("positions: lines and columns from 1, columns in bytes")
  func positions() {
    let index = LineIndex(Source(name: "x", text: "a\r\nä b\n\n"))
    #expect(index.position(of: 0) == Position(line: 1, column: 1))
    #expect(index.position(of: 2) == Position(line: 1, column: 3))
    #expect(index.position(of: 3) == Position(line: 2, column: 1))
    #expect(index.position(of: 6) == Position(line: 2, column: 4))
    #expect(index.position(of: 9) == Position(line: 4, column: 1))
  }
}
