import Glibc
import TestSupport
import Testing

/// The hooks of this repository, run by the real pre-commit in a real git repository.
@Suite(
  "pre-commit", .serialized,
  .enabled(
    if: Processes.slipway != nil && Processes.find("pre-commit") != nil && Processes.find("git") != nil,
    "needs the slipway binary, pre-commit and git"))
struct PreCommitTests {
  /// This package's folder.
  private static let package = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()

  /// Who commits, whatever the machine's settings are.
  private static let committer: [String: String?] = [
    "GIT_AUTHOR_NAME": "t", "GIT_AUTHOR_EMAIL": "t@example.com", "GIT_COMMITTER_NAME": "t",
    "GIT_COMMITTER_EMAIL": "t@example.com",
  ]

  @discardableResult
  private func git(_ arguments: String..., folder: String) throws -> String {
    let result = try Processes.run("git", arguments, environment: Self.committer, folder: folder)
    #expect(result.status == 0, "git \(arguments): \(result.errorText)")
    return result.outputText
  }

  /// Makes a hook repository of what pre-commit needs of this one, and a project that uses one of its hooks.
  private func withProject(
    hook: String, sources: [String] = [], files: [String: String],
    _ body: (String, [String: String?]) throws -> Void
  ) throws {
    try Files.withTemporaryFolder { folder in
      let hooks = folder + "/hooks"
      try Files.createFolder(hooks)
      for name in [".pre-commit-hooks.yaml"] + sources {
        let copied = try Processes.run("cp", ["-r", Self.package + "/" + name, hooks])
        try #require(copied.status == 0, "\(copied.errorText)")
      }
      try git("init", "-q", folder: hooks)
      try git("add", "-A", folder: hooks)
      try git("commit", "-q", "-m", "hooks", folder: hooks)
      let revision = try git("rev-parse", "HEAD", folder: hooks).split(separator: "\n").first ?? ""

      let project = folder + "/project"
      try Files.createFolder(project)
      try git("init", "-q", folder: project)
      let configuration = "repos:\n- repo: \(hooks)\n  rev: \(revision)\n  hooks:\n  - id: \(hook)\n"
      try Files.write(Array(configuration.utf8), to: project + "/.pre-commit-config.yaml")
      for (name, text) in files { try Files.write(Array(text.utf8), to: project + "/" + name) }
      try git("add", "-A", folder: project)

      // A hook of language `system` finds the program in PATH, under its name.
      let programs = folder + "/bin"
      try Files.createFolder(programs)
      _ = unsafe symlink(try #require(Processes.slipway), programs + "/slipway")
      var environment = Self.committer
      environment["PRE_COMMIT_HOME"] = folder + "/cache"
      environment["PATH"] = programs + ":" + (Environment["PATH"] ?? "")
      environment["NO_COLOR"] = "1"
      try body(project, environment)
    }
  }

  private func preCommit(_ project: String, _ environment: [String: String?]) throws -> ProcessResult {
    try Processes.run(
      "pre-commit", ["run", "--all-files", "--color", "never"], environment: environment, folder: project)
  }

  @Test("slipway-lint-system fails on a finding, and lints Dockerfiles alone")
  func lint() throws {
    let files = [
      "Dockerfile": "FROM debian\n", "notes.txt": "FROM debian\n", "web.dockerfile": "FROM alpine\n",
    ]
    try withProject(hook: "slipway-lint-system", files: files) { project, environment in
      let result = try preCommit(project, environment)
      #expect(result.status == 1)
      #expect(
        result.outputText.contains("Dockerfile:1:6") && result.outputText.contains("web.dockerfile:1:6"))
      #expect(!result.outputText.contains("notes.txt"))
    }
  }

  @Test("slipway-lint-system passes on a clean file, and obeys the .hadolint.yaml of the repository")
  func configuration() throws {
    let files = ["Dockerfile": "FROM debian\n", ".hadolint.yaml": "ignored:\n  - DL3006\n"]
    try withProject(hook: "slipway-lint-system", files: files) { project, environment in
      let result = try preCommit(project, environment)
      #expect(result.status == 0, "\(result.outputText)")
      #expect(result.outputText.contains("Passed"))
    }
  }

  @Test("slipway-fix-system mends the file, and passes the next time")
  func fix() throws {
    let files = ["Dockerfile": "FROM debian:12\nCMD app --serve\n"]
    try withProject(hook: "slipway-fix-system", files: files) { project, environment in
      let first = try preCommit(project, environment)
      #expect(first.status == 1 && first.outputText.contains("files were modified by this hook"))
      let mended = try Files.read(project + "/Dockerfile")
      #expect(mended == Array("FROM debian:12\nCMD [\"app\", \"--serve\"]\n".utf8))
      #expect(try preCommit(project, environment).status == 0)
    }
  }

  @Test(
    "slipway-lint builds itself from this repository with `language: swift`",
    .enabled(if: Processes.find("swift") != nil, "swift is missing"))
  func swiftLanguage() throws {
    let sources = ["Package.swift", "Sources", "Tests", "Benchmarks"]
    try withProject(hook: "slipway-lint", sources: sources, files: ["Dockerfile": "FROM debian\n"]) {
      project, environment in
      var environment = environment
      // The binary of this build is not to be found by accident.
      environment["PATH"] = Environment["PATH"]
      let result = try preCommit(project, environment)
      #expect(result.status == 1, "\(result.outputText) \(result.errorText)")
      #expect(result.outputText.contains("Dockerfile:1:6"), "\(result.outputText)")
    }
  }
}
