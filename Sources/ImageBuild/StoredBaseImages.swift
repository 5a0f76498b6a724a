import Glibc
package import ImageStore
package import OCIModel
import Registry

/// Finds base images in the local store, in layouts and archives that a Dockerfile names by their paths, and at last in
/// registries.
package struct StoredBaseImages: BaseImages {
  private let store: OCILayoutStore
  private let registry: RegistryImages?
  private let events: @Sendable (BuildEvent) -> Void

  package init(
    _ store: OCILayoutStore, registry: RegistryImages? = nil,
    events: @escaping @Sendable (BuildEvent) -> Void = { _ in }
  ) {
    self.store = store
    self.registry = registry
    self.events = events
  }

  package func image(_ name: String, platform: Platform?) throws(BaseImageError) -> ResolvedImage {
    for scheme in ["oci-layout://", "oci-layout:", "oci-archive:", "docker-archive:"] {
      guard name.hasPrefix(scheme) else { continue }
      return try archive(String(name.dropFirst(scheme.count)), platform: platform)
    }
    let reference: ImageReference
    do throws(ImageReferenceError) {
      reference = try ImageReference(parsing: name)
    } catch {
      throw .reference(error)
    }
    if let registry, registry.isRefreshing {
      return try registry.image(reference, platform: platform, store: store, events: events)
    }
    do throws(StoreError) {
      return try store.resolve(reference, platform: platform)
    } catch {
      if let registry, isElsewhere(reference, error) {
        return try registry.image(reference, platform: platform, store: store, events: events)
      }
      if case .noSuchImage = error { throw .notFound }
      throw .store(error)
    }
  }

  /// Whether a registry may have what the store does not.
  private func isElsewhere(_ reference: ImageReference, _ error: StoreError) -> Bool {
    switch error {
    case .noSuchImage, .missingBlob, .digestMismatch, .sizeMismatch: true
    // Of an index, the other platforms may not be here.
    case .noSuchPlatform: (try? store.descriptor(of: reference))?.mediaType.isIndex ?? false
    default: false
    }
  }

  /// `path`, `path:tag`, `path:name:tag` or `path@digest`. A part behind a colon belongs to the path if that exists.
  private func archive(_ text: String, platform: Platform?) throws(BaseImageError) -> ResolvedImage {
    let (path, selector) = Self.split(text)
    let images: [LoadedImage]
    do throws(StoreError) {
      images = try store.fetch(Array(path.utf8))
    } catch {
      throw .store(error)
    }
    let matches = images.filter { $0.answers(to: selector) }
    guard let image = matches.first else { throw .notFound }
    guard matches.count == 1 else { throw .ambiguous(matches.count) }
    do throws(StoreError) {
      return try store.resolve(image.descriptor, platform: platform)
    } catch {
      throw .store(error)
    }
  }

  private static func split(_ text: String) -> (path: String, selector: String?) {
    if exists(text) { return (text, nil) }
    if let at = text.lastIndex(of: "@"), exists(String(text[..<at])) {
      return (String(text[..<at]), String(text[text.index(after: at)...]))
    }
    var end = text.endIndex
    while let colon = text[..<end].lastIndex(of: ":") {
      let path = String(text[..<colon])
      if exists(path) { return (path, String(text[text.index(after: colon)...])) }
      end = colon
    }
    return (text, nil)
  }

  private static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }
}
