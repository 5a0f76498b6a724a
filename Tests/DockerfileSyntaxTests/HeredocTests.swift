import DockerfileSyntax
import SourceText
import Testing

@Suite("Here-documents")
struct HeredocTests {
  private func bodies(_ text: String) -> [String] {
    let tree = parsed(text)
    return tree.instructions.flatMap { tree.heredocs(of: $0) }.map { tree.text($0.body) }
  }

  @Test(
    "RUN, COPY and ADD have them, also behind ONBUILD",
    arguments: ["RUN", "COPY", "ADD", "ONBUILD RUN", "run"])
  func instructions(keyword: String) {
    #expect(bodies("\(keyword) <<EOF /x\na\nb\nEOF\n") == ["a\nb\n"])
  }

  @Test(
    "others have none",
    arguments: ["CMD", "ENTRYPOINT", "ENV a", "LABEL a", "USER", "VOLUME", "HEALTHCHECK CMD"])
  func otherInstructions(keyword: String) {
    #expect(parsed("\(keyword) <<EOF\nFROM a\nEOF x\n").instructions.count == 3)
  }

  @Test("several follow each other in the order of their operators")
  func several() {
    #expect(bodies("COPY <<a <<b /d/\n1\na\n2\nb\nRUN x") == ["1\n", "2\n"])
    #expect(bodies("RUN cat <<A ; cat <<B\nA\n2\nB\n") == ["", "2\n"])
  }

  @Test("<<- strips tabs before the end as well")
  func tabs() {
    let text = "RUN <<-EOF\n\ta\n\tEOF\n"
    #expect(bodies(text) == ["\ta\n"])
    #expect(heredocs(text).map(\.stripsTabs) == [true])
    #expect(heredocs("RUN <<EOF\n\tEOF\nEOF\n").map(\.body.count) == [5])
    #expect(heredocs("RUN <<-EOF\n  EOF\nEOF\n").map(\.body.count) == [6])
  }

  @Test(
    "a quoted delimiter keeps variables",
    arguments: [
      ("<<EOF", "EOF", true), ("<<'EOF'", "EOF", false), ("<<\"EOF\"", "EOF", false),
      ("<<E'O'F", "EOF", false),
      ("<<\"a b\"", "a b", false), ("<<a.txt", "a.txt", true), ("<<a/b", "a/b", true), ("<<_", "_", true),
      ("<<$X", "$X", true), ("<<1", "1", true), ("<<é", "é", true),
    ])
  func delimiters(word: String, name: String, expands: Bool) {
    let found = heredocs("COPY \(word) /x\nbody\n\(name)\n")
    #expect(found.map(\.nameText) == [name])
    #expect(found.map(\.expands) == [expands])
    #expect(found.map(\.isTerminated) == [true])
  }

  @Test("a number before the operator is the file descriptor")
  func descriptor() {
    #expect(heredocs("RUN 3<<EOF cat\nEOF\n").map(\.fileDescriptor) == [3])
    #expect(heredocs("RUN 99999999999<<EOF cat\nEOF\n").map(\.fileDescriptor) == [.max])
  }

  @Test(
    "H07: what only looks like one",
    arguments: [
      "RUN cat <<< x", "RUN echo \"<<EOF\"", "RUN echo '<<EOF'", "RUN [\"cat\", \"<<EOF\"]",
      "RUN echo a<<EOF",
      "RUN echo \\<<EOF", "RUN echo <", "RUN echo <<", "RUN echo 'open <<EOF", "RUN echo ${ <<EOF",
    ])
  func lookalikes(text: String) {
    #expect(bodies(text + "\nRUN next\nEOF x\n").isEmpty)
    #expect(parsed(text + "\nRUN next\n").instructions.count == 2)
  }

  @Test("blanks may stand behind the operator")
  func blanks() {
    #expect(bodies("RUN cat << EOF\na\nEOF\n") == ["a\n"])
  }

  @Test("the end is the whole line, with CR before the line end aside")
  func end() {
    #expect(bodies("RUN <<EOF\nEOF x\n EOF\nEOF\r\nRUN y") == ["EOF x\n EOF\n"])
    #expect(bodies("RUN <<EOF\na\nEOF") == ["a\n"])
  }

  @Test("H07: a document without end goes up to the next line that looks like an instruction")
  func unterminated() {
    let tree = parsed("RUN <<EOF\necho a\nrun small\nCOPY a b\nRUN c\n")
    #expect(tree.errors.map(\.kind) == [.unterminatedHeredoc])
    #expect(tree.instructions.map(\.kind) == [.run, .copy, .run])
    #expect(bodies("RUN <<EOF\necho a\nrun small\nCOPY a b\n") == ["echo a\nrun small\n"])
    #expect(parsed("RUN <<EOF").errors.map(\.kind) == [.unterminatedHeredoc])
  }

  @Test("H07: one without end is told where it starts")
  func placeOfUnterminated() throws {
    let file = read("RUN a\nRUN cat \\\n  <<EOF > /x\nb\nc\n")
    let problem = try #require(file.problems.first)
    #expect(problem.kind == .syntax(.unterminatedHeredoc) && problem.instruction == 2)
    #expect(file.tree.text(problem.range) == "<<EOF")
    #expect(LineIndex(file.tree.source).line(of: problem.range.lower) == 4)
  }

  @Test("after one without end, those with an end are still found")
  func afterUnterminated() {
    let tree = parsed("RUN <<A\nRUN <<B\nb\nB\nRUN <<-C\n\tc\n\tC\nRUN <<B\nB\n")
    #expect(
      tree.instructions.map { tree.heredocs(of: $0).map(\.isTerminated) } == [
        [false], [true], [true], [true],
      ])
    #expect(parsed("RUN <<A\nRUN <<-\"\tB\"\n\tB\n").errors.count == 2)
  }

  @Test("an operator on a continued line")
  func continued() {
    let text = "RUN cat \\\n  <<EOF \\\n  | wc\nbody\nEOF\nRUN x\n"
    #expect(bodies(text) == ["body\n"])
    #expect(parsed(text).instructions.count == 2)
    #expect(parsed(text).text(heredocs(text)[0].range) == "<<EOF")
  }

  @Test("comments, blank lines and continuations in a document are its text")
  func verbatim() {
    #expect(bodies("RUN <<EOF\n# a\n\nb \\\nFROM x\nEOF\n") == ["# a\n\nb \\\nFROM x\n"])
  }
}
