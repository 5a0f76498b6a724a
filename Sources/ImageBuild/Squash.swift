import FileTree
package import ImageStore
import Layers
import OCIModel

extension BuildResult {
  /// The same image with all layers that the build made put into one, above those of the base.
  ///
  /// The history keeps every step, as steps without a layer, and ends with the one that has it.
  package func squashed(
    store: OCILayoutStore, identity: BuilderIdentity, clamp: Int64?
  ) throws(ExportError) -> BuildResult {
    guard manifest.layers.count - baseLayers > 1 else { return self }
    let layers = zip(manifest.layers, image.diffIDs).map { ($0, $1) }
    var files = try ImageFiles(Array(layers[..<baseLayers]), store: store, identity: identity)
    let base = try files.snapshot()
    waitForClock()
    for (layer, diffID) in layers[baseLayers...] { try files.unpack(layer, diffID) }
    var sink = StoreSink(try onStore { () throws(StoreError) in try store.makeBlob() })
    let written: WrittenLayer
    do throws(ExportError) {
      written = try files.pack(since: base, LayerWriter(latestModified: clamp), into: &sink)
    } catch {
      if let failure = sink.failure { throw .store(failure) }
      throw error
    }
    try files.remove()
    do throws(StoreError) {
      try sink.finish(written)
    } catch {
      throw .store(error)
    }

    var result = self
    let layer = OCIModel.Descriptor(
      mediaType: written.mediaType, digest: written.digest, size: written.size)
    result.manifest.layers = manifest.layers[..<baseLayers] + [layer]
    result.image.diffIDs = image.diffIDs[..<baseLayers] + [written.diffID]
    var kept = 0
    for (index, entry) in image.history.enumerated() where !entry.emptyLayer {
      if kept >= baseLayers { result.image.history[index].emptyLayer = true }
      kept += 1
    }
    result.image.history.append(
      History(
        created: image.created, createdBy: "slipway build --squash",
        comment: "\(manifest.layers.count - baseLayers) layers in one"))
    return try onStore { () throws(StoreError) in
      result.manifest.config = try store.put(result.image.encoded(), mediaType: .ociConfig)
      result.descriptor = try store.put(result.manifest.encoded(), mediaType: .ociManifest)
      result.descriptor.platform = image.platform
      return result
    }
  }
}
