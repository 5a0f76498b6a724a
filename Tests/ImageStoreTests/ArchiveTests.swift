import Glibc
import OCIModel
import Testing

@testable import ImageStore

@Suite("Saving and loading")
struct ArchiveTests {
  /// A store with the image `example.org/app:1`, saved as a tar and as a folder.
  private func saved(_ scratch: Scratch, files: [String] = ["one", "two"]) throws -> TinyImage {
    let store = try scratch.store()
    let image = try TinyImage(in: store, files: files)
    let export = try ArchiveExport(
      store: store, image: image.descriptor, names: [reference("example.org/app:1"), reference("app")])
    try export.writeTar(to: scratch.at("image.tar"))
    try export.writeFolder(to: scratch.at("image"))
    return image
  }

  @Test("I09: the tar begins with oci-layout, is sorted, and the same twice")
  func deterministic() throws {
    let scratch = try Scratch()
    let image = try saved(scratch)
    let first = try scratch.read("image.tar")
    let store = try scratch.store()
    try ArchiveExport(
      store: store, image: image.descriptor, names: [reference("app:latest"), reference("example.org/app:1")]
    ).writeTar(to: scratch.at("image.tar"))
    #expect(try scratch.read("image.tar") == first)
    let file = try Folder.open(path: Array(scratch.path.utf8)).open("image.tar")
    var reader = try ArchiveReader.open(descriptor: file.descriptor, path: [], format: .tar)
    var names: [String] = []
    while let member = try reader.next() { names.append(member.name) }
    let blobs = ([image.descriptor, image.manifest.config] + image.manifest.layers).map(\.digest.hex).sorted()
    #expect(
      names == ["oci-layout", "index.json", "manifest.json", "blobs/", "blobs/sha256/"]
        + blobs.map { "blobs/sha256/\($0)" })
    #expect(try Folder.open(path: Array(scratch.path.utf8)).names() == ["image", "image.tar", "store"])
  }

  @Test("what was saved is loaded, with its names", arguments: ["image.tar", "image"])
  func roundTrip(name: String) throws {
    let scratch = try Scratch()
    let image = try saved(scratch)
    let other = try scratch.store("other")
    let loaded = try other.load(scratch.at(name), names: [reference("extra")])
    #expect(loaded.count == 1)
    #expect(loaded.first?.descriptor.digest == image.descriptor.digest)
    #expect(loaded.first?.names.map(\.familiarName) == ["app:latest", "extra:latest", "example.org/app:1"])
    #expect(try other.resolve(reference("app"), platform: nil).config == image.config)
    #expect(try other.verify().isEmpty)
    #expect(try other.openSession().folder.names().isEmpty)
  }

  @Test(
    "an archive that is compressed as a whole is loaded", .enabled(if: hasTool("gzip")),
    arguments: ["gzip", "xz", "zstd", "bzip2"])
  func compressed(tool: String) throws {
    guard hasTool(tool) else { return }
    let scratch = try Scratch()
    let image = try saved(scratch)
    try run([tool, "-c", scratch.name("image.tar")], output: scratch.name("image.tar.compressed"))
    let loaded = try scratch.store("other").load(scratch.at("image.tar.compressed"))
    #expect(loaded.first?.descriptor.digest == image.descriptor.digest)
  }

  @Test("an image without a name is stored under its digest")
  func nameless() throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    let image = try TinyImage(in: store)
    try ArchiveExport(store: store, image: image.descriptor, names: []).writeTar(to: scratch.at("image.tar"))
    let other = try scratch.store("other")
    #expect(try other.load(scratch.at("image.tar")).first?.names == [])
    #expect(try other.images().map(\.name) == [nil])
  }

  @Test("a folder that is a layout keeps its other images; one that is something else is left alone")
  func folders() throws {
    let scratch = try Scratch()
    _ = try saved(scratch)
    let store = try scratch.store()
    let second = try TinyImage(in: store, files: ["second"])
    let export = try ArchiveExport(store: store, image: second.descriptor, names: [reference("second")])
    try export.writeFolder(to: scratch.at("image"))
    let loaded = try scratch.store("other").load(scratch.at("image"))
    #expect(
      loaded.flatMap(\.names).map(\.familiarName) == ["app:latest", "example.org/app:1", "second:latest"])
    #expect(throws: StoreError.severalImages(2)) {
      try scratch.store("other").load(scratch.at("image"), names: [reference("x")])
    }
    try run(["mkdir", scratch.name("full")])
    try run(["touch", scratch.name("full/file")])
    #expect(throws: StoreError.destinationInTheWay(path: scratch.at("full"))) {
      try export.writeFolder(to: scratch.at("full"))
    }
  }

  @Test("a failed save leaves neither a file nor the rest of one")
  func failedSave() throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    let image = try TinyImage(in: store)
    let layer = image.manifest.layers[0].digest
    let export = try ArchiveExport(store: store, image: image.descriptor, names: [])
    try scratch.write("bad", [UInt8](repeating: 1, count: image.layers[0].count))
    try scratch.move(scratch.name("bad"), scratch.name("store/blobs/sha256/\(layer.hex)"))
    #expect(throws: StoreError.self) { try export.writeTar(to: scratch.at("image.tar")) }
    #expect(try Folder.open(path: Array(scratch.path.utf8)).names() == ["store"])
  }

  @Test("a damaged blob in an archive is refused, and nothing gets a name")
  func damagedArchive() throws {
    let scratch = try Scratch()
    let image = try saved(scratch)
    let layer = image.manifest.layers[1].digest
    var damaged = image.layers[1]
    damaged[600] ^= 1
    try run(["cp", "/dev/null", scratch.name("image/blobs/sha256/\(layer.hex)")])
    try scratch.write("blob", damaged)
    try scratch.move(scratch.name("blob"), scratch.name("image/blobs/sha256/\(layer.hex)"))
    try run(["tar", "-C", scratch.name("image"), "-cf", scratch.name("bad.tar"), "."])
    let error = StoreError.digestMismatch(expected: layer, actual: Digest(of: damaged))
    let other = try scratch.store("other")
    for name in ["image", "bad.tar"] {
      #expect(throws: error) { try other.load(scratch.at(name)) }
    }
    #expect(try other.images().isEmpty)
    try run(["rm", scratch.name("image/blobs/sha256/\(layer.hex)")])
    #expect(throws: StoreError.missingMember("blobs/sha256/\(layer.hex)")) {
      try other.load(scratch.at("image"))
    }
    // A link to the outside is no blob.
    try scratch.write("blob", image.layers[1])
    try run(["ln", "-s", scratch.name("blob"), scratch.name("image/blobs/sha256/\(layer.hex)")])
    #expect(throws: StoreError.missingMember("blobs/sha256/\(layer.hex)")) {
      try other.load(scratch.at("image"))
    }
  }

  @Test("the rest of a killed save is removed by the next one, a living one's is not")
  func unfinished() throws {
    let scratch = try Scratch()
    try scratch.write(".slipway-2147483647-0", [1])
    try scratch.write(".slipway-\(getpid())-9", [1])
    try scratch.write(".slipway-yours", [1])
    _ = try saved(scratch)
    #expect(
      try Folder.open(path: Array(scratch.path.utf8)).names()
        == [".slipway-\(getpid())-9", ".slipway-yours", "image", "image.tar", "store"])
  }

  @Test("an archive that was cut anywhere gives an error or the whole image")
  func truncated() throws {
    let scratch = try Scratch()
    let image = try saved(scratch)
    let whole = try scratch.read("image.tar")
    let other = try scratch.store("other")
    for length in stride(from: 0, to: whole.count, by: 500) {
      try scratch.write("cut.tar", Array(whole[..<length]))
      do throws(StoreError) {
        #expect(try other.load(scratch.at("cut.tar")).first?.descriptor.digest == image.descriptor.digest)
        #expect(length >= whole.count - 1024)
      } catch {
        #expect(length < whole.count)
      }
    }
    #expect(try other.verify().isEmpty)
  }

  @Test("bounds hold")
  func bounds() throws {
    let scratch = try Scratch()
    _ = try saved(scratch)
    let other = try scratch.store("other")
    var limits = LoadLimits()
    limits.totalSize = 1000
    #expect(throws: StoreError.self) { try other.load(scratch.at("image.tar"), limits: limits) }
    limits = LoadLimits()
    limits.memberCount = 3
    #expect(throws: StoreError.tooMany(what: "members", limit: 3)) {
      try other.load(scratch.at("image.tar"), limits: limits)
    }
    try scratch.write("junk", Array("no archive".utf8))
    #expect(throws: StoreError.self) { try other.load(scratch.at("junk")) }
    try scratch.tar("empty.tar", [("file", [])])
    #expect(throws: StoreError.notALayout(path: scratch.at("empty.tar"))) {
      try other.load(scratch.at("empty.tar"))
    }
    #expect(try other.openSession().folder.names().isEmpty)
  }
}

@Suite("Docker archives")
struct DockerArchiveTests {
  private struct Parts {
    let config: [UInt8]
    let layers: [[UInt8]]
    var id: String { Digest(of: config).hex }
  }

  private func parts(_ scratch: Scratch, files: [String]) throws -> Parts {
    let image = try TinyImage(in: scratch.store(), files: files)
    return Parts(config: image.config.encoded(), layers: image.layers)
  }

  private func manifest(_ config: String, _ tags: [String], _ layers: [String]) -> (String, [UInt8]) {
    ("manifest.json", DockerArchiveImage.encode([.init(config: config, repoTags: tags, layers: layers)]))
  }

  @Test("docker's old layout becomes an OCI image with the same configuration")
  func legacy() throws {
    let scratch = try Scratch()
    let parts = try parts(scratch, files: ["a", "b"])
    try scratch.tar(
      "docker.tar",
      [
        ("x1/VERSION", Array("1.0".utf8)), ("x1/json", []), ("x1/layer.tar", parts.layers[0]),
        ("x2/layer.tar", parts.layers[1]), ("\(parts.id).json", parts.config),
        manifest("\(parts.id).json", ["app:1", "example.org/b:2"], ["x1/layer.tar", "x2/layer.tar"]),
        ("repositories", Array("{}".utf8)),
      ])
    let other = try scratch.store("other")
    let loaded = try other.load(scratch.at("docker.tar"))
    #expect(loaded.first?.names.map(\.familiarName) == ["app:1", "example.org/b:2"])
    let resolved = try other.resolve(reference("app:1"), platform: nil)
    #expect(resolved.manifest.config.digest.hex == parts.id)
    #expect(resolved.manifest.layers.map(\.mediaType) == [.ociLayer, .ociLayer])
    #expect(try other.verify().isEmpty)
  }

  @Test("a compressed layer stays as it is, and its content is what counts", .enabled(if: hasTool("gzip")))
  func gzip() throws {
    let scratch = try Scratch()
    let parts = try parts(scratch, files: ["a"])
    try scratch.write("layer", parts.layers[0])
    try run(["gzip", "-nc", scratch.name("layer")], output: scratch.name("layer.gz"))
    let layer = try scratch.read("layer.gz")
    try scratch.tar(
      "docker.tar", [("c.json", parts.config), ("l.tar.gz", layer), manifest("c.json", [], ["l.tar.gz"])])
    let other = try scratch.store("other")
    let loaded = try other.load(scratch.at("docker.tar"), names: [reference("named")])
    #expect(loaded.first?.names.map(\.familiarName) == ["named:latest"])
    let resolved = try other.resolve(reference("named"), platform: nil)
    #expect(resolved.manifest.layers == [Descriptor(of: layer, mediaType: .ociLayerGzip)])
    #expect(try other.verify().isEmpty)
  }

  @Test("links between layers are followed inside the archive only", .enabled(if: hasTool("tar")))
  func links() throws {
    let scratch = try Scratch()
    let parts = try parts(scratch, files: ["a", "a"])
    let folder = scratch.name("docker")
    try run(["mkdir", "-p", "\(folder)/x1", "\(folder)/x2", "\(folder)/x3"])
    try scratch.write("layer", parts.layers[0])
    try run(["cp", scratch.name("layer"), "\(folder)/x1/layer.tar"])
    try run(["ln", "-s", "../x1/layer.tar", "\(folder)/x2/layer.tar"])
    try run(["ln", "-s", "../../layer", "\(folder)/x3/layer.tar"])
    try scratch.write("config", parts.config)
    try run(["cp", scratch.name("config"), "\(folder)/c.json"])
    // Two layers with the same content: the second is a link. The configuration has two diff ids.
    let second = Digest(of: parts.layers[1])
    let config = try ImageConfig(decoding: parts.config)
    #expect(config.diffIDs[1] == second)
    var same = config
    same.diffIDs = [config.diffIDs[0], config.diffIDs[0]]
    try scratch.write("config", same.encoded())
    try run(["cp", scratch.name("config"), "\(folder)/c.json"])
    for (third, isGood) in [("x2/layer.tar", true), ("x3/layer.tar", false)] {
      try scratch.write("manifest", manifest("c.json", ["app"], ["x1/layer.tar", third]).1)
      try run(["cp", scratch.name("manifest"), "\(folder)/manifest.json"])
      try run([
        "tar", "-C", folder, "-cf", scratch.name("docker.tar"), "manifest.json", "c.json", "x2", "x1", "x3",
      ])
      let other = try scratch.store("other")
      if isGood {
        #expect(try other.load(scratch.at("docker.tar")).count == 1)
      } else {
        #expect(throws: StoreError.missingMember(third)) { try other.load(scratch.at("docker.tar")) }
      }
    }
  }

  @Test("a layer that is not what the configuration says is refused")
  func wrongLayer() throws {
    let scratch = try Scratch()
    let parts = try parts(scratch, files: ["a"])
    let other = parts.layers.first.map { layer in
      var layer = layer
      layer[512] ^= 1
      return layer
    }
    let layer = try #require(other)
    try scratch.tar(
      "docker.tar", [("c.json", parts.config), ("l.tar", layer), manifest("c.json", ["a"], ["l.tar"])])
    let error = StoreError.diffIDMismatch(
      layer: "l.tar", expected: Digest(of: parts.layers[0]), actual: Digest(of: layer))
    #expect(throws: error) { try scratch.store("other").load(scratch.at("docker.tar")) }
    try scratch.tar(
      "docker.tar", [("c.json", parts.config), manifest("c.json", ["A:b"], ["../../etc/passwd"])])
    #expect(throws: StoreError.invalidName("A:b", .upperCase("A"))) {
      try scratch.store("other").load(scratch.at("docker.tar"))
    }
    try scratch.tar(
      "docker.tar", [("c.json", parts.config), manifest("c.json", ["a"], ["../../etc/passwd"])])
    #expect(throws: StoreError.missingMember("../../etc/passwd")) {
      try scratch.store("other").load(scratch.at("docker.tar"))
    }
  }
}

@Suite("Other tools")
struct PeerTests {
  private func saved(_ scratch: Scratch) throws -> TinyImage {
    let store = try scratch.store()
    let image = try TinyImage(in: store, files: ["one", "two"])
    try ArchiveExport(store: store, image: image.descriptor, names: [reference("example.org/app:1")])
      .writeTar(to: scratch.at("image.tar"))
    try ArchiveExport(store: store, image: image.descriptor, names: [reference("example.org/app:1")])
      .writeFolder(to: scratch.at("image"))
    try store.tag(reference("example.org/app:1"), image.descriptor)
    return image
  }

  @Test(
    "I08: skopeo reads the tar in both ways, the folder and the store", .enabled(if: hasTool("skopeo")),
    arguments: [
      "oci-archive:image.tar", "docker-archive:image.tar", "oci:image:1", "oci:store:example.org/app:1",
    ])
  func skopeoReads(source: String) throws {
    let scratch = try Scratch()
    let image = try saved(scratch)
    let place = source.split(separator: ":", maxSplits: 1)
    try run(
      ["skopeo", "inspect", "--config", "--raw", "\(place[0]):\(scratch.name(String(place[1])))"],
      output: scratch.name("config"))
    #expect(try ImageConfig(decoding: scratch.read("config")) == image.config)
  }

  @Test(
    "what skopeo writes is loaded", .enabled(if: hasTool("skopeo")),
    arguments: [
      ("oci-archive:out.tar:example.org/app:1", "out.tar"),
      ("docker-archive:out.tar:example.org/app:1", "out.tar"),
      ("oci:out:example.org/app:1", "out"),
    ])
  func skopeoWrites(target: String, path: String) throws {
    let scratch = try Scratch()
    let image = try saved(scratch)
    let place = target.split(separator: ":", maxSplits: 1)
    try run([
      "skopeo", "--insecure-policy", "copy", "oci-archive:\(scratch.name("image.tar"))",
      "\(place[0]):\(scratch.name(String(place[1])))",
    ])
    let other = try scratch.store("other")
    let loaded = try other.load(scratch.at(path))
    #expect(loaded.map { $0.names.map(\.fullName) } == [["example.org/app:1"]])
    let resolved = try other.resolve(reference("example.org/app:1"), platform: nil)
    #expect(resolved.config.diffIDs == image.config.diffIDs)
    #expect(try other.verify().isEmpty)
  }

  @Test("umoci unpacks the folder", .enabled(if: hasTool("umoci")))
  func umoci() throws {
    let scratch = try Scratch()
    _ = try saved(scratch)
    try run(["umoci", "unpack", "--rootless", "--image", scratch.name("image:1"), scratch.name("bundle")])
    #expect(text(try scratch.read("bundle/rootfs/file1")) == "two")
  }
}
