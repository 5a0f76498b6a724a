package import Layers
package import OCIModel

/// How an output wants the image: its layers' compression, media types and annotations.
package struct ImageForm: Hashable, Sendable {
  /// An annotation and where it goes.
  package struct Annotation: Hashable, Sendable {
    /// The documents that carry annotations, with buildx's names.
    package enum Place: String, Sendable, CaseIterable {
      case manifest
      case index
      case manifestDescriptor = "manifest-descriptor"
      case indexDescriptor = "index-descriptor"
    }

    package var place: Place
    /// nil stands for every platform.
    package var platform: Platform?
    package var key: String
    package var value: String

    package init(place: Place, platform: Platform? = nil, key: String, value: String) {
      self.place = place
      self.platform = platform
      self.key = key
      self.value = value
    }

    func applies(to other: Platform) -> Bool {
      guard let platform else { return true }
      let (left, right) = (platform.normalized, other.normalized)
      return left.os == right.os && left.architecture == right.architecture && left.variant == right.variant
    }
  }

  /// For the layers that the build made; nil leaves them as they are in the store.
  package var codec: LayerCodec?
  /// Whether the base's layers get the codec too.
  package var isForced = false
  /// Docker's media types in place of OCI's.
  package var hasDockerTypes = false
  package var annotations: [Annotation] = []

  package init() {}
}

extension MediaType {
  /// The same kind of layer with docker's or OCI's name. A layer that stays elsewhere keeps its type.
  func layer(isDocker: Bool) -> MediaType {
    switch self {
    case .ociLayer, .dockerLayer: isDocker ? .dockerLayer : .ociLayer
    case .ociLayerGzip, .dockerLayerGzip: isDocker ? .dockerLayerGzip : .ociLayerGzip
    case .ociLayerZstd, .dockerLayerZstd: isDocker ? .dockerLayerZstd : .ociLayerZstd
    default: self
    }
  }
}
