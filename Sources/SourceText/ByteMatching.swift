#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension Span<UInt8> {
  /// The index of the first byte equal to `byte` in `start..<end`, found with `memchr`.
  public func firstIndex(of byte: UInt8, from start: Int, to end: Int) -> Int? {
    guard start < end, start >= 0, end <= count else { return nil }
    return unsafe withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress,
        let found = unsafe memchr(base + start, Int32(byte), end - start)
      else { return nil }
      return unsafe UnsafeRawPointer(found) - UnsafeRawPointer(base)
    }
  }

  /// Decodes the scalar at `index`: its value and its width in bytes.
  ///
  /// What is not well-formed UTF-8 gives U+FFFD with width 1, as Go's `utf8.DecodeRune` does.
  @inlinable
  public func scalar(at index: Int, before end: Int) -> (value: UInt32, width: Int) {
    let first = self[index]
    if first < 0x80 { return (UInt32(first), 1) }
    let length: Int
    var value: UInt32
    var lower: UInt8 = 0x80
    var upper: UInt8 = 0xBF
    switch first {
    case 0xC2...0xDF: (length, value) = (2, UInt32(first & 0x1F))
    case 0xE0...0xEF:
      (length, value) = (3, UInt32(first & 0x0F))
      if first == 0xE0 { lower = 0xA0 }
      if first == 0xED { upper = 0x9F }
    case 0xF0...0xF4:
      (length, value) = (4, UInt32(first & 0x07))
      if first == 0xF0 { lower = 0x90 }
      if first == 0xF4 { upper = 0x8F }
    default: return (0xFFFD, 1)
    }
    guard index + length <= end else { return (0xFFFD, 1) }
    for offset in 1..<length {
      let byte = self[index + offset]
      guard byte >= lower, byte <= upper else { return (0xFFFD, 1) }
      lower = 0x80
      upper = 0xBF
      value = value << 6 | UInt32(byte & 0x3F)
    }
    return (value, length)
  }

  /// The first index in `start..<end` that is not white space in Unicode's sense.
  @inlinable
  public func skippingSpace(from start: Int, to end: Int) -> Int {
    var index = start
    while index < end {
      let byte = self[index]
      if byte < 0x80 {
        guard byte.isASCIISpace else { return index }
        index += 1
      } else {
        let (value, width) = scalar(at: index, before: end)
        guard value.isUnicodeSpace else { return index }
        index += width
      }
    }
    return index
  }

  /// The end of `start..<end` without white space, in Unicode's sense, at its end.
  @inlinable
  public func trimmingSpace(from start: Int, to end: Int) -> Int {
    var index = end
    while index > start {
      let byte = self[index - 1]
      if byte < 0x80 {
        guard byte.isASCIISpace else { return index }
        index -= 1
      } else {
        // Step back over at most three continuation bytes to the head of the scalar.
        var head = index - 1
        while head > start, index - head < 4, self[head] & 0xC0 == 0x80 { head -= 1 }
        let (value, width) = scalar(at: head, before: index)
        guard head + width == index, value.isUnicodeSpace else { return index }
        index = head
      }
    }
    return index
  }
}

extension UInt8 {
  /// Whether the byte is one of space, tab, LF, VT, FF, CR.
  @inlinable public var isASCIISpace: Bool { self == 0x20 || (self >= 0x09 && self <= 0x0D) }
  /// Whether the byte is an ASCII digit.
  @inlinable public var isASCIIDigit: Bool { self >= 0x30 && self <= 0x39 }
  /// Whether the byte is an ASCII letter.
  @inlinable public var isASCIILetter: Bool { (self | 0x20) >= 0x61 && (self | 0x20) <= 0x7A }
  /// The byte with an ASCII capital turned into a small letter.
  @inlinable public var asciiLowercased: UInt8 { self >= 0x41 && self <= 0x5A ? self | 0x20 : self }
}

extension UInt32 {
  /// Whether the scalar has the White_Space property, as Go's `unicode.IsSpace` tells it.
  @inlinable public var isUnicodeSpace: Bool {
    switch self {
    case 0x09...0x0D, 0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: true
    default: false
    }
  }
}

/// Appends a scalar as UTF-8; a value that is no scalar becomes U+FFFD.
@inlinable
public func appendUTF8(_ value: UInt32, to bytes: inout [UInt8]) {
  switch value {
  case 0..<0x80: bytes.append(UInt8(truncatingIfNeeded: value))
  case 0x80..<0x800:
    bytes.append(UInt8(truncatingIfNeeded: 0xC0 | value >> 6))
    bytes.append(UInt8(truncatingIfNeeded: 0x80 | value & 0x3F))
  case 0xD800...0xDFFF, 0x11_0000...: bytes.append(contentsOf: [0xEF, 0xBF, 0xBD])
  case 0x800..<0x1_0000:
    bytes.append(UInt8(truncatingIfNeeded: 0xE0 | value >> 12))
    bytes.append(UInt8(truncatingIfNeeded: 0x80 | value >> 6 & 0x3F))
    bytes.append(UInt8(truncatingIfNeeded: 0x80 | value & 0x3F))
  default:
    bytes.append(UInt8(truncatingIfNeeded: 0xF0 | value >> 18))
    bytes.append(UInt8(truncatingIfNeeded: 0x80 | value >> 12 & 0x3F))
    bytes.append(UInt8(truncatingIfNeeded: 0x80 | value >> 6 & 0x3F))
    bytes.append(UInt8(truncatingIfNeeded: 0x80 | value & 0x3F))
  }
}

extension Collection where Element == UInt8 {
  /// Whether the bytes equal an ASCII text, letter case aside.
  @inlinable
  public func equalsIgnoringCase(_ text: String) -> Bool {
    elementsEqual(text.utf8) { $0.asciiLowercased == $1.asciiLowercased }
  }
}

extension String {
  /// Whether a text stands anywhere in this one, byte for byte.
  ///
  /// `contains(_:)` of the standard library compares grapheme clusters and prepares a table for each search: a hundred
  /// times as much work on the short words of a Dockerfile.
  public func holds(_ text: String) -> Bool {
    let bytes = utf8.span
    let wanted = text.utf8.span
    guard !wanted.isEmpty else { return true }
    guard bytes.count >= wanted.count else { return false }
    search: for start in 0...bytes.count - wanted.count where bytes[start] == wanted[0] {
      for offset in 1..<wanted.count where bytes[start + offset] != wanted[offset] { continue search }
      return true
    }
    return false
  }
}
