package import FileTree
package import ImageStore
package import Layers
import OCIModel

/// The files of an image as a container sees them: its layers, unpacked one over the other into a folder of the store.
package struct ImageFiles {
  private var tree: StageTree
  private let ownsDisk: Bool
  private let store: OCILayoutStore

  /// Unpacks an image.
  package init(
    _ result: BuildResult, store: OCILayoutStore, identity: BuilderIdentity
  ) throws(ExportError) {
    try self.init(
      zip(result.manifest.layers, result.image.diffIDs).map { ($0, $1) }, store: store, identity: identity)
  }

  init(
    _ layers: [(OCIModel.Descriptor, Digest)], store: OCILayoutStore, identity: BuilderIdentity
  ) throws(ExportError) {
    self.store = store
    ownsDisk = identity.ownsDisk
    let path = try onStore { () throws(StoreError) in try store.makeTemporaryFolder() }
    do throws(FileError) {
      // The folder of the store is for its owner alone; the root of an image is for everybody.
      try Directory(opening: BytePath(path)).makeDirectory("root", permissions: 0o755)
      tree = try StageTree(
        path: path + Array("/root".utf8), owners: identity.ownsDisk ? nil : OwnershipTable())
    } catch {
      throw .file(error)
    }
    for (layer, diffID) in layers { try unpack(layer, diffID) }
  }

  /// Applies one more layer.
  mutating func unpack(_ layer: OCIModel.Descriptor, _ diffID: Digest) throws(ExportError) {
    var options = ExtractOptions()
    options.expectedDiffID = diffID
    var extractor = Extractor(tree.root, options: options, placement: tree.placement)
    let failure = StoreSource.FailureBox()
    let source = StoreSource(
      try onStore { () throws(StoreError) in try store.open(layer) }, failure: failure)
    do throws(LayerError) {
      _ = try extractor.apply(ArchiveReader(source, compression: layer.mediaType.layerCompression))
    } catch {
      if let failure = failure.error { throw .store(failure) }
      throw .layer(error)
    }
    tree.owners = extractor.placement.owners
  }

  /// The tree as it is now, with what the disk could not hold.
  func snapshot() throws(ExportError) -> Snapshot {
    var state = tree
    do throws(FileError) {
      try state.settle()
    } catch {
      throw .file(error)
    }
    return tree.owners.map { state.disk.applying($0) } ?? state.disk
  }

  /// Packs what is new in the tree since a snapshot.
  func pack<Sink: BlobSink & ~Copyable>(
    since old: Snapshot, _ writer: LayerWriter, into sink: inout Sink
  ) throws(ExportError) -> WrittenLayer {
    let diff = LayerDiff(from: old, to: try snapshot()) { (_: BytePath) in true }
    let (entries, _) = diff.layerEntries(root: tree.root)
    do throws(LayerError) {
      return try writer.write(entries, into: &sink)
    } catch {
      throw .layer(error)
    }
  }

  /// Writes all files as a tar stream: owner, mode, times in seconds, links, devices, capabilities.
  /// - Parameter latestModified: later times become this one.
  package func writeTar<Sink: BlobSink & ~Copyable>(
    into sink: inout Sink, latestModified: Int64?
  ) throws(ExportError) {
    _ = try pack(since: Snapshot(), LayerWriter(codec: .none, latestModified: latestModified), into: &sink)
  }

  /// Copies all files into a folder, which is made if it is missing; what is there of other names stays.
  ///
  /// Owners, capabilities and devices are for root; an ordinary user owns the files, and devices are left out.
  /// - Parameter folder: absolute.
  /// - Returns: the devices that were left out.
  package func copy(to folder: [UInt8], caller: Owner) throws(ExportError) -> [BytePath] {
    var options = TreeCopy.Options()
    options.sourceOwners = tree.owners
    options.attributes = ownsDisk ? .capabilitiesAndUser : .none
    let skipped = SkippedDevices()
    if !ownsDisk {
      options.metadata = { _, status in (owner: caller, permissions: status.permissions) }
      options.including = { path, status in
        guard status.type.isDevice else { return true }
        skipped.paths.append(path)
        return false
      }
    }
    let target: Directory
    do throws(FileError) {
      try Directory(opening: "/").makeDirectories(BytePath(folder).clampedToRoot)
      target = try Directory(opening: BytePath(folder))
    } catch {
      throw .file(error)
    }
    var copy = TreeCopy(options, placement: Placement(owners: nil))
    do throws(TreeCopyError) {
      try copy.copy(from: tree.root.directory, BytePath(), to: target, BytePath())
    } catch {
      throw .copy(error)
    }
    return skipped.paths
  }

  private final class SkippedDevices {
    var paths: [BytePath] = []
  }

  /// Takes the folder away again. What a failure leaves goes with the store.
  package func remove() throws(ExportError) {
    let path = BytePath(tree.path).parent
    do throws(FileError) {
      try Directory(opening: path.parent).removeTree(BytePath(Array(path.lastComponent)))
    } catch {
      throw .file(error)
    }
  }
}

/// Writes to an open file or pipe, from where it stands.
package struct DescriptorSink: BlobSink {
  private let descriptor: CInt

  /// - Parameter descriptor: stays the caller's.
  package init(_ descriptor: CInt) {
    self.descriptor = descriptor
  }

  package mutating func write(_ bytes: Span<UInt8>) throws(FileError) {
    let code = unsafe bytes.withUnsafeBytes { unsafe writeAll(descriptor, $0) }
    if code != 0 { throw FileError(.write, BytePath(), code) }
  }
}
