import ImageStore
import OCIModel

/// An image of the local store as a user names it: by a name, by its id or the beginning of the id, or by what another tool has called it.
struct ImageOperand {
  let descriptor: Descriptor
  /// The name that it was found by; nil for an id.
  let name: ImageReference?
  /// What another tool calls it, if it was found by that.
  private(set) var label: String?

  /// Looks for a name first, as docker does, then for an id, then for what another tool has written.
  ///
  /// - Throws: a ``Failure`` that says what there is not, or what several images could be meant by.
  init(_ text: String, in store: OCILayoutStore) throws {
    let reference = try? ImageReference(parsing: text)
    let listed: [StoredImage]
    do throws(StoreError) {
      if let reference, let descriptor = try store.descriptor(of: reference) {
        (self.descriptor, name) = (descriptor, reference.digest == nil ? reference : nil)
        return
      }
      listed = try store.images()
    } catch {
      throw Failure(storeSentence(error), status: Exit.status(of: error))
    }
    let all = listed.map(\.descriptor)
    let found = Self.idPrefix(text).map { prefix in all.filter { $0.digest.hex.hasPrefix(prefix) } } ?? []
    guard let first = found.first else {
      if let image = listed.first(where: { $0.label == text }) {
        (descriptor, name, label) = (image.descriptor, nil, text)
        return
      }
      // What is no name and no id is wrong usage.
      if Self.idPrefix(text) == nil { _ = try imageName(text) }
      throw Failure("there is no image \(reference?.familiarName ?? text) in the local store")
    }
    guard found.allSatisfy({ $0.digest == first.digest }) else {
      throw Failure("the ids of several images begin with \(text): write more of it")
    }
    (descriptor, name) = (first, nil)
  }

  /// The digits of an id or its beginning; nil for what cannot be one.
  private static func idPrefix(_ text: String) -> String? {
    let digits = text.hasPrefix("sha256:") ? String(text.dropFirst(7)) : text
    let isHexadecimal = digits.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    return isHexadecimal && (4...64).contains(digits.utf8.count) ? digits : nil
  }
}
