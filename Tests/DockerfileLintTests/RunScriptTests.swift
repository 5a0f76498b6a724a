import Diagnostics
import DockerfileLint
import DockerfileSyntax
import ShellSyntax
import SourceText
import Testing

/// The script of the first RUN of a text, also of one inside ONBUILD.
private func runOf(_ text: String, isStrict: Bool, shell: ShellDialect = .sh) -> (RunScript, Source)? {
  let source = Source(name: "Dockerfile", text: text)
  let file = Dockerfile(parsing: source)
  for instruction in file.instructions {
    var inner = instruction
    if case .onbuild(let trigger?) = instruction.details { inner = trigger }
    if let script = runScript(of: inner, in: file, shell: shell, isStrict: isStrict) {
      return (script, source)
    }
  }
  return nil
}

/// The commands, each as its name and arguments; those inside another with a `>` before.
private func commands(_ text: String, isStrict: Bool = false, shell: ShellDialect = .sh) -> [String] {
  runOf(text, isStrict: isStrict, shell: shell).map { found in
    found.0.commands.map { command in
      ([(command.isInner ? ">" : "") + command.name] + command.arguments.map(\.text)).joined(separator: " ")
    }
  } ?? ["no RUN"]
}

private func strict(_ text: String) -> [String] { commands(text, isStrict: true) }

@Suite("The commands of a RUN")
struct RunScriptTests {
  @Test(
    "for PowerShell are those that every shell reads alike",
    arguments: [
      ("choco install -y git; pip install 'a b' \"c\"", ["choco install -y git", "pip install a b c"]),
      ("if (Test-Path a) { npm install x } else { cd b }", ["npm install x", "cd b"]),
      ("a && b || c | d", ["a", "b", "c", "d"]),
      ("pip install $x; pip install (Get-X); pip install `a; pip install C:\\a", []),
      ("$a = pip; & pip install; pip install @a@b", []),
      ("wget a; curl b; Kill c", []),
      ("a 'b\nc d'", ["a b\nc d"]), ("a 'b", []), ("a @'\nb\n'@; c", []), ("a # b; c", ["a"]), ("", []),
    ] as [(String, [String])])
  func powerShell(script: String, expected: [String]) {
    #expect(commands("RUN <<E\n\(script)\nE\n", shell: .powershell) == expected)
  }

  @Test("for PowerShell get no fixes")
  func powerShellFixes() {
    let text = "FROM a:1\nSHELL [\"pwsh\", \"-Command\"]\nRUN $a = 1; apt-get install b; $c\n"
    let result = Linter().lint(Source(name: "Dockerfile", text: text))
    let found = result.findings.filter { $0.code.id.hasPrefix("DL30") }
    #expect(found.map(\.code.id).contains("DL3014") && found.allSatisfy { $0.fixIts.isEmpty })
    let word = found.first { $0.code.id == "DL3008" }?.notes.first?.range ?? found.first?.range
    #expect(
      word.map { result.source.text(in: $0).hasPrefix("b") || result.source.text(in: $0).hasPrefix("apt") }
        ?? false)
  }

  @Test("stand in lists, pipes, substitutions and functions, each before what is in it")
  func everywhere() {
    let text = "RUN a && b | c; if d; then e $(f `g`); fi; h() { i; }; (j) & k <(l) \"$(m)\" <<< $(n)\n"
    let expected = ["a", "b", "c", "d", "e ${f${VAR}}", "f ${VAR}", "g", "i", "j", "k  ${m}", "n", "l", "m"]
    #expect(strict(text) == expected)
    #expect(runOf(text, isStrict: true)?.0.pipes.count == 1)
  }

  @Test(
    "have words as hadolint reads them",
    arguments: [
      ("a $x ${x} \"$x y\" 'z'", "a ${x} ${x} ${x} y z"),
      ("a ${x:-y} ${x#\"z\"} ${#x} ${x[1]}", "a ${x:-y} ${x#z} ${#x} ${x[1]}"),
      ("a $((1+1)) `b` $(c d)", "a ${VAR} ${VAR} ${cd}"),
      ("a $(b && c) $(d | e)", "a ${} ${}"),
      ("a *.c [a-z]? {b,c}", "a *.c [a-z]? "),
      ("a \\b\\ c \"\\$d\"", "a b c $d"),
      ("a $'b\\n' $\"c\"", "a b\\n "),
      ("export a=b c", "export  c"),
      ("A=1 a b", "a b"),
      ("a b > c 2>&1 d", "a b d"),
      ("\"a\" 'b'", "a b"),
    ])
  func words(text: String, expected: String) {
    #expect(strict("RUN \(text)\n").first == expected)
  }

  @Test(
    "have the name that hadolint gives them",
    arguments: [
      ("busybox wget x", ["wget wget x"]), ("command -v x", ["command -v x"]), ("builtin cd x", ["cd cd x"]),
      ("exec -a n p x", ["p -a n p x"]), ("exec -l p", ["p -l p"]), ("exec -z p", ["exec -z p"]),
      ("run x", ["x x"]),
      ("$a b", []), ("command $a", []), ("/bin/a b", ["/bin/a b"]), ("sudo a", ["sudo a"]), ("[ -f a ]", []),
      ("time -p a b", ["time -p ab", "a b"]), ("a=b", []),
    ])
  func names(text: String, expected: [String]) {
    #expect(strict("RUN \(text)\n") == expected)
  }

  @Test("are none in strict mode when ShellCheck would refuse the script, and the first of one that stops")
  func refused() {
    #expect(strict("RUN a && b 'c\n").isEmpty)
    #expect(strict("RUN a; if b; then c\n").isEmpty)
    #expect(strict("RUN a; fi; b\n") == ["a"])
    #expect(strict("RUN a `if b` c\n") == ["a ${VAR} c"])
    #expect(strict("RUN a && b \\").isEmpty)
    #expect(commands("RUN a && b 'c\n") == ["a", "b c"])
    #expect(commands("RUN a; fi; b\n") == ["a", "b"])
  }

  @Test("have places in the file, through continuations and comments")
  func places() throws {
    let text = "FROM x\nRUN apt-get \\\n  # note\n  install -y \\\n    cu\\\nrl 'b' && $(c) d\n"
    let (script, source) = try #require(runOf(text, isStrict: false))
    let command = try #require(script.commands.first)
    #expect(source.text(in: command.nameRange) == "apt-get")
    #expect(command.arguments.map { source.text(in: $0.range) } == ["install", "-y", "cu\\\nrl", "'b'"])
    #expect(command.arguments.map(\.text) == ["install", "-y", "curl", "b"])
    #expect(command.arguments.map(\.isVerbatim) == [true, true, false, false])
    #expect(source.text(in: command.range).hasSuffix("'b'"))
  }

  @Test("of the exec form are one, and with `sh -c` those of the script")
  func execForm() throws {
    let text = "RUN [\"sh\", \"-ec\", \"a b && c\"]\n"
    #expect(strict(text) == ["sh -ec a b", "c"])
    #expect(commands(text) == ["sh -ec a b && c", ">a b", ">c"])
    #expect(commands("RUN [\"a\", \"$b\", \"c d\"]\n") == ["a $b c d"])
    let (script, source) = try #require(runOf(text, isStrict: false))
    #expect(script.commands.map { source.text(in: $0.nameRange) } == ["sh", "a", "c"])
    #expect(
      script.commands.flatMap { $0.arguments.map { source.text(in: $0.range) } } == ["-ec", "a b && c", "b"])
  }

  @Test("are counted without those inside others")
  func count() {
    #expect(runOf("RUN sudo sh -c 'a && b'\n", isStrict: false)?.0.hasSeveralCommands == false)
    #expect(runOf("RUN a && b\n", isStrict: false)?.0.hasSeveralCommands == true)
  }

  @Test("of an ONBUILD are those of its RUN; no other instruction has any")
  func onbuild() {
    #expect(commands("ONBUILD RUN a b\n") == ["a b"])
    #expect(commands("CMD a b\n") == ["no RUN"])
    #expect(commands("RUN\n") == [])
  }
}

@Suite("Here-documents of a RUN")
struct RunHeredocTests {
  @Test(
    "in strict mode are cut as hadolint cuts them",
    arguments: [
      ("RUN <<E\na\nb c\nE\n", ["a", "b c"]),
      ("RUN <<E python3\nimport os\nE\n", ["python3", "import os"]),
      ("RUN <<E > f\na\nE\n", ["a"]),
      ("RUN <<'E'\na\nE\n", ["a"]),
      ("RUN bash -e <<E\na\nE\n", ["bash -e"]),
      ("RUN a <<E && b\nc\nE\n", ["a"]),
      ("RUN a <<E\nb\n", []),
      ("RUN a $((1 << 2))\nUSER b\n", ["a ${VAR}"]),
      // `<<` with a blank behind it is a here-document that the next empty line ends.
      ("RUN a $((1 << 2))\n", []),
    ])
  func strictMode(text: String, expected: [String]) { #expect(strict(text) == expected) }

  @Test(
    "otherwise are what the shell gets",
    arguments: [
      ("RUN <<E\na\nb c\nE\n", ["a", "b c"]),
      ("RUN <<-E\n\ta\n\tb c\n\tE\n", ["a", "b c"]),
      ("RUN <<E python3\nimport os\nE\n", ["python3"]),
      ("RUN python3 <<E\nimport os\nE\n", ["python3"]),
      ("RUN <<E\n#!/usr/bin/env python3\nimport os\nE\n", []),
      ("RUN <<E\n#!/bin/bash -e\na\nE\n", ["a"]),
      ("RUN bash -e <<E\na \\$b\nc\nE\n", ["bash -e", ">a ${b}", ">c"]),
      ("RUN <<'E' sudo sh\na\nE\n", ["sudo sh", ">sh", ">a"]),
      ("RUN sh script <<E\na\nE\n", ["sh script"]),
      ("RUN cat <<E > f && b\n$(c)\nE\nRUN d\n", ["cat", "c", "b"]),
      ("RUN cat <<A > a; sh <<B\n1\nA\nx\nB\n", ["cat", "sh", ">x"]),
      ("RUN <<E\r\na\r\nb\r\nE\r\n", ["a", "b"]),
    ])
  func meaning(text: String, expected: [String]) { #expect(commands(text) == expected) }

  @Test("keep their places")
  func places() throws {
    let (script, source) = try #require(
      runOf("FROM x\nRUN bash <<-\"E\"\n\tone \\\n\ttwo\n\tE\n", isStrict: false))
    #expect(script.commands.map { source.text(in: $0.nameRange) } == ["bash", "one"])
    #expect(script.commands.last?.arguments.map { source.text(in: $0.range) } == ["two"])
  }
}

@Suite("Commands behind commands")
struct LookingThroughTests {
  @Test(
    "are seen, with the outer one kept",
    arguments: [
      (
        "sudo -E -u root apt-get install -y a",
        ["sudo -E -u root apt-get install -y a", ">apt-get install -y a"]
      ),
      ("/usr/bin/apt-get update", ["/usr/bin/apt-get update", ">apt-get update"]),
      (
        "env A=$b -i nohup time a b",
        ["env A=${b} -i nohup time a b", ">nohup time a b", ">time a b", ">a b"]
      ),
      ("doas /sbin/a", ["doas /sbin/a", ">a"]),
      ("sh -c \"a && b $c\"", ["sh -c a && b ${c}", ">a", ">b ${c}"]),
      ("bash -lc 'cd /x && sudo y'", ["bash -lc cd /x && sudo y", ">cd /x", ">sudo y", ">y"]),
      ("bash -o pipefail -c 'a | b'", ["bash -o pipefail -c a | b", ">a", ">b"]),
      ("sudo /bin/sh -c 'a'", ["sudo /bin/sh -c a", ">sh -c a", ">a"]),
      ("sh -c \"a $(b)\"", ["sh -c a ${b}", "b"]),
      ("sh x -c a", ["sh x -c a"]),
      ("sh -c 'sh -c \"a\"'", ["sh -c sh -c \"a\"", ">sh -c a", ">a"]),
      ("sudo", ["sudo"]), ("sudo -n", ["sudo -n"]), ("./configure", ["./configure"]),
      ("sudo $a", ["sudo ${a}"]),
    ])
  func seen(text: String, expected: [String]) { #expect(commands("RUN \(text)\n") == expected) }

  @Test("keep their places, escapes or not")
  func places() throws {
    let (script, source) = try #require(
      runOf("FROM x\nRUN bash -c \"one \\\"two\\\" \\\n  three\"\n", isStrict: false))
    let inner = try #require(script.commands.last)
    #expect(source.text(in: inner.nameRange) == "one")
    #expect(inner.arguments.map(\.text) == ["two", "three"])
    #expect(source.text(in: inner.arguments[1].range) == "three")
    #expect(inner.arguments[1].isVerbatim)
  }

  @Test("a script for another interpreter has none")
  func otherInterpreters() {
    #expect(commands("RUN Get-Item a | b\n", shell: .powershell) == ["Get-Item a", "b"])
    #expect(commands("RUN dir && cd x\n", shell: .cmd) == [])
    #expect(commands("RUN a\n", isStrict: true, shell: .powershell) == ["a"])
    #expect(runOf("RUN a\n", isStrict: false, shell: .cmd)?.0.dialect == .cmd)
  }
}
