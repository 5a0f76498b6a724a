import ImageStore
import OCIModel
package import Registry

/// The registries that base images come from when the store does not have them.
package struct RegistryImages: Sendable {
  package var client: RegistryClient
  /// Whether registries are asked even for images that are at hand, since a tag may stand for another one by now.
  package var isRefreshing: Bool

  package init(_ client: RegistryClient, isRefreshing: Bool = false) {
    self.client = client
    self.isRefreshing = isRefreshing
  }

  /// Brings an image into the store, unless the one that is there is still what the name stands for.
  func image(
    _ reference: ImageReference, platform: Platform?, store: OCILayoutStore,
    events: @escaping @Sendable (BuildEvent) -> Void
  ) throws(BaseImageError) -> ResolvedImage {
    do throws(RegistryError) {
      if isRefreshing, let current = try current(reference, platform, store, events) { return current }
      events(.pullStarted(reference))
      let pull = ImagePull(client, store: store) { events(.pulling(reference, $0)) }
      let root = try pull.pull(reference, .one(platform))
      events(.pulled(reference, root))
      do throws(StoreError) {
        return try store.resolve(root, platform: platform)
      } catch {
        throw .store(error)
      }
    } catch {
      events(.pullFailed(reference))
      throw .registry(error)
    }
  }

  /// The image at hand, if it is what the registry has.
  private func current(
    _ reference: ImageReference, _ platform: Platform?, _ store: OCILayoutStore,
    _ events: @escaping @Sendable (BuildEvent) -> Void
  ) throws(RegistryError) -> ResolvedImage? {
    let known: OCIModel.Descriptor?
    do throws(StoreError) {
      known = try store.descriptor(of: reference)
    } catch {
      throw .store(error)
    }
    guard let known else { return nil }
    // What a digest names is always the same.
    if reference.digest == nil {
      // Of mirrors that fail, the pull that follows tells.
      let digest = try client.currentDigest(of: reference) {
        events(.pulling(reference, .passedOver(host: $0, $1)))
      }
      guard digest == known.digest else { return nil }
    }
    // What cannot be used as it is gets fetched.
    guard let image = try? store.resolve(known, platform: platform),
      (try? store.requireLayers(of: image)) != nil
    else { return nil }
    return image
  }
}
