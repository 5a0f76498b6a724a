import Diagnostics
import DockerfileSyntax
import SourceText

/// The edit that puts one more command at the end of a RUN, in the layout that the RUN has.
struct AppendedCommand {
  /// The edit.
  let edit: Edit
  /// Whether the commands of the RUN are run one after the other, so that the new one is reached only if all were.
  let isPlainList: Bool

  /// nil where it is not certain that a command behind the last one is run: in the exec form, in a here-document, behind a
  /// comment, a `;`, a `&` or an `exit`; and in a template, of which nobody knows what it becomes.
  init?(_ command: String, to instruction: Instruction, _ context: LintContext) {
    guard case .run(let run) = instruction.details, case .shell(let text) = run.command,
      instruction.heredocs.isEmpty, let script = context.script(of: instruction),
      let last = script.commands.max(by: { $0.range.upper < $1.range.upper })
    else { return nil }
    let bytes = context.dockerfile.source.bytes
    var end = Int(text.range.upper)
    while end > Int(text.range.lower), bytes[end - 1].isASCIISpace { end -= 1 }
    guard end > Int(text.range.lower), Int(last.range.upper) <= end, !Self.isTemplate(text.bytes),
      ![0x3B, 0x26, 0x7C, 0x5C, context.tree.escape].contains(bytes[end - 1]),
      !bytes[Int(last.range.upper)..<end].contains(0x23), !["exit", "exec", "return"].contains(last.name),
      bytes[last.range.indices].prefix(4).elementsEqual("exec".utf8) == false
    else { return nil }
    let layout = Layout(ByteRange(Int(instruction.range.lower), end), context)
    edit = Edit(ByteRange(end, end), layout.joining(command))
    isPlainList = Self.isPlainList(text.bytes)
  }

  /// Whether there is a `{{`, which the shell has no use for.
  private static func isTemplate(_ text: [UInt8]) -> Bool {
    zip(text, text.dropFirst()).contains { $0 == 0x7B && $1 == 0x7B }
  }

  /// Whether a script has neither `||` nor a word that starts a condition or a loop.
  private static func isPlainList(_ text: [UInt8]) -> Bool {
    if zip(text, text.dropFirst()).contains(where: { $0 == 0x7C && $1 == 0x7C }) { return false }
    var start = 0
    for end in 0...text.count where end == text.count || endsWord(text[end]) {
      // The longest of them has five letters, the shortest two.
      if (2...5).contains(end - start), "icwuf".utf8.contains(text[start]),
        choices.contains(where: { text[start..<end].elementsEqual($0.utf8) })
      {
        return false
      }
      start = end + 1
    }
    return true
  }

  private static let choices: [String] = ["if", "case", "while", "until", "for"]

  private static func endsWord(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x3B, 0x28, 0x29, 0x7B, 0x7D, 0x26: true
    default: byte.isASCIISpace
    }
  }
}

/// How the commands of a RUN stand on its lines.
private struct Layout {
  /// What stands between a line of the RUN and the next command.
  private var separator = " && "

  init(_ range: ByteRange, _ context: LintContext) {
    let bytes = context.dockerfile.source.bytes
    let lines = context.lines
    let (first, last) = (lines.line(of: range.lower), lines.line(of: range.upper))
    guard first < last else { return }
    let escape = String(UnicodeScalar(context.tree.escape))
    let lineEnd = bytes[..<Int(lines.range(ofLine: last).lower)].suffix(2).first == 0x0D ? "\r\n" : "\n"
    // Operators at the start of lines, or at their ends; in doubt at the start.
    var indentation = Self.indentation(bytes[lines.range(ofLine: last).indices])
    for line in (first + 1...last).reversed() {
      let text = bytes[lines.range(ofLine: line).indices]
      let blanks = Self.indentation(text)
      let content = text.dropFirst(blanks.count)
      if content.starts(with: "&&".utf8) || content.starts(with: ";".utf8) {
        indentation = blanks
        break
      }
      let before = bytes[lines.range(ofLine: line - 1).indices]
      if Self.withoutContinuation(before, context.tree.escape).suffix(2).elementsEqual("&&".utf8) {
        separator = " && \(escape)\(lineEnd)\(String(decoding: blanks, as: UTF8.self))"
        return
      }
    }
    separator = " \(escape)\(lineEnd)\(String(decoding: indentation, as: UTF8.self))&& "
  }

  func joining(_ command: String) -> String { separator + command }

  private static func indentation(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    line.prefix { $0 == 0x20 || $0 == 0x09 }
  }

  private static func withoutContinuation(_ line: ArraySlice<UInt8>, _ escape: UInt8) -> ArraySlice<UInt8> {
    var line = line
    while let byte = line.last, byte.isASCIISpace || byte == escape { line.removeLast() }
    return line
  }
}
