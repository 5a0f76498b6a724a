import OCIModel

// MARK: Docker archives

extension ImageLoader {
  /// Makes an OCI manifest for an image of a docker archive. Configuration and layers stay as they
  /// are, so the id of the image does too.
  func convert(_ image: DockerArchiveImage) throws(StoreError) -> Image {
    guard let content = try contents.read(image.config, limit: JSONReader.configLimit) else {
      throw .missingMember(image.config)
    }
    let config: ImageConfig
    do throws(DocumentError) {
      config = try ImageConfig(decoding: content)
    } catch {
      throw .document(name: image.config, error)
    }
    let configDescriptor = Descriptor(of: content, mediaType: .ociConfig)
    guard config.diffIDs.count == image.layers.count else {
      throw .layerCountMismatch(
        configDescriptor.digest, layers: image.layers.count, diffIDs: config.diffIDs.count)
    }
    var names: [ImageReference] = []
    for tag in image.repoTags { try names.append(parse(tag)) }

    var layers: [Descriptor] = []
    for (name, expected) in zip(image.layers, config.diffIDs) {
      try layers.append(loadLayer(name, diffID: expected))
    }
    _ = try contents.moveIntoStore(
      image.config, expecting: (digest: configDescriptor.digest, size: configDescriptor.size))
    let manifest = ImageManifest(config: configDescriptor, layers: layers)
    var descriptor = try store.put(manifest.encoded(), mediaType: .ociManifest)
    descriptor.platform = config.platform
    return Image(descriptor: descriptor, names: names)
  }

  private func loadLayer(_ name: String, diffID expected: Digest) throws(StoreError) -> Descriptor {
    let compression = try compression(of: name)
    guard let file = try contents.open(name) else { throw .missingMember(name) }
    let actual = try diffID(of: file, compression: compression, limit: limits.layerSize)
    guard actual == expected else {
      throw .diffIDMismatch(layer: name, expected: expected, actual: actual)
    }
    guard let (digest, size) = try contents.moveIntoStore(name) else { throw .missingMember(name) }
    return Descriptor(mediaType: compression.ociLayer, digest: digest, size: size)
  }

  private func compression(of name: String) throws(StoreError) -> LayerCompression {
    guard let file = try contents.open(name) else { throw .missingMember(name) }
    var buffer = [UInt8](repeating: 0, count: 16)
    let count = try file.read(into: &buffer)
    switch DetectedCompression(firstBytes: buffer[..<count]) {
    case .known(let compression): return compression
    case .unsupported(let format): throw .unsupportedLayer(format)
    }
  }
}
