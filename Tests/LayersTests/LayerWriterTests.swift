import ContentHash
import FileTree
import Glibc
import Layers
import OCIModel
import Testing
import TreeTestSupport

@Suite("Writing layers")
struct LayerWriterTests {
  private func file(_ path: BytePath, _ text: String, permissions: UInt32 = 0o644) -> LayerEntry {
    LayerEntry(
      path: path, kind: .file(size: Int64(text.utf8.count), .bytes([UInt8](text))), permissions: permissions,
      modified: 1_700_000_000)
  }

  private var sample: [LayerEntry] {
    [
      LayerEntry(path: "d", kind: .directory, permissions: 0o755, modified: 1),
      file("d/f", "hello"),
      LayerEntry(path: "d/h", kind: .hardLink(to: "d/f"), permissions: 0o644, modified: 1_700_000_000),
      .whiteout("d/gone"),
      LayerEntry(path: "l", kind: .symbolicLink(target: "/d/f"), permissions: 0o777),
      LayerEntry(
        path: "n", kind: .characterDevice(DeviceNumber(major: 1, minor: 3)), permissions: 0o666,
        owner: Owner(uid: 3_000_000, gid: 5)),
      LayerEntry(path: "p", kind: .fifo, permissions: 0o600),
    ].sorted { $0.path.precedes($1.path) }
  }

  @Test("a small layer has these bytes, on every machine") func golden() throws {
    let plain = try write(sample)
    #expect(plain.layer.diffID.hex == "e8954a80c61062466967700e33cc7f9d9978a157d53cae78400821402361ff8d")
    let zipped = try write(sample, codec: .gzip)
    #expect(zipped.layer.diffID == plain.layer.diffID)
    #expect(zipped.layer.digest.hex == "7e97de34fffc62ee9373fa3dc2b84c1b6a4206d45c78e6f6dbd14c9789026fe2")
  }

  @Test("what is written is what is said about it") func summary() throws {
    let (layer, blob) = try write(sample, codec: .gzip)
    #expect(layer.digest == Digest(of: blob) && layer.size == Int64(blob.count))
    #expect(layer.mediaType == .ociLayerGzip)
    let plain = try write(sample)
    #expect(plain.layer.digest == plain.layer.diffID && Digest(of: plain.blob) == layer.diffID)
    #expect(layer.uncompressedSize == Int64(plain.blob.count))
  }

  @Test("L03, L08, L09, L13, L16: how members look") func members() throws {
    #expect(
      try listing(write(sample).blob) == [
        "d/ d", "d/f f5", "d/.wh.gone f0", "d/h hd/f", "l l/d/f", "n c1,3", "p p",
      ])
  }

  @Test("L18: no members give an empty archive") func empty() throws {
    #expect(try write([]).blob == [UInt8](repeating: 0, count: 1024))
    #expect(try listing(write([], codec: .gzip).blob).isEmpty)
  }

  @Test("L12: a plain member needs no pax records") func plain() throws {
    let blob = try write([file("f", "x")]).blob
    #expect(blob.count == 2048 && blob[156] == UInt8(ascii: "0"))
    #expect(blob[265..<329].allSatisfy { $0 == 0 }, "no user and group names")
  }

  @Test("L19, L21: any number of threads gives the same bytes", arguments: [LayerCodec.gzip, .zstd, .none])
  func threads(_ codec: LayerCodec) throws {
    var generator = SeededGenerator(seed: 1)
    var entries: [LayerEntry] = []
    for index in 0..<400 {
      let size = index % 97 == 5 ? 2_500_000 : Int.random(in: 0..<20000, using: &generator)
      let word = UInt8.random(in: 0...255, using: &generator)
      let pattern = (0..<997).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) ^ word }
      var bytes: [UInt8] = []
      while bytes.count < size { bytes += pattern }
      bytes.removeLast(bytes.count - size)
      let path = BytePath(String(1000 + index))
      entries.append(LayerEntry(path: path, kind: .file(size: Int64(size), .bytes(bytes))))
    }
    let one = try write(entries, codec: codec, threads: 1)
    for threads in [2, 3, 8] {
      let many = try write(entries, codec: codec, threads: threads)
      #expect(many.layer == one.layer && many.blob == one.blob, "\(threads) threads")
    }
    let tar = try write(entries)
    #expect(tar.layer.diffID == one.layer.diffID)
    let reader = try ArchiveReader(MemorySource(one.blob), compression: codec.compression)
    #expect(try reader.finish().diffID == one.layer.diffID)
  }

  @Test("a difference at the front leaves most blocks behind it alone") func resynchronised() throws {
    var generator = SeededGenerator(seed: 2)
    let entries = (0..<600).map { index in
      let word = (0..<200).map { _ in UInt8.random(in: 97...122, using: &generator) }
      var bytes: [UInt8] = []
      for _ in 0..<100 { bytes += word }
      return LayerEntry(path: BytePath(String(1000 + index)), kind: .file(size: 20000, .bytes(bytes)))
    }
    let first = try write(entries, codec: .gzip)
    let second = try write([file("0", "new")] + entries, codec: .gzip)
    // The last quarter of one blob is found in the other as it is.
    let tail = first.blob.suffix(first.blob.count / 4)
    #expect(second.blob.suffix(tail.count).elementsEqual(tail))
  }

  @Test(
    "C53: a name that a layer takes for a removal is an error",
    arguments: [".wh.x", "d/.wh.x", ".wh.d/x", ".wh..wh..opq"])
  func reservedNames(path: String) {
    #expect(throws: LayerError.reservedName(path: BytePath(path))) { try write([file(BytePath(path), "")]) }
  }

  @Test("paths that are not canonical, and members out of order, are errors") func order() {
    for path in ["", "/a", "a/", "./a", "a/../b", "a//b"] {
      #expect(throws: LayerError.invalidPath(BytePath(path))) { try write([file(BytePath(path), "")]) }
    }
    #expect(throws: LayerError.unsorted(path: "a")) { try write([file("a", ""), file("a", "")]) }
    #expect(throws: LayerError.unsorted(path: "a/b")) { try write([file("a-b", ""), file("a/b", "")]) }
  }

  @Test("C55: a file that changes size is an error, not a broken archive") func changedSize() throws {
    let tree = try TemporaryTree()
    try tree.file("f", "12345")
    for size: Int64 in [4, 6, 0] {
      let entry = LayerEntry(path: "x/f", kind: .file(size: size, .file(tree.shared, "f")))
      #expect(throws: LayerError.sizeChanged(path: "x/f", expected: size, actual: 5)) {
        try write([entry])
      }
    }
    let missing = LayerEntry(path: "x", kind: .file(size: 1, .file(tree.shared, "nope")))
    #expect(throws: LayerError.file(FileError(.open, "nope", ENOENT))) { try write([missing]) }
  }

  @Test("L20: only times after the epoch given are changed") func clamped() throws {
    let entries = [
      LayerEntry(path: "a", kind: .fifo, modified: 50), LayerEntry(path: "b", kind: .fifo, modified: 500),
    ]
    let reader = try ArchiveReader(MemorySource(write(entries, latest: 100).blob), compression: nil)
    #expect(try reader.next()?.modified.seconds == 50)
    #expect(try reader.next()?.modified.seconds == 100)
  }

  @Test("L14, C52, C68: names, ids and times beyond ustar come back as they were") func extremes() throws {
    let long = BytePath(
      Array((0..<20).map { _ in String(repeating: "n", count: 200) }.joined(separator: "/").utf8))
    let names: [BytePath] = [
      BytePath([UInt8]("a\nb")), BytePath([0x63, 0xff, 0xfe]), "-rf", "é", "e\u{301}", long,
      BytePath([UInt8](repeating: 0x78, count: 255)), BytePath([UInt8](repeating: 0x79, count: 100)),
    ]
    let sorted = names.sorted { $0.precedes($1) }
    let entries = sorted.map { path in
      LayerEntry(
        path: path, kind: .symbolicLink(target: path), permissions: 0o777,
        owner: Owner(uid: 4_294_967_294, gid: 2_097_152), modified: -1)
    }
    let (layer, blob) = try write(entries)
    let decomposed = [UInt8]("path=e\u{301}\n")
    #expect(blob.indices.contains { blob[$0...].starts(with: decomposed) }, "written as it is")
    let reader = try ArchiveReader(MemorySource(blob), compression: LayerCompression.none)
    for path in sorted {
      let member = try #require(try reader.next())
      #expect(member.name == path)
      #expect(member.kind == .symbolicLink(target: path))
      #expect(member.owner == Owner(uid: 4_294_967_294, gid: 2_097_152) && member.modified.seconds == -1)
    }
    #expect(try reader.next() == nil && reader.finish().diffID == layer.diffID)
    for seconds: Int64 in [0, 1 << 33, 1 << 40, -(1 << 33)] {
      let one = try write([LayerEntry(path: "f", kind: .fifo, modified: seconds)])
      let reader = try ArchiveReader(MemorySource(one.blob), compression: nil)
      #expect(try reader.next()?.modified.seconds == seconds)
    }
  }

  @Test("L11: capabilities and user attributes, once") func attributes() throws {
    let value: [UInt8] = [1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    var entry = file("f", "x")
    entry.attributes = [ExtendedAttribute(name: ExtendedAttribute.capabilityName, value: value)]
    let blob = try write([entry]).blob
    #expect(
      String(decoding: blob, as: UTF8.self).split(separator: "SCHILY.xattr.security.capability=").count == 2)
    #expect(!String(decoding: blob, as: UTF8.self).contains("LIBARCHIVE"))
    let reader = try ArchiveReader(MemorySource(blob), compression: nil)
    #expect(try reader.next()?.attributes == entry.attributes)
  }

  @Test("L11: a capability of a user namespace loses its root id") func namespacedCapability() throws {
    let bits: [UInt8] = [0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    var entry = file("f", "x")
    let name = ExtendedAttribute.capabilityName
    entry.attributes = [ExtendedAttribute(name: name, value: [1, 0, 0, 3] + bits + [0xe8, 3, 0, 0])]
    let reader = try ArchiveReader(MemorySource(write([entry]).blob), compression: nil)
    let expected = ExtendedAttribute(name: name, value: [1, 0, 0, 2] + bits)
    #expect(try reader.next()?.attributes == [expected])
  }

  @Test("GNU tar lists what was written", .enabled(if: isInstalled("tar") && isInstalled("gunzip")))
  func gnuTar() throws {
    let tree = try TemporaryTree()
    let (layer, blob) = try write(sample, codec: .gzip)
    try tree.shared.directory.writeFile("layer.tar.gz", blob)
    let path = "\(tree.path)/layer.tar.gz"
    let listed = run("tar --numeric-owner -tvzf \(path) 2>&1")
    #expect(listed.status == 0)
    let names = listed.output.split(separator: "\n").compactMap {
      $0.split(separator: " ").dropFirst(5).first
    }
    #expect(names == ["d/", "d/f", "d/.wh.gone", "d/h", "l", "n", "p"])
    let sum = run("gunzip -c \(path) | sha256sum")
    #expect(sum.output.hasPrefix(layer.diffID.hex))
  }

  @Test("Python's tarfile reads what was written", .enabled(if: isInstalled("python3")))
  func python() throws {
    let tree = try TemporaryTree()
    try tree.shared.directory.writeFile("l", try write(sample + [file("ünï", "x")], codec: .gzip).blob)
    let script =
      "import tarfile,sys; print([(m.name, m.uid, m.mode, m.mtime) for m in tarfile.open('\(tree.path)/l')])"
    let result = run("python3 -c \"\(script)\" 2>&1")
    #expect(result.output.contains("('d/f', 0, 420, 1700000000)"))
    #expect(result.output.contains("('n', 3000000, 438, 0)") && result.output.contains("'ünï'"))
  }
}
