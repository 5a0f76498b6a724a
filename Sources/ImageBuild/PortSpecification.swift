/// The ports that a word of EXPOSE names, as `port/protocol`; nil when it is none.
///
/// The word is `[[ip:]hostPort:]port[-port][/protocol]`, as docker's publish option takes it. Address and port
/// of the host mean nothing in an image, and only have to be right.
func exposedPorts(_ word: String) -> [String]? {
  let parts = word.split(separator: ":", omittingEmptySubsequences: false)
  guard let last = parts.last else { return nil }
  let halves = last.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
  let name = halves.count > 1 ? halves[1].lowercased() : ""
  guard ["", "tcp", "udp", "sctp"].contains(name), let range = portRange(halves[0]) else { return nil }
  if parts.count > 1, !parts[parts.count - 2].isEmpty {
    guard let host = portRange(parts[parts.count - 2]) else { return nil }
    guard host.count == range.count || range.count == 1 else { return nil }
  }
  if parts.count > 2 {
    var address = parts.dropLast(2).joined(separator: ":")
    if address.hasPrefix("["), address.hasSuffix("]") { address = String(address.dropFirst().dropLast()) }
    guard address.isEmpty || isAddress(address) else { return nil }
  }
  return range.map { "\($0)/\(name.isEmpty ? "tcp" : name)" }
}

private func portRange(_ text: Substring) -> ClosedRange<Int>? {
  let ends = text.split(separator: "-", omittingEmptySubsequences: false)
  guard ends.count <= 2 else { return nil }
  var numbers: [Int] = []
  for end in ends {
    guard !end.isEmpty, end.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(end),
      number <= 65535
    else { return nil }
    numbers.append(number)
  }
  guard let first = numbers.first, let last = numbers.last, first <= last else { return nil }
  return first...last
}

/// Whether a text has the form of an IP address: digits and dots, or hexadecimal digits and colons.
private func isAddress(_ text: String) -> Bool {
  if text.contains(":") {
    return text.utf8.allSatisfy { byte in
      Character(Unicode.Scalar(byte)).isHexDigit || byte == 0x3A || byte == 0x2E
    }
  }
  let parts = text.split(separator: ".", omittingEmptySubsequences: false)
  return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
}
