import JSONText

/// The bytes of a report that is written by hand: keys and punctuation are texts of the program, values are escaped as JSON
/// (RFC 8259 section 7).
///
/// Nearly all of a run's output goes through here in very short pieces. An array would ask before each of them whether
/// somebody else holds it; these bytes have one owner.
@safe struct FindingText: ~Copyable {
  private var base: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  private var count = 0

  /// - Parameter capacity: about how many bytes it will be.
  init(capacity: Int) {
    self.capacity = max(capacity, 64)
    unsafe base = UnsafeMutablePointer.allocate(capacity: self.capacity)
  }

  deinit { unsafe base.deallocate() }

  /// What was written.
  var bytes: [UInt8] { unsafe Array(UnsafeBufferPointer(start: base, count: count)) }

  /// Makes room behind what was written.
  @inline(__always)
  private mutating func reserve(_ more: Int) {
    if more > capacity - count { grow(more) }
  }

  @inline(never)
  private mutating func grow(_ more: Int) {
    let larger = max(2 * capacity, count + more)
    let moved = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
    unsafe moved.update(from: base, count: count)
    unsafe base.deallocate()
    unsafe base = moved
    capacity = larger
  }

  @inline(__always)
  private mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard let start = bytes.baseAddress else { return }
    reserve(bytes.count)
    unsafe (base + count).update(from: start, count: bytes.count)
    count += bytes.count
  }

  /// Writes a text of the program as it is.
  @inline(__always)
  mutating func literal(_ text: StaticString) {
    text.withUTF8Buffer { unsafe append($0) }
  }

  /// Writes a text that has nothing to escape, such as an id of the program, as it is.
  mutating func plain(_ text: String) {
    assert(text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x22 && $0 != 0x5C })
    unsafe text.utf8.span.withUnsafeBufferPointer { unsafe append($0) }
  }

  /// Writes a text as a string.
  mutating func quoted(_ text: String) {
    literal("\"")
    let isWritten = unsafe text.utf8.span.withUnsafeBufferPointer { bytes in
      guard unsafe isPlainJSON(bytes) else { return false }
      unsafe append(bytes)
      return true
    }
    if !isWritten { escaped { $0.string(text) } }
    literal("\"")
  }

  /// Writes text that may not be UTF-8 as a string.
  mutating func quoted(_ text: [UInt8]) {
    literal("\"")
    let isWritten = unsafe text.withUnsafeBufferPointer { bytes in
      guard unsafe isPlainJSON(bytes, onlyASCII: true) else { return false }
      unsafe append(bytes)
      return true
    }
    if !isWritten { escaped { $0.string(text) } }
    literal("\"")
  }

  /// Writes what stands between the quotes of a string.
  private mutating func escaped(_ write: (inout JSONWriter) -> Void) {
    var writer = JSONWriter()
    write(&writer)
    unsafe writer.bytes.withUnsafeBufferPointer {
      unsafe append(UnsafeBufferPointer(rebasing: $0[1..<($0.count - 1)]))
    }
  }

  /// Writes text that is JSON already.
  mutating func json(_ text: [UInt8]) {
    unsafe text.withUnsafeBufferPointer { unsafe append($0) }
  }

  /// Writes a number that is not negative.
  mutating func digits(_ value: Int) {
    var length = 1
    var rest = UInt(bitPattern: value)
    while rest >= 10 {
      rest /= 10
      length += 1
    }
    reserve(length)
    rest = UInt(bitPattern: value)
    for place in stride(from: count + length - 1, through: count, by: -1) {
      let quotient = rest / 10
      unsafe base[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest - quotient * 10)
      rest = quotient
    }
    count += length
  }
}
