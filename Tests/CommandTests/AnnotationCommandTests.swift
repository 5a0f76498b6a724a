import TestSupport
import Testing

/// `--annotation` of `slipway build`: which document each goes to.
@Suite("Annotations", .enabled(if: Processes.slipway != nil, "the program has not been built"))
struct AnnotationCommandTests {
  /// Builds for platforms into the layout `l`, and hands its folder over.
  private func build(
    _ platforms: String, _ annotations: [String], output: String = "type=oci,dest=l,tar=false",
    _ check: (_ layout: String) throws -> Void
  ) throws {
    try Files.withTemporaryFolder { folder in
      try Files.write(Array("FROM scratch\nLABEL a=b\n".utf8), to: folder + "/c/Dockerfile")
      let built = try Processes.run(
        try #require(Processes.slipway),
        ["build", "--platform", platforms, "-t", "x:1", "-o", output]
          + annotations.flatMap { ["--annotation", $0] } + ["c"],
        environment: ["HOME": folder, "SLIPWAY_ROOT": folder + "/store"], folder: folder)
      #expect(built.status == 0, "\(built.errorText)")
      try check(folder + "/l")
    }
  }

  private func text(_ path: String) throws -> String { String(decoding: try Files.read(path), as: UTF8.self) }

  /// The documents that are blobs of a layout, by a word that they hold.
  private func documents(_ layout: String, holding word: String) throws -> [String] {
    try Files.files(below: layout + "/blobs").map { try text($0) }.filter { $0.contains(word) }
  }

  private static let manifest = #""mediaType":"application/vnd.oci.image.manifest.v1+json","config""#

  @Test("I11: without a prefix an annotation is the manifest's")
  func standard() throws {
    for key in ["k=v", "manifest:k=v"] {
      try build("linux/amd64", [key]) { layout in
        let manifests = try documents(layout, holding: Self.manifest)
        #expect(manifests.count == 1 && manifests[0].hasSuffix(#""annotations":{"k":"v"}}"#))
        #expect(try !text(layout + "/index.json").contains(#""k":"v""#))
      }
    }
  }

  @Test("I11: index, manifest-descriptor, index-descriptor and a platform in brackets, as buildx has them")
  func prefixes() throws {
    let annotations = [
      "all=1", "manifest[linux/arm64]:arm=2", "index:index=3", "manifest-descriptor:each=4",
      "manifest-descriptor[linux/amd64]:amd=5", "index-descriptor:outer=6", "index,manifest:both=7",
    ]
    try build("linux/amd64,linux/arm64", annotations) { layout in
      let manifests = try documents(layout, holding: Self.manifest)
      #expect(manifests.count == 2)
      let ends = manifests.map { $0.split(separator: #""annotations":"#).last.map { String($0) } ?? "" }
      #expect(Set(ends) == [#"{"all":"1","arm":"2","both":"7"}}"#, #"{"all":"1","both":"7"}}"#])
      let indexes = try documents(layout, holding: #""manifests":["#)
      #expect(indexes.count == 1)
      let index = try #require(indexes.first)
      #expect(index.hasSuffix(#""annotations":{"both":"7","index":"3"}}"#), "\(index)")
      let entries = index.split(separator: #"{"mediaType":"#).dropFirst().map { String($0) }
      #expect(entries.count == 2)
      #expect(entries[0].contains(#""annotations":{"amd":"5","each":"4"}"#) && entries[0].contains("amd64"))
      #expect(entries[1].contains(#""annotations":{"each":"4"}"#) && entries[1].contains("arm64"))
      let outer = try text(layout + "/index.json")
      #expect(outer.contains(#""outer":"6""#) && !outer.contains(#""each""#), "\(outer)")
    }
  }

  @Test("I11: the same in the fields of an output")
  func fields() throws {
    let output =
      "type=oci,dest=l,tar=false,annotation.k=v,annotation-index.i=j,annotation-manifest-descriptor[linux/arm64].d=e"
    try build("linux/amd64,linux/arm64", [], output: output) { layout in
      let manifests = try documents(layout, holding: Self.manifest)
      #expect(manifests.count == 2)
      #expect(manifests.allSatisfy { $0.hasSuffix(#""annotations":{"k":"v"}}"#) })
      let index = try #require(try documents(layout, holding: #""manifests":["#).first)
      #expect(index.hasSuffix(#""annotations":{"i":"j"}}"#))
      #expect(index.split(separator: #""annotations":{"d":"e"}"#).count == 2)
    }
  }

  @Test("I12: one platform is listed in index.json with its platform, several as an index")
  func indexes() throws {
    try build("linux/arm/v7", []) { layout in
      let index = try text(layout + "/index.json")
      #expect(index.contains(#""mediaType":"application/vnd.oci.image.manifest.v1+json""#))
      #expect(index.contains(#""platform":{"architecture":"arm","os":"linux","variant":"v7"}"#), "\(index)")
      #expect(try documents(layout, holding: #""manifests":["#).isEmpty)
    }
    try build("linux/arm/v7,linux/amd64", []) { layout in
      let index = try text(layout + "/index.json")
      #expect(index.contains(#""mediaType":"application/vnd.oci.image.index.v1+json""#))
      #expect(try documents(layout, holding: #""manifests":["#).count == 1)
    }
  }

  @Test(
    "I08: type=oci, type=docker and a plain file name give an archive that is both",
    arguments: ["type=oci,dest=l", "type=docker,dest=l", "l.tar"])
  func archives(output: String) throws {
    try build("linux/amd64", [], output: output) { path in
      let tar = output.hasSuffix(".tar") ? path + ".tar" : path
      let names = try Processes.run("tar", ["-tf", tar]).outputText.split(separator: "\n")
      #expect(names.prefix(3) == ["oci-layout", "index.json", "manifest.json"])
      let docker = try Processes.run("tar", ["-xOf", tar, "manifest.json"]).outputText
      #expect(docker.contains(#""RepoTags":["x:1"]"#))
    }
  }
}
