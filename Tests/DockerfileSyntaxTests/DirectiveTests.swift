import DockerfileSyntax
import SourceText
import Testing

/// The comments at the top that are more than comments, by the numbers of the semantics that Slipway follows.
@Suite("Parser directives")
struct DirectiveTests {
  private func directives(_ text: String) -> [String] {
    let tree = parsed(text)
    return tree.directives.map { "\($0.kind.name)=\(tree.text($0.value))" }
  }

  private func problems(_ text: String) -> [Problem.Kind] {
    Dockerfile(parsing: Source(name: "Dockerfile", text: text)).problems.map(\.kind)
  }

  @Test(
    "P01 a comment, a blank line or an instruction before it makes a directive a comment",
    arguments: ["# words\n", "#\n", "\n", "  \n", "ARG a\n", "# unknown=a\n", "# escape\n", "# a b=c\n"])
  func first(before: String) {
    #expect(directives(before + "# escape=`\nFROM x\n") == [])
    #expect(parsed(before + "# escape=`\nFROM x\n").escape == 0x5C)
  }

  @Test(
    "P01 blanks and letter case do not matter",
    arguments: ["#escape=`", "# escape=`", "#\tESCAPE = ` ", "  # Escape=`", "#escape=`\r"])
  func spelling(line: String) {
    #expect(directives(line + "\nFROM x\n") == ["escape=`"])
    #expect(parsed(line + "\nFROM x\n").escape == 0x60)
  }

  @Test(
    "P01 each may stand there once", arguments: ["escape=`", "check=skip=all", "syntax=docker/dockerfile:1"])
  func twice(directive: String) throws {
    let text = "# \(directive)\n# \(directive)\nFROM x\n"
    let problem = try #require(problems(text).first)
    guard case .syntax(.duplicateDirective(let kind)) = problem else {
      Issue.record("\(problem)")
      return
    }
    #expect(directive.hasPrefix(kind.name + "="))
    #expect(problems(text).count == 1)
  }

  @Test(
    "P02 an escape character is a backslash or a backtick", arguments: ["x", "\\\\", "``", "/", "\\ `", "'"])
  func escapes(text: String) {
    #expect(problems("# escape=\(text)\nFROM a\n") == [.syntax(.invalidEscape)])
    #expect(problems("# escape=\\\nFROM a\n").isEmpty && problems("# escape=`\nFROM a\n").isEmpty)
  }

  @Test("P04 the frontend that a file asks for is known with its place, and changes nothing")
  func frontend() throws {
    let text = "# syntax = docker/dockerfile:1.7-labs \nFROM a\n"
    let tree = parsed(text)
    let directive = try #require(tree.directives.first)
    #expect(directive.kind == .syntax && tree.text(directive.value) == "docker/dockerfile:1.7-labs")
    #expect(dumped(text) == dumped("FROM a\n"))
    #expect(problems(text).isEmpty)
  }

  @Test("P05 behind a byte-order mark and a line that starts with #! directives are still looked for")
  func script() {
    let script = "#!/usr/bin/env builder\n"
    for start in [script, "\u{FEFF}" + script, script.replacing("\n", with: "\r\n")] {
      #expect(
        directives(start + "# syntax=a\n# check=skip=all\nFROM x\n") == ["syntax=a", "check=skip=all"])
      #expect(problems(start + "FROM x\n").isEmpty)
      // BuildKit's parser itself knows no such line, and reads `escape` on its own.
      #expect(directives(start + "# escape=`\n# syntax=a\nFROM x\n") == ["syntax=a"])
      #expect(parsed(start + "# escape=`\nFROM x\n").escape == 0x5C)
      #expect(directives(start + "# words\n# syntax=a\nFROM x\n") == [])
      // The first one counts, and the others are no mistake.
      #expect(directives(start + "# syntax=a\n# syntax=b\nFROM x\n") == ["syntax=a"])
      #expect(problems(start + "# syntax=a\n# syntax=b\nFROM x\n").isEmpty)
    }
    #expect(directives("\u{FEFF}# escape=`\nFROM x\n") == ["escape=`"])
    for start in [" " + script, "# a\n" + script, script + script, "\n" + script] {
      #expect(directives(start + "# syntax=a\nFROM x\n") == [], "\(start)")
    }
  }
}
