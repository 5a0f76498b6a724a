package import FileTree
package import ImageStore
package import Layers
package import OCIModel

/// Why a built image could not be brought into the form of an output.
package enum ExportError: Error, Equatable, Sendable {
  case store(StoreError)
  case layer(LayerError)
  case file(FileError)
  case copy(TreeCopyError)
  /// An annotation of an index, and the image is for one platform.
  case noIndex(key: String)
  /// Docker has no such layer.
  case noDockerLayer
}

/// Brings built images into the forms that outputs want. One that was asked for before is not made again.
package struct ImageExport {
  private let results: [BuildResult]
  private let store: OCILayoutStore
  private var done: [ImageForm: ExportedImage] = [:]
  /// Layers that have been converted, by their old digest.
  private var converted: [Conversion: OCIModel.Descriptor] = [:]

  private struct Conversion: Hashable {
    var digest: Digest
    var codec: LayerCodec
  }

  /// - Parameter results: one for each platform, in the order in which they were asked for.
  package init(_ results: [BuildResult], store: OCILayoutStore) {
    self.results = results
    self.store = store
  }

  /// The image in a form; an index where it is for several platforms.
  package mutating func image(_ form: ImageForm) throws(ExportError) -> ExportedImage {
    if let image = done[form] { return image }
    var manifests: [OCIModel.Descriptor] = []
    var configs: [OCIModel.Descriptor] = []
    for result in results {
      let (descriptor, config) = try export(result, form)
      manifests.append(descriptor)
      configs.append(config)
    }
    var root = manifests[0]
    if manifests.count > 1 {
      var index = ImageIndex(
        mediaType: form.hasDockerTypes ? .dockerManifestList : .ociIndex, manifests: manifests)
      for annotation in form.annotations where annotation.place == .index {
        index.annotations[annotation.key] = annotation.value
      }
      root = try onStore { () throws(StoreError) in
        try store.put(index.encoded(), mediaType: index.mediaType)
      }
    } else if let lost = form.annotations.first(where: { $0.place == .index }) {
      throw .noIndex(key: lost.key)
    }
    for annotation in form.annotations where annotation.place == .indexDescriptor {
      root.annotations[annotation.key] = annotation.value
    }
    let image = ExportedImage(descriptor: root, config: configs.count == 1 ? configs[0] : nil)
    done[form] = image
    return image
  }

  private mutating func export(
    _ result: BuildResult, _ form: ImageForm
  ) throws(ExportError) -> (manifest: OCIModel.Descriptor, config: OCIModel.Descriptor) {
    var manifest = result.manifest
    for (index, layer) in manifest.layers.enumerated() {
      let isOwn = index >= result.baseLayers
      if let codec = form.codec, needsConversion(layer, codec, isOwn: isOwn, isForced: form.isForced) {
        manifest.layers[index] = try convert(layer, result.image.diffIDs[index], codec)
      }
      manifest.layers[index].mediaType = manifest.layers[index].mediaType.layer(
        isDocker: form.hasDockerTypes)
      if form.hasDockerTypes, manifest.layers[index].mediaType == .dockerLayerZstd { throw .noDockerLayer }
    }
    if form.hasDockerTypes {
      manifest.mediaType = .dockerManifest
      manifest.config.mediaType = .dockerConfig
    }
    for annotation in form.annotations
    where annotation.place == .manifest && annotation.applies(to: result.image.platform) {
      manifest.annotations[annotation.key] = annotation.value
    }
    var descriptor = result.descriptor
    if manifest != result.manifest {
      descriptor = try onStore { () throws(StoreError) in
        try store.put(manifest.encoded(), mediaType: manifest.mediaType)
      }
      descriptor.platform = result.image.platform
    }
    for annotation in form.annotations
    where annotation.place == .manifestDescriptor && annotation.applies(to: result.image.platform) {
      descriptor.annotations[annotation.key] = annotation.value
    }
    return (descriptor, manifest.config)
  }

  /// A layer of the build has been packed with the usual codec.
  private func needsConversion(
    _ layer: OCIModel.Descriptor, _ codec: LayerCodec, isOwn: Bool, isForced: Bool
  ) -> Bool {
    guard isOwn || isForced, let compression = layer.mediaType.layerCompression else { return false }
    if compression != codec.compression { return true }
    return codec != .none && codec != .gzip && codec != .zstd
  }

  private mutating func convert(
    _ layer: OCIModel.Descriptor, _ diffID: Digest, _ codec: LayerCodec
  ) throws(ExportError) -> OCIModel.Descriptor {
    let key = Conversion(digest: layer.digest, codec: codec)
    if let known = converted[key] { return known }
    let failure = StoreSource.FailureBox()
    let source = StoreSource(
      try onStore { () throws(StoreError) in try store.open(layer) }, failure: failure)
    var sink = StoreSink(try onStore { () throws(StoreError) in try store.makeBlob() })
    let written: WrittenLayer
    do throws(LayerError) {
      written = try LayerConversion(to: codec).convert(
        source, compression: layer.mediaType.layerCompression ?? .none, expecting: diffID, into: &sink)
    } catch {
      if let failure = failure.error ?? sink.failure { throw .store(failure) }
      throw .layer(error)
    }
    do throws(StoreError) {
      try sink.finish(written)
    } catch {
      throw .store(error)
    }
    let descriptor = OCIModel.Descriptor(
      mediaType: written.mediaType, digest: written.digest, size: written.size)
    converted[key] = descriptor
    return descriptor
  }
}

/// An image in the form of an output.
package struct ExportedImage: Sendable {
  /// The manifest, or the index.
  package var descriptor: OCIModel.Descriptor
  /// The configuration, of an image for one platform.
  package var config: OCIModel.Descriptor?
}

func onStore<Result: ~Copyable>(
  _ body: () throws(StoreError) -> Result
) throws(ExportError) -> Result {
  do {
    return try body()
  } catch {
    throw .store(error)
  }
}
