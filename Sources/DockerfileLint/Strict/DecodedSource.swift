import Diagnostics
import SourceText

/// A file in UTF-16 or UTF-32 as UTF-8, so that rules can read it as hadolint does, with the way back to its bytes.
///
/// No builder takes another encoding than UTF-8, so this is for the strict verdict alone.
struct DecodedSource {
  /// The text.
  let source: Source
  /// For each byte of the text, and for its end, the byte of the file that it comes from.
  private let origins: [UInt32]

  /// Decodes a file; nil for one that is UTF-8.
  init?(_ original: Source) {
    guard !HadolintText.isUTF8(original.bytes) else { return nil }
    let text = HadolintText(original.bytes)
    var bytes: [UInt8] = []
    var origins: [UInt32] = []
    for (scalar, origin) in zip(text.scalars, text.origins) {
      for byte in String(Unicode.Scalar(scalar) ?? "\u{FFFD}").utf8 {
        bytes.append(byte)
        origins.append(origin)
      }
    }
    origins.append(UInt32(truncatingIfNeeded: original.bytes.count))
    source = Source(name: original.name, bytes: bytes)
    self.origins = origins
  }

  /// A finding of the text as one of the file; its edits would be in the wrong encoding.
  func placed(_ finding: Diagnostic) -> Diagnostic {
    var finding = finding
    finding.range = original(finding.range)
    finding.notes = finding.notes.map { Note($0.message, at: original($0.range)) }
    finding.fixIts = []
    return finding
  }

  private func original(_ range: ByteRange) -> ByteRange {
    let last = origins.count - 1
    return ByteRange(origins[min(Int(range.lower), last)], origins[min(Int(range.upper), last)])
  }
}
