/// Helpers that keep calls balanced and read like the document they write.
extension JSONWriter {
  /// Writes an object; `body` writes its members.
  package mutating func object<Failure: Error>(
    _ body: (inout JSONWriter) throws(Failure) -> Void
  ) throws(Failure) {
    beginObject()
    try body(&self)
    endObject()
  }

  /// Writes an array; `body` writes its elements.
  package mutating func array<Failure: Error>(
    _ body: (inout JSONWriter) throws(Failure) -> Void
  ) throws(Failure) {
    beginArray()
    try body(&self)
    endArray()
  }

  /// Writes an array with one call of `body` for each element.
  package mutating func array<Elements: Sequence, Failure: Error>(
    _ elements: Elements,
    _ body: (inout JSONWriter, Elements.Element) throws(Failure) -> Void
  ) throws(Failure) {
    beginArray()
    for element in elements { try body(&self, element) }
    endArray()
  }

  /// Writes one member; `value` writes its value, exactly one.
  package mutating func member<Failure: Error>(
    _ name: String, _ value: (inout JSONWriter) throws(Failure) -> Void
  ) throws(Failure) {
    key(name)
    try value(&self)
  }

  package mutating func member(_ name: String, _ value: String) {
    key(name)
    string(value)
  }

  package mutating func member(_ name: String, _ value: [UInt8]) {
    key(name)
    string(value)
  }

  package mutating func member(_ name: String, _ value: some BinaryInteger) {
    key(name)
    int(value)
  }

  package mutating func member(_ name: String, _ value: Bool) {
    key(name)
    bool(value)
  }

  package mutating func member(_ name: String, _ value: [String]) {
    key(name)
    array(value) { writer, element in writer.string(element) }
  }

  package mutating func member(_ name: String, _ value: JSONValue) {
    key(name)
    self.value(value)
  }

  /// Writes the member, or nothing for nil.
  package mutating func member(_ name: String, ifPresent value: String?) {
    if let value { member(name, value) }
  }

  /// Writes the member, or nothing for nil.
  package mutating func member(_ name: String, ifPresent value: (some BinaryInteger)?) {
    if let value { member(name, value) }
  }

  /// Writes the member, or nothing for nil.
  package mutating func member(_ name: String, ifPresent value: Bool?) {
    if let value { member(name, value) }
  }

  /// Writes the member, or nothing for nil; an empty array is written.
  package mutating func member(_ name: String, ifPresent value: [String]?) {
    if let value { member(name, value) }
  }

  /// Writes a whole value.
  package mutating func value(_ value: JSONValue) {
    switch value {
    case .object(let members):
      beginObject()
      for member in members { self.member(member.key, member.value) }
      endObject()
    case .array(let elements):
      beginArray()
      for element in elements { self.value(element) }
      endArray()
    case .string(let text): string(text)
    case .integer(let number): int(number)
    case .number(let text): number(text)
    case .bool(let flag): bool(flag)
    case .null: null()
    }
  }
}
