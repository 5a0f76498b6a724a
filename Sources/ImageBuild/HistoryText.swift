import OCIModel

/// The texts that BuildKit puts into `created_by`, which Go's formatting makes.
enum HistoryText {
  /// A list of strings as `%q` prints it: `["a" "b"]`.
  static func quoted(_ words: [String]) -> String {
    "[" + words.map(quoted).joined(separator: " ") + "]"
  }

  /// A list of strings as `%v` prints it: `[a b]`.
  static func plain(_ words: [String]) -> String {
    "[" + words.joined(separator: " ") + "]"
  }

  /// A string in double quotes, by the rules of Go's `strconv.Quote` for what is printable.
  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\u{07}": result += "\\a"
      case "\u{08}": result += "\\b"
      case "\u{0C}": result += "\\f"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case "\u{0B}": result += "\\v"
      case let scalar where scalar.value < 0x20 || scalar.value == 0x7F:
        result += "\\x" + hexadecimal(scalar.value, width: 2)
      case let scalar where !isPrintable(scalar):
        result +=
          scalar.value > 0xFFFF
          ? "\\U" + hexadecimal(scalar.value, width: 8) : "\\u" + hexadecimal(scalar.value, width: 4)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    if scalar == " " { return true }
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
      .spaceSeparator:
      return false
    default: return true
    }
  }

  private static func hexadecimal(_ value: UInt32, width: Int) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  /// A duration of nanoseconds as Go prints it: `1m30s`, `500ms`, `0s`.
  static func duration(_ nanoseconds: Int64) -> String {
    if nanoseconds == 0 { return "0s" }
    let sign = nanoseconds < 0 ? "-" : ""
    let total = nanoseconds.magnitude
    if total < 1_000_000_000 {
      if total < 1000 { return "\(sign)\(total)ns" }
      if total < 1_000_000 { return sign + decimal(total, per: 1000) + "µs" }
      return sign + decimal(total, per: 1_000_000) + "ms"
    }
    let seconds = total / 1_000_000_000
    let rest = decimal(seconds % 60 * 1_000_000_000 + total % 1_000_000_000, per: 1_000_000_000) + "s"
    if seconds < 60 { return sign + rest }
    let minutes = seconds / 60
    if minutes < 60 { return "\(sign)\(minutes)m\(rest)" }
    return "\(sign)\(minutes / 60)h\(minutes % 60)m\(rest)"
  }

  private static func decimal(_ value: UInt64, per unit: UInt64) -> String {
    let fraction = value % unit
    if fraction == 0 { return "\(value / unit)" }
    var digits = String(fraction)
    digits = String(repeating: "0", count: String(unit).count - 1 - digits.count) + digits
    while digits.hasSuffix("0") { digits.removeLast() }
    return "\(value / unit).\(digits)"
  }

  /// A health check as `%+v` prints docker's structure.
  static func healthcheck(_ check: Healthcheck) -> String {
    "{Test:" + plain(check.test ?? []) + " Interval:" + duration(check.interval ?? 0) + " Timeout:"
      + duration(check.timeout ?? 0) + " StartPeriod:" + duration(check.startPeriod ?? 0)
      + " StartInterval:" + duration(check.startInterval ?? 0) + " Retries:\(check.retries ?? 0)}"
  }

  /// The command of a RUN with the ARGs that it sees: `|1 A=1 /bin/sh -c make`.
  static func run(_ arguments: [[UInt8]], declared: [String]) -> String {
    let words = arguments.map { String(decoding: $0, as: UTF8.self) }
    let prefix = declared.isEmpty ? [] : ["|\(declared.count)"] + declared
    return (prefix + words).joined(separator: " ")
  }
}

/// RFC 3339, in UTC, as Go prints a `time.Time`: fractions only where there are some.
package func timestampText(seconds: Int64, nanoseconds: UInt32 = 0) -> String {
  // Howard Hinnant's days-to-civil, in the proleptic Gregorian calendar.
  let days = seconds >= 0 ? seconds / 86400 : (seconds - 86399) / 86400
  let second = seconds - days * 86400
  let shifted = days + 719_468
  let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
  let dayOfEra = shifted - era * 146_097
  let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
  let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
  let month = (5 * dayOfYear + 2) / 153
  let day = dayOfYear - (153 * month + 2) / 5 + 1
  let civilMonth = month < 10 ? month + 3 : month - 9
  let year = yearOfEra + era * 400 + (civilMonth <= 2 ? 1 : 0)
  func pad(_ value: Int64, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
  var text = "\(pad(year, 4))-\(pad(civilMonth, 2))-\(pad(day, 2))T"
  text += "\(pad(second / 3600, 2)):\(pad(second / 60 % 60, 2)):\(pad(second % 60, 2))"
  if nanoseconds > 0 {
    var digits = pad(Int64(nanoseconds), 9)
    while digits.hasSuffix("0") { digits.removeLast() }
    text += "." + digits
  }
  return text + "Z"
}
