import TestSupport
import Testing

/// Mirrors as a user sets them: by option, by environment, and in docker's file.
@Suite(
  "Mirrors of registries", .enabled(if: Processes.slipway != nil, "the program has not been built"),
  .enabled(if: DockerRegistry.isInstalled, "docker-registry is not installed"))
struct MirrorCommandTests {
  /// A folder with `app:1` below `copy` on a mirror, and a registry that has nothing.
  private struct Shop {
    let folder: String
    let program: String
    let mirror: DockerRegistry
    let registry: DockerRegistry
    let digest: String

    var name: String { registry.authority + "/app:1" }
    var setting: String { "\(registry.authority)=http://\(mirror.authority)/copy" }

    func slipway(_ arguments: [String], _ variables: [String: String?] = [:]) throws -> ProcessResult {
      try MirrorCommandTests.slipway(program, folder, arguments, variables)
    }

    /// Whether the image is in the store; it is gone from it afterwards.
    func takeOut() throws -> Bool { try slipway(["rmi", name]).status == 0 }
  }

  private static func slipway(
    _ program: String, _ folder: String, _ arguments: [String], _ variables: [String: String?] = [:]
  ) throws -> ProcessResult {
    let own: [String: String?] = [
      "HOME": folder + "/home", "SLIPWAY_ROOT": folder + "/store", "DOCKER_CONFIG": nil,
      "REGISTRY_AUTH_FILE": nil,
      "XDG_RUNTIME_DIR": folder + "/run", "XDG_CONFIG_HOME": nil, "SOURCE_DATE_EPOCH": "1700000000",
      "http_proxy": nil, "HTTP_PROXY": nil, "https_proxy": nil, "HTTPS_PROXY": nil, "ALL_PROXY": nil,
      "all_proxy": nil,
      "SLIPWAY_REGISTRY_MIRRORS": "",
    ]
    return try Processes.run(program, arguments, environment: own.merging(variables) { $1 }, folder: folder)
  }

  private func withShop(_ body: (Shop) throws -> Void) throws {
    let program = try #require(Processes.slipway)
    try Files.withTemporaryFolder { folder in
      try Files.write(Array("FROM scratch\nCOPY Dockerfile /\n".utf8), to: folder + "/c/Dockerfile")
      let mirror = try DockerRegistry(folder + "/mirror")
      let built = try Self.slipway(
        program, folder, ["build", "-q", "-t", "\(mirror.authority)/copy/app:1", "--push", "c"],
        ["SLIPWAY_ROOT": folder + "/first"])
      #expect(built.status == 0, "\(built.errorText)")
      try body(
        Shop(
          folder: folder, program: program, mirror: mirror, registry: DockerRegistry(folder + "/registry"),
          digest: String(built.outputText.prefix { $0 != "\n" })))
    }
  }

  @Test("pull, copy and build take an image from the mirror that an option names, and the environment's")
  func commands() throws {
    try withShop { (shop) throws in
      #expect(try shop.slipway(["pull", shop.name]).status == 1)
      let pulled = try shop.slipway(["pull", "--registry-mirror", shop.setting, shop.name])
      #expect(
        pulled.status == 0 && pulled.outputText.hasPrefix("Digest: \(shop.digest)\n"), "\(pulled.errorText)")
      #expect(try shop.takeOut())
      let variables = ["SLIPWAY_REGISTRY_MIRRORS": "https://unused.example.com, \(shop.setting)"]
      #expect(try shop.slipway(["pull", "-q", shop.name], variables).status == 0)
      #expect(try shop.takeOut())
      let copied = try shop.slipway(["copy", "-q", "docker://" + shop.name, "oci:got"], variables)
      #expect(copied.outputText == shop.digest + "\n", "\(copied.errorText)")
      try Files.write(Array("FROM \(shop.name)\nLABEL a=b\n".utf8), to: shop.folder + "/d/Dockerfile")
      for option in [[], ["--pull"]] {
        let built = try shop.slipway(["build", "-q", "d"] + option, variables)
        #expect(built.status == 0, "\(built.errorText)")
      }
    }
  }

  @Test("A cache in a registry comes from its mirror; without one there, from the registry")
  func caches() throws {
    try withShop { (shop) throws in
      let name = shop.registry.authority + "/app:cache"
      let copy = shop.mirror.authority + "/copy/app:cache"
      func build(_ root: String, _ options: [String]) throws -> ProcessResult {
        let built = try shop.slipway(
          ["build", "--progress", "plain"] + options + ["c"], ["SLIPWAY_ROOT": "\(shop.folder)/\(root)"])
        #expect(built.status == 0, "\(built.errorText)")
        return built
      }
      let mirror = ["--registry-mirror", shop.setting, "--cache-from", "type=registry,ref=" + name]
      #expect(
        try build("none", mirror).errorText.contains(
          "warning: --cache-from type=registry,ref=\(name): the mirror \(shop.mirror.authority) is passed over: "
        ))
      _ = try build("writer", ["--cache-to", "type=registry,ref=\(copy),mode=max"])
      let taken = try build("taker", mirror)
      #expect(
        taken.errorText.contains("CACHED") && !taken.errorText.contains("warning"), "\(taken.errorText)")
      let without = try build("other", Array(mirror.dropFirst(2)))
      #expect(!without.errorText.contains("CACHED"), "\(without.errorText)")
      #expect(without.errorText.contains("there is no cache yet"))
    }
  }

  @Test("A mirror that is not there is a note; the registry gives the image")
  func broken() throws {
    try withShop { (shop) throws in
      let pushed = try shop.slipway([
        "copy", "docker://\(shop.mirror.authority)/copy/app:1", "docker://" + shop.name,
      ])
      #expect(pushed.status == 0, "\(pushed.errorText)")
      // A port of the loopback device where nobody can listen.
      let arguments = ["--registry-mirror", "\(shop.registry.authority)=http://127.0.0.1:1"]
      let pulled = try shop.slipway(["pull"] + arguments + [shop.name])
      #expect(pulled.status == 0)
      #expect(
        pulled.errorText.contains("slipway: the mirror 127.0.0.1:1 is passed over: "), "\(pulled.errorText)")
      #expect(try shop.takeOut())
      try Files.write(Array("FROM \(shop.name)\nLABEL a=b\n".utf8), to: shop.folder + "/d/Dockerfile")
      let built = try shop.slipway(["build", "--progress", "plain"] + arguments + ["d"])
      #expect(built.status == 0)
      #expect(
        built.errorText.contains("warning: the mirror 127.0.0.1:1 is passed over: "), "\(built.errorText)")
    }
  }

  @Test(
    "docker's daemon.json counts for docker.io, unless something else is said; what is wrong in it is a note")
  func daemonFile() throws {
    try withShop { (shop) throws in
      let again = try shop.slipway(
        [
          "copy", "docker://\(shop.mirror.authority)/copy/app:1",
          "docker://\(shop.mirror.authority)/library/app:1",
        ])
      #expect(again.status == 0, "\(again.errorText)")
      let file = shop.folder + "/home/.config/docker/daemon.json"
      try Files.write(Array(#"{"registry-mirrors": ["http://\#(shop.mirror.authority)"]}"#.utf8), to: file)
      let pulled = try shop.slipway(["pull", "app:1"], ["SLIPWAY_REGISTRY_MIRRORS": nil])
      #expect(
        pulled.status == 0 && pulled.outputText.hasPrefix("Digest: \(shop.digest)\n"), "\(pulled.errorText)")
      #expect(pulled.outputText.hasSuffix("docker.io/library/app:1\n"))
      try Files.write(Array("{".utf8), to: file)
      let broken = try shop.slipway(
        ["pull", shop.mirror.authority + "/copy/app:1"], ["SLIPWAY_REGISTRY_MIRRORS": nil])
      #expect(broken.status == 0)
      #expect(broken.errorText.contains("daemon.json: line 1, column "), "\(broken.errorText)")
      #expect(broken.errorText.contains("its registry-mirrors are not used"))
    }
  }

  @Test("What is no mirror is wrong usage")
  func usage() throws {
    try withShop { (shop) throws in
      for text in ["ftp://x", "a=b=c", "https://me:word@m.example.com"] {
        let refused = try shop.slipway(["pull", "--registry-mirror", text, "x"])
        #expect(
          refused.status == 2 && refused.errorText.contains("write HOST=https://MIRROR"),
          "\(refused.errorText)")
        #expect(try shop.slipway(["pull", "x"], ["SLIPWAY_REGISTRY_MIRRORS": text]).status == 2)
      }
    }
  }
}
