import SourceText

/// Versions as hadolint takes them for semantic: those of https://semver.org/, and a little more. Numbers may start with a
/// zero, and what follows the dash or the plus may be empty or end with a dot.
enum SemanticVersion {
  static func isValid(_ text: [UInt8]) -> Bool {
    var rest = text[...]
    for part in 0..<3 {
      if part > 0 {
        guard rest.popFirst() == 0x2E else { return false }
      }
      let digits = rest.prefix(while: \.isASCIIDigit)
      guard !digits.isEmpty else { return false }
      rest = rest.dropFirst(digits.count)
    }
    for mark: UInt8 in [0x2D, 0x2B] where rest.first == mark {
      rest.removeFirst()
      skipIdentifiers(&rest)
    }
    return rest.isEmpty
  }

  private static func skipIdentifiers(_ rest: inout ArraySlice<UInt8>) {
    while true {
      let identifier = rest.prefix { $0.isASCIILetter || $0.isASCIIDigit || $0 == 0x2D }
      if identifier.isEmpty { return }
      rest = rest.dropFirst(identifier.count)
      guard rest.first == 0x2E else { return }
      rest.removeFirst()
    }
  }
}
