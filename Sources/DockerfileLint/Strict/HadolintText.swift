import SourceText

/// The characters of a file as hadolint decodes them, each with its place in the file.
///
/// A byte-order mark chooses among UTF-8, UTF-16 and UTF-32 and is no character; CR LF is one line feed; every byte that
/// cannot be decoded is one U+FFFD, after which decoding goes on with the next byte, also in UTF-16.
struct HadolintText {
  /// The scalars.
  private(set) var scalars: [UInt32] = []
  /// The byte offset of each scalar, and the size of the file as one more.
  private(set) var origins: [UInt32] = []
  /// Whether the file is UTF-8, so that its bytes are the text's bytes.
  let isUTF8: Bool

  private enum Encoding {
    case utf8
    case utf16(bigEndian: Bool)
    case utf32(bigEndian: Bool)
  }

  init(_ bytes: [UInt8]) {
    let (encoding, mark) = HadolintText.encoding(of: bytes)
    scalars.reserveCapacity(bytes.count)
    origins.reserveCapacity(bytes.count + 1)
    switch encoding {
    case .utf8:
      isUTF8 = true
      let span = bytes.span
      var index = mark
      while index < bytes.count {
        let (value, width) = span.scalar(at: index, before: bytes.count)
        append(value, at: index)
        index += width
      }
    case .utf16(let bigEndian):
      isUTF8 = false
      decodeWide(bytes, from: mark) { HadolintText.utf16(bytes, at: $0, bigEndian) }
    case .utf32(let bigEndian):
      isUTF8 = false
      decodeWide(bytes, from: mark) { HadolintText.utf32(bytes, at: $0, bigEndian) }
    }
    origins.append(UInt32(truncatingIfNeeded: bytes.count))
  }

  /// The error position as hadolint counts it.
  func error(at index: Int) -> HadolintParseError {
    var line = 1
    var column = 1
    for scalar in scalars[..<min(index, scalars.count)] {
      switch scalar {
      case HadolintReader.newline: (line, column) = (line + 1, 1)
      case HadolintReader.tab: column += 8 - (column - 1) % 8
      default: column += HadolintText.width(of: scalar)
      }
    }
    return HadolintParseError(offset: origins[min(index, scalars.count)], line: line, column: column)
  }

  /// Whether bytes are UTF-8: they do not start with the byte-order mark of another encoding.
  static func isUTF8(_ bytes: [UInt8]) -> Bool {
    if case .utf8 = encoding(of: bytes).0 { true } else { false }
  }

  private static func encoding(of bytes: [UInt8]) -> (Encoding, mark: Int) {
    if bytes.starts(with: [0xFF, 0xFE, 0, 0]) { return (.utf32(bigEndian: false), 4) }
    if bytes.starts(with: [0, 0, 0xFE, 0xFF]) { return (.utf32(bigEndian: true), 4) }
    if bytes.starts(with: [0xFF, 0xFE]) { return (.utf16(bigEndian: false), 2) }
    if bytes.starts(with: [0xFE, 0xFF]) { return (.utf16(bigEndian: true), 2) }
    return (.utf8, bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0)
  }

  private mutating func append(_ value: UInt32, at offset: Int) {
    if value == HadolintReader.newline, scalars.last == 0x0D {
      scalars[scalars.count - 1] = value
    } else {
      scalars.append(value)
      origins.append(UInt32(truncatingIfNeeded: offset))
    }
  }

  private mutating func decodeWide(
    _ bytes: [UInt8], from start: Int, _ unit: (Int) -> (value: UInt32, width: Int)?
  ) {
    var index = start
    while index < bytes.count {
      let (value, width) = unit(index) ?? (0xFFFD, 1)
      append(value, at: index)
      index += width
    }
  }

  private static func utf16(_ bytes: [UInt8], at index: Int, _ bigEndian: Bool) -> (UInt32, Int)? {
    func unit(_ index: Int) -> UInt32? {
      guard index + 1 < bytes.count else { return nil }
      let (first, second) = (UInt32(bytes[index]), UInt32(bytes[index + 1]))
      return bigEndian ? first << 8 | second : second << 8 | first
    }
    guard let high = unit(index) else { return nil }
    guard (0xD800...0xDFFF).contains(high) else { return (high, 2) }
    guard high < 0xDC00, let low = unit(index + 2), (0xDC00...0xDFFF).contains(low) else { return nil }
    return (0x1_0000 + (high - 0xD800) << 10 + (low - 0xDC00), 4)
  }

  private static func utf32(_ bytes: [UInt8], at index: Int, _ bigEndian: Bool) -> (UInt32, Int)? {
    guard index + 3 < bytes.count else { return nil }
    var value: UInt32 = 0
    for place in 0..<4 { value = value << 8 | UInt32(bytes[bigEndian ? index + place : index + 3 - place]) }
    guard value <= 0x10_FFFF, !(0xD800...0xDFFF).contains(value) else { return nil }
    return (value, 4)
  }
}
