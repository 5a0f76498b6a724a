import ContentHash
package import FileTree
package import ImageStore
import Layers
import OCIModel

/// What the layers of an image do to its files, and which of their bytes nobody sees in the end.
package struct LayerFiles: Sendable {
  /// A path that a layer touches.
  package struct Change: Hashable, Sendable {
    package enum Kind: Sendable {
      case added
      /// It was there, in a layer below.
      case changed
      /// The layer hides it.
      case removed
    }
    package var kind: Kind
    package var path: BytePath
    /// Bytes of content that the layer has for it.
    package var size: Int64
  }

  /// The paths, sorted; folders that were there and whose content alone changes are left out.
  package fileprivate(set) var changes: [Change] = []
  /// Bytes of content that a layer above replaces or removes.
  package fileprivate(set) var hidden: Int64 = 0
  /// Bytes of content that the file had in a layer below already: a change of mode, owner or time made it a copy.
  package fileprivate(set) var repeated: Int64 = 0

  /// Reads all layers of an image, from the lowest to the highest, and verifies them.
  ///
  /// - Throws: what the store or a layer is wrong with.
  package static func read(_ image: ResolvedImage, in store: OCILayoutStore) throws(ExportError)
    -> [LayerFiles]
  {
    var walk = LayerWalk(count: image.manifest.layers.count)
    for (index, layer) in image.manifest.layers.enumerated() {
      let failure = StoreSource.FailureBox()
      let source = StoreSource(
        try onStore { () throws(StoreError) in try store.open(layer) }, failure: failure)
      do throws(LayerError) {
        let reader = try ArchiveReader(source, compression: layer.mediaType.layerCompression)
        try walk.read(reader, layer: index)
      } catch {
        if let failure = failure.error { throw .store(failure) }
        throw .layer(error)
      }
    }
    return walk.layers
  }
}

/// Puts layers over each other, by name alone.
private struct LayerWalk {
  var layers: [LayerFiles]
  private let root = Node()

  /// A name in the image.
  private final class Node {
    var children: [[UInt8]: Node] = [:]
    /// The layer that has it; nil for a folder that only holds something.
    var layer: Int?
    var isFolder = true
    var size: Int64 = 0
    var digest: Digest?
  }

  init(count: Int) { layers = [LayerFiles](repeating: LayerFiles(), count: count) }

  mutating func read(_ reader: ArchiveReader, layer: Int) throws(LayerError) {
    var changes: [BytePath: LayerFiles.Change] = [:]
    while let member = try reader.next() {
      let path = member.name.clampedToRoot
      guard !path.isEmpty else { continue }
      if Whiteout.isReserved(path) {
        try hide(path, layer, &changes)
        continue
      }
      let isFolder = member.kind == .directory
      var size: Int64 = 0
      var digest: Digest?
      if case .file(let length) = member.kind {
        size = length
        var hash = SHA256()
        try unsafe reader.readContent { (bytes: UnsafeRawBufferPointer, _: Int64) throws(LayerError) in
          unsafe hash.update(bytes)
        }
        digest = Digest(sha256: hash.finalize())
      }
      add(path, isFolder: isFolder, size: size, digest: digest, layer, &changes)
    }
    layers[layer].changes = changes.values.sorted { $0.path < $1.path }
  }

  private mutating func add(
    _ path: BytePath, isFolder: Bool, size: Int64, digest: Digest?, _ layer: Int,
    _ changes: inout [BytePath: LayerFiles.Change]
  ) {
    var node = root
    for name in path.components {
      if let child = node.children[Array(name)] {
        node = child
      } else {
        let child = Node()
        node.children[Array(name)] = child
        node = child
      }
    }
    let before = node.layer
    if let before {
      if isFolder, node.isFolder {
        node.layer = layer
        // Its content alone has changed, or its mode: every layer lists the folders on the way.
        return
      }
      if node.isFolder, !isFolder { remove(below: node, layer, opaque: false) }
      layers[before].hidden += before == layer ? 0 : node.size
      if before != layer, size > 0, node.digest == digest { layers[layer].repeated += size }
    }
    node.layer = layer
    node.isFolder = isFolder
    node.size = size
    node.digest = digest
    // What the layer has removed by a whiteout and then made is another file of that name.
    let known = changes[path]?.kind
    let isNew = before == nil ? known != .removed : before == layer && known == .added
    changes[path] = LayerFiles.Change(kind: isNew ? .added : .changed, path: path, size: size)
  }

  /// Takes away what a whiteout hides (OCI image-spec, layer.md).
  private mutating func hide(
    _ marker: BytePath, _ layer: Int, _ changes: inout [BytePath: LayerFiles.Change]
  ) throws(LayerError) {
    let name = marker.lastComponent
    guard name.starts(with: Whiteout.prefix), !Whiteout.isReserved(marker.parent) else {
      throw .reservedName(path: marker)
    }
    let isOpaque = name.elementsEqual(Whiteout.opaqueName)
    let path = isOpaque ? marker.parent : marker.parent.joining(name.dropFirst(Whiteout.prefix.count))
    guard let node = find(path) else { return }
    if isOpaque {
      remove(below: node, layer, opaque: true)
      return
    }
    // What the same layer has of that name stays.
    guard let before = node.layer, before != layer else { return }
    remove(below: node, layer, opaque: false)
    layers[before].hidden += node.size
    find(path.parent)?.children[Array(path.lastComponent)] = nil
    changes[path] = LayerFiles.Change(kind: .removed, path: path, size: 0)
  }

  private func find(_ path: BytePath) -> Node? {
    var node = root
    for name in path.components {
      guard let child = node.children[Array(name)] else { return nil }
      node = child
    }
    return node
  }

  /// Counts what is below a folder as hidden, and forgets it.
  /// - Parameter opaque: whether what the layer itself has there stays.
  private mutating func remove(below folder: Node, _ layer: Int, opaque: Bool) {
    var pending = [folder]
    while let node = pending.popLast() {
      for (name, child) in node.children {
        pending.append(child)
        guard let before = child.layer, !(opaque && before == layer) else { continue }
        layers[before].hidden += child.size
        child.layer = nil
        child.size = 0
        child.digest = nil
        if !opaque { node.children[name] = nil }
      }
    }
  }
}
