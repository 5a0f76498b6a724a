import SourceText

/// Reads a duration as Go's `time.ParseDuration`: a sign, and numbers with units from `ns` to `h`.
///
/// - Returns: nanoseconds, or nil when the text is no duration or too long for 64 bits.
func parseGoDuration(_ text: [UInt8]) -> Int64? {
  var index = 0
  var isNegative = false
  if index < text.count, text[index] == 0x2B || text[index] == 0x2D {
    isNegative = text[index] == 0x2D
    index += 1
  }
  if text[index...].elementsEqual([0x30]) { return 0 }
  guard index < text.count else { return nil }
  var total: Int64 = 0
  while index < text.count {
    var whole: Int64 = 0
    var fraction: Double = 0
    var scale: Double = 1
    var digits = 0
    while index < text.count, text[index].isASCIIDigit {
      let (product, high) = whole.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(Int64(text[index] - 0x30))
      guard !high, !carry else { return nil }
      whole = sum
      digits += 1
      index += 1
    }
    if index < text.count, text[index] == 0x2E {
      index += 1
      while index < text.count, text[index].isASCIIDigit {
        // Digits past a nanosecond of an hour change nothing, and too many would leave the range of the type.
        if scale < 1e18 {
          fraction = fraction * 10 + Double(text[index] - 0x30)
          scale *= 10
        }
        digits += 1
        index += 1
      }
    }
    guard digits > 0 else { return nil }
    let unitStart = index
    while index < text.count, text[index] != 0x2E, !text[index].isASCIIDigit { index += 1 }
    guard let unit = nanoseconds(of: text[unitStart..<index]) else { return nil }
    let (product, high) = whole.multipliedReportingOverflow(by: unit)
    let (sum, carry) = total.addingReportingOverflow(product)
    guard !high, !carry else { return nil }
    let (withFraction, over) = sum.addingReportingOverflow(Int64(fraction / scale * Double(unit)))
    guard !over else { return nil }
    total = withFraction
  }
  return isNegative ? -total : total
}

private func nanoseconds(of unit: ArraySlice<UInt8>) -> Int64? {
  switch String(decoding: unit, as: UTF8.self) {
  case "ns": 1
  case "us", "µs", "μs": 1000
  case "ms": 1_000_000
  case "s": 1_000_000_000
  case "m": 60_000_000_000
  case "h": 3_600_000_000_000
  default: nil
  }
}
