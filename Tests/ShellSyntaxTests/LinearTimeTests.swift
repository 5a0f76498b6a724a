import ShellSyntax
import Testing

/// Inputs that make a careless parser take quadratic or exponential time, or overflow its stack.
@Suite("No script costs more than linear time, or the stack", .timeLimit(.minutes(3)))
struct LinearTimeTests {
  private static let size = 120_000

  private static let pieces = [
    "(", "((", "$(", "$((", "${", "${a:-", "${a[", "`", "\"$(", "{ ", "{", "{a,", "[", "[ ", "[[ ", "[[ (",
    "[[ ! ", "a(", "a( ",
    "a[", "a[b ", "a[1]=(", "a=(", "@(", "@(a|", "!", "! ", "if ", "if a; then ", "while ", "for x in ",
    "case x in ",
    "case x in a) ", "f() ", "f() { ", "function f ", "time ", "coproc ", "<(", "<<E ", "<<E\n",
    "a <<E\n$(b\n", "'", "\"", "\\",
    "\\`", "$", "$[", "$[(", "((a ", "((1+", "$((a ", "a && ", "a | ", "a; ", "&", ";", ")", "}", "fi ", "a=",
    "export a=", "#",
    "# shellcheck\n", "\n", "\\\n", "{a,b}", "*", "2>", "> a ", "$'", "$\"", "\u{A0}", "[a-z", "[[:alpha:]",
    "{a..", "${a//@(",
    "\"${a:-\"", "elif ", "else if a; then ",
  ]

  @Test("one piece again and again", arguments: pieces)
  func repeated(piece: String) {
    let bytes = Array(repeatElement(Array(piece.utf8), count: Self.size / piece.utf8.count).joined())
    let script = ShellScript.parse(bytes)
    #expect(script.printed() == bytes)
  }

  @Test("too deep is an error, not a crash")
  func depth() {
    let deep = String(repeating: "$(", count: 1000) + "a" + String(repeating: ")", count: 1000)
    #expect(errors("x " + deep).contains(.nestedTooDeep))
    let fine = String(repeating: "$(x ", count: 20) + "a" + String(repeating: ")", count: 20)
    #expect(errors("x " + fine).isEmpty)
  }
}
