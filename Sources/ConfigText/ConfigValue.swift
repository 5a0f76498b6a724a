package import SourceText

/// A value of a configuration file, with its place.
package struct ConfigValue: Sendable {
  /// What a value is.
  package enum Content: Sendable {
    case scalar(ConfigScalar)
    case list([ConfigValue])
    case map([ConfigEntry])
  }

  /// What it is.
  package let content: Content
  /// Where it stands: from its first byte (its anchor or tag, where it has one) to its last.
  package let range: ByteRange

  package init(_ content: Content, at range: ByteRange) {
    self.content = content
    self.range = range
  }

  /// The scalar; nil for lists and maps.
  package var scalar: ConfigScalar? {
    if case .scalar(let scalar) = content { scalar } else { nil }
  }

  /// The elements; nil for scalars and maps.
  package var list: [ConfigValue]? {
    if case .list(let elements) = content { elements } else { nil }
  }

  /// The entries in the order of the file, each key once; nil for scalars and lists.
  package var map: [ConfigEntry]? {
    if case .map(let entries) = content { entries } else { nil }
  }

  /// The value of a key; nil when it is not there or this is no map.
  ///
  /// A linear search: readers that want every key walk ``map`` instead.
  package subscript(_ name: String) -> ConfigValue? {
    map?.first { $0.name == name }?.value
  }

  /// Whether it is the scalar that stands for nothing.
  package var isNull: Bool { scalar?.isNull ?? false }
  /// The text; nil when it is something else, like a number or `true`.
  package var string: String? {
    guard let scalar, scalar.isString else { return nil }
    return scalar.text
  }
  /// The truth value; nil when it is something else.
  package var boolean: Bool? { scalar?.boolean }

  /// What it is, for messages.
  package var kind: String {
    switch content {
    case .list: "a list"
    case .map: "a map"
    case .scalar(let scalar): scalar.kind
    }
  }
}

/// A key with its value.
package struct ConfigEntry: Sendable {
  /// The key's text.
  package let name: String
  /// Where the key stands.
  package let nameRange: ByteRange
  /// The value.
  package let value: ConfigValue

  package init(name: String, nameRange: ByteRange, value: ConfigValue) {
    self.name = name
    self.nameRange = nameRange
    self.value = value
  }
}
