import ShellSyntax
import Testing

@Suite("Tokens")
struct TokenTests {
  @Test(
    "are what they are",
    arguments: [
      ("a  b\n", "literal(a) blank(  ) literal(b) newline(\n)"),
      ("a \\\n# c", "literal(a) blank( ) continuation(\\\n) comment(# c)"),
      ("if a", "reserved(if) blank( ) literal(a)"),
      ("a=b 2>c", "assignment(a) assignment(=) literal(b) blank( ) descriptor(2) operator(>) literal(c)"),
      ("\"a$b\"", "quote(\") literal(a) parameter($b) quote(\")"),
      ("a\\ b", "literal(a) escape(\\ ) literal(b)"),
      (
        "$(a)`b`", "substitution($() literal(a) substitution()) substitution(`) backquoted(b) substitution(`)"
      ),
      ("${a:-b}", "parameter(${) parameter(a) parameter(:-) literal(b) parameter(})"),
      (
        "a <<E\nb\nE\n",
        "literal(a) blank( ) operator(<<) literal(E) newline(\n) heredocBody(b\n) heredocEnd(E) newline(\n)"
      ),
      ("a )", "literal(a) blank( ) unexpected())"),
    ])
  func kinds(text: String, expected: String) { #expect(tokens(text) == expected) }
}
