import Diagnostics
import DockerfileLint
import LintInputs
import SourceText

/// What mending makes of a file with Dockerfiles in it: nothing but their lines changes.
struct EmbeddedMending {
  private(set) var bytes: [UInt8]
  private(set) var lineOrigins: LineOrigins
  /// How many fixes went in.
  private(set) var applied = 0

  /// How many Dockerfiles are tried one by one where all together do harm.
  private static let maximumTrials = 64

  private struct Change {
    let number: Int
    let edits: [Edit]
    let applied: Int
    /// What must come out.
    let text: [UInt8]
  }

  init(
    _ dockerfiles: [EmbeddedDockerfile], in outer: Source, _ input: LintInput, fix: (Source) -> FixedFile
  ) {
    bytes = outer.bytes
    lineOrigins = LineOrigins(outer.bytes)
    var changes: [Change] = []
    for (number, dockerfile) in dockerfiles.enumerated() where dockerfile.isMendable {
      let fixed = fix(dockerfile.source)
      let text = fixed.result.source.bytes
      guard fixed.isChanged,
        let edits = dockerfile.edits(replacingWith: text, lineOrigins: fixed.lineOrigins.origins)
      else { continue }
      changes.append(Change(number: number, edits: edits, applied: fixed.applied, text: text))
    }
    changes.sort { ($0.edits.first?.range.lower ?? 0) < ($1.edits.first?.range.lower ?? 0) }
    let texts = dockerfiles.map(\.text.bytes)
    func holds(_ changes: [Change]) -> Bool {
      var expected = texts
      for change in changes { expected[change.number] = change.text }
      let found = input.embedded(in: Self.applying(changes, to: outer.bytes)).map(\.text.bytes)
      return found.count == expected.count && zip(found, expected).allSatisfy { Self.isSame($0, $1) }
    }
    // What is written must be what was meant, whatever YAML makes of it.
    if !holds(changes) { changes = changes.prefix(Self.maximumTrials).filter { holds([$0]) } }
    guard !changes.isEmpty else { return }
    bytes = Self.applying(changes, to: outer.bytes)
    lineOrigins.apply(changes.flatMap(\.edits), from: outer.bytes, to: bytes)
    applied = bytes == outer.bytes ? 0 : changes.reduce(0) { $0 + $1.applied }
  }

  private static func applying(_ changes: [Change], to bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var offset = 0
    for edit in changes.flatMap(\.edits) {
      result += bytes[offset..<Int(edit.range.lower)]
      result += edit.replacement
      offset = Int(edit.range.upper)
    }
    return result + bytes[offset...]
  }

  /// Whether two texts are the same but for the line ends behind the last line, which are the block's affair.
  private static func isSame(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    func trimmed(_ text: [UInt8]) -> ArraySlice<UInt8> {
      text.lastIndex { $0 != 0x0A }.map { text[...$0] } ?? []
    }
    return trimmed(left) == trimmed(right)
  }
}
