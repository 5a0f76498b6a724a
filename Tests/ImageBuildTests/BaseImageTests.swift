import FileTree
import ImageStore
import OCIModel
import TestSupport
import Testing

@testable import ImageBuild

/// What FROM stands for, by the numbers of the semantics that Slipway follows.
@Suite("Bases")
struct BaseImageTests {
  /// A build of one file, which is the only one in the image; the store has it under a name.
  private func makeImage(
    _ name: String, holding file: String, for platform: Platform? = nil, in shop: Workshop
  ) throws -> OCIModel.Descriptor {
    let image = try shop.build("FROM scratch\nCOPY <<E /\(file)\nE\n") { $0.platform = platform }
    try shop.store.add(image.result.descriptor, names: [ImageReference(parsing: name)])
    return image.result.descriptor
  }

  @Test("F09 a named context goes before stages and images of its name: an image, a folder")
  func namedContexts() throws {
    try Workshop.open { shop in
      try shop.write("own", "")
      _ = try makeImage("given", holding: "of-the-image", in: shop)
      _ = try makeImage("example.com/base:1", holding: "base", in: shop)
      try Files.write([], to: shop.folder + "/named/of-the-folder")
      let folder = NamedContext.Kind.folder(BytePath(shop.folder + "/named"), IgnoreFile())
      for (kind, file) in [(NamedContext.Kind.image("given"), "of-the-image"), (folder, "of-the-folder")] {
        func paths(_ text: String) throws -> [String] {
          try shop.build(text) { request in
            request.namedContexts = [
              NamedContext(name: "s", kind: kind), NamedContext(name: "example.com/base:1", kind: kind),
            ]
          }.paths
        }
        #expect(try paths("FROM scratch AS s\nCOPY own /own\nFROM s\n") == [file])
        #expect(try paths("FROM scratch AS S\nCOPY own /own\nFROM scratch\nCOPY --from=S / /\n") == [file])
        #expect(try paths("FROM example.com/base:1\n") == [file])
        #expect(try paths("FROM scratch\nCOPY --from=example.com/base:1 / /\n") == [file])
        // The stage itself is still there for who builds it.
        #expect(try paths("FROM scratch AS s\nCOPY own /own\n") == ["own"])
      }
    }
  }

  /// Two platforms that this machine is not.
  private static let foreign = ["linux/amd64", "linux/arm64", "linux/riscv64"].compactMap {
    try? Platform(parsing: $0)
  }.filter { $0.architecture != Platform.host.architecture }

  @Test("F10 the only image of a name is taken with a warning where it is for another platform")
  func otherPlatform() throws {
    try Workshop.open { shop in
      let platform = Self.foreign[0]
      let descriptor = try makeImage("other", holding: "f", for: platform, in: shop)
      let index = try shop.store.put(ImageIndex(manifests: [descriptor]).encoded(), mediaType: .ociIndex)
      try shop.store.add(index, names: [ImageReference(parsing: "other-index")])
      for name in ["other", "other-index"] {
        let image = try shop.build("FROM \(name)\nLABEL a=b\n")
        #expect(
          image.warnings == [
            .platformMismatch(image: name, wanted: .host, actual: platform.normalized)
          ])
        #expect(image.result.image.platform.architecture == platform.architecture)
        #expect(image.paths == ["f"])
        #expect(try shop.build("FROM --platform=\(platform) \(name)\nLABEL a=b\n").warnings == [])
      }
    }
  }

  @Test("F10 of several none of which fits, and of one where another was asked for, none is taken")
  func noPlatform() throws {
    try Workshop.open { shop in
      let images = try Self.foreign.prefix(2).map {
        try makeImage("single", holding: "\($0.architecture)", for: $0, in: shop)
      }
      let index = try shop.store.put(ImageIndex(manifests: images).encoded(), mediaType: .ociIndex)
      try shop.store.add(index, names: [ImageReference(parsing: "several")])
      let available = Self.foreign.prefix(2).map(\.normalized)
      #expect(
        try shop.failure("FROM several\n").kind
          == .base("several", .store(.noSuchPlatform(wanted: .host, available: available))))
      #expect(
        try shop.failure("FROM --platform=\(Platform.host) single\n").kind
          == .base("single", .store(.noSuchPlatform(wanted: .host, available: [available[1]]))))
      for platform in Self.foreign.prefix(2) {
        let image = try shop.build("FROM --platform=\(platform) several\nLABEL a=b\n")
        #expect(image.paths == [platform.architecture])
      }
    }
  }

  @Test("F11 a digest says which image, whatever tag stands before it")
  func digests() throws {
    try Workshop.open { shop in
      let first = try makeImage("app:1", holding: "first", in: shop)
      let second = try makeImage("app:2", holding: "second", in: shop)
      for (name, file) in [
        ("app:1", "first"), ("app:2", "second"), ("app@\(second.digest)", "second"),
        ("app:1@\(second.digest)", "second"), ("app:2@\(first.digest)", "first"),
        ("app:gone@\(first.digest)", "first"),
      ] {
        #expect(try shop.build("FROM \(name)\nLABEL a=b\n").paths == [file], "\(name)")
      }
      let unknown = "app:1@\(Digest(of: []))"
      #expect(try shop.failure("FROM \(unknown)\n").kind == .base(unknown, .notFound))
    }
  }
}
