import TestSupport
import Testing

/// The store's commands with what a tool like oras has put into its layout: artifacts, indexes in indexes, types that nobody knows.
@Suite(
  "The store's commands, with artifacts of other tools",
  .enabled(if: Processes.slipway != nil, "the program has not been built"))
struct ForeignStoreTests {
  private struct Shop {
    let folder: String
    let program: String

    func slipway(_ arguments: String...) throws -> ProcessResult {
      try Processes.run(
        program, arguments,
        environment: ["HOME": folder, "SLIPWAY_ROOT": folder + "/store", "SOURCE_DATE_EPOCH": "1700000000"],
        folder: folder)
    }

    /// Runs slipway, which has to do well and complain of nothing.
    @discardableResult
    func run(_ arguments: String...) throws -> String {
      let result = try Processes.run(
        program, arguments,
        environment: ["HOME": folder, "SLIPWAY_ROOT": folder + "/store", "SOURCE_DATE_EPOCH": "1700000000"],
        folder: folder)
      #expect(result.status == 0 && result.errorText == "", "\(arguments): \(result.errorText)")
      return result.outputText
    }

    /// Puts a blob into the store's layout, as a descriptor with more members.
    func blob(_ text: String, _ type: String, _ more: String = "") throws -> String {
      try Files.write(Array(text.utf8), to: folder + "/blob")
      let sum = try Processes.run("sha256sum", [folder + "/blob"]).outputText.prefix { $0 != " " }
      try Files.write(Array(text.utf8), to: "\(folder)/store/blobs/sha256/\(sum)")
      return #"{"mediaType":"\#(type)","digest":"sha256:\#(sum)","size":\#(text.utf8.count)\#(more)}"#
    }

    func artifact(_ layer: String, _ more: String = "") throws -> String {
      let empty = try blob("{}", "application/vnd.oci.empty.v1+json")
      return try blob(
        """
        {"schemaVersion":2,"mediaType":"\(manifest)","artifactType":"application/vnd.tests.chart",\
        "config":\(empty),"layers":[\(blob(layer, "text/plain"))]}
        """, manifest, more)
    }

    func index(_ entries: String...) throws -> String {
      try blob(
        #"{"schemaVersion":2,"mediaType":"\#(indexType)","manifests":[\#(entries.joined(separator: ","))]}"#,
        indexType)
    }

    let manifest = "application/vnd.oci.image.manifest.v1+json"
    let indexType = "application/vnd.oci.image.index.v1+json"

    /// Lists descriptors behind the store's own.
    func list(_ entries: String...) throws {
      let path = folder + "/store/index.json"
      let text = String(decoding: try Files.read(path), as: UTF8.self)
      try #require(text.hasSuffix("]}"))
      try Files.write(Array((text.dropLast(2) + "," + entries.joined(separator: ",") + "]}").utf8), to: path)
    }

    func blobs() throws -> Int { try Files.names(in: folder + "/store/blobs/sha256").count }
  }

  private func withShop(_ body: (Shop) throws -> Void) throws {
    let program = try #require(Processes.slipway)
    try Files.withTemporaryFolder { folder in
      try Files.write(Array("FROM scratch\nCOPY Dockerfile /\n".utf8), to: folder + "/c/Dockerfile")
      let shop = Shop(folder: folder, program: program)
      try shop.run("build", "-q", "-t", "app:1", "c")
      try body(shop)
    }
  }

  private static let reference = #","annotations":{"org.opencontainers.image.ref.name":"chart"}"#

  @Test("Artifacts are listed as such, cost nobody anything, and stay until they are removed")
  func artifacts() throws {
    try withShop { shop in
      let before = try shop.blobs()
      let chart = try shop.artifact("chart", Self.reference)
      let nested = try shop.index(shop.index(shop.artifact("deep")))
      try shop.list(chart, nested, shop.blob("just text", "text/x-readme"))
      let all = try shop.blobs()
      #expect(all > before + 6)

      let list = try shop.run("images", "--format", "{{.Repository}} {{.Tag}} {{.Platform}} {{.Size}}")
      let rows = list.split(separator: "\n").map(String.init)
      #expect(rows.count == 4 && rows[0].hasPrefix("app 1 linux/") && rows[1] == "<none> chart artifact 7B")
      #expect(rows[2...].allSatisfy { $0.hasPrefix("<none> <none> artifact ") }, "\(list)")
      #expect(try shop.run("images", "-q").split(separator: "\n").count == 4)
      #expect(
        try shop.run("images", "-q", "--filter", "dangling=true") == "", "they are left over from nothing")
      #expect(try shop.run("images", "-q", "--filter", "reference=chart").split(separator: "\n").count == 1)
      #expect(try shop.run("images", "-q", "--filter", "label=a", "--filter", "since=app:1") == "")
      #expect(try shop.run("du").contains("Images            4"))
      #expect(try shop.run("du", "-v").contains("<none>       chart"))
      #expect(try shop.run("verify") == "")
      #expect(
        try shop.run("inspect", "--format", "manifest", "chart").contains("application/vnd.tests.chart"))
      let refused = try shop.slipway("inspect", "chart")
      #expect(
        refused.status == 1 && refused.errorText.contains("is no container image"), "\(refused.errorText)")
      try shop.run("prune", "-f", "--all")
      #expect(try shop.blobs() == all)
      try shop.run("tag", "app:1", "app:2")
      #expect(try shop.run("images", "-q", "--no-trunc").split(separator: "\n").count == 4)

      #expect(try shop.run("rmi", "chart").hasPrefix("Untagged: chart\nDeleted: sha256:"))
      for id in try shop.run("images", "--format", "{{.Platform}} {{.ID}}").split(separator: "\n")
      where id.hasPrefix("artifact ") { try shop.run("rmi", String(id.dropFirst(9))) }
      #expect(try shop.blobs() == before)
      #expect(try shop.run("verify") == "")
    }
  }

  @Test("What is damaged or cannot be read is told, and hides nothing else")
  func damaged() throws {
    try withShop { shop in
      let broken = try shop.blob("{}", shop.manifest)
      let hex = String(repeating: "a", count: 128)
      try shop.list(
        broken, #"{"mediaType":"\#(shop.manifest)","digest":"sha512:\#(hex)","size":2}"#,
        #"{"mediaType":"\#(shop.indexType)","digest":"sha256:\#(hex.prefix(64))","size":2}"#)
      let list = try shop.slipway("images", "--format", "{{.Repository}}:{{.Tag}}")
      #expect(list.status == 0 && list.outputText == "app:1\n<none>:<none>\n<none>:<none>\n")
      for text in ["sha512:\(hex)", "schemaVersion is missing", "sha256:\(hex.prefix(64)) is missing"] {
        #expect(list.errorText.contains(text), "\(list.errorText)")
      }
      #expect(try shop.slipway("inspect", "app:1").status == 0)
      #expect(try shop.run("inspect", "app:1").contains("app:1"))
      let problems = try shop.slipway("verify")
      #expect(
        problems.status == 1 && problems.outputText.split(separator: "\n").count == 2,
        "\(problems.outputText)")
      for command in [["du"], ["prune", "-f"], ["rmi", "app:1"]] {
        let result = try Processes.run(
          shop.program, command, environment: ["HOME": shop.folder, "SLIPWAY_ROOT": shop.folder + "/store"])
        #expect(result.status == 0, "\(command): \(result.errorText)")
      }
    }
  }
  @Test("Sizes that no blob can have are told, and summed up by nobody")
  func sizes() throws {
    try withShop { shop in
      let layer = try shop.blob("x", "text/plain").replacing("\"size\":1", with: "\"size\":\(Int64.max)")
      let document = """
        {"schemaVersion":2,"mediaType":"\(shop.manifest)","config":\(try shop.blob("{}", "a/b")),\
        "layers":[\(layer),\(layer)]}
        """
      try shop.list(shop.blob(document, shop.manifest))
      let list = try shop.slipway("images", "--format", "{{.Repository}}:{{.Tag}}")
      #expect(list.status == 0 && list.outputText == "app:1\n<none>:<none>\n")
      #expect(list.errorText.contains("\(Int64.max)"), "\(list.errorText)")
      #expect(try shop.slipway("verify").status == 1)
      for command in ["du", "prune"] {
        let result = try shop.slipway(command, command == "du" ? "-v" : "-f")
        #expect(result.status == 0, "\(command): \(result.errorText)")
      }
    }
  }
}
