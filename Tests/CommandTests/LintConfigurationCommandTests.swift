import TestSupport
import Testing

/// Configuration as a user meets it: files, environment and options of `slipway lint`, by the binary.
@Suite(
  "slipway lint and its configuration",
  .enabled(if: Processes.slipway != nil, "the slipway binary has not been built"))
struct LintConfigurationCommandTests {
  /// DL3006 (warning), DL4000 (error), DL3020 (error, silenced by a comment), DL3025 (warning).
  private static let recipe = """
    FROM debian
    MAINTAINER somebody
    # hadolint ignore=DL3020
    ADD file /file
    CMD echo hello

    """

  /// Runs `slipway lint` in a folder of its own with nothing of the user's configuration.
  private func lint(
    _ arguments: [String] = ["-f", "tty", "Dockerfile"], files: [String: String] = [:],
    environment: [String: String?] = [:], input: String = "", check: (ProcessResult, String) throws -> Void
  ) throws {
    let slipway = try #require(Processes.slipway)
    try Files.withTemporaryFolder { folder in
      for (name, text) in files.merging(["Dockerfile": Self.recipe], uniquingKeysWith: { own, _ in own }) {
        try Files.write(Array(text.utf8), to: folder + "/" + name)
      }
      var variables: [String: String?] = [
        "HOME": folder + "/home", "XDG_CONFIG_HOME": nil, "NO_COLOR": nil, "SLIPWAY_ROOT": folder + "/store",
      ]
      for name in LintConfigurationCommandTests.variables { variables.updateValue(nil, forKey: name) }
      for (name, value) in environment { variables.updateValue(value, forKey: name) }
      try check(
        try Processes.run(
          slipway, ["lint"] + arguments, environment: variables, input: Array(input.utf8), folder: folder),
        folder)
    }
  }

  private static let variables = [
    "HADOLINT_NOFAIL", "HADOLINT_VERBOSE", "HADOLINT_STRICT_LABELS", "HADOLINT_DISABLE_IGNORE_PRAGMA",
    "HADOLINT_FORMAT", "HADOLINT_FAILURE_THRESHOLD", "HADOLINT_OVERRIDE_ERROR", "HADOLINT_OVERRIDE_WARNING",
    "HADOLINT_OVERRIDE_INFO", "HADOLINT_OVERRIDE_STYLE", "HADOLINT_IGNORE", "HADOLINT_TRUSTED_REGISTRIES",
    "HADOLINT_REQUIRE_LABELS",
  ]

  /// The ids with their severities, in the order of the lines of `-f tty`.
  private func findings(_ result: ProcessResult) -> [String] {
    result.outputText.split(separator: "\n").map { line in
      line.split(separator: " ").dropFirst().prefix(2).joined(separator: " ").filter { $0 != ":" }
    }
  }

  private static let all = ["DL3006 warning", "DL4000 error", "DL3025 warning"]

  @Test("without configuration the defaults hold")
  func defaults() throws {
    try lint { result, _ in
      #expect(findings(result) == Self.all)
      #expect(result.status == 1)
    }
  }

  @Test("a .hadolint.yaml counts, from the file's folder upwards")
  func found() throws {
    let files = [
      ".hadolint.yaml": "ignored: [DL3006]\noverride:\n  info: [DL4000]\n  style: [DL4000]\n",
      "a/b/Dockerfile": Self.recipe, "c/Dockerfile": Self.recipe, "c/.hadolint.yml": "ignored: [DL4000]\n",
    ]
    try lint(["-f", "tty", "a/b/Dockerfile"], files: files) { result, _ in
      #expect(findings(result) == ["DL4000 info", "DL3025 warning"])
    }
    try lint(["-f", "tty", "Dockerfile", "c/Dockerfile"], files: files) { result, _ in
      #expect(
        findings(result) == ["DL4000 info", "DL3025 warning", "DL3006 warning", "DL3025 warning"],
        "each file has its own")
    }
    try lint(["--no-config", "-f", "tty", "Dockerfile"], files: files) { result, _ in
      #expect(findings(result) == Self.all)
    }
    try lint(["-c", "c/.hadolint.yml", "-f", "tty", "Dockerfile"], files: files) { result, _ in
      #expect(findings(result) == ["DL3006 warning", "DL3025 warning"])
    }
    try lint(["-f", "tty", "-"], files: files, input: Self.recipe) { result, _ in
      #expect(findings(result) == ["DL4000 info", "DL3025 warning"])
    }
    try lint(
      files: ["home/.config/hadolint.yaml": "ignored: [DL3025]\n"]
    ) { result, _ in
      #expect(findings(result) == ["DL3006 warning", "DL4000 error"])
    }
  }

  @Test("a .slipway.yaml adds what hadolint's file cannot say")
  func slipway() throws {
    let files = [
      ".hadolint.yaml": "ignored: [DL3006]\n",
      ".slipway.yaml": """
      extends: shared.yaml
      exclude: vendor
      overrides:
        - paths: "*.dev"
          rules: {DL3025: off}
          failure-threshold: error
      """,
      "shared.yaml": "rules: {DL4000: {severity: info}}\n", "Dockerfile.dev": Self.recipe,
      "vendor/Dockerfile": Self.recipe,
    ]
    try lint(files: files) { result, _ in
      #expect(findings(result) == ["DL4000 info", "DL3025 warning"])
      #expect(result.status == 1)
    }
    try lint(["-f", "tty", "Dockerfile.dev"], files: files) { result, _ in
      #expect(findings(result) == ["DL4000 info"])
      #expect(result.status == 0, "the threshold is the file's own")
    }
    try lint(["-f", "tty", "vendor/Dockerfile"], files: files) { result, _ in
      #expect(result.status == 0)
      #expect(result.output.isEmpty)
      #expect(result.errorText.contains("vendor/Dockerfile is not linted: .slipway.yaml"))
    }
    try lint(["-f", "tty", "."], files: files) { result, _ in
      #expect(!result.outputText.contains("vendor"))
      #expect(!result.errorText.contains("vendor"))
    }
  }

  @Test("what is wrong in a configuration is shown with its line, and the rest counts")
  func problems() throws {
    let text = "ignore: [DL3006]\nignored: [DL3025, DL306]\nno-fail: yes\nstrict-labels: [\n"
    try lint(files: [".hadolint.yaml": text]) { result, _ in
      #expect(findings(result) == ["DL3006 warning", "DL4000 error"])
      #expect(result.status == 1)
      #expect(result.errorText.contains(".hadolint.yaml:1:1: warning: there is no key `ignore`"))
      #expect(result.errorText.contains("help: did you mean `ignored`?"))
      #expect(result.errorText.contains(".hadolint.yaml:2:19: warning: there is no rule `DL306`"))
      #expect(result.errorText.contains(".hadolint.yaml:3:10: error: `no-fail` takes true or false"))
      #expect(result.errorText.contains("error: this is not YAML"))
    }
    try lint(["-c", "missing.yaml", "Dockerfile"]) { result, _ in
      #expect(result.status == 2)
      #expect(result.output.isEmpty)
      #expect(result.errorText.contains("missing.yaml"))
    }
    try lint(environment: ["HADOLINT_IGNORE": "DL3006, DL3025"]) { result, _ in
      #expect(findings(result) == ["DL4000 error", "DL3025 warning"])
      #expect(result.errorText.contains("HADOLINT_IGNORE:1:8: warning: there is no rule ` DL3025`"))
    }
  }

  @Test(
    "options, variables and keys do the same",
    arguments: [
      (
        ["--ignore", "DL3006"], "HADOLINT_IGNORE=DL3006", "ignored: [DL3006]",
        ["DL4000 error", "DL3025 warning"], 1
      ),
      (
        ["--error", "DL3006"], "HADOLINT_OVERRIDE_ERROR=DL3006", "override: {error: [DL3006]}",
        ["DL3006 error", "DL4000 error", "DL3025 warning"], 1
      ),
      (
        ["--warning", "DL4000"], "HADOLINT_OVERRIDE_WARNING=DL4000", "override: {warning: [DL4000]}",
        ["DL3006 warning", "DL4000 warning", "DL3025 warning"], 1
      ),
      (
        ["--info", "DL4000"], "HADOLINT_OVERRIDE_INFO=DL4000", "override: {info: [DL4000]}",
        ["DL3006 warning", "DL4000 info", "DL3025 warning"], 1
      ),
      (
        ["--style", "DL4000"], "HADOLINT_OVERRIDE_STYLE=DL4000", "override: {style: [DL4000]}",
        ["DL3006 warning", "DL4000 style", "DL3025 warning"], 1
      ),
      (["--no-fail"], "HADOLINT_NOFAIL=1", "no-fail: true", all, 0),
      (
        ["--disable-ignore-pragma"], "HADOLINT_DISABLE_IGNORE_PRAGMA=yes", "disable-ignore-pragma: true",
        ["DL3006 warning", "DL4000 error", "DL3020 error", "DL3025 warning"], 1
      ),
    ])
  func sources(options: [String], variable: String, key: String, expected: [String], status: Int32) throws {
    let parts = variable.split(separator: "=").map(String.init)
    try lint(options + ["-f", "tty", "Dockerfile"]) { result, _ in
      #expect(findings(result) == expected)
      #expect(result.status == status)
    }
    try lint(environment: [parts[0]: parts[1]]) { result, _ in
      #expect(findings(result) == expected)
      #expect(result.status == status)
    }
    try lint(files: [".hadolint.yaml": key]) { result, _ in
      #expect(findings(result) == expected)
      #expect(result.status == status)
    }
  }

  @Test(
    "the threshold: command line, then file, then environment",
    arguments: [
      (nil, nil, nil, 1), ("error", nil, nil, 0), ("error", "warning", nil, 1), ("warning", "error", nil, 0),
      ("error", "error", "style", 1), (nil, "warning", "error", 0), (nil, nil, "none", 1),
    ] as [(String?, String?, String?, Int32)])
  func threshold(variable: String?, key: String?, option: String?, status: Int32) throws {
    var files = ["Dockerfile": "FROM debian\n"]
    if let key { files[".hadolint.yaml"] = "failure-threshold: \(key)\n" }
    try lint(
      (option.map { ["-t", $0] } ?? []) + ["Dockerfile"], files: files,
      environment: ["HADOLINT_FAILURE_THRESHOLD": variable]
    ) { result, _ in
      #expect(result.status == status)
    }
  }

  @Test("formats and outputs are paired; files' formats come behind those of the command line")
  func outputs() throws {
    try lint(["-f", "json", "-o", "a.json", "-f", "gnu", "Dockerfile"]) { result, folder in
      let text = try String(decoding: Files.read(folder + "/a.json"), as: UTF8.self)
      #expect(text.hasPrefix("[{"))
      #expect(result.outputText.hasPrefix("hadolint:Dockerfile:1: DL3006"))
    }
    let files = [".hadolint.yaml": "format: json\n"]
    try lint(["-f", "gnu", "-o", "a", "Dockerfile"], files: files) { result, folder in
      let text = try String(decoding: Files.read(folder + "/a"), as: UTF8.self)
      #expect(text.hasPrefix("hadolint:"))
      #expect(result.outputText.hasPrefix("[{"))
    }
    try lint(["--hadolint-strict", "-f", "gnu", "-o", "a", "Dockerfile"], files: files) { result, folder in
      let text = try String(decoding: Files.read(folder + "/a"), as: UTF8.self)
      #expect(text.hasPrefix("[{"))
      #expect(result.outputText.hasPrefix("hadolint:"))
    }
    try lint(["-o", "a", "Dockerfile"]) { result, folder in
      let text = try String(decoding: Files.read(folder + "/a"), as: UTF8.self)
      #expect(text.hasPrefix("Dockerfile:1 DL3006"))
      #expect(result.output.isEmpty)
    }
    try lint(["-o", "missing/a", "-f", "tty", "-f", "tty", "Dockerfile"]) { result, _ in
      #expect(result.status == 2)
      #expect(findings(result) == Self.all, "a report that cannot be written does not lose the others")
    }
    for format in ["codeclimate", "codacy"] {
      try lint(["-f", format, "Dockerfile"]) { result, _ in #expect(result.status == 0) }
    }
    try lint(["-f", "checkstyle", "--file-path-in-report", "x/y", "Dockerfile"]) { result, _ in
      #expect(result.outputText.contains("name=\"x/y\""))
    }
    try lint(["-f", "gitlab_codeclimate", "Dockerfile"]) { result, _ in
      let fingerprint = result.outputText.components(after: "\"fingerprint\":\"")
      #expect(fingerprint.prefix { $0 != "\"" }.utf8.count == 40)
    }
  }

  @Test("--verbose says which files hold and what comes of them")
  func verbose() throws {
    let files = [".hadolint.yaml": "ignored: [DL3006]\nlabel-schema: {a: url}\n"]
    try lint(["-V", "-f", "tty", "--error", "DL4000", "Dockerfile"], files: files) { result, _ in
      for line in [
        "Configuration files: .hadolint.yaml", "  ignored: DL3006", "  override error: DL4000",
        "  label schema: a: url",
        "  failure threshold: info",
      ] {
        #expect(result.errorText.contains(line + "\n"))
      }
    }
    try lint(environment: ["HADOLINT_VERBOSE": "true"]) { result, _ in
      #expect(result.errorText.contains("Configuration files: none"))
    }
  }

  @Test("--ids chooses the name that is printed")
  func ids() throws {
    try lint(["--ids", "buildkit", "-f", "tty", "Dockerfile"]) { result, _ in
      #expect(result.outputText.contains("MaintainerDeprecated"))
      #expect(!result.outputText.contains("DL4000"))
    }
    try lint(files: [".slipway.yaml": "ids: buildkit\nignored: [MaintainerDeprecated]\n"]) { result, _ in
      #expect(findings(result) == ["DL3006 warning", "JSONArgsRecommended warning"])
    }
  }

  @Test(
    "wrong options end with 2",
    arguments: [
      ["--ignore", "NOPE", "Dockerfile"], ["--error", "DL306", "Dockerfile"], ["-f", "nope", "Dockerfile"],
      ["--require-label", "a:nope", "Dockerfile"], ["-t", "fatal", "Dockerfile"],
      ["-c", "a", "--no-config", "Dockerfile"],
    ])
  func wrongOptions(arguments: [String]) throws {
    try lint(arguments) { result, _ in
      #expect(result.status == 2)
      #expect(result.output.isEmpty)
      #expect(!result.errors.isEmpty)
    }
  }
}

extension String {
  /// What stands behind the first occurrence of a text.
  fileprivate func components(after text: String) -> Substring {
    var rest = self[...]
    while !rest.isEmpty, !rest.hasPrefix(text) { rest = rest.dropFirst() }
    return rest.dropFirst(text.count)
  }
}
