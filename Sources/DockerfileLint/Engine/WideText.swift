import Diagnostics
import DockerfileSyntax
import SourceText

/// Files in UTF-16 or UTF-32, which editors of Windows write.
///
/// BuildKit cannot read them, and hadolint can. They are linted as the text that they hold, and told apart by a finding.
enum WideText {
  /// The same text in UTF-8; nil for a file without a byte-order mark of a wider encoding.
  static func decoded(_ source: Source) -> Source? {
    guard let first = source.bytes.first, first == 0xFF || first == 0xFE || first == 0 else { return nil }
    let text = HadolintText(source.bytes)
    guard !text.isUTF8 else { return nil }
    var scalars = String.UnicodeScalarView()
    for value in text.scalars { scalars.append(Unicode.Scalar(value) ?? "\u{FFFD}") }
    return Source(name: source.name, text: String(scalars))
  }

  /// What is to say about such a file.
  static let finding = Findings.Entry(
    diagnostic: Diagnostic(
      .parseError, .error, "the file is in UTF-16 or UTF-32, and builders read UTF-8 alone",
      at: ByteRange(0, 0),
      help: "save it as UTF-8; `iconv -f UTF-16 -t UTF-8` does it too"),
    instruction: nil)
}
