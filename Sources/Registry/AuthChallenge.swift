/// What a server wants to know before it answers (RFC 9110, 11.6.1, `WWW-Authenticate`).
package struct AuthChallenge: Hashable, Sendable {
  /// In small letters, such as `bearer`.
  package var scheme: String
  /// Names in small letters, in their order.
  package var parameters: [HTTPHeader]

  package subscript(name: String) -> String? { parameters.first { $0.name == name }?.value }

  /// Reads one header, which may have several challenges. What is malformed ends the list.
  package static func parse(_ text: String) -> [AuthChallenge] {
    var parser = Parser(rest: Array(text.utf8)[...])
    return parser.challenges()
  }

  private struct Parser {
    var rest: ArraySlice<UInt8>

    mutating func challenges() -> [AuthChallenge] {
      var result: [AuthChallenge] = []
      while true {
        skip(" \t,")
        guard let scheme = token() else { return result }
        var challenge = AuthChallenge(scheme: scheme.lowercased(), parameters: [])
        while let parameter = parameter() { challenge.parameters.append(parameter) }
        result.append(challenge)
      }
    }

    /// `name=value`; nil, with nothing taken, if a name alone, or nothing, comes next.
    private mutating func parameter() -> HTTPHeader? {
      let start = rest
      skip(" \t,")
      guard let name = token() else {
        rest = start
        return nil
      }
      skip(" \t")
      guard rest.first == UInt8(ascii: "=") else {
        rest = start
        return nil
      }
      rest.removeFirst()
      skip(" \t")
      guard let value = rest.first == UInt8(ascii: "\"") ? quoted() : token() ?? "" else {
        rest = []
        return nil
      }
      return HTTPHeader(name.lowercased(), value)
    }

    private mutating func skip(_ characters: String) {
      rest = rest.drop { characters.utf8.contains($0) }
    }

    private mutating func token() -> String? {
      let token = rest.prefix { $0 > 0x20 && $0 < 0x7F && !"\",=".utf8.contains($0) }
      rest = rest.dropFirst(token.count)
      return token.isEmpty ? nil : String(decoding: token, as: UTF8.self)
    }

    private mutating func quoted() -> String? {
      rest.removeFirst()
      var value: [UInt8] = []
      while let byte = rest.popFirst() {
        if byte == UInt8(ascii: "\"") { return String(decoding: value, as: UTF8.self) }
        if byte == UInt8(ascii: "\\") {
          guard let escaped = rest.popFirst() else { return nil }
          value.append(escaped)
        } else {
          value.append(byte)
        }
      }
      return nil
    }
  }
}
