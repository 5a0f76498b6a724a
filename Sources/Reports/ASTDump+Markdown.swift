import Diagnostics
package import DockerfileSyntax
import SourceText

extension ASTDump {
  /// The file as Markdown to paste into a pull request: a heading and a table for each stage.
  package static func markdown(_ file: Dockerfile) -> [UInt8] {
    var dump = MarkdownDump(file)
    dump.document()
    return dump.output
  }
}

private struct MarkdownDump {
  let file: Dockerfile
  let lines: LineIndex
  var output: [UInt8] = []

  init(_ file: Dockerfile) {
    self.file = file
    lines = LineIndex(file.source)
  }

  mutating func document() {
    put("# ")
    output += code(Array(file.source.name.utf8), inTable: false)
    put("\n")
    if !file.tree.directives.isEmpty {
      put("\n")
      for directive in file.tree.directives {
        put("- \(directive.kind.name): ")
        output += code(file.source.bytes(in: directive.value), inTable: false)
        put("\n")
      }
    }
    if !file.preamble.isEmpty {
      put("\n## Before the first stage\n")
      table(file.preamble)
    }
    for stage in file.stages { self.stage(stage) }
    problems()
  }

  private mutating func put(_ text: String) { output.append(contentsOf: text.utf8) }

  private mutating func stage(_ stage: Dockerfile.Stage) {
    put("\n## Stage \(stage.number)")
    if let name = stage.from.name {
      put(": ")
      output += code(name.bytes, inTable: false)
    }
    if let image = stage.from.image {
      put(" from ")
      output += code(image.bytes, inTable: false)
    }
    put("\n")
    table(stage.start..<stage.body.upperBound)
  }

  private mutating func table(_ indices: Range<Int>) {
    put("\n| Line | Instruction | Arguments |\n|-----:|-------------|-----------|\n")
    for index in indices {
      let instruction = file.instructions[index]
      put("| \(lines.line(of: instruction.range.lower)) | ")
      output += code(file.source.bytes(in: instruction.syntax.keyword), inTable: true)
      put(" |")
      arguments(instruction)
      put(" |\n")
    }
  }

  /// Flags, then what follows them; the lines of a continued text stay apart.
  private mutating func arguments(_ instruction: Instruction) {
    for flag in file.tree.flags(of: instruction.syntax) {
      put(" ")
      output += code(file.tree.cooked(flag.range), inTable: true)
    }
    switch instruction.details {
    case .onbuild(let inner?):
      put(" ")
      output += code(file.source.bytes(in: inner.syntax.keyword), inTable: true)
      arguments(inner)
      return
    case .copy(let transfer) where transfer.destination != nil,
      .add(let transfer) where transfer.destination != nil:
      for path in transfer.paths {
        put(" ")
        output += code(path.bytes, inTable: true)
      }
      heredocs(instruction)
      put(" → ")
      output += code(transfer.destination?.bytes ?? [], inTable: true)
      return
    default:
      for (position, line) in pieces(of: instruction.syntax).enumerated() {
        put(position == 0 ? " " : "<br>")
        output += code(line, inTable: true)
      }
    }
    heredocs(instruction)
  }

  private mutating func heredocs(_ instruction: Instruction) {
    for heredoc in instruction.heredocs {
      let count = file.source.bytes(in: heredoc.body).count { $0 == 0x0A }
      put(" (")
      output += code(heredoc.name, inTable: true)
      put(": \(count) line\(count == 1 ? "" : "s"))")
    }
  }

  /// The arguments as written, line by line, without continuations, comments and indentation.
  private func pieces(of node: InstructionSyntax) -> [[UInt8]] {
    let tree = file.tree
    let start = tree.flags(of: node).last?.range.upper ?? node.keyword.upper
    let range = ByteRange(start, node.line.upper)
    guard !range.isEmpty, var index = tree.tokenIndex(at: range.lower) else { return [] }
    var pieces: [[UInt8]] = []
    var line: [UInt8] = []
    func trimmed(_ line: [UInt8]) -> [UInt8] {
      let start = line.span.skippingSpace(from: 0, to: line.count)
      return Array(line[start..<line.span.trimmingSpace(from: start, to: line.count)])
    }
    while index < tree.tokens.count, tree.tokens[index].start < range.upper {
      let token = tree.range(ofToken: index)
      switch tree.tokens[index].kind {
      case .continuation:
        pieces.append(trimmed(line))
        line = []
      case .comment, .newline, .byteOrderMark: break
      default:
        line += file.source.bytes(in: ByteRange(max(token.lower, range.lower), min(token.upper, range.upper)))
      }
      index += 1
    }
    pieces.append(trimmed(line))
    return pieces.filter { !$0.isEmpty }
  }

  private mutating func problems() {
    guard !file.problems.isEmpty else { return }
    put("\n## Problems\n\n")
    for problem in file.problems {
      let position = lines.position(of: problem.range.lower)
      put("- line \(position.line), column \(position.column): ")
      put(problem.diagnostic(in: file).message.map { $0.isNewline ? " " : String($0) }.joined())
      put("\n")
    }
  }

  /// Text between backticks: as many as it needs, control characters shown as spaces, and in a table no bar that would
  /// end the cell.
  private func code(_ text: some Collection<UInt8>, inTable: Bool) -> [UInt8] {
    var longest = 0
    var run = 0
    for byte in text {
      run = byte == 0x60 ? run + 1 : 0
      longest = max(longest, run)
    }
    let fence = [UInt8](repeating: 0x60, count: longest + 1)
    let needsSpace = text.isEmpty || text.first == 0x60 || longest > 0
    var result = fence
    if needsSpace { result.append(0x20) }
    for byte in String(decoding: text, as: UTF8.self).utf8 {
      switch byte {
      case 0..<0x20, 0x7F: result.append(0x20)
      case 0x7C where inTable: result += [0x5C, 0x7C]
      default: result.append(byte)
      }
    }
    if needsSpace, !text.isEmpty { result.append(0x20) }
    return result + fence
  }
}
