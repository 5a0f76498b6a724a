/// Writes JSON (RFC 8259) into a byte array: members stay in the order in which they are written,
/// and the same calls always give the same bytes.
///
/// The writer places commas, line breaks and indentation; the caller keeps the calls balanced.
/// In an object every value follows a `key`. Debug builds assert both.
package struct JSONWriter: Sendable {
  /// How the text is laid out.
  package enum Style: Sendable {
    /// No space at all.
    case compact
    /// One member or element a line, two spaces a level; empty objects and arrays stay `{}` and `[]`.
    case pretty
  }

  /// Which characters of a string are escaped.
  package enum Escaping: Sendable {
    /// Quote, backslash and the control characters below U+0020: what RFC 8259 section 7 requires.
    case minimal
    /// What Go's `encoding/json` does by default, and so docker and BuildKit: also `<`, `>`, `&`,
    /// U+2028 and U+2029, and a byte that is not UTF-8 becomes the text `\ufffd`.
    case go
  }

  /// The text written so far.
  package private(set) var bytes: [UInt8] = []

  private let style: Style
  private let escaping: Escaping
  /// One entry a level that is open.
  private var levels: [Level] = []
  private var keyIsOpen = false

  private struct Level {
    var isObject: Bool
    var isEmpty = true
  }

  /// - Parameter capacity: bytes to reserve, when the caller knows about how long the text gets.
  package init(style: Style = .compact, escaping: Escaping = .minimal, capacity: Int = 0) {
    self.style = style
    self.escaping = escaping
    if capacity > 0 { bytes.reserveCapacity(capacity) }
  }

  // MARK: Structure

  package mutating func beginObject() {
    beginValue()
    bytes.append(UInt8(ascii: "{"))
    levels.append(Level(isObject: true))
  }

  package mutating func endObject() { endLevel(UInt8(ascii: "}"), isObject: true) }

  package mutating func beginArray() {
    beginValue()
    bytes.append(UInt8(ascii: "["))
    levels.append(Level(isObject: false))
  }

  package mutating func endArray() { endLevel(UInt8(ascii: "]"), isObject: false) }

  /// Starts a member; the next value belongs to it.
  package mutating func key(_ name: String) {
    assert(levels.last?.isObject == true && !keyIsOpen, "a key belongs into an object, before its value")
    separate()
    quote(name)
    bytes.append(UInt8(ascii: ":"))
    if style == .pretty { bytes.append(UInt8(ascii: " ")) }
    keyIsOpen = true
  }

  // MARK: Scalars

  package mutating func string(_ text: String) {
    beginValue()
    quote(text)
  }

  /// Writes text that may not be UTF-8; what is not becomes U+FFFD, one for each maximal
  /// ill-formed subsequence (Unicode 3.9) or, with `Escaping.go`, one for each byte.
  package mutating func string(_ text: ArraySlice<UInt8>) {
    beginValue()
    quote(text)
  }

  /// The same for a whole array.
  package mutating func string(_ text: [UInt8]) { string(text[...]) }

  package mutating func int(_ value: Int) {
    beginValue()
    if value >= 0 {
      decimal(value)
    } else {
      bytes.append(contentsOf: String(value).utf8)
    }
  }

  package mutating func int(_ value: some BinaryInteger) {
    beginValue()
    if let small = Int(exactly: value), small >= 0 {
      decimal(small)
    } else {
      bytes.append(contentsOf: String(value).utf8)
    }
  }

  package mutating func bool(_ value: Bool) {
    beginValue()
    bytes.append(contentsOf: (value ? "true" : "false").utf8)
  }

  package mutating func null() {
    beginValue()
    bytes.append(contentsOf: "null".utf8)
  }

  /// Writes `text` as it is: it must be one JSON number.
  package mutating func number(_ text: String) {
    beginValue()
    bytes.append(contentsOf: text.utf8)
  }

  /// Writes `text` as it is: it must be one complete JSON value, and it keeps its own layout.
  package mutating func raw(_ text: [UInt8]) {
    beginValue()
    bytes.append(contentsOf: text)
  }

  /// Ends a line, for documents that end with a newline and for streams of values, one a line.
  package mutating func newline() { bytes.append(UInt8(ascii: "\n")) }

  // MARK: Layout

  private mutating func beginValue() {
    if keyIsOpen {
      keyIsOpen = false
    } else if !levels.isEmpty {
      assert(levels.last?.isObject == false, "a value in an object needs a key")
      separate()
    }
  }

  private mutating func separate() {
    guard let last = levels.indices.last else { return }
    if levels[last].isEmpty {
      levels[last].isEmpty = false
    } else {
      bytes.append(UInt8(ascii: ","))
    }
    if style == .pretty { breakLine(levels.count) }
  }

  private mutating func endLevel(_ closing: UInt8, isObject: Bool) {
    assert(levels.last?.isObject == isObject && !keyIsOpen, "unbalanced end")
    let level = levels.popLast()
    if style == .pretty, level?.isEmpty == false { breakLine(levels.count) }
    bytes.append(closing)
  }

  private mutating func breakLine(_ depth: Int) {
    bytes.append(UInt8(ascii: "\n"))
    bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * depth))
  }

  private mutating func decimal(_ value: Int) {
    if value < 10 {
      bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value))
      return
    }
    var unit = 10
    while value / unit >= 10 { unit *= 10 }
    while unit > 0 {
      bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / unit % 10))
      unit /= 10
    }
  }

  private mutating func quote(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    StringEscaper(goRules: escaping == .go).append(text, to: &bytes)
    bytes.append(UInt8(ascii: "\""))
  }

  private mutating func quote(_ text: ArraySlice<UInt8>) {
    bytes.append(UInt8(ascii: "\""))
    StringEscaper(goRules: escaping == .go).append(text, to: &bytes)
    bytes.append(UInt8(ascii: "\""))
  }
}
