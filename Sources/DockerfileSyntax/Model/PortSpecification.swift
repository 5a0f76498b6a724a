/// A word of EXPOSE: `[[address:]hostPort:]port[-port][/protocol]`, as docker's publish option takes it.
///
/// Address and port of the host mean nothing in an image, and only have to be right.
package struct PortSpecification: Hashable, Sendable {
  /// Why a word is no port.
  package enum Failure: Error, Hashable, Sendable {
    /// There is no port number.
    case noPort
    /// A port that is no number from 0 to 65535, or a range that runs backwards.
    case invalidPort(String)
    /// What stands behind the slash is none of tcp, udp and sctp.
    case unknownProtocol(String)
    /// The address of the host is no IP address.
    case invalidAddress(String)
    /// Host and container have ranges of different lengths.
    case unequalRanges
  }

  /// The address and port of the host with the colon behind them; nil without.
  package let host: Substring?
  /// The ports in the image.
  package let ports: ClosedRange<Int>
  /// The protocol as written; empty for tcp.
  package let protocolName: Substring

  /// Reads a word whose variables are replaced.
  package init(parsing word: String) throws(Failure) {
    let parts = word.split(separator: ":", omittingEmptySubsequences: false)
    let last = parts[parts.count - 1]
    let halves = last.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard !halves[0].isEmpty else { throw .noPort }
    protocolName = halves.count > 1 ? halves[1] : ""
    guard ["", "tcp", "udp", "sctp"].contains(protocolName.lowercased()) else {
      throw .unknownProtocol(String(protocolName))
    }
    guard let ports = Self.range(halves[0]) else { throw .invalidPort(String(halves[0])) }
    self.ports = ports
    var hasHost = false
    if parts.count > 2 {
      var address = parts.dropLast(2).joined(separator: ":")
      hasHost = !address.isEmpty
      if address.hasPrefix("["), address.hasSuffix("]") { address = String(address.dropFirst().dropLast()) }
      guard address.isEmpty || Self.isAddress(address) else { throw .invalidAddress(address) }
    }
    if parts.count > 1, !parts[parts.count - 2].isEmpty {
      hasHost = true
      let text = parts[parts.count - 2]
      guard let host = Self.range(text) else { throw .invalidPort(String(text)) }
      guard host.count == ports.count || ports.count == 1 else { throw .unequalRanges }
    }
    host = hasHost ? word[..<last.startIndex] : nil
  }

  private static func range(_ text: Substring) -> ClosedRange<Int>? {
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
  private static func isAddress(_ text: String) -> Bool {
    if text.contains(":") {
      return text.utf8.allSatisfy { byte in
        Character(Unicode.Scalar(byte)).isHexDigit || byte == 0x3A || byte == 0x2E
      }
    }
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
  }
}

/// The ports that a word of EXPOSE names, as `port/protocol`; nil when it is none.
package func exposedPorts(_ word: String) -> [String]? {
  let specification: PortSpecification
  do throws(PortSpecification.Failure) {
    specification = try PortSpecification(parsing: word)
  } catch {
    return nil
  }
  let name = specification.protocolName.lowercased()
  return specification.ports.map { "\($0)/\(name.isEmpty ? "tcp" : name)" }
}
