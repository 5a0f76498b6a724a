import FileTree
import SourceText
import Testing

@testable import ImageBuild

/// What `--call outline` and `--call targets` tell of a Dockerfile.
@Suite("Outline")
struct OutlineTests {
  private func outline(_ text: String, target: String? = nil, _ arguments: [String: String] = [:]) throws
    -> BuildOutline
  {
    var request = BuildRequest(
      dockerfile: Source(name: "Dockerfile", text: text), context: BytePath("/"),
      created: Timestamp(seconds: 0))
    request.target = target
    request.arguments = arguments.map { .init(name: Array($0.key.utf8), value: Array($0.value.utf8)) }
    return try BuildOutline.make(request)
  }

  private func shown(_ arguments: [BuildOutline.Argument]) -> [String] {
    arguments.map { "\($0.name)=\($0.value)" + ($0.description.map { " (\($0))" } ?? "") }
  }

  private func shown(_ grants: [BuildOutline.Grant]) -> [String] {
    grants.map { $0.id + ($0.isRequired ? "!" : "") }
  }

  @Test("An argument before the first FROM counts when a needed FROM or ARG uses it, with what it is made of")
  func globals() throws {
    let text = """
      ARG A=a
      ARG UNUSED=${A}
      ARG B=${A}b
      # C is the tag
      ARG C=${B}c
      FROM one:${C} AS one
      FROM two:${UNUSED} AS two
      FROM one
      """
    #expect(shown(try outline(text).arguments) == ["A=a", "B=ab", "C=abc (is the tag)"])
    #expect(shown(try outline(text, target: "two").arguments) == ["A=a", "UNUSED=a"])
    #expect(shown(try outline(text, ["B": "x"]).arguments) == ["B=x", "C=xc (is the tag)"])
  }

  @Test("An argument without a value of its own stands for the global one, and has none without")
  func inheritance() throws {
    #expect(shown(try outline("ARG A=1\nFROM scratch\nARG A\n").arguments) == ["A=1"])
    let lines = LineIndex(Source(name: "d", text: "ARG A=1\nFROM scratch\nARG A\n"))
    let range = try #require(try outline("ARG A=1\nFROM scratch\nARG A\n").arguments.first?.range)
    #expect(lines.line(of: range.lower) == 1)
    #expect(shown(try outline("FROM scratch\nARG A\n").arguments) == ["A="])
    #expect(shown(try outline("FROM scratch\nARG A\n", ["A": "2"]).arguments) == ["A=2"])
  }

  @Test("A value may use ENV and earlier arguments of the stage, also of the stage below")
  func values() throws {
    let text = "FROM scratch AS base\nARG A=1\nENV E=${A}2\nFROM base\nARG B=${E}${A}3\n"
    #expect(shown(try outline(text).arguments) == ["A=1", "B=1213"])
  }

  @Test("A redefined argument counts once, with its last value")
  func redefinition() throws {
    let text = "ARG A=1\nARG B=${A}2\nARG A=${A}3${B}\nFROM scratch\nARG A\nARG C=x\nARG C=${C}y\n"
    #expect(shown(try outline(text).arguments) == ["B=12", "A=1312", "C=xy"])
  }

  @Test("A description is a comment right above that starts with the name; an empty comment ends it")
  func descriptions() throws {
    let text = """
      FROM scratch AS other
      # t is the target
      FROM scratch AS t
      # A first
      # A second
      ARG A
      # B hidden
      #
      ARG B
      # no C here
      ARG C
      """
    let outline = try outline(text)
    #expect(outline.name == "t" && outline.description == "is the target")
    #expect(shown(outline.arguments) == ["A= (first)", "B=", "C="])
  }

  @Test("Secrets and agents of the target and of the stages behind it, with their variables replaced")
  func grants() throws {
    let text = """
      FROM a AS first
      RUN --mount=type=secret,target=/etc/passwd,required=true --mount=type=ssh true
      FROM a AS unused
      RUN --mount=type=secret,id=unused true
      FROM scratch AS third
      ARG N
      RUN --mount=type=secret,id=s${N} true
      FROM third
      COPY --from=first /etc/passwd /
      RUN --mount=type=ssh,id=k,required true
      """
    let outline = try outline(text, ["N": "1"])
    #expect(shown(outline.secrets) == ["passwd!", "s1"])
    #expect(shown(outline.agents) == ["default", "k!"])
  }

  @Test("The stages that can be built, with what stands above them")
  func targets() throws {
    let text = "# build compiles\nFROM --platform=$BUILDPLATFORM golang AS build\n# no\nFROM build AS Final\n"
    let targets = try BuildTarget.list(Source(name: "Dockerfile", text: text))
    #expect(targets.map(\.name) == ["build", "Final"])
    #expect(targets.map(\.description) == ["compiles", nil])
    #expect(targets.map(\.base) == ["golang", "build"])
    #expect(targets.map(\.platform) == ["$BUILDPLATFORM", nil])
    #expect(targets.map(\.isDefault) == [false, true])
  }

  @Test("A file that does not parse, a stage that is not there and a value that cannot be made are errors")
  func errors() {
    #expect(throws: BuildError.self) { try outline("FROM scratch\nFOO bar\n") }
    #expect(throws: BuildError.self) { try outline("FROM scratch\n", target: "nope") }
    #expect(throws: BuildError.self) { try outline("FROM scratch\nARG A=${B:?missing}\n") }
    #expect(throws: BuildError.self) { try BuildTarget.list(Source(name: "d", text: "RUN x\n")) }
  }
}
