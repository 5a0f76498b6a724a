import TestSupport
import Testing

/// Blobs of the store that are gone, cut or changed: what comes from a registry comes anew, and the rest is named.
@Suite(
  "Damaged images of the store",
  .enabled(if: Processes.slipway != nil, "the program has not been built"),
  .enabled(if: DockerRegistry.isInstalled, "docker-registry is not installed"))
struct DamagedImageTests {
  private struct Shop {
    let folder: String
    let program: String
    /// The base in the registry, and one that is only here.
    var remote = ""
    let local = "here.example.com/local:1"

    func slipway(_ arguments: String...) throws -> ProcessResult {
      try Processes.run(
        program, arguments,
        environment: [
          "HOME": folder + "/home", "SLIPWAY_ROOT": folder + "/store", "XDG_CONFIG_HOME": nil,
          "DOCKER_CONFIG": nil,
          "REGISTRY_AUTH_FILE": nil, "XDG_RUNTIME_DIR": folder + "/run", "SOURCE_DATE_EPOCH": "1700000000",
          "SLIPWAY_REGISTRY_MIRRORS": "", "http_proxy": nil, "HTTP_PROXY": nil, "https_proxy": nil,
          "HTTPS_PROXY": nil, "ALL_PROXY": nil, "all_proxy": nil,
        ], folder: folder)
    }

    /// Where the layer of an image lies.
    func layer(of name: String) throws -> String {
      let listed = try slipway("history", "-q", name).outputText
      return folder + "/store/blobs/sha256/" + listed.dropFirst(7).prefix(64)
    }

    func build(on base: String) throws -> ProcessResult {
      try Files.write(Array("FROM \(base)\nCOPY g /g\n".utf8), to: folder + "/d/Dockerfile")
      return try slipway("build", "-q", "--no-cache", "d")
    }
  }

  private func withShop(_ body: (Shop) throws -> Void) throws {
    let program = try #require(Processes.slipway)
    try Files.withTemporaryFolder { folder in
      let registry = try DockerRegistry(folder + "/registry")
      var shop = Shop(folder: folder, program: program)
      shop.remote = registry.authority + "/base:1"
      for (name, content) in [(shop.remote, "remote"), (shop.local, "local")] {
        try Files.write(Array("FROM scratch\nCOPY f /f\n".utf8), to: folder + "/c/Dockerfile")
        try Files.write(Array(content.utf8), to: folder + "/c/f")
        #expect(try shop.slipway("build", "-q", "-t", name, "c").status == 0)
      }
      try Files.write(Array("more".utf8), to: folder + "/d/g")
      #expect(try shop.slipway("push", "-q", shop.remote).status == 0)
      try withExtendedLifetime(registry) { try body(shop) }
    }
  }

  @Test("A base whose layer is gone or cut is fetched anew by the build; one that is only here is named")
  func gone() throws {
    try withShop { shop in
      let layer = try shop.layer(of: shop.remote)
      let whole = try Files.read(layer)
      for damage in [nil, Array(whole.dropLast())] {
        Files.remove(layer)
        if let damage { try Files.write(damage, to: layer) }
        let built = try shop.build(on: shop.remote)
        #expect(built.status == 0, "\(built.errorText)")
        #expect(try Files.read(layer) == whole)
      }
      Files.remove(try shop.layer(of: shop.local))
      let refused = try shop.build(on: shop.local)
      #expect(refused.status != 0)
      #expect(
        refused.errorText.contains("Dockerfile:1:6: error: the base image `\(shop.local)`: sha256:")
          && refused.errorText.contains(" is missing") && refused.errorText.contains("slipway verify"),
        "\(refused.errorText)")
    }
  }

  @Test("A layer whose content is another one is named by build and push, and pull brings it in anew")
  func changed() throws {
    try withShop { shop in
      let layer = try shop.layer(of: shop.remote)
      var content = try Files.read(layer)
      content[content.count / 2] ^= 0xFF
      Files.remove(layer)
      try Files.write(content, to: layer)
      let other = shop.remote.replacing("/base", with: "/other")
      #expect(try shop.slipway("tag", shop.remote, other).status == 0)
      for result in [try shop.build(on: shop.remote), try shop.slipway("push", other)] {
        #expect(result.status == 1, "\(result.errorText)")
        #expect(
          result.errorText.contains("is not what it should be: its digest is sha256:"), "\(result.errorText)")
      }
      #expect(try shop.slipway("verify").status == 1)
      #expect(try shop.slipway("pull", "-q", shop.remote).status == 0)
      #expect(try shop.slipway("verify").status == 0)
      #expect(try shop.build(on: shop.remote).status == 0)
    }
  }
}
