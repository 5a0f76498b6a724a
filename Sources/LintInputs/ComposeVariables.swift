import SourceText

/// Variables in the values of compose files (the Compose Specification, 12-interpolation.md).
enum ComposeVariables {
  /// A text with the defaults of its variables; nil when one has none, or is not well formed.
  static func withDefaults(_ text: String) -> String? {
    guard text.utf8.contains(UInt8(ascii: "$")) else { return text }
    var bytes = Array(text.utf8)[...]
    return expand(&bytes, isInner: false, depth: 8).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Expands up to the end, or inside of a variable up to its brace, which is left.
  private static func expand(_ rest: inout ArraySlice<UInt8>, isInner: Bool, depth: Int) -> [UInt8]? {
    guard depth > 0 else { return nil }
    var result: [UInt8] = []
    while let byte = rest.first {
      if isInner, byte == UInt8(ascii: "}") { return result }
      rest = rest.dropFirst()
      guard byte == UInt8(ascii: "$") else {
        result.append(byte)
        continue
      }
      switch rest.first {
      case UInt8(ascii: "$"):
        result.append(byte)
        rest = rest.dropFirst()
      case UInt8(ascii: "{"):
        rest = rest.dropFirst()
        let name = rest.prefix { $0.isASCIILetter || $0.isASCIIDigit || $0 == UInt8(ascii: "_") }
        rest = rest.dropFirst(name.count)
        if rest.first == UInt8(ascii: ":") { rest = rest.dropFirst() }
        guard !name.isEmpty, rest.first == UInt8(ascii: "-") else { return nil }
        rest = rest.dropFirst()
        guard let value = expand(&rest, isInner: true, depth: depth - 1), rest.first == UInt8(ascii: "}")
        else { return nil }
        rest = rest.dropFirst()
        result += value
      default: return nil
      }
    }
    return isInner ? nil : result
  }
}
