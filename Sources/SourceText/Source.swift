/// The bytes of a file and the name that messages give it.
///
/// Nothing is decoded or normalised: a byte-order mark, CRLF, NUL and invalid UTF-8 are bytes like any other.
public struct Source: Sendable {
  /// The name for messages, usually the path as the user wrote it; `-` for standard input.
  public let name: String
  /// The content, byte for byte.
  public let bytes: [UInt8]

  /// The largest content in bytes: offsets are 32 bits wide.
  public static let maximumSize = Int(UInt32.max) - 1

  /// Takes the bytes of a file.
  ///
  /// Bytes past ``maximumSize`` are cut off; whoever reads files refuses larger ones before (see
  /// `Command`), so that nothing is lost in silence.
  public init(name: String, bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes.count > Source.maximumSize ? Array(bytes[..<Source.maximumSize]) : bytes
  }

  /// Takes a text, for tests and for callers that have a string at hand.
  public init(name: String, text: String) {
    self.init(name: name, bytes: Array(text.utf8))
  }

  /// The bytes of a range; a range that ends behind the file is cut.
  public func bytes(in range: ByteRange) -> ArraySlice<UInt8> {
    let upper = min(Int(range.upper), bytes.count)
    return bytes[min(Int(range.lower), upper)..<upper]
  }

  /// The text of a range, with U+FFFD for what is not UTF-8.
  public func text(in range: ByteRange) -> String {
    String(decoding: bytes(in: range), as: UTF8.self)
  }
}
