import DockerfileSyntax
import SourceText

/// Parses a text.
func parsed(_ text: String) -> SyntaxTree { SyntaxTree.parse(Source(name: "Dockerfile", text: text)) }

/// Parses and reads a text behind a FROM, so that nothing but the text itself can be wrong.
func read(_ text: String) -> Dockerfile {
  Dockerfile(parsing: Source(name: "Dockerfile", text: "FROM scratch\n" + text))
}

/// The kinds of problem of a text behind a FROM.
func problems(_ text: String) -> [Problem.Kind] { read(text).problems.map(\.kind) }

/// The token kinds of a text, with blanks between.
func kinds(_ text: String) -> String { parsed(text).tokens.map(\.kind.name).joined(separator: " ") }

/// What BuildKit's parser dumper prints, one instruction a line; nil when the file is refused.
func dumped(_ text: String) -> String? {
  (try? parsed(text).sExpression()).map { String(decoding: $0, as: UTF8.self) }
}

/// The arguments of the first instruction as the grammar reads them.
func arguments(_ text: String) -> [String] {
  let tree = parsed(text)
  guard let node = tree.instructions.first else { return [] }
  return tree.arguments(of: node).map { String(decoding: tree.cooked($0), as: UTF8.self) }
}

/// The here-documents of the first instruction.
func heredocs(_ text: String) -> [HeredocSyntax] {
  let tree = parsed(text)
  return tree.instructions.first.map { Array(tree.heredocs(of: $0)) } ?? []
}

extension SyntaxTree {
  /// The text of a range.
  func text(_ range: ByteRange) -> String { source.text(in: range) }
}

extension HeredocSyntax {
  var nameText: String { String(decoding: name, as: UTF8.self) }
}
