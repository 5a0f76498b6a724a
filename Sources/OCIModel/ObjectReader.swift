import JSONText

/// Takes members out of a JSON object and says where something is wrong. A member that is null
/// counts as absent: Go writes null for an empty slice or map.
struct ObjectReader {
  let path: String
  private let members: [JSONValue.Member]

  init(_ value: JSONValue, path: String = "") throws(DocumentError) {
    guard case .object(let members) = value else {
      throw .wrongType(path: path, expected: "object", found: value.kind)
    }
    self.members = members
    self.path = path
  }

  func place(of key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  private func value(_ key: String) -> JSONValue? {
    guard let member = members.first(where: { $0.key == key }), member.value != .null else { return nil }
    return member.value
  }

  private func wrongType(_ key: String, _ expected: String, _ found: JSONValue) -> DocumentError {
    .wrongType(path: place(of: key), expected: expected, found: found.kind)
  }

  func string(_ key: String) throws(DocumentError) -> String? {
    guard let value = value(key) else { return nil }
    guard case .string(let text) = value else { throw wrongType(key, "string", value) }
    return text
  }

  func integer(_ key: String) throws(DocumentError) -> Int64? {
    guard let value = value(key) else { return nil }
    guard case .integer(let number) = value else { throw wrongType(key, "integer", value) }
    return number
  }

  func bool(_ key: String) throws(DocumentError) -> Bool? {
    guard let value = value(key) else { return nil }
    guard case .bool(let flag) = value else { throw wrongType(key, "boolean", value) }
    return flag
  }

  func array(_ key: String) throws(DocumentError) -> [JSONValue]? {
    guard let value = value(key) else { return nil }
    guard case .array(let elements) = value else { throw wrongType(key, "array", value) }
    return elements
  }

  func strings(_ key: String) throws(DocumentError) -> [String]? {
    guard let elements = try array(key) else { return nil }
    var result: [String] = []
    for (index, element) in elements.enumerated() {
      guard case .string(let text) = element else {
        throw .wrongType(path: "\(place(of: key))[\(index)]", expected: "string", found: element.kind)
      }
      result.append(text)
    }
    return result
  }

  func object(_ key: String) throws(DocumentError) -> ObjectReader? {
    guard let value = value(key) else { return nil }
    return try ObjectReader(value, path: place(of: key))
  }

  func objects(_ key: String) throws(DocumentError) -> [ObjectReader]? {
    guard let elements = try array(key) else { return nil }
    var result: [ObjectReader] = []
    for (index, element) in elements.enumerated() {
      try result.append(ObjectReader(element, path: "\(place(of: key))[\(index)]"))
    }
    return result
  }

  func stringMap(_ key: String) throws(DocumentError) -> StringMap? {
    guard let object = try object(key) else { return nil }
    var result = StringMap()
    for member in object.members {
      guard case .string(let text) = member.value else {
        // Go writes "" for an empty string, never null; but a null says the same.
        if member.value == .null {
          result[member.key] = ""
          continue
        }
        throw .wrongType(path: object.place(of: member.key), expected: "string", found: member.value.kind)
      }
      result[member.key] = text
    }
    return result
  }

  /// The keys of an object whose values say nothing (Go's `map[string]struct{}`), sorted by bytes.
  func keySet(_ key: String) throws(DocumentError) -> [String]? {
    guard let object = try object(key) else { return nil }
    return object.members.map(\.key).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  func digest(_ key: String) throws(DocumentError) -> Digest? {
    guard let text = try string(key) else { return nil }
    return try Self.digest(text, at: place(of: key))
  }

  func digests(_ key: String) throws(DocumentError) -> [Digest]? {
    guard let texts = try strings(key) else { return nil }
    var result: [Digest] = []
    for (index, text) in texts.enumerated() {
      try result.append(Self.digest(text, at: "\(place(of: key))[\(index)]"))
    }
    return result
  }

  private static func digest(_ text: String, at path: String) throws(DocumentError) -> Digest {
    do throws(DigestError) {
      return try Digest(parsing: text)
    } catch {
      throw .invalidDigest(path: path, error)
    }
  }

  func required<Value>(_ key: String, _ value: Value?) throws(DocumentError) -> Value {
    guard let value else { throw .missing(path: place(of: key)) }
    return value
  }

  /// The members with other keys, in their order.
  func others(than known: [String]) -> [JSONValue.Member] {
    members.filter { !known.contains($0.key) }
  }
}

extension JSONWriter {
  mutating func member(_ name: String, _ map: StringMap) {
    key(name)
    object { writer in
      for entry in map.entries { writer.member(entry.key, entry.value) }
    }
  }

  mutating func member(_ name: String, keySet keys: [String]) {
    key(name)
    object { writer in
      for key in keys.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
        writer.member(key) { $0.object { _ in } }
      }
    }
  }

  mutating func members(_ others: [JSONValue.Member]) {
    for other in others { member(other.key, other.value) }
  }
}
