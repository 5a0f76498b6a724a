import SourceText

/// What hadolint takes for the exec form: strings in double quotes between brackets, with commas between them.
///
/// It does not look at what JSON allows in a string: only the escape character before a double quote counts, and not where
/// another escape character stands before it.
enum HadolintExecForm {
  static func matches(_ text: ArraySlice<UInt8>, escape: UInt8) -> Bool {
    var rest = text.drop(while: isBlank)
    guard rest.popFirst() == 0x5B else { return false }
    rest = rest.drop(while: isBlank)
    if rest.first == 0x5D { return true }
    while skipString(&rest, escape) {
      rest = rest.drop(while: isBlank)
      switch rest.popFirst() {
      case 0x2C: rest = rest.drop(while: isBlank)
      case 0x5D: return true
      default: return false
      }
    }
    return false
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

  private static func skipString(_ rest: inout ArraySlice<UInt8>, _ escape: UInt8) -> Bool {
    guard rest.popFirst() == 0x22 else { return false }
    while let byte = rest.popFirst() {
      if byte == 0x22 { return true }
      guard byte == escape else { continue }
      let run = rest.prefix { $0 == escape }.count
      rest = rest.dropFirst(run)
      guard rest.first == 0x22 else { continue }
      if run > 0 { return false }
      rest.removeFirst()
    }
    return false
  }
}
