import TestSupport
import Testing

/// What `slipway lint` takes: files, folders, patterns, standard input, and files that hold or name Dockerfiles.
@Suite(
  "The inputs of slipway lint",
  .enabled(if: Processes.slipway != nil, "the slipway binary has not been built"))
struct LintInputCommandTests {
  /// Runs the binary in a folder of its own that holds some files.
  private func lint(
    _ arguments: [String], files: [String: String], input: String = "",
    check: (ProcessResult, String) throws -> Void
  ) throws {
    let slipway = try #require(Processes.slipway)
    try Files.withTemporaryFolder { folder in
      for (name, text) in files { try Files.write(Array(text.utf8), to: folder + "/" + name) }
      try check(
        try Processes.run(
          slipway, ["lint", "--no-config"] + arguments,
          environment: ["NO_COLOR": "1", "HOME": folder, "XDG_CONFIG_HOME": nil], input: Array(input.utf8),
          folder: folder), folder)
    }
  }

  /// The files that findings are in, in the order in which they are printed, each once.
  private func files(_ result: ProcessResult) -> [String] {
    var names: [String] = []
    for line in result.outputText.split(separator: "\n") where !line.hasPrefix(" ") {
      guard let name = line.split(separator: ":").first.map(String.init), names.last != name else { continue }
      names.append(name)
    }
    return names
  }

  private static let flawed = "FROM debian\n"

  @Test("as many operands as you like, in their order, with options before, between and behind them")
  func manyOperands() throws {
    let names = (10..<60).map { "\($0).Dockerfile" }
    let files = Dictionary(uniqueKeysWithValues: names.map { ($0, Self.flawed) })
    let orders = [
      ["-f", "tty"] + names, names + ["-f", "tty"], ["-f", "tty", "--"] + names,
      names[..<20] + ["-f", "tty"] + names[20...], ["--format=tty"] + names,
    ]
    for arguments in orders {
      try lint(arguments, files: files) { result, _ in #expect(self.files(result) == names) }
    }
    try lint(names + ["missing", "11.Dockerfile"], files: files) { result, _ in
      #expect(result.status == 2)
      #expect(result.errorText.contains("missing: No such file"))
    }
  }

  @Test(
    "a folder in a work tree: ignored files are passed over, --no-ignore takes them, --exclude leaves out")
  func folder() throws {
    let files = [
      ".git/HEAD": "ref: refs/heads/main\n", ".gitignore": "/out/\n*.old.Dockerfile\n",
      "Dockerfile": Self.flawed,
      "a/Dockerfile.dev": Self.flawed, "a/x.old.Dockerfile": Self.flawed, "out/Dockerfile": Self.flawed,
      ".github/ci.dockerfile": Self.flawed, "a/notes.txt": Self.flawed,
    ]
    try lint(["."], files: files) { result, _ in
      #expect(result.status == 1)
      #expect(self.files(result) == [".github/ci.dockerfile", "Dockerfile", "a/Dockerfile.dev"])
    }
    try lint(["--no-ignore", "."], files: files) { result, _ in
      #expect(self.files(result).count == 5)
    }
    try lint(["--exclude", "a", "--exclude", ".github/", "."], files: files) { result, _ in
      #expect(self.files(result) == ["Dockerfile"])
    }
    try lint(["out/Dockerfile"], files: files) { result, _ in
      #expect(self.files(result) == ["out/Dockerfile"], "a file that is named is linted")
    }
  }

  @Test("patterns, several paths, one missing, standard input: results in the order of the arguments")
  func several() throws {
    let files = ["s/b/Dockerfile": Self.flawed, "s/a/Dockerfile": Self.flawed, "Dockerfile": Self.flawed]
    try lint(
      ["s/**/Dockerfile", "nothing", "-", "Dockerfile", "./s/a/Dockerfile"], files: files, input: Self.flawed
    ) {
      result, _ in
      #expect(result.status == 2)
      #expect(self.files(result) == ["s/a/Dockerfile", "s/b/Dockerfile", "-", "Dockerfile"])
      #expect(result.errorText.contains("nothing"))
    }
    try lint(["t/*/Dockerfile", "Dockerfile"], files: files) { result, _ in
      #expect(result.status == 2)
      #expect(self.files(result) == ["Dockerfile"])
      #expect(result.errorText.contains("t/*/Dockerfile: no file matches"))
    }
  }

  private static let compose = """
    services:
      web:
        build:
          context: .
          # kept as it is
          dockerfile_inline: |
            FROM debian:12
            MAINTAINER me
            RUN make

      api:
        build: ./api
      gone:
        build: {context: api, dockerfile: Missing}

    """

  @Test("a compose file: findings inside have its lines and columns, files that it names are linted")
  func compose() throws {
    let files = ["compose.yaml": Self.compose, "api/Dockerfile": Self.flawed]
    try lint(["compose.yaml"], files: files) { result, _ in
      #expect(result.status == 2, "a file that is missing is no finding")
      #expect(result.outputText.contains("compose.yaml:8:9:"))
      #expect(result.outputText.contains("DL4000"))
      #expect(result.outputText.contains("api/Dockerfile:1:6:"))
      #expect(result.errorText.contains("compose.yaml:14:39: the Dockerfile api/Missing cannot be read"))
    }
    try lint(["."], files: files) { result, _ in
      #expect(result.status == 1, "nobody named the file that is missing")
      #expect(result.errorText.contains("warning: the Dockerfile api/Missing"))
      #expect(self.files(result) == ["api/Dockerfile", "compose.yaml"])
    }
  }

  @Test("--fix rewrites nothing but the lines in the compose file, --diff shows them")
  func mendedCompose() throws {
    let files = [
      "compose.yaml": Self.compose, "api/Dockerfile": "FROM debian:12\n", "api/Missing": "FROM debian:12\n",
    ]
    let expected = Self.compose.replacing("MAINTAINER me", with: "LABEL maintainer=\"me\"")
    try lint(["--fix-unsafe", "--diff", "compose.yaml"], files: files) { result, folder in
      #expect(result.outputText.contains("-        MAINTAINER me\n+        LABEL "))
      #expect(result.outputText.contains("--- compose.yaml\n+++ compose.yaml\n@@ -5,7 +5,7 @@\n"))
      let kept = try Files.read(folder + "/compose.yaml")
      #expect(kept == Array(Self.compose.utf8))
    }
    try lint(["--fix-unsafe", "compose.yaml"], files: files) { result, folder in
      let mended = String(decoding: try Files.read(folder + "/compose.yaml"), as: UTF8.self)
      let label = mended.split(separator: "\n").first { $0.contains("LABEL") } ?? ""
      #expect(label.hasPrefix("        LABEL "))
      #expect(
        mended.replacing(String(label), with: "        LABEL maintainer=\"me\"") == expected,
        "only that line differs")
      #expect(!result.outputText.contains("DL4000"))
      let left = try Files.names(in: folder)
      #expect(left == ["api", "compose.yaml"], "no temporary file is left")
    }
  }

  @Test("a devcontainer.json: the Dockerfile that it names, or the place where it names one that is missing")
  func devcontainer() throws {
    let json = "{\n  // comment\n  \"build\": { \"dockerfile\": \"../docker/Dev\", },\n}\n"
    try lint(["."], files: [".devcontainer/devcontainer.json": json, "docker/Dev": Self.flawed]) {
      result, _ in
      #expect(result.status == 1)
      #expect(self.files(result) == ["docker/Dev"])
    }
    try lint([".devcontainer/devcontainer.json"], files: [".devcontainer/devcontainer.json": json]) {
      result, _ in
      #expect(result.status == 2)
      #expect(
        result.errorText.contains(
          ".devcontainer/devcontainer.json:3:28: the Dockerfile docker/Dev cannot be read"))
    }
  }

  @Test("a name that is not UTF-8 is found, named on the command line, and mended")
  func bytes() throws {
    let slipway = try #require(Processes.slipway)
    try Files.withTemporaryFolder { folder in
      // A shell makes the name, because the names of these tests are texts.
      let script = """
        printf 'FROM debian:12\\nMAINTAINER me\\n' > "$(printf 'caf\\351.Dockerfile')"
        "$0" lint --no-config . ; "$0" lint --no-config --fix-unsafe "$(printf 'caf\\351.Dockerfile')"
        grep -c MAINTAINER *.Dockerfile
        """
      let result = try Processes.run(
        "/bin/sh", ["-c", script, slipway], environment: ["NO_COLOR": "1", "HOME": folder], folder: folder)
      #expect(result.outputText.contains("caf\\xE9.Dockerfile:2:1:"))
      #expect(result.outputText.hasSuffix("0\n"))
      #expect(!result.errorText.contains("No such file"))
    }
  }
}
