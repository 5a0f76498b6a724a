import Glibc
import ImageBuild

/// What the view knows of a step.
struct ProgressStep {
  /// Counted from 1, in the order in which they start.
  let number: Int
  /// The place and the instruction: `[build 2/5] RUN make`.
  let name: String
  /// On the clock of ``ProgressView/now()``.
  let started: Double
  var ended: Double?
  let startTime = Timestamps.now()
  var endTime: String?
  var error: String?
  /// Whether the cache had it.
  var isCached = false
  var log = LogLines()
  /// The last lines of the output.
  var tail: [String] = []

  init(number: Int, name: String, started: Double) {
    self.number = number
    self.name = name
    self.started = started
  }

  /// `[build 2/5]`
  var place: String {
    guard let end = name.firstIndex(of: "]") else { return name }
    return String(name[...end])
  }

  func seconds(at now: Double) -> Double { max(0, (ended ?? now) - started) }
}

/// Times of day.
enum Timestamps {
  /// RFC 3339 with nanoseconds, UTC.
  static func now() -> String {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return timestampText(seconds: Int64(time.tv_sec), nanoseconds: UInt32(time.tv_nsec))
  }
}

/// A duration with a number of digits behind the point.
func secondsText(_ value: Double, digits: Int) -> String {
  var scale = 1
  for _ in 0..<digits { scale *= 10 }
  let whole = Int((max(0, value) * Double(scale)).rounded())
  let fraction = String(whole % scale)
  return "\(whole / scale)." + String(repeating: "0", count: digits - fraction.count) + fraction
}

/// Collects output until there is a line of it.
///
/// Control characters but tabs, and sequences that steer a terminal, go: output must not move the cursor of somebody
/// who looks on. A carriage return starts the line over.
struct LogLines {
  private var line: [UInt8] = []

  /// A program that never ends a line must not fill the memory.
  private static let limit = 1 << 16

  mutating func add(_ bytes: [UInt8]) -> [String] {
    var lines: [String] = []
    for byte in bytes {
      if byte == 0x0A {
        lines.append(flush() ?? "")
      } else {
        line.append(byte)
        if line.count >= Self.limit, let text = flush() { lines.append(text) }
      }
    }
    return lines
  }

  /// What is there, as a line; nil for nothing.
  mutating func flush() -> String? {
    guard !line.isEmpty else { return nil }
    let last = line.split(separator: 0x0D).last ?? []
    line = []
    return Self.plain(String(decoding: last, as: UTF8.self))
  }

  static func plain(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    var rest = text.unicodeScalars[...]
    while let scalar = rest.popFirst() {
      if scalar.value == 0x1B {
        skipSequence(&rest)
      } else if scalar == "\t" || !(scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value)) {
        result.append(scalar)
      }
    }
    return String(result)
  }

  /// Skips what follows an escape character (ECMA-48): `[` up to a letter, `]` up to a bell, or one character.
  private static func skipSequence(_ rest: inout Substring.UnicodeScalarView) {
    guard let kind = rest.popFirst() else { return }
    switch kind {
    case "[":
      while let scalar = rest.popFirst() { if (0x40...0x7E).contains(scalar.value) { return } }
    case "]":
      while let scalar = rest.popFirst() {
        if scalar.value == 0x07 { return }
        if scalar.value == 0x1B {
          _ = rest.popFirst()
          return
        }
      }
    case "(", ")": _ = rest.popFirst()
    default: return
    }
  }
}
