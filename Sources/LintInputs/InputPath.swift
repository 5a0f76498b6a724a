import SourceText

/// A path as the kernel takes it: bytes, in whatever encoding.
///
/// A `String` would lose names that are not UTF-8, and take two names that differ in their normal form for one.
package struct InputPath: Hashable, Comparable, Sendable {
  /// The bytes.
  package let bytes: [UInt8]

  package init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }
  package init(_ text: String) { bytes = Array(text.utf8) }

  package static func < (left: InputPath, right: InputPath) -> Bool {
    left.bytes.lexicographicallyPrecedes(right.bytes)
  }

  package func hash(into hasher: inout Hasher) {
    // An array hashes its bytes one by one.
    unsafe bytes.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
  }

  static let slash = UInt8(ascii: "/")
  /// The current folder.
  static let here = InputPath(".")
  /// What stands for standard input.
  package static let standardInput = InputPath("-")

  var isAbsolute: Bool { bytes.first == Self.slash }

  /// The name behind the last `/`; slashes at the end do not count.
  package var name: ArraySlice<UInt8> {
    let trimmed = trimmed
    return trimmed.lastIndex(of: Self.slash).map { trimmed[($0 + 1)...] } ?? trimmed
  }

  /// The folder that holds it: `.` for a bare name, `/` for what lies at the root.
  package var folder: InputPath {
    let trimmed = trimmed
    guard let slash = trimmed.lastIndex(of: Self.slash) else { return .here }
    let end = trimmed[..<slash].lastIndex { $0 != Self.slash }
    return InputPath(end.map { trimmed[...$0] } ?? trimmed[...slash])
  }

  /// The path without slashes at its end; `/` stays.
  private var trimmed: ArraySlice<UInt8> {
    guard let last = bytes.lastIndex(where: { $0 != Self.slash }) else { return bytes.prefix(1) }
    return bytes[...last]
  }

  /// A name in this folder. What is in the current folder has no `./` in front.
  func appending(_ name: some Collection<UInt8>) -> InputPath {
    if bytes.isEmpty || self == .here { return InputPath(name) }
    var result = Array(trimmed)
    if result.last != Self.slash { result.append(Self.slash) }
    result.append(contentsOf: name)
    return InputPath(result)
  }

  /// The path that another one means when it is written in a file of this folder.
  func resolving(_ other: InputPath) -> InputPath {
    other.isAbsolute ? other : appending(other.bytes)
  }

  /// Without `.` between its parts, doubled slashes and, as far as `foldsParents` says, without `x/..`.
  ///
  /// `x/..` is not the folder of x where x is a symbolic link.
  func simplified(foldsParents: Bool = false) -> InputPath {
    var parts: [ArraySlice<UInt8>] = []
    for part in bytes.split(separator: Self.slash) where part != [UInt8(ascii: ".")] {
      if foldsParents, Self.isParent(part) {
        if let last = parts.last, !Self.isParent(last) {
          parts.removeLast()
          continue
        }
        if isAbsolute { continue }
      }
      parts.append(part)
    }
    let joined = parts.joined(separator: [Self.slash])
    if isAbsolute { return InputPath([Self.slash] + joined) }
    return parts.isEmpty ? .here : InputPath(joined)
  }

  /// Whether `..` is a part of it.
  var hasParents: Bool { bytes.split(separator: Self.slash).contains(where: Self.isParent) }

  private static func isParent(_ part: ArraySlice<UInt8>) -> Bool { part.elementsEqual("..".utf8) }

  /// The path as text, for messages and reports. Bytes that are not UTF-8 show as `\xE9`, so that two names never look
  /// the same because of them.
  package var displayName: String {
    // Mostly ASCII, which is checked faster than what may be anything.
    if bytes.allSatisfy({ $0 < 0x80 }) { return String(decoding: bytes, as: UTF8.self) }
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    var shown: [UInt8] = []
    let span = bytes.span
    var index = 0
    while index < span.count {
      let (value, width) = span.scalar(at: index, before: span.count)
      if value == 0xFFFD, width == 1 {
        let digits = Array("0123456789ABCDEF".utf8)
        shown += [
          UInt8(ascii: "\\"), UInt8(ascii: "x"), digits[Int(span[index] >> 4)], digits[Int(span[index] & 15)],
        ]
      } else {
        shown += bytes[index..<index + width]
      }
      index += width
    }
    return String(decoding: shown, as: UTF8.self)
  }

  /// Calls a function of the C library with the path; nil where a NUL would cut it short.
  package func withCPath<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result? {
    guard !bytes.contains(0) else { return nil }
    return unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: bytes.count + 1) { buffer in
      unsafe buffer.initializeElement(at: buffer.initialize(fromContentsOf: bytes), to: 0)
      return unsafe buffer.withMemoryRebound(to: CChar.self) { characters in
        unsafe characters.baseAddress.map { unsafe body(UnsafePointer($0)) }
      }
    }
  }
}

extension InputPath {
  /// The path that an argument of the command line is, byte for byte.
  ///
  /// Swift decodes arguments, and what is not UTF-8 in them is lost; where that happened, the bytes are looked up among the
  /// arguments as the kernel gave them.
  package init(argument: String) {
    guard argument.unicodeScalars.contains("\u{FFFD}"),
      let bytes = Self.rawArguments.first(where: { String(decoding: $0, as: UTF8.self) == argument })
    else {
      self.init(argument)
      return
    }
    self.init(bytes)
  }

  private static var rawArguments: [[UInt8]] {
    (0..<Int(CommandLine.argc)).compactMap { index in
      guard let pointer = unsafe CommandLine.unsafeArgv[index] else { return nil }
      var bytes: [UInt8] = []
      var next = unsafe pointer
      while unsafe next.pointee != 0 {
        bytes.append(UInt8(bitPattern: unsafe next.pointee))
        unsafe next += 1
      }
      return bytes
    }
  }
}
