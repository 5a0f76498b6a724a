import ContentHash
import Glibc
import OCIModel
import Testing

@testable import ImageStore

/// Archives and layouts of images that somebody has made to do harm: nothing of the host comes in, and nothing is named.
@Suite("Hostile images")
struct HostileImageTests {
  private let scratch: Scratch

  init() throws { scratch = try Scratch() }

  /// A layout in a folder, to be spoilt.
  private func layout() throws -> (folder: String, image: TinyImage) {
    let store = try scratch.store()
    let image = try TinyImage(in: store, files: ["one"])
    let folder = scratch.name("image")
    try ArchiveExport(store: store, image: image.descriptor, names: [reference("app:1")]).writeFolder(
      to: Array(folder.utf8))
    return (folder, image)
  }

  private func blob(_ folder: String, _ digest: Digest) -> String { "\(folder)/blobs/sha256/\(digest.hex)" }

  private func put(_ bytes: [UInt8], at path: String) throws {
    _ = unsafe unlink(path)
    let descriptor = unsafe Glibc.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    try #require(descriptor >= 0)
    defer { close(descriptor) }
    var done = 0
    while done < bytes.count {
      let count = unsafe bytes[done...].withUnsafeBytes {
        unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
      try #require(count > 0)
      done += count
    }
  }

  /// It is refused, with nothing left in the store that somebody could name.
  private func refused(_ path: String, _ expected: StoreError? = nil) throws {
    let other = try scratch.store("other")
    let error = #expect(throws: StoreError.self) { try other.load(Array(path.utf8)) }
    if let expected { #expect(error == expected) }
    #expect(try other.images().isEmpty)
    #expect(try other.verify().isEmpty)
  }

  @Test("I10: a layer, configuration or manifest with another content", arguments: [0, 1, 2])
  func wrongContent(which: Int) throws {
    let (folder, image) = try layout()
    let digest = [image.descriptor, image.manifest.config, image.manifest.layers[0]][which].digest
    let path = blob(folder, digest)
    var bytes = try scratch.read("image/blobs/sha256/\(digest.hex)")
    bytes[bytes.count / 2] ^= 1
    try put(bytes, at: path)
    try refused(folder)
  }

  @Test("I10: a blob that is shorter or longer than its descriptor", arguments: [-1, 1, 100_000])
  func wrongSize(difference: Int) throws {
    let (folder, image) = try layout()
    let digest = image.manifest.layers[0].digest
    var bytes = try scratch.read("image/blobs/sha256/\(digest.hex)")
    if difference < 0 { bytes.removeLast() } else { bytes += [UInt8](repeating: 0, count: difference) }
    try put(bytes, at: blob(folder, digest))
    try refused(folder)
  }

  @Test(
    "a blob, an index or a layout file that is a link to the host",
    arguments: ["blob", "index.json", "oci-layout"])
  func linkedFile(which: String) throws {
    let (folder, image) = try layout()
    let path = which == "blob" ? blob(folder, image.manifest.config.digest) : "\(folder)/\(which)"
    // The content is right: what counts is that it lies elsewhere.
    let elsewhere = scratch.name("elsewhere")
    #expect(unsafe rename(path, elsewhere) == 0)
    #expect(unsafe symlink(elsewhere, path) == 0)
    try refused(folder)
  }

  @Test("a folder of blobs that is a link to the host")
  func linkedFolder() throws {
    let (folder, _) = try layout()
    #expect(unsafe rename("\(folder)/blobs/sha256", scratch.name("elsewhere")) == 0)
    #expect(unsafe symlink(scratch.name("elsewhere"), "\(folder)/blobs/sha256") == 0)
    try refused(folder)
  }

  @Test(
    "a fifo in the place of a file: nobody waits for a writer",
    arguments: ["blob", "index.json", "oci-layout"])
  func fifo(which: String) throws {
    let (folder, image) = try layout()
    let path = which == "blob" ? blob(folder, image.manifest.layers[0].digest) : "\(folder)/\(which)"
    _ = unsafe unlink(path)
    #expect(unsafe mkfifo(path, 0o600) == 0)
    try refused(folder)
  }

  @Test(
    "documents that are nested ten thousand deep",
    arguments: ["index.json", "manifest", "config", "manifest.json"])
  func deep(which: String) throws {
    let nested = [UInt8](repeating: UInt8(ascii: "["), count: 10_000)
    if which == "manifest.json" {
      try scratch.tar("image.tar", [("manifest.json", nested)])
      return try refused(scratch.name("image.tar"))
    }
    try refuses(which, Array("{\"a\":".utf8) + nested)
  }

  @Test("documents without an end", arguments: ["index.json", "manifest", "config", "manifest.json"])
  func huge(which: String) throws {
    let bytes =
      Array("{\"a\":\"".utf8) + [UInt8](repeating: UInt8(ascii: "x"), count: 20 << 20) + Array("\"}".utf8)
    if which == "manifest.json" {
      try scratch.tar("image.tar", [("manifest.json", bytes)])
      return try refused(scratch.name("image.tar"))
    }
    try refuses(which, bytes)
  }

  @Test("documents in which a member is there twice", arguments: ["index.json", "manifest", "config"])
  func ambiguous(which: String) throws {
    let good = Array(#"{"schemaVersion":2,"schemaVersion":2,"manifests":[],"layers":[]}"#.utf8)
    try refuses(which, good)
  }

  @Test("an index that leads to itself has another digest than it says")
  func loop() throws {
    let (folder, _) = try layout()
    let digest = Digest(of: Array("loop".utf8))
    let text = """
      {"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.index.v1+json","digest":"\(digest)","size":SIZE}]}
      """
    let sized = text.replacing("SIZE", with: "\(text.utf8.count - 4 + 3)")
    try put(Array(sized.utf8), at: blob(folder, digest))
    try put(Array(sized.utf8), at: folder + "/index.json")
    try refused(folder)
  }

  @Test("indexes in indexes come to an end")
  func nested() throws {
    let (folder, image) = try layout()
    var descriptor = image.descriptor
    for _ in 0..<40 {
      let bytes = ImageIndex(manifests: [descriptor]).encoded()
      descriptor = Descriptor(of: bytes, mediaType: .ociIndex)
      try put(bytes, at: blob(folder, descriptor.digest))
    }
    try put(ImageIndex(manifests: [descriptor]).encoded(), at: folder + "/index.json")
    try refused(folder, .tooMany(what: "nested indexes", limit: OCILayoutStore.indexDepthLimit))
  }

  @Test(
    "a descriptor with a size that no blob has",
    arguments: ["-1", "9223372036854775807", "1e3", "18446744073709551616"])
  func sizes(size: String) throws {
    let (folder, image) = try layout()
    let text = """
      {"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"\(image.descriptor.digest)","size":\(size)}]}
      """
    try put(Array(text.utf8), at: folder + "/index.json")
    try refused(folder)
  }

  @Test(
    "a digest that is a path",
    arguments: [
      "sha256:../../../../etc/passwd", "sha256:", "sha256:ABCDEF", "md5:00", "../sha256:00",
      "sha256:" + String(repeating: "g", count: 64),
    ])
  func digests(digest: String) throws {
    let (folder, _) = try layout()
    let text = """
      {"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"\(digest)","size":10}]}
      """
    try put(Array(text.utf8), at: folder + "/index.json")
    try refused(folder)
  }

  @Test("more or fewer layers than the configuration knows", arguments: [0, 2])
  func layerCount(count: Int) throws {
    let (folder, image) = try layout()
    var manifest = image.manifest
    manifest.layers = [Descriptor](repeating: manifest.layers[0], count: count)
    let bytes = manifest.encoded()
    let descriptor = Descriptor(of: bytes, mediaType: .ociManifest)
    try put(bytes, at: blob(folder, descriptor.digest))
    try put(ImageIndex(manifests: [descriptor]).encoded(), at: folder + "/index.json")
    let other = try scratch.store("other")
    // A store may hold it; a build from it is refused.
    guard let loaded = try? other.load(Array(folder.utf8)).first else { return }
    #expect(throws: StoreError.self) {
      _ = try other.resolve(ImageReference(parsing: "x@\(loaded.descriptor.digest)"), platform: nil)
    }
  }

  @Test(
    "members of a tar with names that lead out, or none",
    arguments: [
      "../index.json", "/index.json", "a/../../index.json", "blobs/sha256/../../../index.json", "./", "",
    ])
  func memberNames(name: String) throws {
    let (folder, _) = try layout()
    let index = try scratch.read("image/index.json")
    _ = folder
    try scratch.write("victim", Array("kept".utf8))
    try scratch.tar("image.tar", [("oci-layout", Array(#"{"imageLayoutVersion":"1.0.0"}"#.utf8))])
    if !name.isEmpty, !name.hasSuffix("/") {
      try scratch.tar(
        "image.tar", [("oci-layout", Array(#"{"imageLayoutVersion":"1.0.0"}"#.utf8)), (name, index)])
    }
    let other = try scratch.store("other")
    #expect(throws: StoreError.self) { try other.load(scratch.at("image.tar")) }
    #expect(try scratch.read("victim") == Array("kept".utf8))
    #expect(try other.images().isEmpty)
  }

  @Test(
    "names in an archive that are no names",
    arguments: [
      "../../etc", "a:b:c", "A", "a b", "-x", "a/../b", "a\u{0}b", String(repeating: "a", count: 5000),
    ])
  func tags(name: String) throws {
    let store = try scratch.store()
    let image = try TinyImage(in: store, files: ["one"])
    let config = image.config.encoded()
    try scratch.tar(
      "docker.tar",
      [
        ("c.json", config), ("l.tar", image.layers[0]),
        (
          "manifest.json",
          DockerArchiveImage.encode([.init(config: "c.json", repoTags: [name], layers: ["l.tar"])])
        ),
      ])
    try refused(scratch.name("docker.tar"))
  }

  @Test(
    "a docker archive whose parts are elsewhere",
    arguments: ["../victim", "/etc/hostname", "l/../../victim", "."])
  func dockerParts(part: String) throws {
    let store = try scratch.store()
    let image = try TinyImage(in: store, files: ["one"])
    try scratch.write("victim", image.config.encoded())
    for (config, layer) in [(part, "l.tar"), ("c.json", part)] {
      try scratch.tar(
        "docker.tar",
        [
          ("c.json", image.config.encoded()), ("l.tar", image.layers[0]),
          (
            "manifest.json",
            DockerArchiveImage.encode([.init(config: config, repoTags: ["a"], layers: [layer])])
          ),
        ])
      try refused(scratch.name("docker.tar"))
    }
  }

  /// A document in the place of another one.
  private func refuses(_ which: String, _ bytes: [UInt8]) throws {
    try refused(spoilt(which, with: bytes))
  }

  /// The layout with one document in place of its own, under its true digest, so that it is its content that counts.
  private func spoilt(_ which: String, with bytes: [UInt8]) throws -> String {
    let (folder, image) = try layout()
    if which == "index.json" {
      try put(bytes, at: folder + "/index.json")
      return folder
    }
    var descriptor = Descriptor(of: bytes, mediaType: which == "config" ? .ociConfig : .ociManifest)
    try put(bytes, at: blob(folder, descriptor.digest))
    if which == "config" {
      var manifest = image.manifest
      manifest.config = descriptor
      let encoded = manifest.encoded()
      descriptor = Descriptor(of: encoded, mediaType: .ociManifest)
      try put(encoded, at: blob(folder, descriptor.digest))
    }
    try put(ImageIndex(manifests: [descriptor]).encoded(), at: folder + "/index.json")
    return folder
  }
}
