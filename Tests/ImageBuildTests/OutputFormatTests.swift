import FileTree
import ImageStore
import Layers
import OCIModel
import TestSupport
import Testing

@testable import ImageBuild

/// Configuration, manifest and index of what is built; how they lie in a folder or an archive is with `ImageStoreTests`.
@Suite("Image documents of a build")
struct OutputFormatTests {
  /// A blob of the store as text.
  private func text(_ descriptor: OCIModel.Descriptor, in shop: Workshop) throws -> String {
    String(decoding: try shop.store.read(descriptor, limit: 1 << 20), as: UTF8.self)
  }

  /// The time of a build as documents have it.
  private func date(_ seconds: Int64) -> String { timestampText(seconds: seconds) }

  @Test(
    "I01: diff IDs are the digests of the tars before compression, the base's first, one for each layer of the history"
  )
  func diffIDs() throws {
    try Workshop.open { shop in
      for name in ["a", "b", "c"] { try shop.write(name, name) }
      let base = try shop.build("FROM scratch\nCOPY a /a\nLABEL l=1\nCOPY b /b\n")
      try shop.store.add(base.result.descriptor, names: [ImageReference(parsing: "base")])
      let built = try shop.build("FROM base\nENV e=1\nCOPY c /c\nWORKDIR /w\nCMD [\"x\"]\n")
      let image = built.result.image
      #expect(built.layers == [["a"], ["b"], ["c"], ["w/"]])
      #expect(image.diffIDs.count == 4 && Array(image.diffIDs.prefix(2)) == base.result.image.diffIDs)
      #expect(image.history.map(\.emptyLayer) == [false, true, false, true, false, false, true])
      for (layer, diffID) in zip(built.result.manifest.layers, image.diffIDs) {
        #expect(layer.mediaType == .ociLayerGzip && layer.digest != diffID)
        let packed = try Files.read(String(decoding: shop.store.path(of: layer.digest), as: UTF8.self))
        let plain = try Processes.run("gzip", ["-dc"], input: packed)
        #expect(plain.status == 0 && Digest(of: plain.output) == diffID)
      }
      #expect(
        try ImageConfig(decoding: shop.store.read(built.result.manifest.config, limit: 1 << 20)) == image)
    }
  }

  @Test(
    "I02: with SOURCE_DATE_EPOCH everything new has its time, whatever the base's is; the base's history keeps its own"
  )
  func fixedTime() throws {
    try Workshop.open { shop in
      for name in ["a", "b"] { try shop.write(name, name) }
      let base = try shop.build("FROM scratch\nCOPY a /a\nLABEL l=1\n") { $0.created.seconds = 1_600_000_000 }
      #expect(base.result.image.created == "2020-09-13T12:26:40Z")
      try shop.store.add(base.result.descriptor, names: [ImageReference(parsing: "base")])
      for seconds: Int64 in [1_650_000_000, 1_500_000_000] {
        let image = try shop.build("FROM base\nLABEL m=1\nCOPY b /b\n") { $0.created.seconds = seconds }
          .result
          .image
        #expect(image.created == date(seconds))
        let times = [1_600_000_000, 1_600_000_000, seconds, seconds].map(date)
        #expect(image.history.compactMap(\.created) == times)
      }
    }
  }

  @Test(
    "I02: without it each line has the time at which its layer was made, and the image the latest of them")
  func ownTimes() throws {
    try Workshop.open { shop in
      for name in ["a", "b"] { try shop.write(name, name) }
      func build(_ text: String, at seconds: Int64) throws -> ImageConfig {
        try shop.build(text) {
          $0.created.seconds = seconds
          $0.clampsTimes = false
        }.result.image
      }
      let first = "FROM scratch\nLABEL m=1\nCOPY b /b\n"
      #expect(try build(first, at: 1_660_000_000).created == date(1_660_000_000))
      // The first layer is found in the cache.
      let image = try build(first + "LABEL n=1\nCOPY a /c\nLABEL o=1\n", at: 1_670_000_000)
      #expect(image.created == date(1_670_000_000))
      let times: [Int64] = [
        1_660_000_000, 1_660_000_000, 1_660_000_000, 1_670_000_000, 1_670_000_000,
      ]
      #expect(image.history.compactMap(\.created) == times.map(date))
    }
  }

  @Test("I03: the platform is the one that was asked for; MAINTAINER is the author")
  func platform() throws {
    try Workshop.open { shop in
      let built = try shop.build("FROM scratch\nMAINTAINER me\nLABEL a=b\n") {
        $0.platform = try? Platform(parsing: "linux/arm/v7")
      }
      let config = try text(built.result.manifest.config, in: shop)
      #expect(
        config.contains(#""author":"me","architecture":"arm","os":"linux","variant":"v7""#), "\(config)")
    }
  }

  @Test("I03: what a base's configuration has besides is kept, known or not")
  func inherited() throws {
    try Workshop.open { shop in
      let old = """
        {"architecture":"\(Platform.host.architecture)","os":"linux","author":"base","docker_version":"1.2",\
        "config":{"Env":["PATH=/p"],"Domainname":"d","StopTimeout":7},"rootfs":{"type":"layers","diff_ids":[]},\
        "history":[{"created_by":"old","empty_layer":true,"x":[1,{"y":null}]}],"weird":{"deep":[1.5]}}
        """
      let config = try shop.store.put(Array(old.utf8), mediaType: .ociConfig)
      let manifest = ImageManifest(config: config, layers: [])
      let image = try shop.store.put(manifest.encoded(), mediaType: .ociManifest)
      try shop.store.add(image, names: [ImageReference(parsing: "old")])
      let built = try shop.build("FROM old\nLABEL l=1\n")
      let new = try text(built.result.manifest.config, in: shop)
      for member in [
        #""author":"base""#, #""docker_version":"1.2""#, #""Domainname":"d""#, #""StopTimeout":7"#,
        #""weird":{"deep":[1.5]}"#, #"{"created_by":"old","empty_layer":true,"x":[1,{"y":null}]}"#,
      ] { #expect(new.contains(member), "\(member) in \(new)") }
    }
  }

  /// A codec, docker's types or OCI's, and the media types of manifest, configuration and layer.
  static let forms: [(LayerCodec?, Bool, [String])] = [
    (nil, false, ociTypes + ["application/vnd.oci.image.layer.v1.tar+gzip"]),
    (.gzip, false, ociTypes + ["application/vnd.oci.image.layer.v1.tar+gzip"]),
    (.zstd, false, ociTypes + ["application/vnd.oci.image.layer.v1.tar+zstd"]),
    (LayerCodec.none, false, ociTypes + ["application/vnd.oci.image.layer.v1.tar"]),
    (nil, true, dockerTypes + ["application/vnd.docker.image.rootfs.diff.tar.gzip"]),
    (.gzip, true, dockerTypes + ["application/vnd.docker.image.rootfs.diff.tar.gzip"]),
    (LayerCodec.none, true, dockerTypes + ["application/vnd.docker.image.rootfs.diff.tar"]),
  ]
  private static let ociTypes = [
    "application/vnd.oci.image.manifest.v1+json", "application/vnd.oci.image.config.v1+json",
  ]
  private static let dockerTypes = [
    "application/vnd.docker.distribution.manifest.v2+json", "application/vnd.docker.container.image.v1+json",
  ]

  @Test("I04: media types of OCI and of docker", arguments: forms.indices)
  func mediaTypes(index: Int) throws {
    let (codec, hasDockerTypes, types) = Self.forms[index]
    try Workshop.open { shop in
      try shop.write("f", "f")
      let built = try shop.build("FROM scratch\nCOPY f /f\n")
      var form = ImageForm()
      form.codec = codec
      form.hasDockerTypes = hasDockerTypes
      var export = ImageExport([built.result], store: shop.store)
      let descriptor = try export.image(form).descriptor
      let manifest = try ImageManifest(decoding: shop.store.read(descriptor, limit: 1 << 20))
      let found = [manifest.mediaType, manifest.config.mediaType] + manifest.layers.map(\.mediaType)
      #expect(found.map(\.rawValue) == types)
      #expect(descriptor.mediaType.rawValue == types[0])
      #expect(manifest.config.digest == built.result.manifest.config.digest, "the image is the same")
      #expect(try shop.store.verify().isEmpty)
    }
  }

  @Test("I04: docker has no layers in zstd")
  func dockerWithZstd() throws {
    try Workshop.open { shop in
      try shop.write("f", "f")
      let built = try shop.build("FROM scratch\nCOPY f /f\n")
      var form = ImageForm()
      form.codec = .zstd
      form.hasDockerTypes = true
      var export = ImageExport([built.result], store: shop.store)
      #expect(throws: ExportError.noDockerLayer) { try export.image(form) }
    }
  }

  @Test("I05: schemaVersion is 2, and the layers of an image of metadata only are an empty array")
  func noLayers() throws {
    try Workshop.open { shop in
      let built = try shop.build("FROM scratch\nLABEL a=b\n")
      let manifest = try text(built.result.descriptor, in: shop)
      #expect(
        manifest.hasPrefix(#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","#))
      #expect(manifest.contains(#""layers":[]"#))
      #expect(try text(built.result.manifest.config, in: shop).contains(#""diff_ids":[]"#))
    }
  }

  @Test("I06: docker's extensions are in an OCI configuration too")
  func extensions() throws {
    try Workshop.open { shop in
      let built = try shop.build(
        """
        FROM scratch
        SHELL ["/bin/bash", "-c"]
        HEALTHCHECK --interval=1s CMD ["/ok"]
        ONBUILD LABEL a=b
        """)
      #expect(built.result.manifest.config.mediaType == .ociConfig)
      let config = try text(built.result.manifest.config, in: shop)
      for member in [
        #""Healthcheck":{"Test":["CMD","/ok"],"Interval":1000000000}"#, #""OnBuild":["LABEL a=b"]"#,
        #""Shell":["/bin/bash","-c"]"#,
      ] { #expect(config.contains(member), "\(member) in \(config)") }
    }
  }

  @Test("I05, I12: several platforms make an index that tells them apart; one makes a manifest")
  func index() throws {
    try Workshop.open { shop in
      try shop.write("f", "f")
      let names = ["linux/amd64", "linux/arm/v7", "linux/arm64"]
      let results = try names.map { name in
        let platform = try Platform(parsing: name)
        return try shop.build("FROM scratch\nCOPY f /f\n") { $0.platform = platform }.result
      }
      var export = ImageExport(results, store: shop.store)
      let descriptor = try export.image(ImageForm()).descriptor
      #expect(descriptor.mediaType == .ociIndex)
      let written = try text(descriptor, in: shop)
      #expect(
        written.hasPrefix(#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","#))
      #expect(written.contains(#""platform":{"architecture":"arm","os":"linux","variant":"v7"}"#))
      let index = try ImageIndex(decoding: Array(written.utf8))
      #expect(index.manifests.map { $0.platform?.description } == names)
      #expect(index.manifests.map(\.digest) == results.map(\.descriptor.digest))
      #expect(index.manifests.allSatisfy { $0.mediaType == .ociManifest })
      var single = ImageExport([results[1]], store: shop.store)
      let one = try single.image(ImageForm()).descriptor
      #expect(one.mediaType == .ociManifest && one.digest == results[1].descriptor.digest)
      #expect(one.platform?.description == "linux/arm/v7")
    }
  }

  @Test("I13: a layer that comes twice is listed twice, and its blob is there once")
  func repeatedLayer() throws {
    try Workshop.open { shop in
      let built = try shop.build("FROM scratch\nWORKDIR /a\nWORKDIR /a\nWORKDIR /a\n")
      #expect(built.layers == [["a/"], [], []])
      let layers = built.result.manifest.layers
      #expect(layers[1] == layers[2] && layers[0] != layers[1])
      #expect(built.result.image.diffIDs[1] == built.result.image.diffIDs[2])
      let name = try ImageReference(parsing: "twice")
      let export = try ArchiveExport(store: shop.store, image: built.result.descriptor, names: [name])
      let tar = shop.folder + "/twice.tar"
      try export.writeTar(to: Array(tar.utf8))
      let members = try Processes.run("tar", ["-tf", tar]).outputText.split(separator: "\n")
      #expect(members.count { $0.hasSuffix(layers[1].digest.hex) } == 1)
      let docker = try Processes.run("tar", ["-xOf", tar, "manifest.json"]).outputText
      #expect(docker.split(separator: layers[1].digest.hex).count == 3)
      let other = try OCILayoutStore.open(root: Array("\(shop.folder)/other".utf8))
      _ = try other.load(Array(tar.utf8))
      #expect(try other.resolve(name, platform: nil).manifest == built.result.manifest)
      #expect(try other.verify().isEmpty)
    }
  }
}
