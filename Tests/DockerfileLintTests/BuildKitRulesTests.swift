import Diagnostics
import DockerfileLint
import SourceText
import Testing

/// Lints with what is known beside the file, and gives the findings of BuildKit's checks and of what makes it stop as
/// `line ID`.
private func checked(
  _ text: String, _ environment: LintEnvironment = LintEnvironment(),
  _ settings: LintSettings = LintSettings()
) -> [String] {
  let result = Linter(settings).lint(Source(name: "Dockerfile", text: text), environment)
  let lines = LineIndex(result.source)
  return result.findings.filter { !["DL", "SC"].contains($0.code.id.prefix(2)) }.map { finding in
    "\(lines.line(of: finding.range.lower)) \(finding.code.id)"
  }
}

/// Knows one image.
private func knowing(_ name: String, _ change: (inout ImageFacts) -> Void) -> LintEnvironment {
  var facts = ImageFacts()
  change(&facts)
  return LintEnvironment(imageFacts: { [facts] in $0 == name ? facts : nil })
}

@Suite("BuildKit's checks")
struct BuildKitChecksTests {
  @Test("Stage names and AS: letter case")
  func stageNames() {
    #expect(
      checked("FROM a:1 AS Top\nFROM a:1 as low\nfrom a:1 AS x\nFrom a:1 as y\nFROM a:1 AS z\n").sorted() == [
        "1 StageNameCasing", "2 FromAsCasing", "3 ConsistentInstructionCasing", "3 FromAsCasing",
        "4 ConsistentInstructionCasing",
      ])
  }

  @Test(
    "The majority of keywords decides, capitals where there is none",
    arguments: [
      ("FROM a:1\nrun x\n", ["2"]), ("from a:1\nrun x\nRUN y\n", ["3"]), ("from a:1\nrun x\n", []),
      ("arg a\narg b\nFROM a:1\n", []), ("FROM a:1\nonbuild run x\nONBUILD run x\n", ["2"]),
      ("fROM a:1\n", ["1"]), ("FROM a:1\nrnu x\nrnu x\nrnu x\n", []),
    ])
  func casing(_ text: String, _ lines: [String]) {
    let found = checked(text).filter { $0.hasSuffix("ConsistentInstructionCasing") }
    #expect(found == lines.map { $0 + " ConsistentInstructionCasing" })
  }

  @Test(
    "Empty lines in an instruction: also with blanks, CRLF and at the end of the file; not in here-documents")
  func emptyLines() {
    let id = "NoEmptyContinuation"
    #expect(checked("FROM a:1\nCOPY a \\\n\nb\n") == ["3 \(id)"])
    #expect(checked("FROM a:1\r\nCOPY a \\\r\n \t\r\nb\r\n") == ["3 \(id)"])
    #expect(checked("FROM a:1\nRUN x \\\n\n") == ["3 \(id)"])
    #expect(checked("FROM a:1\nRUN x \\\n# c\n  # d\n\n\n y\n") == ["5 \(id)"], "one finding an instruction")
    #expect(checked("FROM a:1\nRUN <<E\n\nE\nRUN x \\\n y\n\nRUN z\n").isEmpty)
    let fixed = Linter().fix(
      Source(name: "", text: "FROM a:1\r\nCOPY a \\\r\n\r\n# c\r\n\r\nb\r\n"), minimum: .safe)
    #expect(fixed.result.source.text(in: ByteRange(0, 100)) == "FROM a:1\r\nCOPY a \\\r\n# c\r\nb\r\n")
  }

  @Test("Variables of FROM come from the ARGs above the first FROM and from the platform")
  func fromVariables() {
    #expect(checked("ARG a=b\nFROM $a:1\nFROM --platform=$TARGETPLATFORM c:${TARGETOS}-$a\n").isEmpty)
    #expect(checked("FROM a:1\nARG V=1\nFROM b:$V\n") == ["3 UndefinedArgInFrom"])
    #expect(checked("FROM ${A:-b}:1\nFROM b:$C$C\n") == ["1 UndefinedArgInFrom", "2 UndefinedArgInFrom"])
    #expect(checked("ARG A\nARG B=$A\nFROM $B\n") == ["3 InvalidDefaultArgInFrom"])
    #expect(checked("ARG A=x\nARG A\nFROM $A:1\n").isEmpty, "a second ARG without a default changes nothing")
    #expect(checked("ARG A=Big\nFROM $A:1\n") == ["2 InvalidDefaultArgInFrom"])
    #expect(checked("FROM a:1$TARGETVARIANT\n").isEmpty, "empty on some machines only")
  }

  @Test("Undefined variables are found where all is known, and nothing is said elsewhere")
  func undefinedVariables() {
    let id = "UndefinedVar"
    #expect(checked("FROM scratch\nCOPY $a /\nARG a\nCOPY $a /\n") == ["2 \(id)"])
    #expect(checked("FROM scratch AS x\nENV A=1\nFROM x\nUSER $A\nUSER $B\n") == ["5 \(id)"])
    #expect(checked("FROM debian:12\nCOPY $a /\n").isEmpty)
    let debian = knowing("debian:12") { $0.environment = ["HOME_DIR": "/h"] }
    #expect(checked("FROM debian:12\nCOPY $HOME_DIR $NOTHING\nENV PATH=$PATH:/x\n", debian) == ["2 \(id)"])
    #expect(checked("FROM scratch\nENV A=1 B=$A\nENV C=$A$B\n") == ["2 \(id)"], "ENV sees what was before it")
    #expect(checked("FROM scratch\nARG A=1 B=$A\n").isEmpty, "ARG goes from left to right")
    #expect(checked("ARG G=1\nFROM scratch\nLABEL g=$G\nARG G\nLABEL g=$G\n") == ["3 \(id)"])
    #expect(
      checked("FROM scratch\nARG TARGETARCH\nCOPY x-$TARGETARCH /\nCOPY y-$TARGETOS /\n") == ["4 \(id)"])
    #expect(
      checked("FROM scratch\nRUN echo $x\nCMD $x\nENTRYPOINT $x\nHEALTHCHECK CMD $x\nEXPOSE $x\n").isEmpty)
    #expect(checked("FROM scratch\nRUN --mount=type=cache,target=/$x y\n") == ["2 \(id)"])
    #expect(checked("FROM scratch\nCOPY <<A <<\"B\" /\n$x\nA\n$y\nB\n") == ["3 \(id)"])
    #expect(checked("FROM scratch\nLABEL a='$x' b=\\$x c=\"$x\" d=$x\n") == ["2 \(id)"])
  }

  @Test("Doubling a variable in every line costs no more than its lines")
  func bounds() {
    let text =
      "FROM scratch\nENV A=xxxxxxxx\n" + String(repeating: "ENV A=$A$A$A$A\n", count: 200) + "USER $A\n"
    #expect(checked(text).isEmpty)
    let names = (0..<2000).map { "ENV V\($0)=1\n" }.joined()
    #expect(checked("FROM scratch\n" + names + "USER $W\n").isEmpty, "with too many names nothing is known")
  }

  @Test("Mistakes without end take time in proportion to their number")
  func manyMistakes() {
    let count = 4000
    let stages = (0..<count).map { "FROM $V\($0) AS S\($0)\nCOPY --from=nothing\($0) a b\n" }.joined()
    #expect(checked(stages).count >= 2 * count)
    let names = (0..<400).map { "ENV VARIABLE_WITH_A_LONG_NAME_\($0)=1\n" }.joined()
    let uses = (0..<count).map { "USER $VARIABLE_WITH_A_LOGN_NAME_\($0)\n" }.joined()
    #expect(checked("FROM scratch\n" + names + uses).count == count)
  }

  @Test("The old form of ENV and LABEL is mended without changing the value")
  func legacyForm() {
    func fixed(_ line: String) -> String {
      let fixed = Linter().fix(Source(name: "", text: "FROM a:1\n\(line)\n"), minimum: .safe)
      return String(fixed.result.source.text(in: ByteRange(9, 200)).dropLast())
    }
    #expect(fixed("ENV a b") == "ENV a=b")
    #expect(fixed("ENV a b=c d") == "ENV a=\"b=c d\"")
    #expect(fixed("LABEL a 'b c'") == "LABEL a='b c'")
    #expect(fixed("ENV a b\\ c") == "ENV a b\\ c")
    #expect(fixed("ENV a \"b\" c") == "ENV a \"b\" c")
    #expect(fixed("ENV a b \\\n  c") == "ENV a b \\\n  c")
  }

  @Test("EXPOSE: protocols, and what concerns the host")
  func expose() {
    #expect(
      checked("FROM a:1\nEXPOSE 80/TcP 81/TCP 82/udp\n") == ["2 ExposeProtoCasing", "2 ExposeProtoCasing"])
    let hosts = "FROM a:1\nEXPOSE 127.0.0.1:80:80 [::1]:8080:8080 5000:5000 8000 :90\n"
    #expect(checked(hosts) == ["2 ExposeInvalidFormat", "2 ExposeInvalidFormat", "2 ExposeInvalidFormat"])
    #expect(checked("FROM a:1\nARG P=1:2\nEXPOSE $P\n") == ["3 ExposeInvalidFormat"])
  }

  @Test("Copies of what is ignored: local sources of COPY and ADD, variables replaced")
  func ignoredFiles() {
    let environment = LintEnvironment(ignoredPath: { $0.hasPrefix("no") ? .ignored : .kept })
    let text = """
      FROM a:1 AS x
      FROM a:1
      ARG D=no
      COPY yes no1 /
      ADD $D/file /
      COPY --from=x no /
      ADD https://no.example.com/no /
      COPY $UNKNOWN /
      COPY <<no /
      no

      """
    #expect(checked(text, environment) == ["4 CopyIgnoredFile", "5 CopyIgnoredFile"])
    #expect(checked(text).isEmpty)
  }

  @Test("The platform of the base image, as far as it is known")
  func platform() {
    var environment = knowing("a:1") { $0.platform = "linux/arm64" }
    #expect(checked("FROM a:1\n", environment).isEmpty, "for whom is built is not known")
    environment.platform = "linux/amd64"
    #expect(checked("FROM a:1\nFROM b:1\n", environment) == ["1 InvalidBaseImagePlatform"])
    #expect(checked("FROM --platform=linux/aarch64 a:1\n", environment).isEmpty)
    #expect(checked("FROM --platform=$BUILDPLATFORM a:1\n", environment).isEmpty)
    #expect(checked("FROM --platform=linux/s390x a:1\n", environment) == ["1 InvalidBaseImagePlatform"])
  }
}

@Suite("What makes BuildKit stop, beyond the grammar")
struct BuildKitErrorsTests {
  @Test(
    "One finding each",
    arguments: [
      // Stages.
      ("FROM a:1 AS x\nCOPY --from=x /a /b\n", ["2 DF104"]), ("FROM a:1\nCOPY --from=0 /a /b\n", ["2 DF104"]),
      ("FROM a:1\nCOPY --from=1 /a /b\n", ["2 DF104"]),
      ("FROM a:1\nCOPY --from=y /a /b\nFROM a:1 AS y\n", ["2 DF104"]),
      ("FROM a:1 AS x\nFROM a:1\nCOPY --from=x /a /b\nFROM a:1 AS x\n", ["3 DF104"]),
      ("FROM a:1 AS x\nRUN --mount=type=bind,from=x,target=/y z\n", ["2 DF104"]),
      ("FROM a:1 AS x\nFROM a:1\nRUN --mount=from=X,target=/y z\nCOPY --from=X a b\n", []),
      ("FROM a:1 AS server\nFROM a:1\nCOPY --from=sever a b\nCOPY --from=nginx a b\n", ["3 DF104"]),
      ("FROM golang:1 AS golang2\nFROM a:1\nCOPY --from=golang a b\n", []),
      // Names of images.
      ("FROM A:1\n", ["1 DF117"]), ("FROM a:\n", ["1 DF117"]), ("FROM a//b\n", ["1 DF117"]),
      ("FROM a:1@sha256:12\n", ["1 DF117"]), ("FROM \"\"\n", ["1 DF117"]),
      ("FROM localhost:5000/a_b/c:1.0\n", []),
      ("FROM a:1 AS b\nCOPY --from=c/D a b\n", ["2 DF117"]), ("FROM oci-layout:/some/Where\n", []),
      // Platforms.
      ("FROM --platform=pc a:1\n", ["1 DF118"]), ("FROM --platform=a/b/c/d a:1\n", ["1 DF118"]),
      ("FROM --platform=windows(10.0.17763)/amd64 a:1\n", []),
      ("ARG P=\nFROM --platform=$P a:1\n", ["2 DF118"]),
      ("ARG P\nFROM --platform=$P a:1\n", []), ("FROM --platform=linux/$P a:1\n", ["1 UndefinedArgInFrom"]),
      // Ports.
      ("FROM a:1\nEXPOSE 80/tpc\n", ["2 DF119"]), ("FROM a:1\nEXPOSE 2-1\n", ["2 DF119"]),
      ("FROM a:1\nEXPOSE 1-2:80-82\n", ["2 DF119"]), ("FROM a:1\nARG P=x\nEXPOSE 80 $P\n", ["3 DF119"]),
      ("FROM a:1\nEXPOSE /app\n", ["2 DF003"]), ("FROM a:1\nEXPOSE 80 # web\n", ["2 DF003"]),
      ("FROM a:1\nEXPOSE $PORT\n", []), ("FROM a:1\nENV P=\"80 81\"\nEXPOSE $P\n", []),
      // Signals.
      ("FROM a:1\nSTOPSIGNAL SIGNOTHING\n", ["2 DF120"]), ("FROM a:1\nSTOPSIGNAL $S\n", []),
      ("FROM a:1\nENV S=0\nSTOPSIGNAL $S\n", ["3 DF120"]), ("FROM a:1\nSTOPSIGNAL term\n", []),
      // Options and sources of COPY and ADD.
      ("FROM a:1\nCOPY --chmod=64a a b\n", ["2 DF121"]), ("FROM a:1\nADD --chmod=10000 a b\n", ["2 DF121"]),
      ("FROM a:1\nCOPY --chmod=a+rX,u=rw a b\n", []), ("FROM a:1\nCOPY http://x/y /z\n", ["2 DF121"]),
      ("FROM a:1\nADD --checksum=md5:12 https://x/y /z\n", ["2 DF121"]),
      ("FROM a:1\nADD --checksum=sha256:12 https://x/y.git /z\n", []),
      ("FROM a:1\nADD --checksum=$SUM https://x/y /z\n", []),
      // Variables and quotes.
      ("FROM a:1\nENV A=\"x\n", ["2 DF122"]), ("FROM a:1\nLABEL a=it's b=c\n", ["2 DF122"]),
      ("FROM a:1\nWORKDIR ${A\n", ["2 DF122"]), ("FROM a:1\nENV A=${B,,}\n", ["2 DF122"]),
      ("FROM ${A!}\n", ["1 DF122"]), ("ARG A=${\nFROM a:1\n", ["1 DF122"]),
      ("FROM scratch\nUSER ${A:?no}\n", ["2 DF122", "2 UndefinedVar"]), ("FROM a:1\nUSER ${A:?no}\n", []),
      ("FROM a:1\nRUN echo ${A,,} \"\nCMD ${\n", []), ("FROM a:1\nCOPY <<E /x\n${{ a }}\nE\n", ["2 DF122"]),
      ("FROM a:1\nCOPY <<'E' /x\n${{ a }}\nE\nCOPY <<F /x\nit's\nF\n", []),
    ])
  func errors(_ text: String, _ expected: [String]) {
    #expect(checked(text) == expected)
  }

  @Test("A line of more than 65,535 bytes is too long for BuildKit, wherever it stands")
  func longLines() {
    func text(_ count: Int) -> String {
      "FROM a:1\nRUN <<E\n" + String(repeating: "x", count: count) + "\nE\n"
    }
    #expect(found(text(65535)).isEmpty)
    #expect(found(text(65536)) == ["3:1 DL1000"])
    #expect(
      Linter(LintSettings { $0.isStrict = true }).lint(Source(name: "", text: text(65536))).findings.isEmpty)
  }
}

@Suite("Comments of the form # check=")
struct CheckDirectiveTests {
  private let body = "FROM scratch as Base\ncopy x .\n"

  @Test(
    "P03: At the top of the file",
    arguments: [
      ("#check=skip=all", []), ("# check=skip=all;error=true", []),
      ("# check=skip=ConsistentInstructionCasing,FromAsCasing", ["2 StageNameCasing"]),
      (
        "# CHECK = skip=StageNameCasing;experimental=all",
        ["2 FromAsCasing", "3 ConsistentInstructionCasing"]
      ),
      ("# check=skip=StageNameCasing,FromAsCasing because of an old tool", ["3 ConsistentInstructionCasing"]),
    ])
  func file(_ comment: String, _ expected: [String]) {
    #expect(checked(comment + "\n" + body) == expected)
  }

  @Test("P03: error=true makes BuildKit's checks errors, those with an id of hadolint too, and nothing else")
  func errors() {
    let result = lint("# check=error=true\nFROM node as x\nMAINTAINER me\nCMD y\n")
    let severities = Dictionary(grouping: result.findings, by: \.severity).mapValues { $0.map(\.code.id) }
    #expect(severities[.error] == ["FromAsCasing", "DL4000", "DL3025"])
    #expect(severities[.warning] == ["DL3006"])
    #expect(lint("# check=error=false\nFROM a:1 as x\n").findings.map(\.severity) == [.warning])
  }

  @Test("A check of BuildKit that is a rule of hadolint is silenced by its name")
  func twins() {
    #expect(found("# check=skip=JSONArgsRecommended\nFROM a:1\nCMD x\n").isEmpty)
    #expect(
      found("FROM a:1\n# check=skip=JSONArgsRecommended\nCMD x\nCMD y\n") == ["4:1 DL4003", "4:5 DL3025"])
    #expect(found("# check=skip=all\nFROM a\nCMD x\n") == ["2:6 DL3006"], "BuildKit has no such check")
  }

  @Test(
    "Above an instruction, for that one alone",
    arguments: [
      ("# check=skip=LegacyKeyValueFormat\n", true), ("# check=skip=all because\n", true),
      ("# words\n# check=skip=all\n# words\n", true), ("# check=skip=all\n\n", true),
      ("# Check = skip=all\n", true), ("# check=skip=all\n#\n", false),
      ("# check=skip=FromAsCasing\n# check=skip=all\n", false), ("# check=error=true\n", false),
      ("# check: skip=all\n", false),
    ])
  func instruction(_ comment: String, _ isSilent: Bool) {
    let result = lint("FROM a:1\n" + comment + "ENV a b\nENV c d\n")
    #expect(result.findings.map(\.code.id).allSatisfy { $0 == "LegacyKeyValueFormat" })
    #expect(result.instructions == (isSilent ? [2] : [1, 2]))
    #expect(result.findings.allSatisfy { $0.severity == .warning })
  }

  @Test("P03: An experimental check is switched on by name or by all, for the file or an instruction")
  func experimental() {
    let text = "# wrong\nARG A=1\nFROM a:$A\n"
    let id = "InvalidDefinitionDescription"
    #expect(checked(text).isEmpty)
    #expect(checked("# check=skip=all;experimental=\(id)\n" + text) == ["3 \(id)"])
    #expect(checked("# check=experimental=all\n" + text) == ["3 \(id)"])
    #expect(checked("ARG B\n# check=experimental=all\n" + text) == ["4 \(id)"])
    #expect(checked(text, LintEnvironment(), LintSettings { $0.severities[id] = .info }) == ["2 \(id)"])
  }

  @Test("P05: Behind a line that starts with #! as well")
  func script() {
    #expect(checked("#!/usr/bin/env builder\n# check=skip=all\n" + body) == [])
    #expect(checked("\u{FEFF}#!/usr/bin/env builder\n# check=skip=all\n" + body) == [])
    let elsewhere = checked("#!/usr/bin/env builder\n# words\n# check=skip=all\n" + body)
    #expect(elsewhere == ["5 ConsistentInstructionCasing"], "for the FROM alone")
  }

  @Test(
    "What BuildKit would not take is said, with what was meant",
    arguments: [
      ("# check=skip=FromAsCase", "FromAsCasing"), ("# check=skip=fromascasing", "FromAsCasing"),
      ("# check=skips=all", "skip"), ("# check=skip", nil), ("# check=error=yes", nil),
      ("# check=skip=FromAsCasing, StageNameCasing", nil), ("# check=skip=DL3006", nil),
    ] as [(String, String?)])
  func mistakes(_ comment: String, _ suggestion: String?) throws {
    for text in ["\(comment)\nFROM a:1\n", "FROM a:1\n\(comment)\nRUN x\n"] {
      let finding = try #require(lint(text).findings.first)
      #expect(finding.code.id == "DF904")
      if let suggestion { #expect(finding.message.contains(suggestion)) }
    }
  }

  @Test("Nothing is silenced when comments are not obeyed, nor in hadolint's own verdict")
  func disobeyed() {
    let text = "# check=skip=all;error=true\nFROM a:1\nCMD x\n"
    for change: (inout LintSettings) -> Void in [{ $0.obeysPragmas = false }, { $0.isStrict = true }] {
      let findings = Linter(LintSettings(change)).lint(Source(name: "", text: text)).findings
      #expect(findings.map(\.code.id) == ["DL3025"])
      #expect(findings.map(\.severity) == [.warning])
    }
  }
}
