import DockerfileLint
import DockerfileSyntax
import SourceText
import TestSupport
import Testing

@Suite("Which files hadolint refuses, and where")
struct HadolintGrammarTests {
  private func stop(_ bytes: [UInt8]) -> String? {
    HadolintGrammar.firstError(in: Source(name: "Dockerfile", bytes: bytes)).map { "\($0.line):\($0.column)" }
  }

  @Test("The grammar by example", arguments: HadolintSample.all)
  func samples(_ sample: HadolintSample) {
    #expect(stop(sample.bytes) == sample.stop)
  }

  @Test("The offset is the byte at which reading stops")
  func offset() {
    func offset(_ bytes: [UInt8]) -> UInt32? {
      HadolintGrammar.firstError(in: Source(name: "Dockerfile", bytes: bytes))?.offset
    }
    #expect(offset(Array("FROM é b".utf8)) == 8)
    #expect(offset(Array("\u{FEFF}FROM a\r\n b".utf8)) == 12)
    #expect(offset(Array("USER".utf8)) == 4)
    #expect(offset([0xFF, 0xFE, 0x58, 0]) == 2)
  }

  @Test("The end that all line ends give is the file's, with CRLF as with LF")
  func lineEnds() {
    for sample in HadolintSample.all where !sample.bytes.contains(0x0D) && sample.bytes.first != 0xFF {
      guard sample.bytes.first != 0xFE, sample.bytes.first != 0 else { continue }
      let carriage = sample.bytes.flatMap { $0 == 0x0A ? [0x0D, 0x0A] : [$0] }
      #expect(stop(carriage) == sample.stop, "\(sample.testDescription)")
    }
  }

  // MARK: Any bytes at all

  private func check(_ bytes: [UInt8]) {
    let source = Source(name: "Dockerfile", bytes: bytes)
    let reading = HadolintGrammar.reading(of: source)
    let description = String(decoding: bytes, as: UTF8.self).debugDescription
    #expect(reading.error == HadolintGrammar.firstError(in: source), "\(description)")
    if let error = reading.error {
      #expect(error.offset <= bytes.count && error.line >= 1 && error.column >= 1, "\(description)")
    }
    var end: UInt32 = 0
    var line = 1
    for instruction in reading.instructions {
      #expect(instruction.range.lower >= end && instruction.range.upper <= bytes.count, "\(description)")
      #expect(!instruction.range.isEmpty && instruction.line >= line, "\(description)")
      end = instruction.range.upper
      line = instruction.line
      for part in instruction.parts where !part.text.bytes.isEmpty {
        let place = part.text.original(0..<part.text.bytes.count)
        #expect(instruction.range.contains(place), "\(part.role) of \(description)")
      }
    }
  }

  @Test("Random bytes")
  func randomBytes() {
    var random = SeededGenerator(seed: 3)
    for _ in 0..<3000 { check(random.bytes(random.below(100))) }
  }

  @Test("Random words of the grammar, in every encoding")
  func randomGrammar() {
    var random = SeededGenerator(seed: 4)
    for _ in 0..<5000 { check(HadolintSample.random(&random)) }
  }

  @Test("Every prefix of every sample")
  func prefixes() {
    for sample in HadolintSample.all {
      for length in 0..<sample.bytes.count { check(Array(sample.bytes[..<length])) }
    }
  }

  // MARK: Much of it

  @Test(
    "Large files of one kind take time in proportion to their size", .timeLimit(.minutes(2)),
    arguments: [
      ("ONBUILD ", "RUN x"), ("# syntax=a\n", ""), ("RUN \\\n", ""), ("\\\n# c\n", "x"),
      ("RUN cat <<E x\n", ""),
      ("RUN a << b\n", ""), ("RUN <<\"a\n", ""), ("RUN a <<\"\n\" x\n#\n", ""), ("COPY <<E a\n", ""),
      ("COPY [\"a b\n", ""), ("FROM ${", "}"), ("ENV a='", ""), ("<<", ""),
      ("HEALTHCHECK --interval=1s ", ""),
      ("EXPOSE 80 ", "/"), ("RUN --mount=target=/a", ""), ("COPY [\"\\&", ""), ("\\ ", ""),
    ])
  func large(_ piece: String, _ end: String) {
    var bytes = Array("RUN ".utf8)
    while bytes.count < 60_000 { bytes += Array(piece.utf8) }
    check(bytes + Array(end.utf8))
    // The same without the instruction at the beginning, and as the arguments of one.
    check(Array(bytes[4...]) + Array(end.utf8))
    let (keyword, rest) = split(piece)
    if !rest.isEmpty {
      var arguments = Array(keyword.utf8)
      while arguments.count < 60_000 { arguments += Array(rest.utf8) }
      check(arguments + Array(end.utf8))
    }
  }

  private func split(_ piece: String) -> (String, String) {
    guard let blank = piece.firstIndex(of: " ") else { return ("", "") }
    return (String(piece[...blank]), String(piece[piece.index(after: blank)...]))
  }

  @Test("Markers of all lengths and of several lines take no longer", .timeLimit(.minutes(2)))
  func markers() {
    func text(_ count: Int, _ line: (Int) -> String) -> [UInt8] {
      (0..<count).flatMap { Array(line($0).utf8) }
    }
    check(text(300) { "RUN <<" + String(repeating: "a", count: $0) + "b\n" })
    check(
      text(300) {
        "# " + String(repeating: "a", count: $0) + "\nRUN <<" + String(repeating: "a", count: $0) + "\n"
      })
    check(text(6_000) { "RUN <<m\($0) \n" })
    check(text(4_000) { "RUN a <<\"\n\($0)\" x\n" })
    check(text(4_000) { "RUN a <<\"a\\n\($0)\" x\na\n" })
  }
}

@Suite("A file as hadolint reads it")
struct HadolintReadingTests {
  /// Every instruction on a line: line, keyword, parts.
  private func read(_ text: String) -> [String] {
    HadolintGrammar.reading(of: Source(name: "Dockerfile", text: text)).instructions.map { instruction in
      let keyword =
        String(repeating: "ONBUILD ", count: instruction.triggers)
        + (instruction.kind?.keyword ?? (instruction.isDirective ? "directive" : "comment"))
      let parts = instruction.parts.map {
        "\($0.role) \(String(decoding: $0.text.bytes, as: UTF8.self).debugDescription)"
      }
      return ([String(instruction.line), keyword] + parts).joined(separator: " ")
    }
  }

  @Test("FROM: the registry needs a point, and the line goes on behind the alias")
  func from() {
    #expect(
      read("FROM --platform=p a.b/c/d:1@e AS f RUN g\nFROM localhost:5000/x\nFROM a/b.c/d\nFROM ${A:-b}@c")
        == [
          "1 FROM platform \"p\" registry \"a.b\" image \"c/d\" tag \"1\" digest \"e\" alias \"f\"",
          "1 RUN shell \"g\"",
          "2 FROM image \"localhost\" tag \"5000/x\"", "3 FROM registry \"a/b.c\" image \"d\"",
          "4 FROM image \"${A:-b}\" digest \"c\"",
        ])
  }

  @Test("Pairs: quotes are taken off, of ARG's list only the first is one")
  func pairs() {
    #expect(
      read("ENV a=\"b c\"'d'\\ e  f=g\nENV a b=c\nLABEL \"x y\"=z\nARG A B=2\nARG A=1 B\nARG A=") == [
        "1 ENV name \"a\" value \"b cd e\" name \"f\" value \"g\"", "2 ENV name \"a\" value \"b=c\"",
        "3 LABEL name \"x y\" value \"z\"", "4 ARG name \"A\"", "5 ARG name \"A\" value \"1 B\"",
        "6 ARG name \"A\"",
      ])
  }

  @Test("Comments and directives are instructions of their own, but not between continued lines")
  func comments() {
    #expect(
      read("# escape=`\n# a\nRUN b `\n# c\n  d\n # escape = x\nONBUILD # e") == [
        "1 directive", "2 comment value \" a\"", "3 RUN shell \"b  d\"", "6 directive",
        "7 ONBUILD comment value \" e\"",
      ])
  }

  @Test("Commands: a list, text, and text with a here-document, of which only what stands before it is left")
  func commands() {
    #expect(
      read(
        "CMD [ \"a\", \"b\\\"c\" ]\nRUN a \\\n  b \\\n&& c\nRUN cat d <<E >f\ng\nE\n\nRUN <<E h\ni\nE\n\nCMD [a]"
      ) == [
        "1 CMD exec \"a b\\\"c\"", "2 RUN shell \"a  b && c\"", "5 RUN marker \"E\" shell \"cat d\"",
        "9 RUN marker \"E\" heredoc \"h\\ni\"", "13 CMD shell \"[a]\"",
      ])
  }

  @Test("COPY: what follows a boolean flag is a source, and one body ends with the last marker")
  func copies() {
    #expect(
      read("COPY --from=a --link=TRUE b /c\nCOPY [\"d\", \"e\"]\nCOPY <<A <<B /f\nB\n\nADD g <<E") == [
        "1 COPY from \"a\" source \"=TRUE\" source \"b\" target \"/c\"", "2 COPY source \"d\" target \"e\"",
        "3 COPY marker \"A\" marker \"B\" target \"/f\"", "6 ADD source \"g\" target \"<<E\"",
      ])
  }

  @Test("Every text has its way back to the file")
  func places() throws {
    let source = Source(name: "Dockerfile", text: "FROM a\r\nRUN echo \\\r\n# x\r\n  é | b\r\n")
    let instruction = try #require(HadolintGrammar.reading(of: source).instructions.last)
    let script = try #require(instruction.text(.shell))
    #expect(String(decoding: script.bytes, as: UTF8.self) == "echo  é | b")
    #expect(source.text(in: script.original(9..<10)) == "|")
    #expect(source.text(in: instruction.range).hasPrefix("RUN echo"))
    #expect(instruction.line == 2)
  }

  @Test("Nothing behind the place where hadolint stops")
  func refused() {
    let reading = HadolintGrammar.reading(of: Source(name: "Dockerfile", text: "FROM a\nRNU x\nRUN y"))
    #expect(reading.instructions.count == 1 && reading.error?.line == 2)
  }
}
