import Glibc
import TestSupport
import Testing

/// `slipway copy` between every two kinds of place.
@Suite("slipway copy", .enabled(if: Processes.slipway != nil, "the program has not been built"))
struct CopyCommandTests {
  /// A folder with the image `app:1` in its store.
  private struct Shop {
    let folder: String
    let program: String

    func slipway(_ arguments: [String]) throws -> ProcessResult {
      try Processes.run(
        program, arguments,
        environment: [
          "HOME": folder, "SLIPWAY_ROOT": folder + "/store", "DOCKER_CONFIG": nil, "REGISTRY_AUTH_FILE": nil,
          "XDG_RUNTIME_DIR": folder + "/run", "XDG_CONFIG_HOME": nil, "SOURCE_DATE_EPOCH": "1700000000",
          "http_proxy": nil, "HTTP_PROXY": nil, "https_proxy": nil, "HTTPS_PROXY": nil, "ALL_PROXY": nil,
          "all_proxy": nil,
        ], folder: folder)
    }

    @discardableResult
    func run(_ arguments: String...) throws -> String {
      let result = try slipway(arguments)
      #expect(result.status == 0, "\(arguments): \(result.errorText)")
      return result.outputText
    }

    /// How many blobs are in the store.
    func blobs() throws -> Int {
      try Processes.run("ls", [folder + "/store/blobs/sha256"], folder: folder).outputText.split(
        separator: "\n"
      ).count
    }
  }

  private func withShop(_ body: (Shop, _ digest: String) throws -> Void) throws {
    let program = try #require(Processes.slipway)
    try Files.withTemporaryFolder { folder in
      let shop = Shop(folder: folder, program: program)
      try Files.write(
        Array("FROM scratch\nARG TARGETARCH\nCOPY Dockerfile /$TARGETARCH\n".utf8),
        to: folder + "/c/Dockerfile")
      let digest = try shop.run("build", "-q", "--platform", "linux/amd64,linux/arm64", "-t", "app:1", "c")
      try body(shop, digest)
    }
  }

  @Test("Through the store, a layout and an archive the digest stays the same, for all platforms")
  func files() throws {
    try withShop { shop, digest in
      #expect(try shop.run("copy", "-q", "app:1", "oci:layout:team/app:2") == digest)
      #expect(try shop.run("copy", "-q", "oci:layout", "oci-archive:a.tar") == digest)
      let before = try shop.blobs()
      #expect(try shop.run("copy", "-q", "oci-archive:a.tar", "docker-archive:b.tar:other:3") == digest)
      #expect(try shop.run("copy", "-q", "docker-archive:b.tar:other:3", "oci:layout:again:4") == digest)
      #expect(try shop.blobs() == before, "what only passes through must not stay")
      #expect(try shop.run("copy", "-q", "oci:layout:again:4", "back:5") == digest)
      #expect(try shop.run("images", "-q", "--no-trunc", "back:5") == digest)
      #expect(try shop.run("copy", "back:5", "same:6").hasSuffix("Digest: \(digest)"))
      #expect(try shop.run("verify") == "")
      if Processes.find("skopeo") != nil {
        let seen = try Processes.run(
          "skopeo", ["inspect", "--raw", "oci:layout:team/app:2"], folder: shop.folder)
        #expect(seen.status == 0 && seen.outputText.contains("arm64"), "\(seen.errorText)")
      }
    }
  }

  @Test("A lone word names an image in a layout, as skopeo and umoci have it")
  func labels() throws {
    try withShop { shop, digest in
      let one = try shop.run("copy", "-q", "--platform", "linux/arm64", "app:1", "oci:layout:arm")
      for name in ["v1", "again:2"] {
        #expect(try shop.run("copy", "-q", "app:1", "oci:layout:" + name) == digest)
      }
      #expect(try shop.run("copy", "-q", "oci:layout:v1", "oci-archive:a.tar:v2") == digest)
      #expect(try shop.run("copy", "-q", "oci-archive:a.tar:v2", "from-v2:1") == digest)
      #expect(try shop.run("copy", "-q", "oci:layout:arm", "from-arm:1") == one)
      let refused = try shop.slipway(["copy", "oci:layout:v3", "x:1"])
      #expect(
        refused.errorText.contains("there is no image v3 in it; there are again:2, arm, v1"),
        "\(refused.errorText)")
      // The word moves to another image, which the other one survives.
      #expect(try shop.run("copy", "-q", "app:1", "oci:layout:arm") == digest)
      #expect(try shop.run("copy", "-q", "oci:layout:arm", "again-arm:1") == digest)
      #expect(try shop.run("copy", "-q", "oci:layout@" + one.filter { $0 != "\n" }, "kept:1") == one)
      #expect(try shop.slipway(["copy", "app:1", "oci:layout:no word"]).status == 2)
    }
  }

  @Test("One platform of an image")
  func platform() throws {
    try withShop { shop, digest in
      let one = try shop.run("copy", "-q", "--platform", "linux/arm64", "app:1", "oci:arm:app:1")
      #expect(one != digest)
      #expect(try shop.run("copy", "-q", "oci:arm", "arm:1") == one)
      #expect(
        try shop.run("inspect", "--platform", "linux/arm64", "--format", "config", "arm:1").contains("arm64"))
      let refused = try shop.slipway(["copy", "--platform", "linux/s390x", "app:1", "oci:none"])
      #expect(refused.status == 1 && refused.errorText.contains("s390x"), "\(refused.errorText)")
    }
  }

  @Test("What is missing, ambiguous or no place is said, with what there is")
  func errors() throws {
    try withShop { shop, _ in
      try shop.run("copy", "app:1", "oci:two:one:1")
      try shop.run("copy", "--platform", "linux/amd64", "app:1", "oci:two:two:2")
      let cases: [([String], Int32, String)] = [
        (["nothing:1", "oci:x"], 1, "there is no image nothing:1 in the local store"),
        (["oci:two", "x:1"], 1, "there are 2 images in it: write two:NAME with one of one:1, two:2"),
        (["oci:two:three", "x:1"], 1, "there is no image three in it; there are one:1, two:2"),
        (["oci:missing", "x:1"], 2, "missing"),
        (["app:1", "dir:x"], 2, "`dir:` is not known; write docker://NAME"),
        (["app:1", "https://example.com/x"], 2, "`https://` is not known; write docker://NAME"),
        (["app:1", "docker://"], 1, "what stands behind `docker://` is missing"),
        (["app:1", "docker://x/y@sha256:\(String(repeating: "0", count: 64))"], 2, "write a tag"),
      ]
      for (arguments, status, text) in cases {
        let refused = try shop.slipway(["copy"] + arguments)
        #expect(refused.status == status, "\(arguments): \(refused.status)")
        #expect(refused.errorText.contains(text), "\(arguments): \(refused.errorText)")
      }
    }
  }

  @Test(
    "From registry to registry, and between registries and files, with nothing left in the store",
    .enabled(if: DockerRegistry.isInstalled, "docker-registry is not installed"))
  func registries() throws {
    try withShop { shop, digest in
      let first = try DockerRegistry(shop.folder + "/first")
      let second = try DockerRegistry(shop.folder + "/second")
      let (one, other) = (
        "docker://\(first.authority)/team/app:1", "docker://\(second.authority)/mirror/app:9"
      )
      #expect(try shop.run("copy", "-q", "app:1", one) == digest)
      let before = try shop.blobs()
      #expect(try shop.run("copy", "-q", one, other) == digest)
      #expect(try shop.run("copy", "-q", other, "oci-archive:got.tar") == digest)
      #expect(
        try shop.run("copy", "-q", "oci-archive:got.tar", "docker://\(second.authority)/from-file:1")
          == digest)
      #expect(try shop.blobs() == before)
      #expect(
        try shop.run("copy", "-q", "docker://\(second.authority)/mirror/app@\(digest.dropLast())", "pinned:1")
          == digest)
      if Processes.find("skopeo") != nil {
        let seen = try Processes.run(
          "skopeo", ["inspect", "--tls-verify=false", "--format", "{{.Digest}}", other])
        #expect(seen.outputText == digest, "\(seen.errorText)")
      }
    }
  }
}
