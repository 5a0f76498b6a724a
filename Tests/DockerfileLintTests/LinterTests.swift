import Diagnostics
import DockerfileLint
import DockerfileSyntax
import SourceText
import Testing

@Suite("The linter")
struct LinterTests {
  @Test("A broken line is one finding, and every other line is linted")
  func brokenLines() {
    let text = """
      FROM node
      RNU make
      COPY --form=b x /y
      ENV A
      HEALTHCHECK --interval=5 CMD ["x"]
      nonsense
      COPY lonely
      MAINTAINER me
      ADD a /b

      """
    #expect(
      found(text) == [
        "1:6 DL3006", "2:1 DF001", "3:6 DF004", "4:5 DL1000", "5:24 DL1000", "6:1 DF001", "7:1 DL1000",
        "8:1 DL4000",
        "9:1 DL3020",
      ])
  }

  @Test("A14: A secret in an ARG, whose value the history keeps, is a finding, with what to do instead")
  func secretArguments() throws {
    let findings = lint("FROM a:1\nARG API_TOKEN\nARG NAME=x\nRUN make\n").findings
    #expect(findings.map(\.code.id) == ["DL3064"])
    let finding = try #require(findings.first)
    #expect(finding.message.contains("`API_TOKEN`"))
    #expect(finding.help?.contains("RUN --mount=type=secret") == true)
  }

  @Test("Each instruction above the first FROM is one finding")
  func preamble() {
    #expect(
      found("ARG A\nRUN x\nUSER 1\nENV a=b\nFROM a:1\n") == ["2:1 DL3061", "3:1 DL3061", "4:1 DL3061"])
    #expect(found("") == ["1:1 DL1000"])
    #expect(found("ARG A\n").count == 1)
  }

  @Test("Every parse error says what to do, or what is wrong with a word")
  func sentences() {
    let text = """
      # escape=x
      FROM
      FROM a b c
      FROM a AS 1
      COPY --chown --link=perhaps --chmod=1 --chmod=2 a b
      HEALTHCHECK --retries=x FOO
      HEALTHCHECK NONE x
      HEALTHCHECK CMD
      LABEL a=b c
      ENV =x
      SHELL bash
      VOLUME [""]
      CMD [1]
      ONBUILD FROM x
      RUN --mount=type=what,nothing=1 x
      RUN --mount=type=secret,from=$A x
      RUN <<EOF

      """
    let findings = lint(text).findings.filter { $0.code == .parseError }
    #expect(findings.count >= 17)
    for finding in findings {
      #expect(!finding.message.isEmpty && finding.severity == .error)
      #expect(!finding.message.hasSuffix("."))
    }
  }

  @Test(
    "A misspelt keyword is mended safely only if one letter is wrong, one instruction is meant and the line reads"
  )
  func misspeltKeywords() {
    func applicability(_ line: String) -> Applicability? {
      lint("FROM a:1\n\(line)\n").findings.first { $0.code == .unknownInstruction }?.fixIts.first?
        .applicability
    }
    #expect(applicability("RNU make") == .safe)
    #expect(applicability("WORKDIRR /x") == .safe)
    #expect(applicability("RNU <<EOF\nmake\nEOF") == .safe)
    #expect(applicability("$RUN make") == .unsafe)
    #expect(applicability("COPPY x") == .unsafe, "COPY x cannot be read")
    #expect(applicability("WROKDRI /x") == .unsafe)
    #expect(applicability("cd /app") == nil, "a shell command, though CMD is one letter away")
    #expect(applicability("npm install") == .unsafe)
    #expect(applicability("&& make") == nil)
  }

  @Test("Findings inside ONBUILD: the parser's too")
  func triggers() {
    let text = "FROM a:1\nONBUILD ADD x /y\nONBUILD CMD z\nONBUILD COPY --form=a b c\n"
    #expect(found(text) == ["2:9 DL3020", "3:13 DL3025", "4:14 DF004"])
  }

  @Test("Rules are left out by id, name or alias")
  func ignoring() {
    let source = Source(name: "Dockerfile", text: "FROM a\nCMD x\nMAINTAINER m\n")
    let findings = Linter(ignoring: ["dl3006", "JSONArgsRecommended", "SC2086"]).lint(source).findings
    #expect(findings.map(\.code.id) == ["DL4000"])
  }

  @Test("A file in UTF-16 is linted as the text that it holds, and builders cannot read it")
  func wideText() {
    var bytes: [UInt8] = [0xFF, 0xFE]
    for unit in "FROM a\nCMD [\"x\"]\n".utf16 { bytes += [UInt8(unit & 0xFF), UInt8(unit >> 8)] }
    func codes(isStrict: Bool) -> [String] {
      let linter = Linter(LintSettings { $0.isStrict = isStrict })
      return linter.lint(Source(name: "Dockerfile", bytes: bytes)).findings.map(\.code.id)
    }
    #expect(codes(isStrict: false) == ["DL1000", "DL3006"])
    #expect(codes(isStrict: true) == ["DL3006"])
  }

  @Test("Names of images and stages")
  func imageNames() {
    func found(_ text: String) -> [String] {
      DockerfileLintTests.found(text).filter { $0.contains(" DL") }
    }
    #expect(found("FROM localhost:5000/x\n") == ["1:6 DL3006"], "5000 is a port")
    #expect(found("FROM r.io:5000/x\n") == ["1:6 DL3006"])
    #expect(found("FROM a:1 AS Build\nFROM Build\nFROM build\n").isEmpty)
    #expect(found("FROM ${X:-y:1}\nFROM a:$T\nFROM r.io/$X\nFROM r.io/scratch\nFROM ${B:-r.io/x}\n").isEmpty)
    #expect(found("FROM $X:latest\nFROM a:latest@sha256:1\n") == ["1:8 DL3007"])
  }
}

@Suite("Mending")
struct FixLoopTests {
  @Test("One run mends what earlier fixes uncover, and the next changes nothing")
  func rounds() {
    let source = Source(name: "Dockerfile", text: "FROM a:1\nMAINTAINR me\nADDD x /y\nCMDD node app.js\n")
    let fixed = Linter().fix(source, minimum: .safe)
    #expect(
      fixed.result.source.text(in: ByteRange(0, 1000)) == """
        FROM a:1
        LABEL org.opencontainers.image.authors="me"
        COPY x /y
        CMD ["node", "app.js"]

        """)
    #expect(fixed.applied == 6 && fixed.result.findings.isEmpty)
    #expect(!Linter().fix(fixed.result.source, minimum: .safe).isChanged)
  }

  @Test("However many rounds it takes, nothing that can be mended is left")
  func manyRounds() {
    let broken =
      "HEALTHCHECK --interval=1.5h CMD `\nheck\nhealthcheck cmd [\"/check\", \"now\"]\nHEALTHAHECK --reCK NO?E\n"
    let text =
      "FROM debian:12\nRUN make\n" + String(repeating: broken, count: 6) + "HEAtries=0 CMD mxi\n"
    let fixed = Linter().fix(Source(name: "Dockerfile", text: text), minimum: .unsafe)
    #expect(fixed.applied > 10)
    #expect(!Linter().fix(fixed.result.source, minimum: .unsafe).isChanged)
  }

  @Test("What a fix does not name stays byte for byte: CRLF, byte-order mark, NUL, a missing last line end")
  func otherBytes() {
    let head: [UInt8] = [0xEF, 0xBB, 0xBF]
    let source = Source(name: "x", bytes: head + Array("FROM a:1\r\nRUN x \0 \u{FF}\r\nADD a  /b".utf8))
    let fixed = Linter().fix(source, minimum: .safe)
    #expect(fixed.result.source.bytes == head + Array("FROM a:1\r\nRUN x \0 \u{FF}\r\nCOPY a  /b".utf8))
  }

  @Test("Any bytes: no crash, places within the file, and mending never makes it worse")
  func anyBytes() {
    let words = [
      "FROM", "COPY", "EXPOSE", "ADD", "CMD", "RNU", "ENV", "MAINTAINER", " ", " ", "\n", "\n", "\\\n", "a",
      "3000", "/x",
      ".", "--form=", "<<E", "\"", "[", "]", "$A", "# hadolint ignore=DL3006\n", "\u{0}", "é",
    ]
    var state: UInt64 = 42
    for _ in 0..<400 {
      var text = ""
      for _ in 0..<40 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        text += words[Int(state >> 33) % words.count]
      }
      let source = Source(name: "x", text: text)
      let result = Linter().lint(source)
      for finding in result.findings {
        #expect(Int(finding.range.upper) <= source.bytes.count, "\(text)")
      }
      for minimum in [Applicability.safe, .unsafe] {
        let fixed = Linter().fix(source, minimum: minimum)
        #expect(fixed.result.dockerfile.problems.count <= result.dockerfile.problems.count, "\(text)")
        #expect(!Linter().fix(fixed.result.source, minimum: minimum).isChanged, "\(text)")
      }
    }
  }
}
