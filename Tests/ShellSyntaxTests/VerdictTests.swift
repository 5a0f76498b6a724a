import ShellSyntax
import Testing

/// What ShellCheck's parser accepts decides what hadolint sees, so the verdict has to be its.
@Suite("Errors and the verdict")
struct VerdictTests {
  @Test(
    "what is refused",
    arguments: [
      ("echo 'a", ShellError.Kind.unclosedQuote),
      ("echo \"a", .unclosedQuote),
      ("echo `a", .unclosedQuote),
      ("echo $(a", .unclosedExpansion),
      ("echo ${a", .unclosedExpansion),
      ("(a", .unclosedGroup),
      ("{ a }", .unclosedGroup),
      ("a=(b", .unclosedGroup),
      ("if a; then b", .missingWord("fi")),
      ("if a; b; fi", .missingWord("then")),
      ("for a in b; do c", .missingWord("done")),
      ("while a; c; done", .missingWord("do")),
      ("case a in b) c", .missingWord(";;")),
      ("a &&", .missingCommand),
      ("a | | b", .missingCommand),
      ("a && ; b", .missingCommand),
      ("()", .missingCommand),
      ("if a; then fi", .missingCommand),
      ("a >", .missingOperand),
      ("a > ; b", .missingOperand),
      ("[ -f ]", .invalidTest),
      ("[ a", .invalidTest),
      ("[ a = b]", .invalidTest),
      ("[[ a == ]]", .invalidTest),
      ("a \\", .trailingBackslash),
      ("cat <<E\na", .unterminatedHeredoc),
      ("cat <<E", .unterminatedHeredoc),
      ("a # shellcheck disable=SC1", .misplacedDirective),
    ])
  func refused(text: String, kind: ShellError.Kind) {
    let script = parsed(text)
    #expect(script.verdict == .refused)
    #expect(script.errors.first?.kind == kind)
  }

  @Test(
    "where it stops, with what stands before in hand",
    arguments: [
      ("a; fi", 3), ("a )", 2), ("echo a (b)", 7), ("a; ; b", 3), ("a }", -1), ("; a", 0), ("a; }", 3),
      ("done", 0), ("{ a; } b", 7), ("[ a ] b", 6), ("a ;; b", 2),
    ])
  func stopped(text: String, offset: Int) {
    #expect(verdict(text) == (offset < 0 ? "ok" : "stop \(offset)"))
  }

  @Test(
    "what is forgiven",
    arguments: [
      "if a; then; b; fi", "a & ; b", "echo do done fi", "[a ]", "[ a ]]", "for $x in a; do b; done", "{a;}",
      "f(a, b) { c; }",
      "if[ a ]; then b; fi", "# shellcheck disable=SC1\na", "echo {", "echo `if`", "trap 'if' EXIT", "a=b=c",
      "echo a}",
      "cat <<E\n$(a)\nE", "[ a && b ]", "a &&\nb", "$((1+))", "x${y}z", "!a", "[ -n\"$a\" ]",
    ])
  func accepted(text: String) { #expect(verdict(text) == "ok") }

  @Test("commands behind an error are still read")
  func recovery() {
    #expect(tree("if a; b; fi; c").hasSuffix("[c]"))
    #expect(tree("a; fi; b") == "[a]; [b]")
    #expect(tree("a ) && b").hasSuffix("[b]"))
    #expect(tree("x \"$(a; fi; b)\" c") == "[x \"$( [a]; [b] )\" c]")
  }

  @Test("a broken command in backticks is no error of the script")
  func backticks() {
    let script = parsed("a `if b` c")
    #expect(script.verdict == .accepted)
    #expect(!script.errors.isEmpty)
  }

  @Test("blanks of Unicode are blanks on demand only")
  func wideBlanks() {
    let text = Array("a\u{A0}b \u{2003}c".utf8)
    func words(_ script: ShellScript) -> Int {
      guard case .simple(let command)? = script.list.statements.first?.pipelines[0].commands[0].kind else {
        return 0
      }
      return command.words.count
    }
    #expect(words(ShellScript.parse(text)) == 2)
    #expect(words(ShellScript.parse(text, acceptsWideBlanks: true)) == 3)
  }
}
