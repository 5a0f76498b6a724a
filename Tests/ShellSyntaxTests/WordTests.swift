import ShellSyntax
import Testing

@Suite("Words")
struct WordTests {
  @Test(
    "quotes",
    arguments: [
      ("a'b'\"c\"", "a·'b'·\"c\""),
      ("'a\\'", "'a\\'"),
      ("a\\ b\\$", "a b$"),
      ("a\\\nb", "ab"),
      ("\"a \\$ \\n \\\" $b\"", "\"a $ \\n \" ·$b\""),
      ("$'a\\'b'", "$'a\\'b'"),
      ("$\"a\"", "$\"a\""),
      ("\"$\"", "\"$\""),
      ("a$", "a$"),
      ("~/a", "~/a"),
    ])
  func quotes(text: String, expected: String) { #expect(parts(text) == expected) }

  @Test(
    "parameters",
    arguments: [
      ("$a$1$@", "$a·$1·$@"),
      ("${a}", "${a}"),
      ("${#a}", "${# a}"),
      ("${!a}", "${! a}"),
      ("${#}", "${#}"),
      ("${a:-b $c}", "${a :- b ·$c}"),
      ("${a#*/}", "${a # */}"),
      ("${a%%'}'}", "${a %% '}'}"),
      ("${a//b/c}", "${a // b/c}"),
      ("${a[1]}", "${a [1]}"),
      ("${a[@]:1:2}", "${a [@] : 1:2}"),
      ("${a^^}", "${a ^^}"),
      ("${a:-${b:-c}}", "${a :- ${b :- c}}"),
      ("${a:=\"b\"}", "${a := \"b\"}"),
    ])
  func parameters(text: String, expected: String) { #expect(parts(text) == expected) }

  @Test(
    "substitutions",
    arguments: [
      ("$(a | b)", "$( [a] | [b] )"),
      ("`a \\`b\\``", "` [a ` [b] `] `"),
      ("\"$(a \"b\")\"", "\"$( [a \"b\"] )\""),
      ("$((1 + $a))", "$((1 + $a))"),
      ("$[1+2]", "$[1+2))"),
      ("$((a); b)", "$( ( [a] ); [b] )"),
      ("<(a)", "<( [a] )"),
      ("${ a; }", "${ [a]; }"),
    ])
  func substitutions(text: String, expected: String) { #expect(parts(text) == expected) }

  @Test(
    "patterns and braces",
    arguments: [
      ("a*b?[c-d]", "a·glob *·b·glob ?·glob [c-d]"),
      ("[[:alpha:]]", "glob [[:alpha:]]"),
      ("a[b", "a[b"),
      ("@(a|b*)c", "@(a·b·glob *)·c"),
      ("a{b,c}d", "a·braces {b·c}·d"),
      ("{1..3}", "braces {1..3}"),
      ("{a}{}", "{a}{}"),
      ("{a,{b,c}}", "braces {a·braces {b·c}}"),
    ])
  func patterns(text: String, expected: String) { #expect(parts(text) == expected) }

  @Test("every node has its place, in backticks with escapes too")
  func places() {
    let text = "a `b \\`c \\$d\\`` \"e$(f)\""
    var found: [String] = []
    let script = parsed(text)
    script.walk { node in
      if case .word(let word) = node { found.append(script.text(in: word.range)) }
      return true
    }
    #expect(found == ["a", "`b \\`c \\$d\\``", "b", "\\`c \\$d\\`", "c", "\\$d", "\"e$(f)\"", "f"])
  }
}
