import DockerfileSyntax
import Isolation
import OCIModel
import Testing

@testable import ImageBuild

/// ARG and ENV: what is visible where. Numbers are those of the semantics that Slipway follows.
@Suite("ARG and ENV")
struct ArgumentTests {
  /// Dockerfile, `--build-arg`s, and what `LABEL l=` of the target comes to.
  static let scopes: [(name: String, file: String, arguments: [(String, String)], label: String)] = [
    ("A02 a stage imports the global default", "ARG G=1\nFROM scratch\nARG G\nLABEL l=$G", [], "1"),
    ("A02 or the given value", "ARG G=1\nFROM scratch\nARG G\nLABEL l=$G", [("G", "2")], "2"),
    ("A03 a stage's default beats the global default", "ARG G=1\nFROM scratch\nARG G=3\nLABEL l=$G", [], "3"),
    ("A03 and not the given value", "FROM scratch\nARG G=3\nLABEL l=$G", [("G", "4")], "4"),
    ("A01 a global ARG is not visible in a stage", "ARG G=1\nFROM scratch\nLABEL l=x$G", [], "x"),
    ("A04 not before its declaration", "FROM scratch\nLABEL l=x$A\nARG A=1", [], "x"),
    (
      "A05 FROM stage inherits declared values",
      "FROM scratch AS b\nARG A=1\nFROM b\nLABEL l=$A", [], "1"
    ),
    (
      "A05 and a new declaration replaces them",
      "FROM scratch AS b\nARG A=1\nFROM b\nARG A=z\nLABEL l=$A", [], "z"
    ),
    ("A06 the later of ARG and ENV counts", "FROM scratch\nARG A=1\nENV A=2\nLABEL l=$A", [("A", "9")], "2"),
    ("A06 also when it is the ARG", "FROM scratch\nENV A=1\nARG A=2\nLABEL l=$A", [], "2"),
    ("A06 an ARG without value leaves the ENV", "FROM scratch\nENV A=1\nARG A\nLABEL l=$A", [], "1"),
    ("A06 unless it is given one", "FROM scratch\nENV A=1\nARG A\nLABEL l=$A", [("A", "9")], "9"),
    ("A07 without a value it is not set", "FROM scratch\nARG A\nLABEL l=${A-unset}", [], "unset"),
    ("A08 several go from left to right", "FROM scratch\nARG A=1 B=${A}2\nLABEL l=$B", [], "12"),
    ("A12 platform arguments need a declaration", "FROM scratch\nLABEL l=x$TARGETOS", [], "x"),
    ("A12 and then have a value", "FROM scratch\nARG TARGETOS\nLABEL l=$TARGETOS", [], "linux"),
    ("A12 TARGETSTAGE", "FROM scratch\nARG TARGETSTAGE\nLABEL l=$TARGETSTAGE", [], "default"),
    ("A12 of a named stage", "FROM scratch AS Last\nARG TARGETSTAGE\nLABEL l=$TARGETSTAGE", [], "last"),
    (
      "A12 versions of systems are empty",
      "FROM scratch\nARG TARGETOSVERSION\nLABEL l=${TARGETOSVERSION-unset}", [],
      ""
    ),
    (
      "A17 a global ARG may use an earlier one", "ARG A=1\nARG B=${A}2\nFROM scratch\nARG B\nLABEL l=$B", [],
      "12"
    ),
    (
      "E: an instruction sees what was set before it", "FROM scratch\nENV a=1\nENV a=2 b=$a\nLABEL l=$b", [],
      "1"
    ),
    ("E20 values are not expanded again", "FROM scratch\nARG A=\\$B\nARG B=1\nLABEL l=$A", [], "$B"),
    ("E24 names are expanded too", "FROM scratch\nENV k=l\nLABEL $k=v", [], "v"),
    ("E30 the legacy form takes the rest", "FROM scratch\nENV k v w  x\nLABEL l=\"$k\"", [], "v w  x"),
  ]

  @Test("What is visible where", arguments: scopes.indices)
  func scope(index: Int) throws {
    let row = Self.scopes[index]
    #expect(try plan(row.file, row.arguments).label("l") == row.label, "\(row.name)")
  }

  @Test("A06 config.Env keeps ENV's value, and RUN sees ARG's")
  func environmentOfRun() throws {
    let plan = try plan("FROM scratch\nENV A=1\nARG A=2\nRUN [\"/x\"]")
    #expect(try plan.image.config.environment.contains("A=1"))
    guard case .run(let run)? = try plan.targetStage.steps.last?.operation else {
      Issue.record("no RUN")
      return
    }
    #expect(run.environment.contains { $0.name == Array("A".utf8) && $0.value == Array("2".utf8) })
  }

  @Test("A11 proxies reach RUN without a declaration, and not the history")
  func proxies() throws {
    let plan = try plan("FROM scratch\nRUN [\"/x\"]", [("HTTP_PROXY", "http://p")])
    guard case .run(let run)? = try plan.targetStage.steps.last?.operation else {
      Issue.record("no RUN")
      return
    }
    let names = run.environment.map { String(decoding: $0.name, as: UTF8.self) }
    #expect(names.contains("http_proxy") && names.contains("HTTP_PROXY"))
    #expect(try plan.historyLines == ["RUN /x # buildkit"])
    #expect(plan.warnings.isEmpty)
  }

  @Test("A13 the history of RUN lists the ARGs in the order of their declaration")
  func history() throws {
    let plan = try plan("FROM scratch\nARG A=1\nARG C\nARG B=2\nARG A=3\nRUN make")
    #expect(try plan.historyLines.last == "RUN |3 A=3 C= B=2 /bin/sh -c make # buildkit")
    #expect(try plan.historyLines.first == "ARG A=1")
  }

  @Test("A10 an argument that nothing declares is worth a warning")
  func unused() throws {
    #expect(try plan("FROM scratch", [("X", "1")]).warnings == [.unusedArgument(Array("X".utf8))])
  }

  @Test("A14 the values of ARGs are in the history for all to read, and never in config.Env")
  func secrets() throws {
    let plan = try plan(
      "FROM scratch AS a\nARG TOKEN\nARG KEY=k3y\nRUN make\nFROM a\nLABEL l=$TOKEN", [("TOKEN", "t0ken")])
    #expect(try plan.historyLines.contains("RUN |2 TOKEN=t0ken KEY=k3y /bin/sh -c make # buildkit"))
    #expect(try plan.historyLines.contains("ARG KEY=k3y"))
    #expect(try plan.label("l") == "t0ken")
    let names = try plan.image.config.environment.map { $0.prefix { $0 != "=" } }
    #expect(names == ["PATH"])
  }

  @Test("A15 an ARG has any name but none, and one instruction several")
  func argumentNames() throws {
    let several = "FROM scratch\nARG a b=1\nLABEL l=${a-unset}:$b"
    #expect(try plan(several).label("l") == "unset:1")
    #expect(try plan(several, [("a", "x"), ("b", "y")]).label("l") == "x:y")
    let odd = try plan("FROM scratch\nARG 1a-b.c=1\nRUN make", [("1a-b.c", "2")])
    #expect(try odd.historyLines.last == "RUN |1 1a-b.c=2 /bin/sh -c make # buildkit")
    #expect(odd.warnings.isEmpty)
    for text in ["ARG =b", "ARG a =b", "ARG =b a"] {
      #expect(try problems("FROM scratch\n" + text) == [.syntax(.blankName)], "\(text)")
    }
  }

  @Test("A16 FROM uses global ARGs, and must not come to nothing")
  func from() throws {
    let images = ["alpine:3": base()]
    #expect(try problems("ARG V=3\nFROM alpine:${V}", images: images).isEmpty)
    #expect(try problems("ARG V\nFROM ${V}", images: images) == [.blankBase("${V}")])
  }

  @Test("E06, E13, E14 mistakes in variables are told with their place")
  func mistakes() throws {
    #expect(
      try problems("FROM scratch\nLABEL a=${u:?m}\nLABEL b=${x!}\nWORKDIR ${a")
        == [
          .expansion(.required(name: "u", message: "m")), .expansion(.unsupportedModifier("!")),
          .expansion(.missingBrace),
        ])
  }
}
