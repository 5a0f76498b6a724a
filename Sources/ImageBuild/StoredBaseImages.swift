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
      let image = try store.resolve(reference, platform: platform)
      try store.requireLayers(of: image)
      return image
    } catch {
      if let registry, isElsewhere(reference, error) {
        do throws(BaseImageError) {
          return try registry.image(reference, platform: platform, store: store, events: events)
        } catch let failure {
          if case .registry(.cancelled) = failure { throw failure }
          switch error {
          case .noSuchImage, .noSuchPlatform: throw failure
          // An image that is here and damaged may have been built here, and be in no registry.
          default: throw .store(error)
          }
        }
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

  /// `path`, `path:tag`, `path:name:tag` or `path@digest`.
  private func archive(_ text: String, platform: Platform?) throws(BaseImageError) -> ResolvedImage {
    let place = ArchiveSelector(text)
    let images: [LoadedImage]
    do throws(StoreError) {
      images = try store.fetch(Array(place.path.utf8))
    } catch {
      throw .store(error)
    }
    let matches = images.filter { $0.answers(to: place.name) }
    guard let image = matches.first else {
      throw .notInArchive(place, available: images.flatMap(\.names).map(\.familiarName))
    }
    guard matches.count == 1 else { throw .ambiguous(matches.count) }
    do throws(StoreError) {
      return try store.resolve(image.descriptor, platform: platform)
    } catch {
      throw .store(error)
    }
  }
}
