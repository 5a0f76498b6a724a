import Diagnostics
import DockerfileLint
import DockerfileSyntax
import SourceText
import Testing

@Suite("The rules about instructions")
struct InstructionRulesTests {
  /// The findings of one rule as lines.
  private func lines(
    _ id: String, _ text: String, _ environment: LintEnvironment = LintEnvironment(),
    _ change: (inout LintSettings) -> Void = { _ in }
  ) -> [Int] {
    let result = Linter(LintSettings(change)).lint(Source(name: "Dockerfile", text: text), environment)
    let index = LineIndex(result.source)
    return result.findings.filter { $0.code.id == id }.map { index.line(of: $0.range.lower) }
  }

  private func strictLines(_ id: String, _ text: String) -> [Int] {
    lines(id, text) { $0.isStrict = true }
  }

  @Test("A misspelt FROM is one finding, and what follows belongs to its stage")
  func misspeltFrom() {
    let text = "ARG A\nFORM a:1\nRUN x\nCMD [\"y\"]\n"
    #expect(lines("DF001", text) == [2] && lines("DL3061", text) == [])
    #expect(lines("DL3061", "RNU x\nENV A=b\nFROM a:1\n") == [2])
    #expect(lines("DL3061", "ENV A=b\nFORM a:1\nRUN x\n") == [1])
  }

  @Test("What ONBUILD hands on is judged stage by stage, where hadolint does not look")
  func triggers() {
    let text = """
      FROM a:1 AS x
      CMD ["a"]
      ONBUILD CMD ["b"]
      ONBUILD USER root
      ONBUILD USER 1
      FROM a:1
      ONBUILD CMD ["c"]
      ONBUILD CMD ["d"]
      ONBUILD USER 0
      ONBUILD EXPOSE 70000
      ONBUILD COPY a b /c
      ONBUILD ADD a /b
      ONBUILD ENTRYPOINT x

      """
    let expected = [
      ("DL4003", [8]), ("DL3002", [9]), ("DL3011", [10]), ("DL3021", [11]), ("DL3020", [12]),
      ("DL3025", [13]),
    ]
    for (id, places) in expected {
      #expect(lines(id, text) == places, "\(id)")
      #expect(strictLines(id, text) == [], "\(id)")
    }
  }

  @Test("A mistake that the parser sees, too, is one finding")
  func claims() {
    #expect(found("FROM a:1\nONBUILD ONBUILD ONBUILD FROM\nONBUILD FROM\n") == ["2:9 DL3043", "3:9 DL3043"])
    #expect(found("ONBUILD FROM x\nFROM a:1\n") == ["1:1 DL3061", "1:9 DL3043"])
    #expect(found("RUN x\n") == ["1:1 DL3061"])
    #expect(found("RNU x\nFROM a:1\n") == ["1:1 DF001"])
    #expect(found("FROM a:1\nEXPOSE 70000/tcp 1-70000\n") == ["2:8 DL3011"])
    #expect(found("FROM a:1\nCOPY 80 90 100\n") == ["2:6 DF003"])
  }

  @Test("A check of BuildKit's that is several rules is silenced as a whole")
  func checks() {
    let text = """
      FROM a:1
      CMD ["x"]
      CMD ["x"]
      ENTRYPOINT ["x"]
      ENTRYPOINT ["x"]
      HEALTHCHECK NONE
      HEALTHCHECK NONE

      """
    let name = "MultipleInstructionsDisallowed"
    #expect(found(text) == ["3:1 DL4003", "5:1 DL4004", "7:1 DL3012"])
    #expect(RuleRegistry.canonicalIDs(for: name) == ["DL3012", "DL4003", "DL4004"])
    #expect(RuleRegistry.canonicalID(for: name) == "DL3012")
    #expect(RuleRegistry.canonicalIDs(for: "dl9999") == ["DL9999"])
    #expect(RuleRegistry.canonicalIDs(for: "nonsense").isEmpty)
    #expect(Linter(ignoring: [name]).lint(Source(name: "x", text: text)).findings.isEmpty)
  }

  @Test("Each instruction that counts no longer goes, and only the last one stays")
  func removals() {
    let text = "FROM a:1\r\nCMD [\"1\"]\r\n  CMD [\\\r\n \"2\"]\r\n\r\nCMD [\"3\"]"
    let fixed = Linter().fix(Source(name: "x", text: text), minimum: .safe)
    #expect(fixed.result.source.bytes == Array("FROM a:1\r\n\r\nCMD [\"3\"]".utf8))
  }

  @Test("Blanks at the end of a line belong to the last argument for hadolint, and to nothing for us")
  func trailingBlanks() {
    #expect(lines("DL3002", "FROM a:1\nUSER root \n") == [2])
    #expect(strictLines("DL3002", "FROM a:1\nUSER root \n") == [])
    #expect(lines("DL3066", "FROM a:1\nUSER 1 \nUSER 1:x \n") == [])
    #expect(strictLines("DL3066", "FROM a:1\nUSER 1 \nUSER 1:x \n") == [2])
  }

  @Test("USER and variables")
  func userVariables() {
    #expect(strictLines("DL3066", "ARG A\nFROM a:1\nUSER $AB\nUSER ${AB}\nUSER ${A}:x\nUSER $B$A\n") == [4])
    #expect(lines("DL3066", "ARG A\nFROM a:1\nUSER $AB\nUSER ${AB}\nUSER ${A}:x\nUSER $B$A\n") == [3, 4])
    #expect(lines("DL3066", "FROM a:1\nENV A=1 B=$A\nUSER $B\nENV C=1\nENV D=$C\nUSER $D\n") == [3])
  }

  @Test("Values made of each other do not grow without end")
  func growth() {
    let growing = (1...60).map { "ENV A\($0)=$A\($0 - 1)$A\($0 - 1)\n" }.joined()
    #expect(lines("DL3066", "FROM a:1\nENV A0=11111111\n\(growing)USER $A3\nUSER $A60\n") == [64])
  }

  @Test("Between stages, ARG and ENV do not make the registry rule forget names")
  func namesOfStages() {
    let text = "FROM a.b/x AS one\nARG A\nENV B=c\nFROM one\nCOPY --from=one /a /b\n"
    #expect(lines("DL3026", text) { $0.trustedRegistries = ["a.b"] } == [])
  }

  @Test("What is known of a base image counts")
  func imageFacts() {
    var facts = ImageFacts()
    facts.hasHealthcheck = true
    facts.hasWorkingDirectory = true
    let environment = LintEnvironment { [facts] in $0 == "known:1" ? facts : nil }
    let text = "FROM known:1\nCOPY a b\nFROM other:1\nCOPY a b\nFROM $X\nCOPY a b\n"
    #expect(lines("DL3045", text, environment) == [4, 6])
    #expect(lines("DL3057", text, environment) { $0.severities["DL3057"] = .info } == [3, 5])
    #expect(lines("DL3057", text, environment) == [], "off by default")
  }

  @Test("Trusted registries are patterns with a star at either end")
  func registries() {
    func isTrusted(_ image: String, _ patterns: String...) -> Bool {
      lines("DL3026", "FROM \(image)\n") { $0.trustedRegistries = patterns }.isEmpty
    }
    #expect(isTrusted("a.example.com/x", "*.example.com") && !isTrusted("example.com/x", "*.example.com"))
    #expect(isTrusted("a.example.com/x", "a.*") && isTrusted("a.example.com/x", "*"))
    #expect(isTrusted("x", "docker.io") && isTrusted("x/y", "hub.docker.com") && !isTrusted("x", "a.b"))
    #expect(isTrusted("docker.io/x/y", "docker.io") && isTrusted("scratch", "a.b"))
    #expect(!isTrusted("$X", "a.b") && !isTrusted("a.b:5000/x", "a.b") && isTrusted("a.b:5000/x", "a.b:5000"))
    let mounts = "FROM a.b/x AS y\nRUN --mount=type=cache,from=c.d/x,target=/x --mount=from=y,target=/y z\n"
    #expect(lines("DL3026", mounts) { $0.trustedRegistries = ["a.b"] } == [2])
  }

  /// The values that are not of a type.
  private func refused(_ type: LintSettings.LabelType, _ id: String, _ values: [String]) -> [String] {
    let text = values.reduce("FROM a:1\n") { $0 + "LABEL l=\"\($1.replacing("\"", with: "\\\""))\"\n" }
    return lines(id, text) {
      $0.labelSchema = ["l": type]
      $0.isStrict = true
    }.map { values[$0 - 2] }
  }

  @Test("Types of labels: what hadolint takes and what it refuses", arguments: LabelCase.all)
  func labelTypes(_ testCase: LabelCase) {
    #expect(refused(testCase.type, testCase.id, testCase.good) == [])
    #expect(refused(testCase.type, testCase.id, testCase.bad) == testCase.bad)
  }

  @Test("Labels of the settings: each has its own findings, whatever the quotes")
  func labels() {
    let text = "FROM a:1\nLABEL \"a\"=x 'b'=\"\" c=\nLABEL b=1.0.0\n"
    let change: (inout LintSettings) -> Void = { $0.labelSchema = ["a": .semver, "b": .semver, "d": .text] }
    #expect(lines("DL3056", text, LintEnvironment(), change) == [2, 2])
    #expect(lines("DL3051", text, LintEnvironment(), change) == [2])
    #expect(lines("DL3049", text, LintEnvironment(), change) == [1])
  }

  @Test("Only comments that silence one instruction count, and only between instructions")
  func inlineIgnores() {
    let on: (inout LintSettings) -> Void = { $0.severities["DL1001"] = .info }
    let text = """
      # hadolint ignore=DL3006
      FROM a
      RUN a \\
        # hadolint ignore=DL3006
        b
      # hadolint ignore=dl3006
      # hadolint stage ignore=DL3006
        #hadolint\tignore = DL3006 , SC1  # x
      # hadolint ignore=DL3006 x
      RUN <<E
      # hadolint ignore=DL3006
      E

      """
    #expect(lines("DL1001", text, LintEnvironment(), on) == [1, 8])
    #expect(lines("DL1001", text) == [])
  }
}

/// Values of labels, judged by hadolint 2.15.1.
struct LabelCase: CustomTestStringConvertible, Sendable {
  let type: LintSettings.LabelType
  let id: String
  let good: [String]
  let bad: [String]
  var testDescription: String { type.rawValue }

  static let all: [LabelCase] = [
    LabelCase(
      type: .semver, id: "DL3056",
      good: ["1.2.3", "1.2.3-rc.1+b", "0.0.0", "1.2.3-a-b", "1.2.3-+b", "1.2.3-a.", "01.2.3", "1.2.3+"],
      bad: [
        "", "v1.2.3", "1.2", "1.2.3.4", " 1.2.3", "1.2.3 ", "1.2.3-a..b", "1.2.3-.a", "1.2.3-a_b",
        "1.2.3-a+b+c",
      ]),
    LabelCase(
      type: .rfc3339, id: "DL3053",
      good: [
        "2024-01-02T03:04:05Z", "2024-01-02t03:04:05z", "2024-01-02T03:04:05+0100",
        "2024-01-02T03:04:05.5+01:00",
        "2024-01-02T03:04:60Z", "2024-02-29T00:00:00Z", " 2024-01-02T03:04:05Z ", "12024-01-02T03:04:05Z",
      ],
      bad: [
        "", "2024-01-02", "2024-01-02 03:04:05Z", "2024-01-02T03:04:05", "2024-13-01T00:00:00Z",
        "2023-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2024-01-02T24:00:00Z", "2024-01-02T03:04:61Z",
        "2024-01-02T03:04:05UTC", "2024-01-02T03:04:05+01", "2024-1-2T03:04:05Z",
      ]),
    LabelCase(
      type: .url, id: "DL3052",
      good: [
        "http://a.b", "https://u:p@a:80/b;c?d?#e", "mailto:x@y", "urn:x:y", "http:", "a://", "http://[::1]/",
        "http://[1:2:3:4:5:6:1.2.3.4]", "http://[fe80::1%25eth0]/", "http://[v1.a]/", "http://a/%20",
        "x:/y//z",
      ],
      bad: [
        "", "a.b", "//a/b", "http://a b", "http://a/%zz", "http://a/%2", "http://[::1", "http://a:x/",
        "1a://b",
        "http://\u{E9}", "http://a/[x]", "http://a#b#c", "http://[1::2::3]/", "http://[12345::]/",
        "http://a@b@c/",
        "http://[1:2:3:4:5:6:7]/", "http://[::1.2.3.400]/", "http://[vz.a]/",
      ]),
    LabelCase(
      type: .hash, id: "DL3055", good: ["0123abc", "0123456789012345678901234567890123456789"],
      bad: ["", "012345", "01234567", "ABCDEF1", "abcdefg"]),
    LabelCase(
      type: .spdx, id: "DL3054",
      good: ["MIT", "Apache-2.0", "GPL-2.0-only", "MIT  ", "0BSD", "zlib-acknowledgement"],
      bad: ["", "mit", " MIT", "GPL-2.0", "MIT OR Apache-2.0", "TrustedQSL"]),
    LabelCase(
      type: .email, id: "DL3058",
      good: [
        "a@b", "a.b+c@d.e", "\"a b\"@c", "a@[1.2.3.4]", "(x(y))a@b.c (z)", " a . b@c . d", "a@b.c.",
        "a.\"b\"@c",
        String(repeating: "a", count: 64) + "@b",
      ],
      bad: [
        "", "a", "@b", "a@", "a..b@c", ".a@b", "a b@c", "a@b_c", "a@-b", "a@b..c", "A <a@b.c>", "\u{E9}@b",
        "a@b@c",
        "(a@b", "\"a\"b@c", "a@[a[b]", String(repeating: "a", count: 65) + "@b",
      ]),
  ]
}
