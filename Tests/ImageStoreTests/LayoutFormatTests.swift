import OCIModel
import TestSupport
import Testing

@testable import ImageStore

/// What an image looks like outside of the store, to the byte.
@Suite("The layout of a saved image")
struct LayoutFormatTests {
  /// An image with two layers, saved under two names as `image.tar` and in the folder `image`.
  private func saved(_ scratch: Scratch) throws -> TinyImage {
    let store = try scratch.store()
    let image = try TinyImage(in: store, files: ["one", "two"])
    let export = try ArchiveExport(
      store: store, image: image.descriptor, names: [reference("example.org/app:1"), reference("app")])
    try export.writeTar(to: scratch.at("image.tar"))
    try export.writeFolder(to: scratch.at("image"))
    return image
  }

  /// The header of a member, read by hand.
  private struct Header: Equatable {
    var name: String
    var mode: Int?
    var user: Int?
    var group: Int?
    var modified: Int?
    var owners: String
  }

  private func headers(_ tar: [UInt8]) -> [Header] {
    var result: [Header] = []
    var offset = 0
    while offset + 512 <= tar.count, tar[offset] != 0 {
      let start = offset
      func field(_ place: Int, _ width: Int) -> String {
        String(decoding: tar[(start + place)..<(start + place + width)].prefix { $0 != 0 }, as: UTF8.self)
      }
      func number(_ place: Int, _ width: Int) -> Int? {
        Int(field(place, width).filter { $0 != " " }, radix: 8)
      }
      result.append(
        Header(
          name: field(0, 100), mode: number(100, 8), user: number(108, 8), group: number(116, 8),
          modified: number(136, 12), owners: field(265, 32) + field(297, 32)))
      offset += 512 + ((number(124, 12) ?? 0) + 511) / 512 * 512
    }
    return result
  }

  @Test("I07: oci-layout, index.json and blobs under their digests; each name is in two annotations")
  func folder() throws {
    let scratch = try Scratch()
    let image = try saved(scratch)
    #expect(try Files.names(in: scratch.name("image")) == ["blobs", "index.json", "oci-layout"])
    #expect(try Files.names(in: scratch.name("image/blobs")) == ["sha256"])
    #expect(text(try scratch.read("image/oci-layout")) == #"{"imageLayoutVersion":"1.0.0"}"#)
    let blobs = try Files.names(in: scratch.name("image/blobs/sha256"))
    #expect(blobs.count == 4)
    for blob in blobs {
      #expect(Digest(of: try Files.read(scratch.name("image/blobs/sha256/" + blob))).hex == blob)
    }
    let index = try ImageIndex(decoding: scratch.read("image/index.json"))
    #expect(index.manifests.map(\.digest) == [image.descriptor.digest, image.descriptor.digest])
    let names = index.manifests.map { entry in
      [
        entry.annotations["org.opencontainers.image.ref.name"], entry.annotations["io.containerd.image.name"],
      ].compactMap(\.self)
    }
    #expect(names == [["latest", "docker.io/library/app:latest"], ["1", "example.org/app:1"]])
    // An image for one platform is listed as that.
    #expect(
      index.manifests.allSatisfy { $0.mediaType == .ociManifest && $0.platform == image.config.platform })
  }

  @Test("I08: the same tar is docker's archive: manifest.json names the blobs; there is no `repositories`")
  func dockerArchive() throws {
    let scratch = try Scratch()
    let image = try saved(scratch)
    try run(["tar", "-xOf", scratch.name("image.tar"), "manifest.json"], output: scratch.name("manifest"))
    let layers = image.manifest.layers.map { "\"blobs/sha256/\($0.digest.hex)\"" }.joined(separator: ",")
    #expect(
      text(try scratch.read("manifest"))
        == "[{\"Config\":\"blobs/sha256/\(image.manifest.config.digest.hex)\",\"RepoTags\":[\"app:latest\","
        + "\"example.org/app:1\"],\"Layers\":[\(layers)]}]")
    let names = headers(try scratch.read("image.tar")).map(\.name)
    #expect(names.contains("oci-layout") && names.contains("index.json"))
    #expect(!names.contains { $0.contains("repositories") })
  }

  @Test("I09: oci-layout comes first, then all else in a fixed order; time 0, owner 0, fixed modes")
  func tarHeaders() throws {
    let scratch = try Scratch()
    let image = try saved(scratch)
    let blobs = ([image.descriptor, image.manifest.config] + image.manifest.layers).map(\.digest.hex).sorted()
    let expected =
      ["oci-layout", "index.json", "manifest.json", "blobs/", "blobs/sha256/"]
      + blobs.map { "blobs/sha256/\($0)" }
    let found = headers(try scratch.read("image.tar"))
    let wanted = expected.map { name in
      Header(
        name: name, mode: name.hasSuffix("/") ? 0o755 : 0o644, user: 0, group: 0, modified: 0, owners: "")
    }
    #expect(found == wanted)
  }

  @Test("I12: an attestation in an index is never taken for the image, and is no platform to choose")
  func attestations() throws {
    let scratch = try Scratch()
    let store = try scratch.store()
    let platform = Platform(os: "linux", architecture: "s390x")
    var image = try TinyImage(in: store, platform: platform).descriptor
    image.platform = platform
    let unknown = Platform(os: "unknown", architecture: "unknown")
    var attestation = try TinyImage(in: store, files: ["statement"], platform: unknown).descriptor
    attestation.platform = unknown
    attestation.annotations = [
      "vnd.docker.reference.type": "attestation-manifest",
      "vnd.docker.reference.digest": image.digest.description,
    ]
    let index = try store.put(ImageIndex(manifests: [attestation, image]).encoded(), mediaType: .ociIndex)
    try store.tag(reference("app"), index)
    #expect(try store.resolve(reference("app"), platform: platform).descriptor.digest == image.digest)
    let other = Platform(os: "linux", architecture: "riscv64")
    #expect(throws: StoreError.noSuchPlatform(wanted: other, available: [platform])) {
      try store.resolve(reference("app"), platform: other)
    }
    // Saved and loaded it is still there, as what it is.
    try ArchiveExport(store: store, image: index, names: [reference("app")]).writeTar(to: scratch.at("i.tar"))
    let loaded = try scratch.store("other")
    _ = try loaded.load(scratch.at("i.tar"))
    #expect(try loaded.contains(attestation.digest))
    #expect(try loaded.resolve(reference("app"), platform: platform).root.digest == index.digest)
  }
}
