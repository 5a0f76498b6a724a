import CJansson
package import JSONText

/// Reads JSON that comes from outside, with jansson. Stricter than most readers: a member that
/// stands twice is an error, since two readers could take different ones.
package enum JSONReader {
  /// Largest manifest or index, in bytes: the limit of the registries.
  package static let manifestLimit = 4 << 20
  /// Largest image configuration, in bytes.
  package static let configLimit = 16 << 20
  /// Deepest nesting. Real documents stay below ten levels.
  package static let depthLimit = 64

  /// - Parameter limit: bytes that the document may have.
  package static func read(_ bytes: [UInt8], limit: Int) throws(DocumentError) -> JSONValue {
    guard bytes.count <= limit else { throw .tooLarge(limit: limit) }
    var error = json_error_t()
    let root = unsafe bytes.withUnsafeBytes { buffer -> UnsafeMutablePointer<json_t>? in
      unsafe json_loadb(
        buffer.baseAddress?.assumingMemoryBound(to: CChar.self), buffer.count,
        Int(JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL), &error)
    }
    guard let root = unsafe root else {
      throw .syntax(line: Int(error.line), column: Int(error.column), message: message(of: error))
    }
    defer { unsafe json_decref(root) }
    return try unsafe value(root, depth: 0)
  }

  private static func message(of error: json_error_t) -> String {
    let text = unsafe withUnsafeBytes(of: error.text) { unsafe Array($0.prefix { $0 != 0 }) }
    return String(decoding: text, as: UTF8.self)
  }

  private static func value(_ node: UnsafeMutablePointer<json_t>, depth: Int) throws(DocumentError)
    -> JSONValue
  {
    guard depth < depthLimit else { throw .tooDeep(limit: depthLimit) }
    switch unsafe node.pointee.type {
    case JSON_OBJECT: return try unsafe object(node, depth: depth)
    case JSON_ARRAY:
      var elements: [JSONValue] = []
      for index in 0..<(unsafe json_array_size(node)) {
        guard let element = unsafe json_array_get(node, index) else { throw .outOfMemory }
        try elements.append(unsafe value(element, depth: depth + 1))
      }
      return .array(elements)
    case JSON_STRING:
      return .string(unsafe text(json_string_value(node), json_string_length(node)))
    case JSON_INTEGER: return .integer(Int64(unsafe json_integer_value(node)))
    case JSON_REAL: return .number("\(unsafe json_real_value(node))")
    case JSON_TRUE: return .bool(true)
    case JSON_FALSE: return .bool(false)
    default: return .null
    }
  }

  private static func object(_ node: UnsafeMutablePointer<json_t>, depth: Int) throws(DocumentError)
    -> JSONValue
  {
    var members: [JSONValue.Member] = []
    var iterator = unsafe json_object_iter(node)
    while let current = unsafe iterator {
      guard let child = unsafe json_object_iter_value(current) else { throw .outOfMemory }
      let key = unsafe text(json_object_iter_key(current), json_object_iter_key_len(current))
      try members.append(.init(key: key, value: unsafe value(child, depth: depth + 1)))
      unsafe iterator = unsafe json_object_iter_next(node, current)
    }
    return .object(members)
  }

  /// jansson has checked that the text is UTF-8.
  private static func text(_ start: UnsafePointer<CChar>?, _ count: Int) -> String {
    guard let start = unsafe start else { return "" }
    return unsafe String(
      decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
  }
}
