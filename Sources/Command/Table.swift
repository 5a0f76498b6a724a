/// A table for people: columns as wide as their widest cell, three blanks between them, none at a line's end.
func table(_ rows: [[String]]) -> String {
  guard let head = rows.first else { return "" }
  let widths = head.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
  return rows.map { row in
    let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
    var line = cells.joined(separator: "   ")
    while line.hasSuffix(" ") { line.removeLast() }
    return line + "\n"
  }.joined()
}

/// A number of bytes as docker shows it: three digits that count, and a unit of 1000.
func byteCount(_ bytes: Int64) -> String {
  var value = Double(bytes)
  var unit = 0
  let units = ["B", "kB", "MB", "GB", "TB", "PB"]
  while value >= 999.5, unit < units.count - 1 {
    value /= 1000
    unit += 1
  }
  if unit == 0 { return "\(bytes)B" }
  let digits = value < 9.995 ? 2 : value < 99.95 ? 1 : 0
  var scale = 1
  for _ in 0..<digits { scale *= 10 }
  let rounded = Int((value * Double(scale)).rounded())
  guard digits > 0 else { return "\(rounded)\(units[unit])" }
  let fraction = String(rounded % scale)
  return
    "\(rounded / scale).\(String(repeating: "0", count: digits - fraction.count))\(fraction)\(units[unit])"
}
