import Glibc
import TestSupport
import Testing

/// `slipway images`, `tag`, `history` and `inspect` on a store with two images.
@Suite("The local store's commands", .enabled(if: Processes.slipway != nil, "the program has not been built"))
struct StoreCommandTests {
  private typealias Run = (String...) throws -> ProcessResult

  /// The images `old:1` (with a label) and `team/new:latest`, a day apart; the ids are of 12 digits.
  private func withImages(_ body: (_ old: String, _ new: String, Run) throws -> Void) throws {
    let program = try #require(Processes.slipway)
    try Files.withTemporaryFolder { folder in
      try Files.write(
        Array("FROM scratch\nLABEL kind=test\nCOPY Dockerfile /\n".utf8), to: folder + "/a/Dockerfile")
      try Files.write(Array("FROM scratch\nCOPY Dockerfile /\n".utf8), to: folder + "/b/Dockerfile")
      let environment: [String: String?] = ["HOME": folder, "SLIPWAY_ROOT": "\(folder)/store"]
      func slipway(_ arguments: [String], epoch: String) throws -> ProcessResult {
        try Processes.run(
          program, arguments, environment: environment.merging(["SOURCE_DATE_EPOCH": epoch]) { $1 },
          folder: folder)
      }
      func build(_ name: String, _ context: String, epoch: String) throws -> String {
        let built = try slipway(["build", "-q", "-t", name, context], epoch: epoch)
        #expect(built.status == 0, "\(built.errorText)")
        return String(built.outputText.dropFirst("sha256:".count).prefix(12))
      }
      let old = try build("old:1", "a", epoch: "1700000000")
      let new = try build("team/new", "b", epoch: "1700086400")
      try body(old, new) { (arguments: String...) in try slipway(arguments, epoch: "0") }
    }
  }

  @Test("history --files names what each layer does to files, and the bytes that nobody sees in the end")
  func filesOfLayers() throws {
    let program = try #require(Processes.slipway)
    try Files.withTemporaryFolder { folder in
      try Files.write(
        Array(
          """
          FROM scratch
          COPY --chmod=644 f /d/f
          COPY --chmod=600 f /d/f
          COPY g /d/g
          LABEL a=b

          """.utf8), to: folder + "/c/Dockerfile")
      try Files.write(Array("content\n".utf8), to: folder + "/c/f")
      try Files.write(Array("more\n".utf8), to: folder + "/c/g")
      func slipway(_ arguments: String...) throws -> String {
        let result = try Processes.run(
          program, arguments, environment: ["HOME": folder, "SLIPWAY_ROOT": folder + "/store"], folder: folder
        )
        #expect(result.status == 0, "\(arguments): \(result.errorText)")
        return result.outputText
      }
      try #expect(!slipway("build", "-q", "-t", "files", "c").isEmpty)
      let layers = try slipway("history", "--format", "{{.Size}}\t{{.CreatedBy}}|{{.Comment}}", "files")
      let rows = layers.split(separator: "\n")
      #expect(rows.count == 4 && rows[0] == "0B\tLABEL a=b|buildkit.dockerfile.v0")
      let documents = try slipway("history", "--no-trunc", "--format", "json", "files").split(separator: "\n")
      #expect(documents.count == 4 && documents[1].contains(#""ID":"sha256:"#))
      let lines = try slipway("history", "--files", "files").split(separator: "\n").filter {
        $0.hasPrefix("  ")
      }
      #expect(
        lines == [
          "  + /d/g (5B)",
          "  ~ /d/f (8B)", "  8B of it repeat layers below",
          "  + /d/f (8B)", "  + /d", "  8B of it are hidden by layers above",
        ])
    }
  }

  @Test(
    "history --files sees what a RUN removes, and what is below a folder that it removes",
    .enabled(if: Files.exists("/bin/busybox"), "busybox is missing (Debian: busybox-static)"))
  func removedFiles() throws {
    let program = try #require(Processes.slipway)
    try Files.withTemporaryFolder { folder in
      let run = #"RUN ["/busybox", "sh", "-c", "#
      try Files.write(
        Array(
          """
          FROM scratch
          COPY busybox /
          \(run)"/busybox mkdir -p /x/y; echo 12345 > /x/y/z; echo 1 > /w; for i in $(/busybox seq 30); do echo > /x/y/$i; done"]
          \(run)"/busybox rm -r /x; /busybox rm /w"]

          """.utf8), to: folder + "/c/Dockerfile")
      #expect(try Processes.run("cp", ["/bin/busybox", folder + "/c/busybox"]).status == 0)
      func slipway(_ arguments: String...) throws -> String {
        let result = try Processes.run(
          program, arguments, environment: ["HOME": folder, "SLIPWAY_ROOT": folder + "/store"], folder: folder
        )
        #expect(result.status == 0, "\(arguments): \(result.errorText)")
        return result.outputText
      }
      try #expect(!slipway("build", "-q", "-t", "files", "c").isEmpty)
      let lines = try slipway("history", "--files", "files").split(separator: "\n").filter {
        $0.hasPrefix("  ")
      }
      #expect(lines.prefix(3) == ["  - /w", "  - /x", "  + /x/y/z (6B)"])
      // With the folders that mounts need: /dev, /proc and /sys.
      #expect(lines.contains("  … 17 more (--no-trunc shows all)"))
      #expect(lines.contains("  38B of it are hidden by layers above"))
      let all = try slipway("history", "--files", "--no-trunc", "files")
      #expect(all.contains("  + /x/y/30 (1B)\n") && !all.contains("more (--no-trunc"))
    }
  }

  @Test("images lists names, ids and platforms, and takes docker's formats")
  func formats() throws {
    try withImages { old, new, slipway in
      let list = try slipway("images").outputText.split(separator: "\n").map { $0.split(separator: " ") }
      #expect(list.map { $0.first } == ["REPOSITORY", "old", "team/new"])
      #expect(list[1][2] == old && list[1][4] == "2023-11-14")
      #expect(try slipway("images", "-q").outputText == "\(old)\n\(new)\n")
      for operand in ["old", "old:1", "docker.io/library/old", "o*", "*:1"] {
        #expect(try slipway("images", "-a", "-q", operand).outputText == "\(old)\n", "\(operand)")
      }
      #expect(try slipway("images", "-q", "old:2").outputText == "")
      #expect(
        try slipway("images", "--format", "{{.CreatedAt}}", "old").outputText
          == "2023-11-14 22:13:20 +0000 UTC\n")
      let since = try slipway("images", "--format", "table {{.CreatedSince}}", "old").outputText
      #expect(since.hasPrefix("CREATED SINCE\n") && since.hasSuffix(" ago\n"), "\(since)")
      #expect(
        try slipway("images", "--format", #"{{.Repository}}:{{ .Tag }}\t{{.ID}}"#).outputText
          == "old:1\t\(old)\nteam/new:latest\t\(new)\n")
      let json = try slipway("images", "--format", "json", "old").outputText
      #expect(
        json.hasPrefix(#"{"Repository":"old","Tag":"1","Digest":"sha256:\#(old)"#) && json.hasSuffix("\"}\n"))
      #expect(try slipway("images", "--format", "table {{.Tag}}").outputText == "TAG\n1\nlatest\n")
      #expect(try slipway("images", "--digests").outputText.contains(" sha256:\(new)"))
      for wrong in ["{{.Nothing}}", "{{.Tag", "{{range .}}"] {
        let refused = try slipway("images", "--format", wrong)
        #expect(refused.status == 2 && refused.errorText.hasPrefix("slipway: --format: "), "\(wrong)")
      }
    }
  }

  @Test(
    "images shows what passes a filter",
    arguments: [
      ("reference=team/*", ["team/new"]), ("reference=old:1", ["old"]), ("reference=old:2", []),
      ("label=kind", ["old"]), ("label=kind=other", []), ("before=team/new", ["old"]),
      ("since=old:1", ["team/new"]),
      ("dangling=false", ["old", "team/new"]), ("dangling=true", []),
    ])
  func filters(_ filter: String, _ wanted: [String]) throws {
    try withImages { _, _, slipway in
      let shown = try slipway("images", "-f", filter, "--format", "{{.Repository}}")
      #expect(shown.status == 0)
      #expect(shown.outputText.split(separator: "\n").map(String.init) == wanted)
    }
  }

  @Test("A filter that does not exist, or names no image, is an error")
  func wrongFilters() throws {
    try withImages { _, _, slipway in
      for (filter, status) in [
        ("size=1", 2), ("dangling", 2), ("dangling=perhaps", 2), ("before=nothing", 1),
      ] {
        let refused = try slipway("images", "-f", filter)
        #expect(refused.status == status, "\(filter)")
      }
    }
  }

  @Test("An image is named by name, id or the beginning of the id, and gets more names by tag")
  func tag() throws {
    try withImages { old, _, slipway in
      #expect(try slipway("tag", "old:1", "copy").status == 0)
      #expect(try slipway("tag", String(old.prefix(6)), "by-id:3").status == 0)
      #expect(try slipway("images", "-q", "-f", "reference=copy").outputText == "\(old)\n")
      #expect(
        try slipway("inspect", "--format", "config", "by-id:3").outputText.contains("\"kind\":\"test\""))
      #expect(try slipway("history", "-q", old).outputText == slipway("history", "-q", "copy").outputText)
      // A name that is taken goes over; the other image stays without.
      #expect(try slipway("tag", "team/new", "old:1").status == 0)
      let unknown = try slipway("tag", "nothing", "x")
      #expect(
        unknown.status == 1
          && unknown.errorText == "slipway: there is no image nothing:latest in the local store\n")
      #expect(try slipway("tag", "copy", "Upper").status == 2)
      #expect(try slipway("tag", "Upper", "copy").status == 2)
      let several = try slipway("inspect", "nothing", "copy")
      #expect(several.status == 1 && several.outputText.contains("\"copy:latest\""))
    }
  }

  @Test("rmi takes a name away, and with the last one the image; an id with several names needs -f")
  func remove() throws {
    try withImages { old, new, slipway in
      #expect(try slipway("tag", "old:1", "copy").status == 0)
      let one = try slipway("rmi", "copy", "nothing")
      #expect(one.status == 1 && one.outputText == "Untagged: copy:latest\n")
      #expect(one.errorText == "slipway: there is no image nothing:latest in the local store\n")
      #expect(try slipway("tag", "old:1", "copy").status == 0)
      let refused = try slipway("rmi", old)
      #expect(
        refused.status == 1
          && refused.errorText.hasSuffix(
            "has several names: copy:latest, old:1; -f removes it with all of them\n")
      )
      let gone = try slipway("rmi", "-f", String(old.prefix(8)))
      #expect(gone.status == 0, "\(gone.errorText)")
      #expect(gone.outputText.hasPrefix("Untagged: copy:latest\nUntagged: old:1\nDeleted: sha256:\(old)"))
      #expect(try slipway("images", "-q").outputText == "\(new)\n")
      #expect(try slipway("verify").status == 0)
      #expect(
        try slipway("rmi", "team/new").outputText.hasPrefix(
          "Untagged: team/new:latest\nDeleted: sha256:\(new)"))
      #expect(try slipway("images", "-q").outputText.isEmpty)
    }
  }
}
