import Foundation
import Testing

/// A JSON value that a command has printed; what is not there, or of another type, fails the test.
struct JSONDocument {
  private let value: Any?

  init(_ text: some StringProtocol) throws {
    value = try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
  }

  private init(value: Any?) { self.value = value }

  subscript(key: String) -> JSONDocument { JSONDocument(value: (value as? [String: Any])?[key]) }

  /// Sorted.
  var keys: [String] { ((value as? [String: Any]) ?? [:]).keys.sorted() }

  var text: String? { value as? String }
  var array: [JSONDocument] { expect(value as? [Any]).map { $0.map(JSONDocument.init(value:)) } ?? [] }
  var integer: Int { expect((value as? NSNumber)?.intValue) ?? .min }
  var bool: Bool { expect(value as? Bool) ?? false }

  private func expect<Found>(_ found: Found?) -> Found? {
    if found == nil { Issue.record("\(String(describing: value)) is no \(Found.self)") }
    return found
  }
}
