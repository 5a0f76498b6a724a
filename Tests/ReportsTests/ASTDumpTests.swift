import DockerfileSyntax
import Reports
import SourceText
import TestSupport
import Testing

@Suite("Dumps of the syntax tree")
struct ASTDumpTests {
  static let fixtures: [String] =
    (try? Files.files(below: TestSupport.fixture("dockerfiles"), suffix: ".Dockerfile")) ?? []

  /// The file of a fixture; its name in dumps has no folder, so that the golden files fit on every machine.
  static func file(_ path: String) throws -> Dockerfile {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    return Dockerfile(parsing: Source(name: name, bytes: try Files.read(path)))
  }

  private static func golden(_ path: String, _ suffix: String) -> String {
    let name = path.split(separator: "/").last.map { String($0.dropLast(".Dockerfile".count)) } ?? path
    return "ast/\(name).\(suffix)"
  }

  @Test("tree", arguments: fixtures)
  func tree(path: String) throws {
    let difference = try Golden.difference(ASTDump.tree(Self.file(path)), from: Self.golden(path, "tree"))
    #expect(difference == nil)
  }

  @Test("json", arguments: fixtures)
  func json(path: String) throws {
    let difference = try Golden.difference(ASTDump.json(Self.file(path)), from: Self.golden(path, "json"))
    #expect(difference == nil)
  }

  @Test("markdown", arguments: fixtures)
  func markdown(path: String) throws {
    let difference = try Golden.difference(ASTDump.markdown(Self.file(path)), from: Self.golden(path, "md"))
    #expect(difference == nil)
  }

  @Test("graphs", arguments: ["stages", "many-stages", "mounts", "variables", "binary", "empty"])
  func graphs(name: String) throws {
    let path = try #require(Self.fixtures.first { $0.hasSuffix("/\(name).Dockerfile") })
    let file = try Self.file(path)
    #expect(try Golden.difference(ASTDump.dot(file), from: Self.golden(path, "dot")) == nil)
    #expect(try Golden.difference(ASTDump.mermaid(file), from: Self.golden(path, "mermaid")) == nil)
  }

  @Test(
    "FROM sees the stages above, COPY and mounts all of them, by name and by number; each edge stands once")
  func stageGraph() {
    let text = """
      FROM b AS a
      FROM A AS b
      COPY --from=0 x y
      COPY --from=a x z
      COPY --from=9 x y
      RUN --mount=from=b,target=/x true
      """
    let file = Dockerfile(parsing: Source(name: "x", text: text))
    let graph = String(decoding: ASTDump.mermaid(file), as: UTF8.self)
    #expect(
      graph == """
        flowchart LR
          image0(["b"])
          image1(["9"])
          stage0["a"]
          stage1["b"]
          image0 --> stage0
          stage0 --> stage1
          stage0 -. COPY .-> stage1
          image1 -. COPY .-> stage1
          stage1 -. mount .-> stage1

        """)
  }

  @Test("S-expression; a file that the grammar refuses has none", arguments: fixtures)
  func sExpression(path: String) throws {
    let tree = try Self.file(path).tree
    guard tree.errors.isEmpty else {
      #expect(throws: SExpressionError.self) { try tree.sExpression() }
      return
    }
    let difference = try Golden.difference(tree.sExpression(), from: Self.golden(path, "sexp"))
    #expect(difference == nil)
  }

  @Test("with tokens, both dumps hold the whole file")
  func tokens() throws {
    let text = "# c\nRUN a \\\n  b\n"
    let file = Dockerfile(parsing: Source(name: "x", text: text))
    let tree = String(decoding: ASTDump.tree(file, .init(includesTokens: true)), as: UTF8.self)
    #expect(tree.contains("8 tokens"))
    #expect(tree.contains("continuation \"\\\\\\n\"  2:7-3:1"))
    let json = String(decoding: ASTDump.json(file, .init(includesTokens: true)), as: UTF8.self)
    #expect(json.contains("\"tokens\": ["))
    #expect(!String(decoding: ASTDump.json(file), as: UTF8.self).contains("\"tokens\""))
  }

  @Test("the same file gives the same bytes")
  func deterministic() throws {
    for path in Self.fixtures.prefix(10) {
      #expect(try ASTDump.json(Self.file(path)) == ASTDump.json(Self.file(path)))
      #expect(try ASTDump.tree(Self.file(path)) == ASTDump.tree(Self.file(path)))
    }
  }

  @Test("no control character reaches a terminal through the tree")
  func terminal() throws {
    for path in Self.fixtures {
      let text = String(
        decoding: ASTDump.tree(try Self.file(path), .init(includesTokens: true)), as: UTF8.self)
      #expect(
        !text.unicodeScalars.contains {
          ($0.value < 0x20 && $0 != "\n") || $0.value == 0x7F || $0.value == 0x202E
        })
    }
  }

  @Test("a cell of a Markdown table ends where it should")
  func markdownCells() throws {
    let file = Dockerfile(parsing: Source(name: "x", text: "FROM a\nRUN echo `a` | b || ``c``\n"))
    let lines = String(decoding: ASTDump.markdown(file), as: UTF8.self).split(separator: "\n")
    #expect(lines.last == "| 2 | `RUN` | ``` echo `a` \\| b \\|\\| ``c`` ``` |")
  }
}
