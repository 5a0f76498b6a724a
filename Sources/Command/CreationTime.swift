import Glibc

/// When an image was made, as docker's lists show it.
struct CreationTime {
  /// Since 1970.
  private let seconds: Int64

  /// Reads RFC 3339, such as `2023-11-14T22:13:20.5Z`; nil for anything else. Fractions count for nothing.
  init?(_ text: String) {
    func number(_ from: Int, _ count: Int) -> Int32? {
      let digits = text.utf8.dropFirst(from).prefix(count)
      guard digits.count == count, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
      return Int32(String(decoding: digits, as: UTF8.self))
    }
    guard text.utf8.count >= 20, let year = number(0, 4), let month = number(5, 2), let day = number(8, 2),
      let hour = number(11, 2), let minute = number(14, 2), let second = number(17, 2)
    else { return nil }
    var time = unsafe tm()
    unsafe time.tm_year = year - 1900
    unsafe time.tm_mon = month - 1
    unsafe time.tm_mday = day
    unsafe time.tm_hour = hour
    unsafe time.tm_min = minute
    unsafe time.tm_sec = second
    var zone = text.utf8.dropFirst(19)
    if zone.first == UInt8(ascii: ".") { zone = zone.dropFirst().drop { (0x30...0x39).contains($0) } }
    var offset: Int64 = 0
    switch zone.first {
    case UInt8(ascii: "Z"), UInt8(ascii: "z"): break
    case UInt8(ascii: "+"), UInt8(ascii: "-"):
      let start = text.utf8.distance(from: text.utf8.startIndex, to: zone.startIndex)
      guard let hours = number(start + 1, 2), let minutes = number(start + 4, 2) else { return nil }
      offset = Int64(hours * 3600 + minutes * 60) * (zone.first == UInt8(ascii: "-") ? -1 : 1)
    default: return nil
    }
    seconds = unsafe Int64(timegm(&time)) - offset
  }

  /// `2023-11-14 22:13:20 +0000 UTC`
  var text: String {
    var moment = time_t(seconds)
    var parts = unsafe tm()
    unsafe gmtime_r(&moment, &parts)
    func padded(_ number: Int32, _ width: Int = 2) -> String {
      let digits = "\(number)"
      return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
    let day = unsafe [padded(parts.tm_year + 1900, 4), padded(parts.tm_mon + 1), padded(parts.tm_mday)]
    let clock = unsafe [parts.tm_hour, parts.tm_min, parts.tm_sec].map { padded($0) }
    return day.joined(separator: "-") + " " + clock.joined(separator: ":") + " +0000 UTC"
  }

  /// How long ago it was, in docker's words: `3 weeks ago`.
  func ago(now: Int64) -> String { Self.duration(max(0, now - seconds)) + " ago" }

  private static func duration(_ seconds: Int64) -> String {
    let minutes = seconds / 60
    let hours = (seconds + 1800) / 3600
    switch true {
    case seconds < 1: return "Less than a second"
    case seconds == 1: return "1 second"
    case seconds < 60: return "\(seconds) seconds"
    case minutes == 1: return "About a minute"
    case minutes < 60: return "\(minutes) minutes"
    case hours == 1: return "About an hour"
    case hours < 48: return "\(hours) hours"
    case hours < 24 * 7 * 2: return "\(hours / 24) days"
    case hours < 24 * 30 * 2: return "\(hours / 24 / 7) weeks"
    case hours < 24 * 365 * 2: return "\(hours / 24 / 30) months"
    default: return "\(hours / 24 / 365) years"
    }
  }
}
