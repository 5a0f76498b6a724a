/// A scalar of a configuration file: its text, and what YAML takes it for.
///
/// Types are those of YAML 1.2's core schema (section 10.3.2), as hadolint reads them: `yes`, `on` and `off` are texts, only
/// `true` and `false` are truth values.
package struct ConfigScalar: Sendable, Hashable {
  /// How the text is written.
  package enum Style: Sendable { case plain, singleQuoted, doubleQuoted, literal, folded }

  /// The text, escapes and line folds resolved.
  package let text: String
  /// How it is written.
  package let style: Style
  /// Its tag in full, like `tag:yaml.org,2002:str`; `!` for the non-specific one; nil without.
  package let tag: String?

  package init(_ text: String, _ style: Style = .plain, tag: String? = nil) {
    self.text = text
    self.style = style
    self.tag = tag
  }

  /// Whether it stands for nothing.
  package var isNull: Bool {
    isResolved(as: "null") && ["", "~", "null", "Null", "NULL"].contains(text)
  }

  /// The truth value; nil when it is something else.
  package var boolean: Bool? {
    guard isResolved(as: "bool") else { return nil }
    switch text {
    case "true", "True", "TRUE": return true
    case "false", "False", "FALSE": return false
    default: return nil
    }
  }

  /// Whether it is a number.
  package var isNumber: Bool {
    guard isResolved(as: "int") || isResolved(as: "float") else { return false }
    return Self.isInteger(text.utf8[...]) || Self.isFloat(text.utf8[...])
  }

  /// Whether it is a text and nothing else.
  package var isString: Bool { !isNull && boolean == nil && !isNumber }

  /// What it is, for messages.
  package var kind: String {
    if isNull { return "nothing" }
    if boolean != nil { return "a truth value" }
    return isNumber ? "a number" : "a text"
  }

  /// Whether a text of a type's form is of the type: plain and without a tag, or with the type's tag.
  private func isResolved(as type: String) -> Bool {
    tag.map { $0 == "tag:yaml.org,2002:" + type } ?? (style == .plain)
  }

  private static func isInteger(_ bytes: Substring.UTF8View) -> Bool {
    var digits = bytes
    if let prefix = digits.first, prefix == 0x30, digits.count > 2 {
      let second = digits[digits.index(after: digits.startIndex)]
      let rest = digits.dropFirst(2)
      if second == 0x6F { return rest.allSatisfy { $0 >= 0x30 && $0 <= 0x37 } }
      if second == 0x78 {
        return rest.allSatisfy { isDigit($0) || ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x66 }
      }
    }
    if let sign = digits.first, sign == 0x2B || sign == 0x2D { digits.removeFirst() }
    return !digits.isEmpty && digits.allSatisfy(isDigit)
  }

  private static func isFloat(_ bytes: Substring.UTF8View) -> Bool {
    var rest = bytes
    if [".nan", ".NaN", ".NAN"].contains(where: { rest.elementsEqual($0.utf8) }) { return true }
    if let sign = rest.first, sign == 0x2B || sign == 0x2D { rest.removeFirst() }
    if [".inf", ".Inf", ".INF"].contains(where: { rest.elementsEqual($0.utf8) }) { return true }
    let whole = rest.prefix(while: isDigit)
    rest = rest.dropFirst(whole.count)
    var fraction = rest.prefix(0)
    if rest.first == 0x2E {
      rest.removeFirst()
      fraction = rest.prefix(while: isDigit)
      rest = rest.dropFirst(fraction.count)
    }
    guard !whole.isEmpty || !fraction.isEmpty else { return false }
    if let exponent = rest.first, exponent | 0x20 == 0x65 {
      rest.removeFirst()
      if let sign = rest.first, sign == 0x2B || sign == 0x2D { rest.removeFirst() }
      return !rest.isEmpty && rest.allSatisfy(isDigit)
    }
    return rest.isEmpty
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
}
