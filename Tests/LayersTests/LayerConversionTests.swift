import ContentHash
import FileTree
import Layers
import OCIModel
import Testing

@Suite("A layer is compressed anew")
struct LayerConversionTests {
  private func layer() throws -> (bytes: [UInt8], written: WrittenLayer) {
    let entries = (0..<40).map { number in
      let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 / 7 &* (number + 1)) }
      return LayerEntry(
        path: BytePath("f\(number + 10)"), kind: .file(size: Int64(bytes.count), .bytes(bytes)),
        permissions: 0o644)
    }
    var sink = MemorySink()
    let written = try LayerWriter().write(entries, into: &sink)
    return (sink.bytes, written)
  }

  @Test(
    "the diff id stays, any number of threads gives the same bytes, and a way back is none",
    arguments: [LayerCodec.none, .gzip(level: 1), .gzip(level: 12), .zstd, .zstd(level: 22)])
  func converts(codec: LayerCodec) throws {
    let (bytes, layer) = try layer()
    var blobs: Set<[UInt8]> = []
    for threads in [1, 4] {
      var sink = MemorySink()
      let written = try LayerConversion(to: codec, threads: threads).convert(
        MemorySource(bytes), compression: .gzip, expecting: layer.diffID, into: &sink)
      #expect(written.diffID == layer.diffID && written.uncompressedSize == layer.uncompressedSize)
      #expect(written.digest == Digest(of: sink.bytes) && written.size == Int64(sink.bytes.count))
      #expect(written.mediaType == codec.mediaType)
      blobs.insert(sink.bytes)
      var back = MemorySink()
      let plain = try LayerConversion(to: .none).convert(
        MemorySource(sink.bytes), compression: codec.compression, expecting: layer.diffID, into: &back)
      #expect(plain.digest == layer.diffID)
    }
    #expect(blobs.count == 1)
  }

  @Test("A stream that is not what its diff id says is refused, and so is a damaged one")
  func refuses() throws {
    let (bytes, layer) = try layer()
    var sink = MemorySink()
    #expect(throws: LayerError.self) {
      try LayerConversion(to: .zstd).convert(
        MemorySource(bytes), compression: .gzip, expecting: Digest(of: []), into: &sink)
    }
    #expect(throws: LayerError.self) {
      try LayerConversion(to: .zstd).convert(
        MemorySource(Array(bytes.dropLast(bytes.count / 2))), compression: .gzip, expecting: layer.diffID,
        into: &sink)
    }
  }
}
