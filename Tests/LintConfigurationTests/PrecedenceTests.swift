import Diagnostics
import DockerfileLint
import LintConfiguration
import Reports
import SourceText
import Testing

@Suite("Environment, files and command line together")
struct PrecedenceTests {
  private func environment(_ variables: [String: String]) -> LintConfigurationLayer {
    EnvironmentReader.layer { variables[$0] }.layer
  }

  private func file(_ text: String) -> LintConfigurationLayer { LintConfigurationFile(text).layer }

  @Test("every variable of hadolint")
  func variables() {
    let (layer, problems) = EnvironmentReader.layer {
      [
        "HADOLINT_NOFAIL": "YES", "HADOLINT_VERBOSE": "on", "HADOLINT_STRICT_LABELS": "1",
        "HADOLINT_DISABLE_IGNORE_PRAGMA": "false", "NO_COLOR": "", "HADOLINT_FORMAT": "json,tty",
        "HADOLINT_FAILURE_THRESHOLD": "error", "HADOLINT_OVERRIDE_ERROR": "DL3006",
        "HADOLINT_OVERRIDE_WARNING": "DL3007", "HADOLINT_OVERRIDE_INFO": "DL3008",
        "HADOLINT_OVERRIDE_STYLE": "DL3009,DL3006", "HADOLINT_IGNORE": "DL3010,SC2086",
        "HADOLINT_TRUSTED_REGISTRIES": "docker.io,*.example.com", "HADOLINT_REQUIRE_LABELS": "a,b:url,c:",
      ][$0]
    }
    #expect(problems.isEmpty)
    var expected = LintConfigurationLayer()
    expected.noFail = true
    expected.verbose = true
    expected.strictLabels = true
    expected.disableIgnorePragma = false
    expected.noColor = true
    expected.formats = [.json, .tty]
    expected.failureThreshold = .error
    expected.severities = ["DL3006": .error, "DL3007": .warning, "DL3008": .info, "DL3009": .style]
    expected.ignored = ["DL3010", "SC2086"]
    expected.trustedRegistries = ["docker.io", "*.example.com"]
    expected.labelSchema = ["a": .text, "b": .url, "c": .text]
    #expect(layer == expected)
  }

  @Test("bad values of variables do not count and are reported with their place in the value")
  func badVariables() {
    let (layer, problems) = EnvironmentReader.layer {
      [
        "HADOLINT_NOFAIL": "maybe", "HADOLINT_FORMAT": "json,sarfi", "HADOLINT_FAILURE_THRESHOLD": "Error",
        "HADOLINT_IGNORE": "DL3006, DL3007,", "HADOLINT_REQUIRE_LABELS": "a:b,c:url",
      ][$0]
    }
    #expect(layer.noFail == false)
    #expect(layer.formats == [.json])
    #expect(layer.failureThreshold == nil)
    #expect(layer.ignored == ["DL3006"], "hadolint does not trim items")
    #expect(layer.labelSchema == ["c": .url])
    #expect(
      problems.map { "\($0.source.name) \($0.diagnostic.range.lower) \($0.diagnostic.code.name)" } == [
        "HADOLINT_FORMAT 5 bad-value", "HADOLINT_FAILURE_THRESHOLD 0 bad-value",
        "HADOLINT_IGNORE 7 unknown-rule",
        "HADOLINT_REQUIRE_LABELS 0 bad-value",
      ])
  }

  @Test("scalars: the command line beats files, files beat the environment")
  func scalars() {
    var commandLine = LintConfigurationLayer()
    let variables = environment([
      "HADOLINT_FAILURE_THRESHOLD": "error", "HADOLINT_NOFAIL": "true", "NO_COLOR": "",
      "HADOLINT_STRICT_LABELS": "true",
    ])
    let text = file(
      "failure-threshold: style\nno-fail: false\nno-color: false\ndisable-ignore-pragma: true\n")
    var result = EffectiveConfiguration(environment: variables, file: text, commandLine: commandLine)
    #expect(result.threshold == .style)
    #expect(!result.noFail)
    #expect(result.noColor == false)
    #expect(result.settings.strictLabels)
    #expect(!result.settings.obeysPragmas)
    commandLine.failureThreshold = .warning
    commandLine.noFail = true
    result = EffectiveConfiguration(environment: variables, file: text, commandLine: commandLine)
    #expect(result.threshold == .warning)
    #expect(result.noFail)
  }

  @Test("without anything the defaults are hadolint's")
  func defaults() {
    let result = EffectiveConfiguration(environment: .init(), file: .init(), commandLine: .init())
    #expect(result.threshold == .info)
    #expect(!result.noFail)
    #expect(result.noColor == nil)
    #expect(result.formats.isEmpty)
    #expect(result.settings.obeysPragmas)
    #expect(!result.settings.isStrict)
    #expect(result.settings.ignored.isEmpty)
  }

  @Test("lists add up, and the strongest severity wins whatever the source")
  func lists() {
    var commandLine = LintConfigurationLayer()
    commandLine.ignored = ["DL3003"]
    commandLine.override("DL3010", .style)
    commandLine.override("DL3011", .error)
    commandLine.formats = [.sarif]
    commandLine.trustedRegistries = ["c", "a"]
    let result = EffectiveConfiguration(
      environment: environment([
        "HADOLINT_IGNORE": "DL3001", "HADOLINT_FORMAT": "gnu", "HADOLINT_OVERRIDE_ERROR": "DL3010",
        "HADOLINT_TRUSTED_REGISTRIES": "a",
      ]),
      file: file(
        "ignored: [DL3002]\nformat: json\noverride: {warning: [DL3010, DL3011], info: [DL3012]}\ntrustedRegistries: [b]\n"
      ),
      commandLine: commandLine)
    #expect(result.settings.ignored == ["DL3001", "DL3002", "DL3003"])
    #expect(result.settings.severities == ["DL3010": .error, "DL3011": .error, "DL3012": .info])
    #expect(result.formats == [.gnu, .json, .sarif])
    #expect(result.settings.trustedRegistries == ["a", "b", "c"])
  }

  @Test(
    "the type of a label: the strongest source decides, under --hadolint-strict the weakest, as with hadolint"
  )
  func labels() {
    var commandLine = LintConfigurationLayer()
    commandLine.labelSchema = ["a": .url, "c": .hash]
    let variables = environment(["HADOLINT_REQUIRE_LABELS": "a:text,b:text"])
    let text = file("label-schema: {a: semver, b: email}\n")
    let result = EffectiveConfiguration(environment: variables, file: text, commandLine: commandLine)
    #expect(result.settings.labelSchema == ["a": .url, "b": .email, "c": .hash])
    commandLine.isStrict = true
    let strict = EffectiveConfiguration(environment: variables, file: text, commandLine: commandLine)
    #expect(strict.settings.labelSchema == ["a": .text, "b": .text, "c": .hash])
  }

  @Test("what is said of one rule beats the files' lists; the command line beats it")
  func rules() {
    let text = file(
      "override: {error: [DL3006, DL3007]}\nrules: {DL3006: style, DL3007: off, DL3008: {option: 1}}\n")
    var commandLine = LintConfigurationLayer()
    var result = EffectiveConfiguration(environment: .init(), file: text, commandLine: commandLine)
    #expect(result.settings.severities["DL3006"] == .style)
    #expect(result.settings.ignored == ["DL3007"])
    #expect(result.settings.ruleOptions == ["DL3008": ["option": "1"]])
    commandLine.override("DL3006", .warning)
    commandLine.override("DL3007", .info)
    result = EffectiveConfiguration(environment: .init(), file: text, commandLine: commandLine)
    #expect(result.settings.severities["DL3006"] == .error, "of lists the strongest counts")
    #expect(result.settings.ignored.isEmpty)
  }

  @Test("required labels as the command line has them")
  func requiredLabels() {
    #expect(RequiredLabel.parse("a:b:c") == nil)
    #expect(RequiredLabel.parse("a:url")?.type == .url)
    #expect(RequiredLabel.parse("a")?.type == .text)
    #expect(RequiredLabel.parse("a:Url") == nil)
  }
}
