import DockerfileSyntax
import SourceText
import Testing

@Suite("What keeps a file from being built")
struct ProblemTests {
  @Test(
    "each kind of problem, behind a FROM",
    arguments: [
      ("ENV a", .syntax(.missingValue)),
      ("ENV a=1 b", .syntax(.missingEquals)),
      ("CMD [1]", .syntax(.execFormNotStrings)),
      ("RUN <<EOF", .syntax(.unterminatedHeredoc)),
      ("COPPY a b", .unknownInstruction(keyword: "COPPY", suggestion: "COPY", distance: 1)),
      ("zzzzzz a", .unknownInstruction(keyword: "zzzzzz", suggestion: nil, distance: 0)),
      ("COPY --form=a b c", .unknownFlag(name: "form", suggestion: "from", distance: 1)),
      ("CMD --x y", .unknownFlag(name: "x", suggestion: nil, distance: 0)),
      ("COPY --link --link a b", .duplicateFlag(name: "link")),
      ("COPY --from a b", .missingFlagValue(name: "from")),
      ("COPY --link= a b", .missingFlagValue(name: "link")),
      ("COPY --link=1 a b", .invalidBoolean(name: "link", value: "1")),
      ("HEALTHCHECK --interval=1 CMD x", .invalidDuration(name: "interval", value: "1")),
      ("HEALTHCHECK --retries=x CMD x", .invalidRetries(value: "x")),
      ("HEALTHCHECK --retries=-1 CMD x", .invalidRetries(value: "-1")),
      ("EXPOSE", .missingArguments), ("VOLUME", .missingArguments), ("VOLUME []", .missingArguments),
      ("USER", .missingArguments), ("WORKDIR", .missingArguments), ("STOPSIGNAL", .missingArguments),
      ("MAINTAINER", .missingArguments), ("SHELL", .missingArguments), ("ENV", .missingArguments),
      ("LABEL", .missingArguments), ("ARG", .missingArguments), ("ONBUILD", .missingArguments),
      ("HEALTHCHECK", .missingArguments), ("COPY", .missingArguments), ("ADD", .missingArguments),
      ("FROM", .missingArguments), ("RUN", .missingArguments), ("CMD", .missingArguments),
      ("ENTRYPOINT", .missingArguments), ("RUN --network=none", .missingArguments),
      ("ONBUILD RUN", .missingArguments),
      ("COPY a", .missingDestination),
      ("ADD [\"a\"]", .missingDestination),
      ("FROM a b", .fromArguments),
      ("FROM a AS", .fromArguments),
      ("FROM a TO b", .fromArguments),
      ("FROM a AS 1a", .invalidStageName("1a")),
      ("FROM a AS a/b", .invalidStageName("a/b")),
      ("ENV =b", .blankName), ("ARG =b", .blankName), ("LABEL =b", .blankName),
      ("COPY a <<E\nE", .heredocDestination),
      ("SHELL /bin/sh -c", .shellForm),
      ("HEALTHCHECK curl", .unknownHealthcheckType("curl")),
      ("HEALTHCHECK NONE x", .healthcheckNoneArguments),
      ("HEALTHCHECK CMD", .missingHealthcheckCommand),
      ("ONBUILD FROM a", .invalidTrigger(.from)),
      ("ONBUILD MAINTAINER a", .invalidTrigger(.maintainer)),
      ("ONBUILD ONBUILD RUN a", .invalidTrigger(.onbuild)),
      ("VOLUME [\" \"]", .emptyVolume),
      ("COPY --from=$x a b", .variableInFrom(flag: "from")),
      ("RUN --mount=type=cach,target=/a x", .mount(.unknownType("cach", suggestion: "cache"))),
      (
        "RUN --network=off x",
        .invalidFlagValue(name: "network", value: "off", allowed: ["default", "host", "none"])
      ),
      (
        "RUN --security=no x",
        .invalidFlagValue(name: "security", value: "no", allowed: ["insecure", "sandbox"])
      ),
      ("RUN --mount=targt=/a x", .mount(.unknownField("targt", suggestion: "target"))),
      ("RUN --mount=target x", .mount(.missingValue(field: "target"))),
      ("RUN --mount=target=/a,sharing=locked x", .mount(.fieldNotAllowed("sharing", type: "bind"))),
      ("RUN --mount=type=tmpfs,target=/a,size=x x", .mount(.invalidValue(field: "size", value: "x"))),
      ("RUN --mount=from=$a,target=/a x", .mount(.variableInFrom)),
      ("RUN --mount=type=secret x", .mount(.incompleteSecret)),
      ("RUN --mount=type=secret,id=a,source=b x", .mount(.sourceAndID)),
      ("RUN --mount=target=/a,\\\"b x", .mount(.malformedList)),
    ] as [(String, Problem.Kind)])
  func kinds(text: String, kind: Problem.Kind) {
    #expect(problems(text) == [kind])
  }

  @Test("problems of the whole file")
  func wholeFile() {
    func all(_ text: String) -> [Problem.Kind] {
      Dockerfile(parsing: Source(name: "x", text: text)).problems.map(\.kind)
    }
    #expect(all("") == [.syntax(.noInstructions)])
    #expect(all("ARG a\n") == [.noStage])
    #expect(all("RUN a\nFROM b") == [.beforeFrom])
    #expect(all("RUN a\n") == [.beforeFrom])
    #expect(all("# escape=x\nFROM a") == [.syntax(.invalidEscape)])
    #expect(all("# check=a\n# check=b\nFROM a") == [.syntax(.duplicateDirective(.check))])
    #expect(all("FROM a\nCOPY <<'$({a' /b\n").contains(.syntax(.invalidHeredocWord)) == false)
  }

  @Test("a broken line is one problem; what follows is read as if nothing had happened")
  func recovery() {
    let file = read("COPPY a b\nENV x\nCMD [1]\nCOPY a\nRUN fine\n")
    #expect(file.problems.count == 4)
    #expect(file.instructions.count == 6)
    #expect(file.instructions.last?.kind == .run)
  }

  @Test(
    "files without any",
    arguments: [
      "CMD []", "ENTRYPOINT []", "RUN <<EOF\nx\nEOF", "COPY --link=TRUE a b",
      "COPY --exclude=a --exclude=b c d",
      "FROM a AS b",
      "ONBUILD RUN x", "HEALTHCHECK NONE", "VOLUME /a", "ENV a=", "ARG a", "RUN --mount=type=ssh x",
      "RUN --mount=type=cache x", "COPY --from=a$ b c",
      "RUN --mount=type=secret,id=a x", "RUN --mount=type=$T,target=/a x", "HEALTHCHECK --timeout= CMD x",
    ])
  func clean(text: String) {
    #expect(problems(text) == [])
  }

  @Test(
    "problems of an instruction behind ONBUILD are marked: they keep a later build from working, not this one"
  )
  func triggers() {
    #expect(read("ONBUILD COPY a\nCOPY a\n").problems.map(\.isInTrigger) == [true, false])
  }

  @Test("a problem lies where it is")
  func places() throws {
    let file = read("COPY --link=maybe a b\nFROM a AS 1x\n")
    #expect(file.problems.map { file.tree.text($0.range) } == ["maybe", "1x"])
    #expect(file.problems.map(\.instruction) == [1, 2])
  }
}
