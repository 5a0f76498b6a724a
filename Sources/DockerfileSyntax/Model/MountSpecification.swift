import Diagnostics
public import SourceText

/// What is wrong with a value of `RUN --mount`.
public enum MountError: Error, Hashable, Sendable {
  /// The value is no list of comma-separated fields.
  case malformedList
  /// A field needs `=value`.
  case missingValue(field: String)
  /// There is no such field; the nearest that exists.
  case unknownField(String, suggestion: String?)
  /// The field does not go with the mount's type.
  case fieldNotAllowed(String, type: String)
  /// A cache has a source, and nothing says in which tree that is.
  case sourceWithoutFrom
  /// There is no such type; the nearest that exists.
  case unknownType(String, suggestion: String?)
  /// A value cannot be read.
  case invalidValue(field: String, value: String)
  /// `from` must not have variables.
  case variableInFrom
  /// A secret needs an id, source or target.
  case incompleteSecret
  /// A secret has both source and id.
  case sourceAndID
}

/// A value of `RUN --mount`: comma-separated fields, not yet expanded.
public struct MountSpecification: Sendable {
  /// A field: `key` or `key=value`.
  public struct Field: Hashable, Sendable {
    /// The key in small letters.
    public let key: String
    /// The value, variables unexpanded.
    public let value: [UInt8]?
  }
  /// The fields, in order.
  public let fields: [Field]
  /// The place of the flag's value.
  public let range: ByteRange

  /// The value of the first field of one of the names.
  public func value(_ names: String...) -> [UInt8]? {
    fields.last { names.contains($0.key) }?.value
  }

  /// Splits a value into fields: one record of CSV (RFC 4180), as BuildKit reads it.
  init(_ word: Word) throws(MountError) {
    range = word.range
    var fields: [Field] = []
    var index = 0
    let text = word.bytes
    while true {
      var field: [UInt8] = []
      if index < text.count, text[index] == 0x22 {
        index += 1
        while true {
          guard index < text.count else { throw .malformedList }
          if text[index] == 0x22 {
            index += 1
            guard index < text.count, text[index] == 0x22 else { break }
          }
          field.append(text[index])
          index += 1
        }
        guard index == text.count || text[index] == 0x2C else { throw .malformedList }
      } else {
        while index < text.count, text[index] != 0x2C {
          guard text[index] != 0x22 else { throw .malformedList }
          field.append(text[index])
          index += 1
        }
      }
      let equals = field.firstIndex(of: 0x3D)
      let key = String(decoding: field[..<(equals ?? field.count)].map(\.asciiLowercased), as: UTF8.self)
      fields.append(Field(key: key, value: equals.map { Array(field[($0 + 1)...]) }))
      guard index < text.count else { break }
      index += 1
    }
    self.fields = fields
  }
}

/// A mount of RUN, expanded and checked.
public struct Mount: Hashable, Sendable {
  /// The types.
  public enum Kind: String, Sendable, CaseIterable {
    /// A folder of the context, a stage or an image.
    case bind
    /// A folder that outlives the build.
    case cache
    /// An agent's socket.
    case ssh
    /// A secret.
    case secret
    /// An empty folder in memory.
    case tmpfs
  }
  /// How builds share a cache.
  public enum Sharing: String, Sendable, CaseIterable {
    /// One after the other.
    case locked
    /// Each has its own while another is in use.
    case `private`
    /// All at once.
    case shared
  }
  /// The type.
  public var kind = Kind.bind
  /// The stage, image or context that the source is in.
  public var from: [UInt8]?
  /// The path in `from`.
  public var source: [UInt8]?
  /// Where it is mounted.
  public var target: [UInt8]?
  /// Whether it cannot be written.
  public var isReadOnly = true
  /// The most bytes of a tmpfs; 0 for no bound.
  public var size: Int64 = 0
  /// The id of a cache, secret or agent.
  public var id: [UInt8]?
  /// How a cache is shared; nil when not given.
  public var sharing: Sharing?
  /// Whether a secret or agent must be there.
  public var isRequired = false
  /// The environment variable of a secret.
  public var environment: [UInt8]?
  /// The mode.
  public var mode: UInt32?
  /// The owner.
  public var uid: UInt32?
  /// The group.
  public var gid: UInt32?
}

extension MountSpecification {
  /// The fields that exist.
  private static let keys = [
    "destination", "dst", "env", "from", "gid", "id", "mode", "readonly", "readwrite", "required", "ro", "rw",
    "sharing", "size", "source", "src", "target", "type", "uid",
  ]

  /// Expands the values and checks them against each other.
  ///
  /// - Parameter expand: expands the variables of a value; `from` is not given to it.
  public func mount<Failure: Error>(expand: ([UInt8]) throws(Failure) -> [UInt8]) throws -> Mount {
    var mount = Mount()
    var readOnly: Bool?
    for field in fields {
      if field.key == "from", let value = field.value, value.contains(0x24) {
        throw MountError.variableInFrom
      }
      let value = field.key == "from" ? field.value : try field.value.map(expand)
      try mount.set(field.key, value, readOnly: &readOnly, keys: Self.keys)
    }
    mount.isReadOnly = readOnly ?? (mount.kind != .cache && mount.kind != .tmpfs)
    try mount.check()
    return mount
  }

  /// Checks what can be checked without knowing the variables.
  func check() throws(MountError) {
    struct Unknown: Error {}
    do {
      _ = try mount { (value: [UInt8]) throws(Unknown) -> [UInt8] in
        if value.contains(0x24) { throw Unknown() }
        return value
      }
    } catch let error as MountError {
      throw error
    } catch {
      // A variable decides; the build tells.
      return
    }
  }
}

extension Mount {
  fileprivate mutating func set(
    _ key: String, _ value: [UInt8]?, readOnly: inout Bool?, keys: [String]
  ) throws(MountError) {
    let text = value.map { String(decoding: $0, as: UTF8.self) }
    switch (key, text) {
    case ("readonly", nil), ("ro", nil): readOnly = true
    case ("readwrite", nil), ("rw", nil): readOnly = false
    case ("required", nil):
      guard kind == .secret || kind == .ssh else { throw .fieldNotAllowed(key, type: kind.rawValue) }
      isRequired = true
    case (_, nil):
      guard keys.contains(key) else { throw .unknownField(key, suggestion: nearestKey(key, keys)) }
      throw .missingValue(field: key)
    case ("type", let text?):
      guard let type = Kind(rawValue: text.lowercased()) else {
        throw .unknownType(text, suggestion: nearestKey(text, Kind.allCases.map(\.rawValue)))
      }
      kind = type
    case ("from", _): from = value
    case ("source", _), ("src", _): source = value
    case ("target", _), ("dst", _), ("destination", _): target = value
    case ("readonly", let text?), ("ro", let text?): readOnly = try boolean(key, text)
    case ("readwrite", let text?), ("rw", let text?): readOnly = try !boolean(key, text)
    case ("required", let text?):
      guard kind == .secret || kind == .ssh else { throw .fieldNotAllowed(key, type: kind.rawValue) }
      isRequired = try boolean(key, text)
    case ("size", let text?):
      guard kind == .tmpfs else { throw .fieldNotAllowed(key, type: kind.rawValue) }
      guard let bytes = byteCount(text) else { throw .invalidValue(field: key, value: text) }
      size = bytes
    case ("id", _): id = value
    case ("sharing", let text?):
      guard let mode = Sharing(rawValue: text.lowercased()) else {
        throw .invalidValue(field: key, value: text)
      }
      sharing = mode
    case ("mode", let text?): mode = try number(key, text, radix: 8)
    case ("uid", let text?): uid = try number(key, text, radix: 10)
    case ("gid", let text?): gid = try number(key, text, radix: 10)
    case ("env", _): environment = value
    default: throw .unknownField(key, suggestion: nearestKey(key, keys))
    }
  }

  fileprivate func check() throws(MountError) {
    if kind == .bind || kind == .tmpfs {
      if mode != nil { throw .fieldNotAllowed("mode", type: kind.rawValue) }
      if uid != nil { throw .fieldNotAllowed("uid", type: kind.rawValue) }
      if gid != nil { throw .fieldNotAllowed("gid", type: kind.rawValue) }
    }
    if sharing != nil, kind != .cache { throw .fieldNotAllowed("sharing", type: kind.rawValue) }
    if kind == .secret {
      if from != nil { throw .fieldNotAllowed("from", type: kind.rawValue) }
      if source == nil, target == nil, id == nil { throw .incompleteSecret }
      if source != nil, id != nil { throw .sourceAndID }
    }
  }

  private func nearestKey(_ key: String, _ keys: [String]) -> String? {
    nearest(to: Array(key.utf8), among: keys)?.candidate
  }

  /// Go's `strconv.ParseBool`.
  private func boolean(_ key: String, _ text: String) throws(MountError) -> Bool {
    switch text {
    case "1", "t", "T", "TRUE", "true", "True": return true
    case "0", "f", "F", "FALSE", "false", "False": return false
    default: throw .invalidValue(field: key, value: text)
    }
  }

  private func number(_ key: String, _ text: String, radix: Int) throws(MountError) -> UInt32 {
    guard text.utf8.first != 0x2B, let value = UInt32(text, radix: radix) else {
      throw .invalidValue(field: key, value: text)
    }
    return value
  }

  /// A size with a unit of 1024: `64m`, `1.5GiB`.
  private func byteCount(_ text: String) -> Int64? {
    var number = Substring(text)
    while let last = number.unicodeScalars.last, !("0"..."9").contains(last) {
      number.unicodeScalars.removeLast()
    }
    let unit = text[number.endIndex...].lowercased().filter { $0 != " " }
    guard let value = Double(number), value >= 0 else { return nil }
    let shifts: [Character: Double] = ["k": 10, "m": 20, "g": 30, "t": 40, "p": 50]
    var shift = 0.0
    if let first = unit.first, first != "b" {
      guard let known = shifts[first], ["", "b", "ib"].contains(String(unit.dropFirst())) else { return nil }
      shift = known
    } else if unit.count > 1 {
      return nil
    }
    var bytes = value
    for _ in 0..<Int(shift) { bytes *= 2 }
    return bytes < 9e18 ? Int64(bytes) : nil
  }
}
