import Glibc
import TestSupport
import Testing

/// Which findings count: baselines, changes since a revision, and what is known of images.
@Suite(
  "slipway lint: what counts", .enabled(if: Processes.slipway != nil, "the slipway binary has not been built")
)
struct LintSelectionCommandTests {
  private static let committer: [String: String?] = [
    "GIT_AUTHOR_NAME": "t", "GIT_AUTHOR_EMAIL": "t@example.com", "GIT_COMMITTER_NAME": "t",
    "GIT_COMMITTER_EMAIL": "t@example.com",
  ]

  private func inFolder(_ files: [String: String], _ body: (String) throws -> Void) throws {
    try Files.withTemporaryFolder { folder in
      for (name, text) in files { try Files.write(Array(text.utf8), to: folder + "/" + name) }
      try body(folder)
    }
  }

  private func lint(_ arguments: [String], in folder: String) throws -> ProcessResult {
    try Processes.run(
      try #require(Processes.slipway), ["lint", "--no-config", "-f", "gnu"] + arguments,
      environment: ["SLIPWAY_ROOT": folder + "/store", "NO_COLOR": "1"], folder: folder)
  }

  private func git(_ arguments: String..., in folder: String) throws {
    let result = try Processes.run("git", arguments, environment: Self.committer, folder: folder)
    try #require(result.status == 0, "git \(arguments): \(result.errorText)")
  }

  @Test("a baseline excuses what was there, wherever it has moved, and nothing else")
  func baseline() throws {
    try inFolder(["Dockerfile": "FROM debian\nCMD x\n"]) { folder in
      let written = try lint(["--write-baseline", "known.txt", "Dockerfile"], in: folder)
      #expect(written.status == 0 && written.output.isEmpty)
      #expect(written.errorText == "slipway: 2 findings written to known.txt\n")

      let quiet = try lint(["--baseline", "known.txt", "Dockerfile"], in: folder)
      #expect(quiet.status == 0 && quiet.output.isEmpty)

      try Files.write(Array("# moved\n\nFROM debian\nCMD x\nFROM alpine\n".utf8), to: folder + "/Dockerfile")
      let news = try lint(["--baseline", "known.txt", folder + "/Dockerfile"], in: folder)
      #expect(news.status == 1)
      #expect(news.outputText.split(separator: "\n").count == 1 && news.outputText.contains(":5: DL3006"))
    }
  }

  @Test("a baseline can be named by a configuration; one that is none, or is not there, ends with 2")
  func baselineInConfiguration() throws {
    try inFolder(["Dockerfile": "FROM debian\n", ".slipway.yaml": "baseline: known.txt\n"]) { folder in
      let slipway = try #require(Processes.slipway)
      func run() throws -> ProcessResult {
        try Processes.run(slipway, ["lint", "Dockerfile"], folder: folder)
      }
      let absent = try run()
      #expect(absent.status == 2)
      _ = try lint(["--write-baseline", "known.txt", "Dockerfile"], in: folder)
      let quiet = try run()
      #expect(quiet.status == 0)
      try Files.write(Array("nonsense\n".utf8), to: folder + "/known.txt")
      let refused = try run()
      #expect(refused.status == 2 && refused.errorText.contains("known.txt:1: this is no baseline"))
    }
  }

  @Test(
    "--since reports on changed instructions alone",
    .enabled(if: Processes.find("git") != nil, "git is missing"))
  func since() throws {
    try inFolder(["Dockerfile": "FROM debian\nCMD x\n"]) { folder in
      try git("init", "-q", in: folder)
      try git("add", "Dockerfile", in: folder)
      try git("commit", "-q", "-m", "first", in: folder)
      try Files.write(Array("# c\nFROM debian\nCMD y\n".utf8), to: folder + "/Dockerfile")
      try Files.write(Array("FROM alpine\n".utf8), to: folder + "/new.Dockerfile")

      let result = try lint(["--since", "HEAD", "Dockerfile", folder + "/new.Dockerfile"], in: folder)
      let found = result.outputText.split(separator: "\n").map { $0.split(separator: " ")[1] }
      #expect(result.status == 1 && found == ["DL3025", "DL3006"])
      #expect(!result.outputText.contains("Dockerfile:2: DL3006"))

      let unknown = try lint(["--since", "nowhere", "Dockerfile"], in: folder)
      #expect(unknown.status == 2 && unknown.errorText == "slipway: git knows no revision `nowhere`\n")
      let option = try lint(["--since=--output=x", "Dockerfile"], in: folder)
      #expect(option.status == 2 && !Files.exists(folder + "/x"))
    }
  }

  @Test(
    "--since mends changed instructions alone", .enabled(if: Processes.find("git") != nil, "git is missing"))
  func sinceAndFix() throws {
    try inFolder(["Dockerfile": "FROM debian:12\nCMD a b\n"]) { folder in
      try git("init", "-q", in: folder)
      try git("add", "Dockerfile", in: folder)
      try git("commit", "-q", "-m", "first", in: folder)
      try Files.write(Array("FROM debian:12\nENTRYPOINT c d\nCMD a b\n".utf8), to: folder + "/Dockerfile")
      let result = try lint(["--since", "HEAD", "--fix", "Dockerfile"], in: folder)
      #expect(result.status == 0)
      let mended = try Files.read(folder + "/Dockerfile")
      #expect(
        String(decoding: mended, as: UTF8.self) == "FROM debian:12\nENTRYPOINT [\"c\", \"d\"]\nCMD a b\n")
    }
  }

  @Test("outside a repository --since says so", .enabled(if: Processes.find("git") != nil, "git is missing"))
  func noRepository() throws {
    try inFolder(["Dockerfile": "FROM debian\n"]) { folder in
      let result = try lint(["--since", "HEAD", "Dockerfile"], in: folder)
      #expect(result.status == 2 && result.errorText.contains("needs a git repository"))
    }
  }

  @Test("what is known of an image comes from the store; without it the rule is quiet, and no store is made")
  func imageFacts() throws {
    let files = [
      "base.Dockerfile": "FROM scratch\nENV KNOWN=1\n",
      "Dockerfile": "FROM base:1\nLABEL a=$KNOWN b=$ELSEWHERE\n",
    ]
    try inFolder(files) { folder in
      let quiet = try lint(["Dockerfile"], in: folder)
      #expect(quiet.output.isEmpty)
      #expect(!Files.exists(folder + "/store"))
      let built = try Processes.run(
        try #require(Processes.slipway), ["build", "-q", "-t", "base:1", "-f", "base.Dockerfile", "."],
        environment: ["SLIPWAY_ROOT": folder + "/store"], folder: folder)
      try #require(built.status == 0, "\(built.errorText)")
      let result = try lint(["Dockerfile"], in: folder)
      #expect(result.outputText.contains("UndefinedVar") && result.outputText.contains("ELSEWHERE"))
      #expect(!result.outputText.contains("`KNOWN`") && !result.outputText.contains("$KNOWN"))
    }
  }

  @Test("the context's ignore file is asked about what COPY names")
  func ignoredSource() throws {
    let files = [".dockerignore": "secret\n", "Dockerfile": "FROM a:1\nCOPY secret /x\n"]
    try inFolder(files) { folder in
      let result = try lint(["Dockerfile"], in: folder)
      #expect(result.outputText.contains("CopyIgnoredFile"))
    }
  }

  @Test("Of many Dockerfiles in a folder each has its own ignore file, or the folder's")
  func ignoreFilesOfManyDockerfiles() throws {
    let names = ["a", "b", "c", "d", "e"].map { "\($0).Dockerfile" }
    var files = Dictionary(
      uniqueKeysWithValues: names.map { ($0, "FROM a:1\nCOPY secret /x\nCOPY own /y\n") })
    files["d.Dockerfile.dockerignore"] = "own\n"
    func flagged(_ files: [String: String]) throws -> [String] {
      var places: [String] = []
      try inFolder(files) { folder in
        let result = try lint(names, in: folder)
        places = result.outputText.split(separator: "\n").filter { $0.contains("CopyIgnoredFile") }
          .map { String($0.dropFirst("hadolint:".count).prefix(14)) }
      }
      return places
    }
    #expect(try flagged(files) == ["d.Dockerfile:3"])
    files[".dockerignore"] = "secret\n"
    #expect(
      try flagged(files) == [
        "a.Dockerfile:2", "b.Dockerfile:2", "c.Dockerfile:2", "d.Dockerfile:3", "e.Dockerfile:2",
      ])
  }
}
