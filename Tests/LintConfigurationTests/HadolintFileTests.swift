import Diagnostics
import DockerfileLint
import LintConfiguration
import Reports
import Testing

@Suite(".hadolint.yaml: every key of hadolint 2.15.1, and what is wrong with its place")
struct HadolintFileTests {
  private func read(_ text: String) -> LintConfigurationFile { LintConfigurationFile(text, ".hadolint.yaml") }

  @Test("every key")
  func everyKey() {
    let file = read(
      """
      failure-threshold: warning
      format: json
      formats: [tty, sarif]
      ignored: [DL3006, SC2086]
      override:
        error: [DL3001]
        warning: [DL3002]
        info: [DL3003]
        style: [DL3001, DL3004]
      trustedRegistries:
        - registry.example.com
        - "*.example.org"
      label-schema:
        author: text
        contact: email
        created: rfc3339
        version: semver
        documentation: url
        git-revision: hash
        license: spdx
      strict-labels: true
      disable-ignore-pragma: True
      no-fail: false
      no-color: true
      verbose: false
      """)
    #expect(file.problems.isEmpty)
    var expected = LintConfigurationLayer()
    expected.failureThreshold = .warning
    // hadolint puts `format` behind `formats`.
    expected.formats = [.tty, .sarif, .json]
    expected.ignored = ["DL3006", "SC2086"]
    expected.severities = ["DL3001": .error, "DL3002": .warning, "DL3003": .info, "DL3004": .style]
    expected.trustedRegistries = ["registry.example.com", "*.example.org"]
    expected.labelSchema = [
      "author": .text, "contact": .email, "created": .rfc3339, "version": .semver, "documentation": .url,
      "git-revision": .hash, "license": .spdx,
    ]
    expected.strictLabels = true
    expected.disableIgnorePragma = true
    expected.noFail = false
    expected.noColor = true
    expected.verbose = false
    #expect(file.layer == expected)
  }

  @Test(
    "an empty file and one of comments say nothing",
    arguments: ["", "# nothing\n", "---\n", "ignored:\noverride:\n"])
  func empty(_ text: String) {
    let file = read(text)
    #expect(file.layer == LintConfigurationLayer())
    #expect(file.problems.isEmpty)
  }

  @Test("a text where hadolint wants a list, and nothing where it wants a type, are taken")
  func lenient() {
    let file = read(
      "ignored: DL3006\noverride: {error: DL3008}\ntrustedRegistries: localhost:5000\nformats: json\nlabel-schema: {a: , b: ''}\n"
    )
    #expect(file.problems.isEmpty)
    #expect(file.layer.ignored == ["DL3006"])
    #expect(file.layer.severities == ["DL3008": .error])
    #expect(file.layer.trustedRegistries == ["localhost:5000"])
    #expect(file.layer.formats == [.json])
    #expect(file.layer.labelSchema == ["a": .text, "b": .text])
  }

  @Test("what is wrong does not count and has its place; the rest counts")
  func problems() {
    let file = read(
      """
      ignore: [DL3006]
      failure-threshold: Error
      no-fail: yes
      override:
        ignore: [DL3007]
        warning: [DL3008, {a: b}]
      ignored: [DL3009, DL30, 3006, ~, DL9999]
      label-schema: {a: rawtext, b: url}
      trustedRegistries: {a: b}
      rules: {}
      strict-labels: "true"
      format: [json]
      verbose: true
      """)
    #expect(
      file.problemPlaces == [
        "1:1 unknown-key", "2:20 bad-value", "3:10 wrong-type", "5:3 unknown-key", "6:21 wrong-type",
        "7:19 unknown-rule", "7:25 unknown-rule", "7:31 wrong-type", "8:19 bad-value", "9:20 wrong-type",
        "10:1 unknown-key", "11:16 wrong-type", "12:9 wrong-type",
      ])
    #expect(file.layer.ignored == ["DL3009", "DL9999"], "ids of rules that are not here yet are taken")
    #expect(file.layer.severities == ["DL3008": .warning])
    #expect(file.layer.labelSchema == ["b": .url])
    #expect(file.layer.verbose == true)
    #expect(file.layer.failureThreshold == nil)
  }

  @Test(
    "a wrong key, id or value comes with what was probably meant",
    arguments: [
      ("ignore: []", "did you mean `ignored`?"),
      ("trusted-registries: []", "did you mean `trustedRegistries`?"),
      ("failureThreshold: info", "did you mean `failure-threshold`?"),
      ("labelschema: {}", "did you mean `label-schema`?"),
      ("ignored: [DL306]", "did you mean `DL3006`?"), ("ignored: [3006]", "`DL3006` or `SC3006`"),
      ("ignored: 'DL3006,DL3007'", "[DL3006,DL3007]"), ("ignored: [' DL3006']", "without blanks"),
      ("failure-threshold: warn", "did you mean `warning`?"), ("format: sarfi", "did you mean `sarif`?"),
      ("no-fail: on", "write `true`"), ("override: {ignore: [DL3006]}", "`ignored`"),
    ])
  func hints(text: String, hint: String) throws {
    let file = read(text)
    #expect(file.problems.count == 1)
    #expect(try #require(file.problems.first?.help).contains(hint))
  }

  @Test("names and letter cases of rules are taken, and mean the same rule")
  func names() {
    #expect(read("ignored: [dl3006, untagged-base-image]").layer.ignored == ["DL3006", "DL3006"])
  }

  @Test("what is no map is no configuration", arguments: ["- DL3006\n", "DL3006\n", "true\n"])
  func noMap(_ text: String) {
    let file = read(text)
    #expect(file.problemPlaces == ["1:1 wrong-type"])
    #expect(file.layer == LintConfigurationLayer())
  }
}
