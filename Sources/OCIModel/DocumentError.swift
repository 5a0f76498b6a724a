/// Why a JSON document from outside was refused. `path` names the place, such as
/// `layers[2].digest`; it is empty for the document itself.
package enum DocumentError: Error, Hashable, Sendable {
  /// No JSON: one-based line, column and what the parser says.
  case syntax(line: Int, column: Int, message: String)
  /// Larger than `limit` bytes.
  case tooLarge(limit: Int)
  /// Objects and arrays nest deeper than `limit` levels.
  case tooDeep(limit: Int)
  /// Memory ran out.
  case outOfMemory
  /// Another kind of value than the specification says.
  case wrongType(path: String, expected: String, found: String)
  /// A required member is not there, or null.
  case missing(path: String)
  case invalidDigest(path: String, DigestError)
  /// A value of the right kind that is not allowed.
  case invalidValue(path: String, value: String)
}
