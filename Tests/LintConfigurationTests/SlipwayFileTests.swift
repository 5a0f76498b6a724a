import Diagnostics
import DockerfileLint
import LintConfiguration
import Testing

@Suite(".slipway.yaml: what hadolint's file cannot say")
struct SlipwayFileTests {
  @Test("rules: a severity, off, or options")
  func rules() {
    let file = LintConfigurationFile(
      """
      rules:
        DL3006: off
        DL3007: error
        DL3025:
          severity: style
          limit: 3
          names: [a, b]
        dl4000: {severity: }
      ids: buildkit
      hadolint-strict: true
      baseline: lint/baseline.json
      """)
    #expect(file.problems.isEmpty)
    #expect(
      file.layer.rules == [
        "DL3006": .init(weight: .off), "DL3007": .init(weight: .severity(.error)),
        "DL3025": .init(weight: .severity(.style), options: ["limit": "3", "names": "a,b"]),
        "DL4000": .init(),
      ])
    #expect(file.layer.names == .buildkit)
    #expect(file.layer.isStrict == true)
    #expect(file.layer.baseline == "/project/lint/baseline.json")
  }

  @Test("what is wrong has its place")
  func problems() {
    let file = LintConfigurationFile(
      """
      rules:
        NOPE: off
        DL3006: fatal
        DL3007: {severity: [error]}
        DL3008: [a]
        DL3009: {option: {a: b}}
      overrides:
        - ignored: [DL3006]
        - paths: ["!x", a/*]
          format: json
          nope: 1
        - text
      ids: podman
      exclude: {a: b}
      """)
    #expect(
      file.problemPlaces == [
        "2:3 unknown-rule", "3:11 bad-value", "4:22 wrong-type", "5:11 wrong-type", "6:20 wrong-type",
        "8:5 bad-value", "9:13 bad-value", "10:5 unknown-key", "11:5 unknown-key", "12:5 wrong-type",
        "13:6 bad-value", "14:10 wrong-type",
      ])
    #expect(file.pathOverrides.count == 1)
  }

  @Test(
    "patterns for paths",
    arguments: [
      ("*.dev", "a/b/x.dev", true), ("*.dev", "x.dev.txt", false), ("/x", "a/x", false), ("/x", "x", true),
      ("a/*", "a/x", true), ("a/*", "b/a/x", false), ("a/*/c", "a/b/c", true), ("a/*/c", "a/b/b/c", false),
      ("a/**/c", "a/c", true), ("a/**/c", "a/1/2/3/c", true), ("**/test/**", "x/test/y", true),
      ("**/test/**", "test/y", true), ("**/test/**", "x/test", false),
      ("vendor", "x/vendor/y/Dockerfile", true),
      ("vendor/", "vendor/Dockerfile", true), ("vendor/", "x/vendor", false),
      ("Dockerfile.?", "Dockerfile.1", true),
      ("Dockerfile.[0-9a]", "Dockerfile.a", true), ("Dockerfile.[!0-9]", "Dockerfile.1", false),
      ("**", "a", true),
      ("\\*", "*", true), ("\\*", "x", false), ("./a", "a", true), ("./a", "b/a", false), ("[", "[", true),
      ("a/**", "a", false), ("*a*b*c*", "xaxbxcx", true), ("*a*b*c*", "xaxcxbx", false),
    ])
  func globs(pattern: String, path: String, isMatch: Bool) throws {
    #expect(try #require(PathGlob(pattern)).matches(path) == isMatch)
  }

  @Test("patterns that are none", arguments: ["", "!a", "/", "./"])
  func noGlobs(_ pattern: String) {
    #expect(PathGlob(pattern) == nil)
  }

  @Test("a pattern of many stars ends soon")
  func stars() throws {
    let glob = try #require(PathGlob(String(repeating: "*a", count: 200) + "*b"))
    #expect(!glob.matches(String(repeating: "a", count: 4000)))
    let folders = try #require(PathGlob(String(repeating: "**/a/", count: 100) + "b"))
    #expect(!folders.matches(String(repeating: "a/", count: 1000) + "c"))
  }
}
