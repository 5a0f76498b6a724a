import Diagnostics
import DockerfileSyntax
import SourceText

extension Findings {
  /// Reports one finding about an instruction: at the first of the places, with the others as notes.
  ///
  /// - Parameter places: where; nothing is reported when there is none.
  /// - Parameter note: what to say about the other places.
  mutating func report(
    _ metadata: RuleMetadata, _ message: String, atEach places: [ByteRange], note: String,
    help: String? = nil, fixIt: FixIt? = nil, in instruction: Instruction
  ) {
    guard let first = places.first else { return }
    report(
      Diagnostic(
        metadata.code, metadata.severity, message, at: first,
        notes: places.dropFirst().map { Note(note, at: $0) }, help: help, fixIts: fixIt.map { [$0] } ?? []),
      at: instruction.index)
  }
}

extension LintContext {
  /// Whether the instruction stands inside an ONBUILD.
  func isTrigger(_ instruction: Instruction) -> Bool {
    instruction.index < dockerfile.instructions.count
      && dockerfile.instructions[instruction.index].kind == .onbuild
  }

  /// The line end that the file has behind an offset: CRLF or LF.
  func lineEnd(after offset: UInt32) -> String {
    let bytes = dockerfile.source.bytes
    guard let end = bytes[min(Int(offset), bytes.count)...].firstIndex(of: 0x0A), end > 0 else { return "\n" }
    return bytes[end - 1] == 0x0D ? "\r\n" : "\n"
  }

  /// Whether the file has this text in a place.
  func has(_ text: String, at range: ByteRange) -> Bool {
    dockerfile.source.bytes(in: range).elementsEqual(text.utf8)
  }

  /// Whether there is nothing but spaces and tabs in a place.
  func isBlank(_ range: ByteRange) -> Bool {
    dockerfile.source.bytes(in: range).allSatisfy { $0 == 0x20 || $0 == 0x09 }
  }
}
