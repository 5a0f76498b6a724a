/// The media type of a blob, compared as text (OCI image-spec, media-types.md; docker's image
/// manifest version 2, schema 2).
package struct MediaType: Hashable, Sendable, RawRepresentable, ExpressibleByStringLiteral {
  package let rawValue: String

  package init(rawValue: String) { self.rawValue = rawValue }
  package init(stringLiteral value: String) { rawValue = value }

  package static let ociIndex: MediaType = "application/vnd.oci.image.index.v1+json"
  package static let ociManifest: MediaType = "application/vnd.oci.image.manifest.v1+json"
  package static let ociConfig: MediaType = "application/vnd.oci.image.config.v1+json"
  package static let ociLayer: MediaType = "application/vnd.oci.image.layer.v1.tar"
  package static let ociLayerGzip: MediaType = "application/vnd.oci.image.layer.v1.tar+gzip"
  package static let ociLayerZstd: MediaType = "application/vnd.oci.image.layer.v1.tar+zstd"
  package static let ociEmpty: MediaType = "application/vnd.oci.empty.v1+json"

  package static let dockerManifestList: MediaType =
    "application/vnd.docker.distribution.manifest.list.v2+json"
  package static let dockerManifest: MediaType = "application/vnd.docker.distribution.manifest.v2+json"
  package static let dockerConfig: MediaType = "application/vnd.docker.container.image.v1+json"
  package static let dockerLayer: MediaType = "application/vnd.docker.image.rootfs.diff.tar"
  package static let dockerLayerGzip: MediaType = "application/vnd.docker.image.rootfs.diff.tar.gzip"
  package static let dockerLayerZstd: MediaType = "application/vnd.docker.image.rootfs.diff.tar.zstd"
  package static let dockerForeignLayerGzip: MediaType =
    "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"

  /// A list of manifests, one a platform.
  package var isIndex: Bool { self == .ociIndex || self == .dockerManifestList }
  /// A manifest with one configuration and its layers.
  package var isManifest: Bool { self == .ociManifest || self == .dockerManifest }
  /// The configuration of a container image.
  package var isImageConfig: Bool { self == .ociConfig || self == .dockerConfig }
  /// A layer that Slipway can read.
  package var isLayer: Bool { layerCompression != nil }

  /// How a layer of this type is compressed; nil if this is not the type of a layer.
  package var layerCompression: LayerCompression? {
    switch self {
    case .ociLayer, .dockerLayer, "application/vnd.oci.image.layer.nondistributable.v1.tar":
      LayerCompression.none
    case .ociLayerGzip, .dockerLayerGzip, .dockerForeignLayerGzip,
      "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip":
      .gzip
    case .ociLayerZstd, .dockerLayerZstd, "application/vnd.oci.image.layer.nondistributable.v1.tar+zstd":
      .zstd
    default: nil
    }
  }
}

extension MediaType: CustomStringConvertible {
  package var description: String { rawValue }
}

/// How the tar of a layer is compressed.
package enum LayerCompression: String, Hashable, Sendable, CaseIterable {
  case none
  case gzip
  case zstd

  /// The OCI media type of such a layer.
  package var ociLayer: MediaType {
    switch self {
    case .none: .ociLayer
    case .gzip: .ociLayerGzip
    case .zstd: .ociLayerZstd
    }
  }
}

/// Keys of annotations that Slipway reads or writes (OCI image-spec, annotations.md).
package enum AnnotationKey {
  /// The tag of a descriptor in `index.json`.
  package static let referenceName = "org.opencontainers.image.ref.name"
  /// The full name, as containerd and docker write it.
  package static let containerdImageName = "io.containerd.image.name"
  /// When the image was made, RFC 3339.
  package static let created = "org.opencontainers.image.created"
  /// Marks a manifest that says something about another one (BuildKit's attestations).
  package static let dockerReferenceType = "vnd.docker.reference.type"
  /// In the list of a store of ours: the digest of what a manifest refers to.
  package static let subject = "vnd.slipway.subject"
}
