import FileTree
import Glibc
import ImageStore
import Layers
import OCIModel

/// Puts the bytes of a layer into the store.
struct StoreSink: BlobSink, ~Copyable {
  private var writer: BlobWriter
  private let isCancelled: () -> Bool
  /// What the store said when a write failed.
  private(set) var failure: StoreError?

  /// - Parameter isCancelled: asked before each piece; a blob that is called off is an error.
  init(_ writer: consuming BlobWriter, isCancelled: @escaping () -> Bool = { false }) {
    self.writer = writer
    self.isCancelled = isCancelled
  }

  mutating func write(_ bytes: Span<UInt8>) throws(FileError) {
    if isCancelled() { throw FileError(.write, BytePath(), ECANCELED) }
    do throws(StoreError) {
      try writer.write(bytes)
    } catch {
      failure = error
      // The store's own error is reported; this only stops the writer.
      throw FileError(.write, BytePath(), 5)
    }
  }

  consuming func finish(_ layer: WrittenLayer) throws(StoreError) {
    _ = try writer.finish(expecting: (layer.digest, layer.size))
  }
}

/// Reads a layer out of the store.
struct StoreSource: BlobSource, ~Copyable {
  private var reader: BlobReader
  private let failure: FailureBox
  private let isCancelled: () -> Bool
  private var buffer = [UInt8](repeating: 0, count: 1 << 18)

  /// Carries the store's error past an interface that only knows files.
  final class FailureBox {
    var error: StoreError?
  }

  /// - Parameter isCancelled: asked before each piece; a blob that is called off is an error.
  init(_ reader: consuming BlobReader, failure: FailureBox, isCancelled: @escaping () -> Bool = { false }) {
    self.reader = reader
    self.failure = failure
    self.isCancelled = isCancelled
  }

  mutating func read(into target: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
    if isCancelled() { throw FileError(.read, BytePath(), ECANCELED) }
    do throws(StoreError) {
      if target.count < buffer.count { buffer = [UInt8](repeating: 0, count: target.count) }
      let count = try reader.read(into: &buffer)
      unsafe buffer.withUnsafeBytes { bytes in
        unsafe target.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
      }
      return count
    } catch {
      failure.error = error
      throw FileError(.read, BytePath(), 5)
    }
  }
}

extension OCILayoutStore {
  /// Packs the changes of a step as a layer.
  func pack(
    _ diff: LayerDiff, of root: SharedDirectory, writer: LayerWriter
  ) throws(BuildProblem.Kind) -> (layer: WrittenLayer, skippedSockets: [BytePath]) {
    let (entries, skipped) = diff.layerEntries(root: root)
    var sink: StoreSink
    do throws(StoreError) {
      sink = StoreSink(try makeBlob())
    } catch {
      throw .store(error)
    }
    let layer: WrittenLayer
    do throws(LayerError) {
      layer = try writer.write(entries, into: &sink)
    } catch {
      if let failure = sink.failure { throw .store(failure) }
      throw .layer(error)
    }
    do throws(StoreError) {
      try sink.finish(layer)
    } catch {
      throw .store(error)
    }
    return (layer, skipped)
  }
}
