import DockerfileSyntax
import SourceText

/// Reads a file by hadolint's grammar.
///
/// Every reading function says whether it succeeded. After a failure ``stop`` is the place to report, and ``at`` stays
/// where reading got stuck: when that is not where the function began, no alternative may be tried, unless the caller
/// goes back (``attempt(_:)``). Among several failures at one fork the furthest counts. That is the way of the parser
/// library behind hadolint, and reported places follow from it.
struct HadolintReader {
  static let newline: UInt32 = 0x0A
  static let tab: UInt32 = 0x09
  static let space: UInt32 = 0x20
  static let backslash: UInt32 = 0x5C
  static let doubleQuote: UInt32 = 0x22
  static let singleQuote: UInt32 = 0x27
  static let dollar: UInt32 = 0x24
  static let equals: UInt32 = 0x3D
  static let hash: UInt32 = 0x23
  /// What ``next`` gives behind the last character.
  static let none = UInt32.max

  let text: HadolintText
  /// The index behind the last character that may be read.
  var end: Int
  /// The index of the next character.
  var at = 0
  /// The index to report for the last failure.
  var stop = 0
  /// The place where the last try at a line continuation failed.
  var breakStop = 0
  /// The character that escapes: a backslash, or any at all that an `escape` directive names.
  var escape = HadolintReader.backslash
  /// The lines of the file by content, made at the first here-document.
  var heredocLines: HadolintLines?

  /// Whether what is read is kept.
  let isRecording: Bool
  /// The instructions so far.
  var finished: [Record] = []
  /// The parts of the instruction that is being read.
  var parts: [Part] = []
  /// The text of the part that is being read.
  var pieces: [Piece] = []
  /// How far ``lineNumber(at:)`` has counted.
  private var countedLines = (index: 0, line: 1)

  init(_ text: HadolintText, isRecording: Bool) {
    self.text = text
    self.end = text.scalars.count
    self.isRecording = isRecording
  }

  /// Reads the whole file; the error is nil when it was read to its end.
  mutating func readFile() -> HadolintParseError? {
    escape = escapeDirective()
    at = 0
    end = text.scalars.count
    skipLeadingSpace()
    while true {
      let start = at
      guard instruction() else {
        // Where no instruction begins, the file has to end.
        return at == start && at == end ? nil : text.error(at: at == start ? at : stop)
      }
      guard lineEnd() else { return text.error(at: stop) }
    }
  }

  /// The escape character: directives are looked for from the first line on as long as each line is one.
  private mutating func escapeDirective() -> UInt32 {
    var line = 0
    let size = text.scalars.count
    while line < size {
      let newline = text.scalars[line...].firstIndex(of: HadolintReader.newline) ?? size
      (at, end) = (line, newline)
      skipLeadingSpace()
      // Something behind the directive makes the line no directive.
      guard let directive = directive(), at == newline else { return HadolintReader.backslash }
      if case .escape(let character) = directive { return character }
      line = newline + 1
    }
    return HadolintReader.backslash
  }

  /// The physical line (from 1) of an index; indices must not go back.
  mutating func lineNumber(at index: Int) -> Int {
    while countedLines.index < index {
      if text.scalars[countedLines.index] == HadolintReader.newline { countedLines.line += 1 }
      countedLines.index += 1
    }
    return countedLines.line
  }

  // MARK: Forks

  /// The next character, or ``none`` at the end.
  var next: UInt32 { at < end ? text.scalars[at] : HadolintReader.none }

  /// Fails here.
  mutating func fail() -> Bool {
    stop = at
    return false
  }

  /// Goes back to where it began when the reading fails.
  mutating func attempt(_ read: (inout HadolintReader) -> Bool) -> Bool {
    let start = at
    let kept = parts.count
    if read(&self) { return true }
    at = start
    parts.removeLast(parts.count - kept)
    return false
  }

  /// Reads the second if the first failed without reading anything.
  mutating func either(
    _ first: (inout HadolintReader) -> Bool, _ second: (inout HadolintReader) -> Bool
  ) -> Bool {
    let start = at
    if first(&self) { return true }
    guard at == start else { return false }
    let before = stop
    if second(&self) { return true }
    stop = max(stop, before)
    return false
  }

  // MARK: Fixed texts

  /// Whether an ASCII text stands here.
  func stands(_ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    guard at + count <= end else { return false }
    return text.withUTF8Buffer { buffer in
      for index in 0..<count where unsafe UInt32(buffer[index]) != self.text.scalars[at + index] {
        return false
      }
      return true
    }
  }

  /// Reads an ASCII text.
  mutating func take(_ text: StaticString) -> Bool {
    guard stands(text) else { return fail() }
    at += text.utf8CodeUnitCount
    return true
  }

  /// Reads a text of small ASCII letters, letter case aside.
  ///
  /// Case is folded over Unicode, where two more characters fold to an ASCII letter.
  mutating func takeFolded(_ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    guard at + count <= end else { return fail() }
    let equal = text.withUTF8Buffer { buffer in
      for index in 0..<count {
        let folded: UInt32 =
          switch self.text.scalars[at + index] {
          case let capital where capital >= 0x41 && capital <= 0x5A: capital | 0x20
          case 0x017F: 0x73
          case 0x212A: 0x6B
          case let other: other
          }
        if unsafe folded != UInt32(buffer[index]) { return false }
      }
      return true
    }
    guard equal else { return fail() }
    at += count
    return true
  }

  /// Reads one character.
  mutating func take(_ character: UInt32) -> Bool {
    guard next == character else { return fail() }
    at += 1
    return true
  }
}
