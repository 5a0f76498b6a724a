/// A JSON document in memory. Members keep the order in which they stood.
package enum JSONValue: Hashable, Sendable {
  case object([Member])
  case array([JSONValue])
  case string(String)
  /// A number without fraction and exponent that fits 64 bits.
  case integer(Int64)
  /// Any other number, as JSON text.
  case number(String)
  case bool(Bool)
  case null

  /// One member of an object.
  package struct Member: Hashable, Sendable {
    package var key: String
    package var value: JSONValue

    package init(key: String, value: JSONValue) {
      self.key = key
      self.value = value
    }
  }

  /// The value of the first member with this key; nil if there is none or this is no object.
  ///
  /// Keys are compared byte by byte: two spellings of the same letter are different keys.
  package subscript(key: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key.utf8.elementsEqual(key.utf8) }?.value
  }

  /// What kind of value this is, in the words of RFC 8259: for messages.
  package var kind: String {
    switch self {
    case .object: "object"
    case .array: "array"
    case .string: "string"
    case .integer, .number: "number"
    case .bool: "boolean"
    case .null: "null"
    }
  }

  /// The value as text.
  package func encoded(
    style: JSONWriter.Style = .compact, escaping: JSONWriter.Escaping = .minimal
  ) -> [UInt8] {
    var writer = JSONWriter(style: style, escaping: escaping)
    writer.value(self)
    return writer.bytes
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByNilLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  package init(stringLiteral value: String) { self = .string(value) }
  package init(integerLiteral value: Int64) { self = .integer(value) }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(nilLiteral: ()) { self = .null }
  package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  package init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(elements.map { Member(key: $0.0, value: $0.1) })
  }
}
