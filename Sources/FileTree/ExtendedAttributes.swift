import CLinux
import Glibc

/// A named value that a file system keeps beside an object.
package struct ExtendedAttribute: Hashable, Sendable {
  package var name: [UInt8]
  package var value: [UInt8]

  package init(name: [UInt8], value: [UInt8]) {
    self.name = name
    self.value = value
  }

  /// The name of the attribute that holds file capabilities.
  package static let capabilityName = Array("security.capability".utf8)
}

/// Which extended attributes are read with an object.
package enum AttributeSelection: Sendable {
  case none
  /// `security.capability` of regular files: all that BuildKit carries into layers.
  case capabilities
  /// `security.capability`, and `user.*` of regular files and folders, but for ``OwnerMark``.
  case capabilitiesAndUser
  /// `security.capability`, and the ``OwnerMark`` of regular files and folders.
  case capabilitiesAndMark
}

extension Directory {
  /// The value of an attribute, or `nil` when the object has none of that name or the file system
  /// keeps no attributes.
  package func attribute(_ path: BytePath, _ name: [UInt8]) throws(FileError) -> [UInt8]? {
    var value: [UInt8]?
    try unsafe atParent(path, .getAttribute) { folder, object in
      unsafe Self.getAttribute(folder, object, name, &value)
    }
    return value
  }

  /// The names of an object's attributes, sorted.
  package func attributeNames(_ path: BytePath) throws(FileError) -> [[UInt8]] {
    var names: [[UInt8]] = []
    try unsafe atParent(path, .getAttribute) { folder, object in
      unsafe Self.listAttributes(folder, object, &names)
    }
    return names
  }

  package func setAttribute(_ path: BytePath, _ attribute: ExtendedAttribute) throws(FileError) {
    try unsafe atParent(path, .setAttribute) { folder, object in
      unsafe withCString(attribute.name) { name in
        unsafe attribute.value.withUnsafeBytes { value in
          unsafe Int(slipway_setxattrat(folder, object, name, value.baseAddress, value.count))
        }
      }
    }
  }

  package func removeAttribute(_ path: BytePath, _ name: [UInt8]) throws(FileError) {
    try unsafe atParent(path, .setAttribute) { folder, object in
      unsafe withCString(name) { name in unsafe Int(slipway_removexattrat(folder, object, name)) }
    }
  }

  /// The selected attributes of an object of a known type, sorted by name.
  package func attributes(
    _ path: BytePath, type: FileType, _ selection: AttributeSelection
  ) throws(FileError) -> [ExtendedAttribute] {
    guard selection != .none, type == .regular || type == .directory else { return [] }
    var found: [ExtendedAttribute] = []
    try unsafe atParent(path, .getAttribute) { folder, object in
      unsafe Self.attributes(folder, object, type: type, selection, &found)
    }
    return found
  }

  static func attributes(
    _ folder: CInt, _ object: UnsafePointer<CChar>, type: FileType, _ selection: AttributeSelection,
    _ found: inout [ExtendedAttribute]
  ) -> Int {
    var names: [[UInt8]] = []
    switch selection {
    case .none: return 0
    case .capabilities: if type == .regular { names = [ExtendedAttribute.capabilityName] }
    case .capabilitiesAndUser:
      let listed = unsafe listAttributes(folder, object, &names)
      guard listed >= 0 else { return listed }
      names.removeAll {
        $0 != ExtendedAttribute.capabilityName && !$0.starts(with: "user.".utf8) || $0 == OwnerMark.name
      }
    case .capabilitiesAndMark:
      let listed = unsafe listAttributes(folder, object, &names)
      guard listed >= 0 else { return listed }
      names.removeAll { $0 != ExtendedAttribute.capabilityName && $0 != OwnerMark.name }
    }
    for name in names {
      var value: [UInt8]?
      let result = unsafe getAttribute(folder, object, name, &value)
      guard result >= 0 else { return result }
      if let value { found.append(ExtendedAttribute(name: name, value: value)) }
    }
    return 0
  }

  static func getAttribute(
    _ folder: CInt, _ object: UnsafePointer<CChar>, _ name: [UInt8], _ value: inout [UInt8]?
  ) -> Int {
    var capacity = 256
    while true {
      var result = 0
      let bytes = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
        result = unsafe withCString(name) { name in
          unsafe slipway_getxattrat(folder, object, name, buffer.baseAddress, buffer.count)
        }
        count = max(result, 0)
      }
      switch -result {
      // The kernel's bound for one value is 64 KiB.
      case Int(ERANGE) where capacity < 65536: capacity = 65536
      case Int(ENODATA), Int(EOPNOTSUPP): return 0
      default:
        if result >= 0 { value = bytes }
        return min(result, 0)
      }
    }
  }

  static func listAttributes(
    _ folder: CInt, _ object: UnsafePointer<CChar>, _ names: inout [[UInt8]]
  ) -> Int {
    let result = unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 65536) { buffer in
      let used = unsafe slipway_listxattrat(folder, object, buffer.baseAddress, buffer.count)
      guard used > 0 else { return used }
      names = unsafe buffer[..<used].split(separator: 0).map { unsafe $0.map { UInt8(bitPattern: $0) } }
      return used
    }
    names.sort { $0.lexicographicallyPrecedes($1) }
    return result == -Int(EOPNOTSUPP) ? 0 : min(result, 0)
  }
}
