import SourceText

/// Times as RFC 3339 writes them, with hadolint's latitude: blanks around, years of any length, T and Z in any letter
/// case, a distance to UTC of any size and with or without its colon.
enum RFC3339Time {
  static func isValid(_ text: [UInt8]) -> Bool {
    var rest = text.drop(while: \.isASCIISpace)
    while rest.last?.isASCIISpace ?? false { rest.removeLast() }
    if rest.first == 0x2D { rest.removeFirst() }
    let yearDigits = rest.prefix(while: \.isASCIIDigit)
    guard !yearDigits.isEmpty else { return false }
    rest = rest.dropFirst(yearDigits.count)
    // The last four digits tell a leap year, whatever stands before them.
    let year = yearDigits.suffix(4).reduce(0) { $0 * 10 + Int($1 - 0x30) }
    guard skip(0x2D, &rest), let month = twoDigits(&rest), (1...12).contains(month), skip(0x2D, &rest),
      let day = twoDigits(&rest), day >= 1, day <= days(of: month, year), skipLetter(0x74, &rest),
      let hour = twoDigits(&rest), hour < 24, skip(0x3A, &rest), let minute = twoDigits(&rest), minute < 60,
      skip(0x3A, &rest), let second = twoDigits(&rest), second <= 60
    else { return false }
    if rest.first == 0x2E { rest = rest.dropFirst().drop(while: \.isASCIIDigit) }
    if skipLetter(0x7A, &rest) { return rest.isEmpty }
    guard let sign = rest.popFirst(), sign == 0x2B || sign == 0x2D, twoDigits(&rest) != nil else {
      return false
    }
    _ = skip(0x3A, &rest)
    return twoDigits(&rest) != nil && rest.isEmpty
  }

  private static func days(of month: Int, _ year: Int) -> Int {
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
  }

  private static func skip(_ byte: UInt8, _ rest: inout ArraySlice<UInt8>) -> Bool {
    guard rest.first == byte else { return false }
    rest.removeFirst()
    return true
  }

  private static func skipLetter(_ letter: UInt8, _ rest: inout ArraySlice<UInt8>) -> Bool {
    guard rest.first?.asciiLowercased == letter else { return false }
    rest.removeFirst()
    return true
  }

  private static func twoDigits(_ rest: inout ArraySlice<UInt8>) -> Int? {
    guard let one = rest.first, let other = rest.dropFirst().first, one.isASCIIDigit, other.isASCIIDigit
    else {
      return nil
    }
    rest = rest.dropFirst(2)
    return Int(one - 0x30) * 10 + Int(other - 0x30)
  }
}
