import DockerfileSyntax
import SourceText
import Testing

/// Inputs that make a careless parser take quadratic time: at 4 MB such a one would not end within the minute that each
/// has, while a linear one takes a second or a few, even without optimisation.
@Suite("No input costs more than linear time", .timeLimit(.minutes(4)))
struct LinearTimeTests {
  private static let size = 4_000_000

  struct Input: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: @Sendable () -> [UInt8]
    var testDescription: String { name }

    init(_ name: String, _ bytes: @escaping @Sendable () -> [UInt8]) {
      self.name = name
      self.bytes = bytes
    }
  }

  private static func repeated(_ text: String, to size: Int = size) -> [UInt8] {
    let piece = Array(text.utf8)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(size + piece.count)
    while bytes.count < size { bytes += piece }
    return bytes
  }

  private static func numbered(_ count: Int, _ line: (Int) -> String) -> [UInt8] {
    var bytes: [UInt8] = []
    for number in 0..<count { bytes += line(number).utf8 }
    return bytes
  }

  private static let parsingInputs: [Input] = [
    Input("here-documents without end, each with its own name") { numbered(200_000) { "RUN <<N\($0)\nx\n" } },
    Input("here-documents without end whose name starts with a tab") { repeated("RUN <<-\"\tE\"\n\tE\n") },
    Input("many here-documents on a line") {
      repeated("RUN ").prefix(4) + repeated("<<a ", to: 400_000) + repeated("\na")
    },
    Input("many operators on a line, no end") { Array("RUN ".utf8) + repeated("<<a ") },
    Input("nested defaults before an operator") {
      Array("RUN ".utf8) + repeated("${a:-") + Array(" <<E\nE\n".utf8)
    },
    Input("defaults before an operator") {
      Array("RUN ".utf8) + repeated("${a:-${b:-c}} ", to: 1_000_000) + Array(" <<E\nE\n".utf8)
    },
    Input("ONBUILD in ONBUILD") { repeated("ONBUILD ") },
    Input("lines of nested ONBUILD") { repeated("ONBUILD ONBUILD ONBUILD RUN <<E\nE\n", to: 1_000_000) },
    Input("open brackets") { Array("CMD ".utf8) + repeated("[") },
    Input("lines of open brackets") { repeated("CMD [[[[\n", to: 2_000_000) },
    Input("backslashes") { Array("RUN ".utf8) + repeated("\\") },
    Input("a million continued lines") { Array("RUN a".utf8) + repeated("\\\na", to: 3_000_000) },
    Input("continued lines of words") { Array("ENV a=1".utf8) + repeated(" \\\n b=2", to: 2_000_000) },
    Input("comments in a continued line") { Array("RUN a \\\n".utf8) + repeated("# c\n") },
    Input("blank lines") { repeated("\n") },
    Input("open quotes") { Array("ENV a=".utf8) + repeated("\"'") },
    Input("flags") { Array("RUN ".utf8) + repeated("--a ", to: 2_000_000) },
    Input("words without equals sign") { Array("ENV a=1".utf8) + repeated(" b", to: 1_000_000) },
    Input("carriage returns") { repeated("\r") },
    Input("trailing blanks") { repeated("RUN a                \n") },
    Input("bytes that are no UTF-8") { Array("RUN ".utf8) + [UInt8](repeating: 0xE2, count: size) },
  ]

  private static let readingInputs: [Input] = [
    Input("sources that are here-documents") {
      Array("COPY".utf8) + repeated(" <<a", to: 400_000) + Array(" /d/".utf8)
        + repeated("\na", to: 400_000)
    },
    Input("repeated flags") {
      Array("RUN ".utf8) + repeated("--mount=type=ssh ", to: 400_000)
        + repeated("--network=a ", to: 400_000) + [0x78]
    },
    Input("unknown instructions") { repeated("cpoy a b\n", to: 200_000) },
    Input("unknown flags") { Array("COPY ".utf8) + repeated("--lnik ", to: 200_000) + Array("a b".utf8) },
    Input("stages") { repeated("FROM a\n", to: 400_000) },
    Input("fields of a mount") {
      Array("RUN --mount=".utf8) + repeated("target=/a,", to: 1_000_000) + Array("rw x".utf8)
    },
  ]

  private static let wordInputs: [Input] = [
    Input("literal text") { repeated("a", to: 2_000_000) },
    Input("variables") { repeated("$a", to: 1_000_000) },
    Input("quoted pieces") { repeated("'a'\"b\"", to: 1_000_000) },
    Input("nested defaults") { repeated("${a:-", to: 1_000_000) },
  ]

  @Test("parsing", arguments: parsingInputs)
  func parsing(input: Input) {
    let source = Source(name: input.name, bytes: input.bytes())
    let tree = SyntaxTree.parse(source)
    #expect(tree.printed() == source.bytes)
    #expect(tree.tokens.count <= source.bytes.count)
    #expect(tree.instructions.count + tree.triggers.count <= source.bytes.count)
  }

  @Test("reading", arguments: readingInputs)
  func reading(input: Input) {
    let file = Dockerfile(parsing: Source(name: input.name, bytes: input.bytes()))
    #expect(file.instructions.count == file.tree.instructions.count)
  }

  @Test("words", arguments: wordInputs)
  func words(input: Input) {
    let bytes = input.bytes()
    let template = WordTemplate(bytes)
    #expect(template.parts.count <= bytes.count)
    _ = try? Expander { _ in [0x61] }.expand(bytes)
  }

  @Test("the S-expression of a large file")
  func sExpression() throws {
    let tree = SyntaxTree.parse(
      Source(name: "large", bytes: Self.repeated("RUN a \\\n  b\nCOPY a b\n", to: 1_000_000)))
    #expect(try tree.sExpression().count > 500_000)
  }
}
