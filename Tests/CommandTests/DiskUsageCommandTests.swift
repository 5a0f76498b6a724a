import Glibc
import TestSupport
import Testing

/// `slipway du`: what takes room in the store, and what of it can go.
@Suite("slipway du", .enabled(if: Processes.slipway != nil, "the program has not been built"))
struct DiskUsageCommandTests {
  private struct Desk {
    let folder: String
    let program: String

    func slipway(_ arguments: [String]) throws -> ProcessResult {
      try Processes.run(
        program, arguments,
        environment: ["HOME": folder, "SLIPWAY_ROOT": folder + "/store", "SOURCE_DATE_EPOCH": "1700000000"],
        folder: folder)
    }

    @discardableResult
    func run(_ arguments: String...) throws -> String {
      let result = try slipway(arguments)
      #expect(result.status == 0, "\(arguments): \(result.errorText)")
      return result.outputText
    }

    /// Builds an image of a layer that is always the same, and one of a text.
    func build(_ name: String, _ text: String) throws {
      try Files.write(Array(text.utf8), to: folder + "/c/own")
      try run("build", "-q", "-t", name, "c")
    }

    /// A column of `slipway du`, by the types of its rows.
    func column(_ name: String) throws -> [String: String] {
      let lines = try run("du", "--format", "{{.Type}}\t{{.\(name)}}").split(separator: "\n")
      return Dictionary(
        uniqueKeysWithValues: lines.map { line in
          let parts = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
          return (parts[0], parts[1])
        })
    }
  }

  private func withDesk(_ body: (Desk) throws -> Void) throws {
    let program = try #require(Processes.slipway)
    try Files.withTemporaryFolder { folder in
      try Files.write(Array("FROM scratch\nCOPY shared /\nCOPY own /\n".utf8), to: folder + "/c/Dockerfile")
      try Files.write([UInt8](repeating: 7, count: 100_000), to: folder + "/c/shared")
      try body(Desk(folder: folder, program: program))
    }
  }

  @Test("Images, steps and blobs are counted, and what images need can not go")
  func counts() throws {
    try withDesk { (desk) throws in
      #expect(try desk.run("du").hasSuffix("\nTotal: 0B\n"))
      try desk.build("one", "1")
      try desk.build("two", "2")
      let total = try desk.column("TotalCount")
      #expect(total["Images"] == "2" && total["Build Cache"] == "3" && total["Unneeded Blobs"] == "0")
      let active = try desk.column("Active")
      #expect(active["Images"] == "2" && active["Build Cache"] == "3" && active["Unfinished Work"] == "0")
      #expect(try desk.column("Reclaimable")["Images"] == "0B (0%)")
      // A name that goes to another image leaves one without; its layer goes with it.
      try desk.run("tag", "two", "one")
      #expect(try desk.column("TotalCount")["Images"] == "2" && desk.column("Active")["Images"] == "1")
      #expect(try desk.column("Reclaimable")["Images"]?.hasPrefix("0B") == false)
    }
  }

  @Test("What is told to be reclaimable is what prune frees")
  func reclaimable() throws {
    try withDesk { (desk) throws in
      try desk.build("one", "1")
      try desk.run("rmi", "one")
      let reclaimable = try desk.column("Reclaimable")
      let size = try #require(reclaimable["Build Cache"]?.split(separator: " ").first)
      #expect(size != "0B" && reclaimable["Unneeded Blobs"] == "0B")
      #expect(try desk.run("prune", "-f").hasSuffix("freed \(size)\n"))
      #expect(try desk.column("Reclaimable")["Build Cache"]?.hasPrefix("0B") == true)
      #expect(try desk.column("TotalCount")["Build Cache"] == "0")
    }
  }

  @Test("-v shows every image with what it shares, and every step; as JSON in bytes")
  func verbose() throws {
    try withDesk { (desk) throws in
      try desk.build("one", "1")
      try desk.build("two", "2")
      let text = try desk.run("du", "-v")
      let lines = text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
      #expect(lines.contains { $0.starts(with: ["one", "latest"]) && $0.count == 6 }, "\(text)")
      #expect(lines.count { $0.dropFirst().first == "regular" && $0.last == "true" } == 3, "\(text)")

      let document = try JSONDocument(desk.run("du", "-v", "--format", "json"))
      let images = document["Images"].array
      #expect(images.count == 2)
      let shared = images.map { $0["SharedSize"].integer }
      #expect(shared[0] == shared[1] && shared[0] > 0)
      #expect(images.allSatisfy { $0["Size"].integer == $0["SharedSize"].integer + $0["UniqueSize"].integer })
      #expect(
        document["ImagesSize"].integer == shared[0] + images.reduce(0) { $0 + $1["UniqueSize"].integer })
      #expect(
        document["BuildCache"].array.allSatisfy { $0["Shared"].bool && $0["CacheType"].text == "regular" })
    }
  }

  @Test(
    "Cache mounts are counted by what they take on the disk",
    .enabled(if: Files.exists("/bin/busybox"), "busybox is missing (Debian: busybox-static)"))
  func mounts() throws {
    try withDesk { (desk) throws in
      #expect(try Processes.run("cp", ["/bin/busybox", desk.folder + "/c/busybox"]).status == 0)
      try Files.write(
        Array(
          """
          FROM scratch
          COPY busybox /bin/busybox
          RUN --mount=type=cache,id=m,target=/m ["/bin/busybox", "dd", "if=/dev/zero", "of=/m/f", "bs=1000", "count=1000"]

          """.utf8), to: desk.folder + "/c/Dockerfile")
      try desk.run("build", "-q", "c")
      #expect(try desk.column("TotalCount")["Cache Mounts"] == "1")
      let document = try JSONDocument(desk.run("du", "-v", "--format", "json"))
      let mount = try #require(
        document["BuildCache"].array.first { $0["CacheType"].text == "exec.cachemount" })
      #expect(mount["Mount"].text == "m" && mount["Size"].integer >= 1_000_000)
      #expect(try desk.run("du", "-v").split(separator: "\n").contains { $0.hasSuffix(" m") })
    }
  }

  @Test("Blobs that nothing needs, and the work of who writes just now, have their own lines")
  func unneeded() throws {
    try withDesk { (desk) throws in
      try desk.build("one", "1")
      let blob = String(repeating: "ab", count: 32)
      try Files.write([1, 2, 3], to: "\(desk.folder)/store/blobs/sha256/\(blob)")
      #expect(try desk.column("TotalCount")["Unneeded Blobs"] == "1")
      #expect(try desk.column("Reclaimable")["Unneeded Blobs"] == "3B (100%)")
    }
  }

  @Test("Formats: a table of chosen columns, an object a line, and what is no format")
  func formats() throws {
    try withDesk { (desk) throws in
      #expect(try desk.run("du", "--format", "table {{.Type}}").hasPrefix("TYPE\nImages\nBuild Cache\n"))
      let lines = try desk.run("du", "--format", "json").split(separator: "\n")
      #expect(lines.count == 5)
      #expect(
        lines[0]
          == #"{"Type":"Images","TotalCount":"0","Active":"0","Size":"0B","Reclaimable":"0B"}"#)
      for arguments in [["--format", "{{.None}}"], ["-v", "--format", "{{.Type}}"]] {
        #expect(try desk.slipway(["du"] + arguments).status == 2)
      }
    }
  }
}
