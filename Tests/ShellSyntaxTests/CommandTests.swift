import ShellSyntax
import Testing

@Suite("Commands")
struct CommandTests {
  @Test(
    "lists and pipelines",
    arguments: [
      ("a", "[a]"),
      ("a b; c", "[a b]; [c]"),
      ("a && b || c", "[a] && [b] || [c]"),
      ("a &&\n\n  b", "[a] && [b]"),
      ("a & b &", "[a] & [b] &"),
      ("a\nb\n", "[a] NL [b] NL"),
      ("a | b |& c", "[a] | [b] | [c]"),
      ("! a | ! b", "! [a] | [b]"),
      ("a \\\n b", "[a b]"),
      ("a # b\nc", "[a] NL [c]"),
      ("a#b c", "[a#b c]"),
      ("", ""),
      ("  # only a comment", ""),
    ])
  func lists(text: String, expected: String) { #expect(tree(text) == expected) }

  @Test(
    "compound commands",
    arguments: [
      ("{ a; b; }", "{ [a]; [b]; }"),
      ("( a; b ) > c", "( [a]; [b] ) < > c>"),
      ("if a; then b; elif c; then d; else e; fi", "(if [a]; then [b]; elif [c]; then [d]; else [e];)"),
      ("for x in a \"b\" $c; do d; done", "(for x in a \"b\" $c do [d];)"),
      ("for x; do d; done", "(for x do [d];)"),
      ("for x in a\ndo\nd\ndone", "(for x in a do [d] NL)"),
      ("for ((i=0; i<3; i++)); do a; done", "(for ((i=0; i<3; i++)) do [a];)"),
      ("select x in a; do b; done", "(select x in a do [b];)"),
      ("while a; do b; done < c", "(while [a]; do [b];) < < c>"),
      ("until a; do b; done", "(until [a]; do [b];)"),
      (
        "case $x in a|b) c ;; (d) e ;& *) f ;;& esac",
        "(case $x a|b) [c] end d) [e] fallThrough glob *) [f] next)"
      ),
      ("case x in a) b; esac", "(case x a) [b]; end)"),
      ("case x in a) ;; esac", "(case x a)  end)"),
      ("f() { a; }", "(function f { [a]; })"),
      ("function f { a; }", "(function f { [a]; })"),
      ("function f() ( a )", "(function f ( [a] ))"),
      ("(( x + 1 ))", "(( x + 1 ))"),
      ("((a); b)", "( ( [a] ); [b] )"),
      ("time -p a | b", "(time -p [a] | [b])"),
      ("coproc a b", "(coproc [a b])"),
      ("coproc n { a; }", "(coproc n { [a]; })"),
    ])
  func compound(text: String, expected: String) {
    #expect(tree(text) == expected)
    #expect(verdict(text) == "ok")
  }

  @Test(
    "tests",
    arguments: [
      ("[ -f a ]", "[ '-f' a ]"),
      ("[ a = b -a ! -z c ]", "[ a '=' b '-a' '!' '-z' c ]"),
      ("[[ $a == b* && ( c < d ) ]]", "[[$a '==' b·glob * '&&' '(' c '<' d ')']]"),
      ("[[ $a =~ ^(b c|d)$ ]]", "[[$a '=~' ^(b c|d)$]]"),
      ("[ \\( a \\) ]", "[ '(' a ')' ]"),
      ("[ ]", "[  ]"),
      ("[ a ] && b", "[ a ] && [b]"),
    ])
  func tests(text: String, expected: String) {
    #expect(tree(text) == expected)
    #expect(verdict(text) == "ok")
  }

  @Test(
    "redirections",
    arguments: [
      ("a > b 2>&1", "[a] < > b> <2 >& 1>"),
      ("a &> b", "[a] <& > b>"),
      ("a &>> b", "[a] <& >> b>"),
      ("> b a", "[a] < > b>"),
      ("a {fd}>b <&- >|c <>d", "[a] <{fd} > b> < <& -> < >| c> < <> d>"),
      ("a <<< \"b\"", "[a] < <<< \"b\">"),
      ("a < <(b)", "[a] < < <( [b] )>"),
      ("a 2 >b", "[a 2] < > b>"),
    ])
  func redirections(text: String, expected: String) { #expect(tree(text) == expected) }

  @Test(
    "here-documents",
    arguments: [
      ("a <<E\nb $c\nE\nd", "[a] < << E{b ·$c·\n}> NL [d]"),
      ("a <<'E' | b\n$c\nE", "[a] < << 'E'{$c\n}> | [b] NL"),
      ("a <<-E\n\tb\n\tE\n", "[a] < <<- E{\tb\n}> NL"),
      ("a <<A <<B\n1\nA\n2\nB\nc", "[a] < << A{1\n}> < << B{2\n}> NL [c]"),
      ("x $(a <<E\nb\nE\n)", "[x $( [a] < << E{b\n}> NL )]"),
      ("a <<E\nE", "[a] < << E{}> NL"),
    ])
  func heredocs(text: String, expected: String) {
    #expect(tree(text) == expected)
    #expect(verdict(text) == "ok")
  }

  @Test(
    "assignments",
    arguments: [
      ("a=b c+=d e", "[a=b c+=d e]"),
      ("a= b", "[a= b]"),
      ("a=", "[a=]"),
      ("a=(b [1]=c 'd')", "[a=(b [1]=c 'd')]"),
      ("a[b+1]=c", "[a[b+1]=c]"),
      ("export A=b C", "[export A=b C]"),
      ("echo A=b", "[echo A=b]"),
      ("a=$(b) c", "[a=$( [b] ) c]"),
      ("a==b", "[a==b]"),
    ])
  func assignments(text: String, expected: String) { #expect(tree(text) == expected) }
}
