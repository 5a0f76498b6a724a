import DockerfileSyntax
import SourceText
import Testing

@Suite("Each instruction has its own way to read its arguments")
struct InstructionTests {
  @Test("all eighteen keywords, in any case", arguments: InstructionKind.known)
  func keywords(kind: InstructionKind) {
    for keyword in [kind.keyword, kind.keyword.lowercased(), kind.keyword.capitalizedFirst] {
      #expect(parsed("\(keyword) x").instructions.first?.kind == kind)
    }
    #expect(parsed("\(kind.keyword)X x").instructions.first?.kind == .unknown)
    #expect(parsed(String(kind.keyword.dropLast()) + " x").instructions.first?.kind == .unknown)
  }

  @Test(
    "case folds over all of Unicode, as in BuildKit",
    arguments: [
      ("\u{212A}", InstructionKind.unknown), ("L\u{0130}NK", .unknown), ("ma\u{0130}ntainer", .maintainer),
    ])
  func unicodeCase(keyword: String, kind: InstructionKind) {
    #expect(parsed("\(keyword) x").instructions.first?.kind == kind)
  }

  @Test(
    "forms",
    arguments: [
      ("FROM a", ArgumentForm.words), ("RUN a", .text), ("RUN [\"a\"]", .exec), ("CMD a", .text),
      ("ENTRYPOINT [\"a\"]", .exec), ("SHELL [\"a\"]", .exec), ("COPY a b", .words),
      ("COPY [\"a\", \"b\"]", .exec),
      ("ADD a b", .words), ("VOLUME a b", .words), ("VOLUME [\"a\"]", .exec), ("EXPOSE [\"80\"]", .words),
      ("ENV a=b", .assignments), ("ENV a b", .legacyAssignment), ("LABEL a b", .legacyAssignment),
      ("ARG a", .assignments), ("USER a b", .text), ("WORKDIR [\"a\"]", .text), ("STOPSIGNAL a", .text),
      ("MAINTAINER a b", .text), ("ONBUILD RUN a", .instruction), ("HEALTHCHECK NONE", .words),
      ("HEALTHCHECK CMD a b", .text), ("HEALTHCHECK CMD [\"a\"]", .exec), ("WHAT a b", .words),
      ("RUN", .none),
    ])
  func forms(text: String, form: ArgumentForm) {
    #expect(parsed(text).instructions.first?.form == form)
  }

  @Test(
    "what BuildKit's dumper prints",
    arguments: [
      ("FROM  a   AS b", #"(from "a" "AS" "b")"#),
      ("RUN  a   b ", #"(run "a   b")"#),
      ("USER a b", #"(user "a b")"#),
      ("COPY a\\ b c", #"(copy "a\\" "b" "c")"#),
      ("COPY \"a b\" c", #"(copy "\"a" "b\"" "c")"#),
      ("EXPOSE 80 81/udp", #"(expose "80" "81/udp")"#),
      ("VOLUME /v [\"x\"]", #"(volume "/v" "[\"x\"]")"#),
      ("ENV a=1 b=2", #"(env "a" "1" "=" "b" "2" "=")"#),
      ("ENV a b  c", #"(env "a" "b  c" "")"#),
      ("ARG a b=1", #"(arg "a" "b=1")"#),
      ("CMD [\"a\", \"b\"]", #"(cmd "a" "b")"#),
      ("CMD", "(cmd)"),
      ("RUN --mount=a --network=b c", #"(run ["--mount=a" "--network=b"] "c")"#),
      ("RUN --mount='a b' c", #"(run ["--mount=a b"] "c")"#),
      ("ONBUILD ENV a=1", #"(onbuild (env "a" "1" "="))"#),
      ("HEALTHCHECK --interval=5s CMD a b", #"(healthcheck ["--interval=5s"] "CMD" "a b")"#),
    ])
  func dumps(text: String, expected: String) {
    #expect(dumped(text) == expected + "\n")
  }

  @Test(
    "flags",
    arguments: [
      ("COPY --from=a b c", ["--from=a"]),
      ("COPY --link --from=a b c", ["--link", "--from=a"]),
      ("COPY --a=\"b c\" d e", ["--a=\"b c\""]),
      ("COPY --a=b\\ c d e", ["--a=b\\ c"]),
      ("COPY -- --a b", []),
      ("COPY a --b c", []),
      ("COPY \\\n --a \\\n b c", ["--a"]),
      ("CMD --a b", ["--a"]),
    ])
  func flags(text: String, expected: [String]) throws {
    let tree = parsed(text)
    let node = try #require(tree.instructions.first)
    #expect(tree.flags(of: node).map { tree.text($0.range) } == expected)
  }

  @Test("a flag cut by a continuation is one flag")
  func brokenFlag() throws {
    let file = read("RUN --network=\\\nnone x\n")
    let flag = try #require(file.instructions[1].flags.first)
    #expect(flag.name == "network")
    #expect(flag.value?.string == "none")
    #expect(file.problems.isEmpty)
  }

  @Test("flags over two lines and nothing behind them are not one stretch of the file")
  func flagsWithoutArguments() throws {
    let tree = parsed("FR\\\n --a\\b\\\nF")
    let node = try #require(tree.instructions.first)
    #expect(!node.isContiguous)
    #expect(TreeInvariants.violations(of: Array("FR\\\n --\\crk\nF".utf8)) == [])
  }

  @Test("the legacy form of ENV and LABEL")
  func legacyAssignment() {
    #expect(arguments("ENV k v w  x") == ["k", "v w  x"])
    #expect(arguments("ENV k = v") == ["k", "= v"])
    #expect(parsed("ENV k").errors.map(\.kind) == [.missingValue])
    #expect(parsed("ENV a=1 b").errors.map(\.kind) == [.missingEquals])
    #expect(parsed("ARG a b").errors.isEmpty)
  }

  @Test("quotes and escapes hold the words of ENV, LABEL and ARG together")
  func assignmentWords() {
    #expect(arguments("ENV a=\"b c\" d='e f' g=h\\ i") == ["a=\"b c\"", "d='e f'", "g=h\\ i"])
    #expect(arguments("ENV \"a b\"=c") == ["\"a b\"=c"])
    #expect(arguments("ENV a='b\\' c=d") == ["a='b\\'", "c=d"])
    #expect(arguments("ENV a=\"b\\\" c\" d=e") == ["a=\"b\\\" c\"", "d=e"])
    #expect(arguments("ENV a=\"b") == ["a=\"b"])
    #expect(arguments("ENV a=1 \\\n # c\n b=2") == ["a=1", "b=2"])
  }

  @Test("ONBUILD holds an instruction, which starts at its own keyword")
  func onbuild() throws {
    let tree = parsed("ONBUILD COPY <<a /x\nb\na\n")
    let node = try #require(tree.instructions.first)
    let inner = try #require(tree.trigger(of: node))
    #expect(inner.kind == .copy)
    #expect(tree.text(inner.range) == "COPY <<a /x\nb\na")
    #expect(tree.heredocs(of: inner).count == 1)
  }

  @Test("ONBUILD in ONBUILD is read, up to a bound")
  func nestedTriggers() {
    #expect(dumped("ONBUILD ONBUILD RUN a") == "(onbuild (onbuild (run \"a\")))\n")
    let deep = String(repeating: "ONBUILD ", count: 5_000) + "RUN a"
    #expect(parsed(deep).errors.map(\.kind) == [.nestedTooDeep])
    #expect(TreeInvariants.violations(of: Array(deep.utf8)) == [])
  }

  @Test("P07: a line longer than BuildKit's scanner takes has no S-expression, but a tree")
  func longLine() {
    let fits = "RUN " + String(repeating: "a", count: 65_531)
    #expect(dumped(fits) != nil)
    #expect(dumped(fits + "b") == nil)
    #expect(parsed(fits + "b").errors.isEmpty)
  }
}

extension String {
  fileprivate var capitalizedFirst: String { prefix(1) + dropFirst().lowercased() }
}
