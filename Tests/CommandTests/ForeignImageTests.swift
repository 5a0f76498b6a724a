import Glibc
import TestSupport
import Testing

/// Images that others have made go into a registry as they are, and come back for others.
@Suite(
  "Other tools' images in a registry",
  .enabled(if: Processes.slipway != nil, "the program has not been built"),
  .enabled(if: DockerRegistry.isInstalled, "docker-registry is not installed"),
  .enabled(if: Processes.find("skopeo") != nil, "skopeo is not installed"))
struct ForeignImageTests {
  private struct Shop {
    let folder: String
    let program: String
    let registry: DockerRegistry

    /// Runs a program, which has to do well.
    func run(_ program: String, _ arguments: [String]) throws -> String {
      let result = try Processes.run(
        program, arguments,
        environment: [
          "HOME": folder + "/home", "SLIPWAY_ROOT": folder + "/store", "DOCKER_CONFIG": nil,
          "REGISTRY_AUTH_FILE": nil,
          "XDG_RUNTIME_DIR": folder + "/run", "XDG_CONFIG_HOME": nil, "SLIPWAY_REGISTRY_MIRRORS": "",
          "BUILDAH_ISOLATION": "chroot", "SOURCE_DATE_EPOCH": "1700000000", "http_proxy": nil,
          "HTTP_PROXY": nil,
          "https_proxy": nil, "HTTPS_PROXY": nil, "ALL_PROXY": nil, "all_proxy": nil,
        ], folder: folder)
      #expect(result.status == 0, "\(program) \(arguments): \(result.errorText)")
      return result.outputText
    }

    func slipway(_ arguments: String...) throws -> String { try run(program, arguments) }

    /// The digest of what the registry sends, of its very bytes.
    func digest(of name: String) throws -> String {
      try run("skopeo", ["inspect", "--tls-verify=false", "--format", "{{.Digest}}", "docker://" + name])
        .filter { $0 != "\n" }
    }

    /// Puts a document or layer into a layout.
    func blob(_ text: String, in layout: String) throws -> (digest: String, size: Int) {
      try Files.write(Array(text.utf8), to: folder + "/blob")
      let sum = try run("sha256sum", ["blob"]).prefix { $0 != " " }
      try Files.write(Array(text.utf8), to: "\(folder)/\(layout)/blobs/sha256/\(sum)")
      return ("sha256:\(sum)", text.utf8.count)
    }
  }

  private func withShop(_ body: (Shop) throws -> Void) throws {
    let program = try #require(Processes.slipway)
    try Files.withTemporaryFolder { folder in
      try Files.createFolder(folder + "/home")
      try Files.createFolder(folder + "/run")
      try Files.write(
        Array("FROM scratch\nCOPY Dockerfile /\nLABEL a=b\n".utf8), to: folder + "/c/Dockerfile")
      try body(Shop(folder: folder, program: program, registry: DockerRegistry(folder + "/registry")))
    }
  }

  @Test(
    "buildah's archives of both kinds",
    .enabled(if: geteuid() == 0 && Processes.find("buildah") != nil, "needs root and buildah"),
    arguments: ["oci-archive", "docker-archive"])
  func buildah(_ kind: String) throws {
    try withShop { (shop) throws in
      let buildah = [
        "--storage-driver", "vfs", "--root", shop.folder + "/b", "--runroot", shop.folder + "/r",
      ]
      _ = try shop.run("buildah", buildah + ["bud", "-q", "-t", "made", "c"])
      _ = try shop.run("buildah", buildah + ["push", "-q", "made", "\(kind):\(shop.folder)/made.tar:made:1"])
      let name = shop.registry.authority + "/team/made:1"
      _ = try shop.slipway("load", "-q", "-i", "made.tar", "-t", name)
      let pushed = try shop.slipway("push", "-q", name).filter { $0 != "\n" }
      #expect(try shop.digest(of: name) == pushed)
      if kind == "oci-archive" {
        // A layout has a manifest, which has to stay what it is.
        let there = try shop.run(
          "skopeo", ["inspect", "--format", "{{.Digest}}", "oci-archive:\(shop.folder)/made.tar"])
        #expect(there == pushed + "\n")
      }
      // Every blob is read and compared with its digest.
      _ = try shop.run(
        "skopeo", ["copy", "-q", "--src-tls-verify=false", "docker://" + name, "dir:\(shop.folder)/read"])
    }
  }

  @Test("What cosign has put beside an image, under tags that it makes, comes and goes with the image")
  func cosign() throws {
    try withShop { (shop) throws in
      let name = shop.registry.authority + "/team/app"
      let digest = try shop.slipway("build", "-q", "-t", name + ":1", "--push", "c").filter { $0 != "\n" }
      // A manifest as cosign writes it, put there by skopeo: an image in all but its layer.
      _ = try shop.slipway("build", "-q", "-t", "none", "-o", "type=oci,dest=signature,tar=false", "c")
      let layer = try shop.blob("a payload", in: "signature")
      let config = try shop.blob(
        #"{"architecture":"","os":"","config":{},"rootfs":{"type":"layers","diff_ids":["\#(layer.digest)"]}}"#,
        in: "signature")
      let manifest = try shop.blob(
        """
        {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":\
        {"mediaType":"application/vnd.oci.image.config.v1+json","digest":"\(config.digest)","size":\(config.size)},\
        "layers":[{"mediaType":"application/vnd.dev.cosign.simplesigning.v1+json","digest":"\(layer.digest)",\
        "size":\(layer.size)}]}
        """, in: "signature")
      let tag = digest.replacing(":", with: "-") + ".sig"
      try Files.write(
        Array(
          #"{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"\#(manifest.digest)","size":\#(manifest.size)}]}"#
            .utf8), to: shop.folder + "/signature/index.json")
      _ = try shop.run(
        "skopeo",
        [
          "--insecure-policy", "copy", "-q", "--dest-tls-verify=false", "oci:signature",
          "docker://\(name):\(tag)",
        ])
      let signature = try shop.digest(of: "\(name):\(tag)")

      let other = shop.registry.authority + "/mirror/app"
      let copied = try shop.slipway("copy", "-q", "--referrers", "docker://\(name):1", "docker://\(other):1")
      #expect(copied == digest + "\n")
      #expect(try shop.digest(of: "\(other):\(tag)") == signature)
      let pulled = try shop.slipway("pull", "--root", "pulled", "--referrers", name + ":1")
      #expect(pulled.contains("Referrers: 1\n"), "\(pulled)")
      let seen = try JSONDocument(shop.slipway("inspect", "--root", "pulled", name + ":1")).array[0]
      let annotations = seen["Referrers"].array[0]["annotations"]
      #expect(annotations["org.opencontainers.image.ref.name"].text == tag)
      #expect(try shop.slipway("images", "--root", "pulled", "-q").split(separator: "\n").count == 1)
      #expect(try shop.slipway("verify", "--root", "pulled") == "")
    }
  }

  @Test(
    "A signature in a layout goes with its image through docker-registry, which lists none, and comes back")
  func referrers() throws {
    try withShop { (shop) throws in
      let digest = try shop.slipway("build", "-q", "-t", "app:1", "-o", "type=oci,dest=layout,tar=false", "c")
        .filter { $0 != "\n" }
      let index = try JSONDocument(
        String(decoding: try Files.read(shop.folder + "/layout/index.json"), as: UTF8.self))
      let image = index["manifests"].array[0]
      let empty = try shop.blob("{}", in: "layout")
      let content = try shop.blob("a signature", in: "layout")
      func descriptor(_ type: String, _ blob: (digest: String, size: Int)) -> String {
        #"{"mediaType":"\#(type)","digest":"\#(blob.digest)","size":\#(blob.size)}"#
      }
      let manifestType = "application/vnd.oci.image.manifest.v1+json"
      let manifest = try shop.blob(
        """
        {"schemaVersion":2,"mediaType":"\(manifestType)","artifactType":"application/vnd.tests.signature",\
        "config":\(descriptor("application/vnd.oci.empty.v1+json", empty)),\
        "layers":[\(descriptor("text/plain", content))],\
        "subject":\(descriptor(manifestType, (digest, image["size"].integer)))}
        """, in: "layout")
      // As other tools list it: without a name, and without a word about its kind.
      let entry = #"{"mediaType":"\#(manifestType)","digest":"\#(digest)","size":\#(image["size"].integer)}"#
      try Files.write(
        Array(#"{"schemaVersion":2,"manifests":[\#(entry),\#(descriptor(manifestType, manifest))]}"#.utf8),
        to: shop.folder + "/layout/index.json")

      let name = "docker://\(shop.registry.authority)/team/app:1"
      #expect(try shop.slipway("copy", "-q", "--referrers", "oci:layout", name) == digest + "\n")
      #expect(try shop.digest(of: "\(shop.registry.authority)/team/app:1") == digest)
      let pulled = try shop.slipway("pull", "--referrers", "\(shop.registry.authority)/team/app:1")
      #expect(pulled.hasPrefix("Digest: \(digest)\nReferrers: 1\nStatus: "), "\(pulled)")
      let seen = try JSONDocument(shop.slipway("inspect", "\(shop.registry.authority)/team/app:1")).array[0]
      #expect(seen["Referrers"].array.map { $0["digest"].text } == [manifest.digest])
      #expect(seen["Referrers"].array[0]["artifactType"].text == "application/vnd.tests.signature")
      #expect(try shop.slipway("images", "-q").split(separator: "\n").count == 1)
      #expect(try shop.slipway("verify") == "")
      // An archive of `save` has it where that is asked for, and `load` brings it back.
      for options in [[], ["--referrers"]] {
        let saved = ["save"] + options + ["-o", "saved.tar", "\(shop.registry.authority)/team/app:1"]
        _ = try shop.run(shop.program, saved)
        _ = try shop.slipway("load", "-q", "--root", "loaded\(options.count)", "-i", "saved.tar")
        let loaded = try JSONDocument(
          shop.slipway(
            "inspect", "--root", "loaded\(options.count)", "\(shop.registry.authority)/team/app:1")
        ).array[0]
        let referrers = options.isEmpty ? [] : loaded["Referrers"].array
        #expect(referrers.map { $0["digest"].text } == (options.isEmpty ? [] : [manifest.digest]))
        #expect(loaded.keys.contains("Referrers") == !options.isEmpty)
      }
      _ = try shop.slipway("copy", "--referrers", name, "oci-archive:again.tar")
      #expect(try shop.run("tar", ["tf", "again.tar"]).contains(manifest.digest.dropFirst(7)))
      #expect(try shop.slipway("rmi", "\(shop.registry.authority)/team/app:1") != "")
      #expect(
        try Files.names(in: shop.folder + "/store/blobs/sha256").allSatisfy { !manifest.digest.hasSuffix($0) }
      )
    }
  }
}
