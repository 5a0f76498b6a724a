import Diagnostics
import DockerfileLint
import DockerfileSyntax
import ShellSyntax
import SourceText
import Testing

/// The names of all commands that a Dockerfile runs, those inside ONBUILD included.
private func commandNames(_ text: String) -> [String] {
  let file = Dockerfile(parsing: Source(name: "Dockerfile", text: text))
  return file.instructions.flatMap { instruction in
    var inner = instruction
    while case .onbuild(let trigger?) = inner.details { inner = trigger }
    return runScript(of: inner, in: file, shell: .sh, isStrict: false)?.commands.map(\.name) ?? []
  }
}

private func ids(_ text: String) -> [String] {
  Linter().lint(Source(name: "Dockerfile", text: text)).findings.map(\.code.id)
}

@Suite("Rules about certain commands")
struct CommandGateTests {
  @Test("find nothing where none of them is called")
  func examples() {
    for rule in RuleRegistry.all where !rule.metadata.commands.isEmpty {
      for example in rule.documentation.examples where example.isBad {
        let names = commandNames(example.text)
        #expect(
          names.contains { name in rule.metadata.commands.contains { name.hasPrefix($0) } },
          "\(rule.metadata.code.id) flags what calls \(names)")
      }
    }
  }

  @Test("find them however they are written, and in ONBUILD")
  func spellings() {
    for command in ["sudo", "s\\udo", "su\"do\"", "'sudo'", "su\\\ndo", "/usr/bin/sudo", "sh -c 'sudo x'"] {
      #expect(ids("FROM debian:12\nRUN \(command) x\n").contains("DL3004"), "\(command)")
    }
    #expect(ids("FROM debian:12\nONBUILD RUN sudo x\n").contains("DL3004"))
  }

  @Test("remember what stands between the instructions that call them")
  func memory() {
    let text = "FROM a:1\nRUN curl x\nRUN true && false\nCOPY a /b\nRUN wget -q x\n"
    #expect(ids(text).contains("DL4001"))
    #expect(!ids("FROM a:1\nRUN curl x\nFROM b:1\nRUN wget -q x\n").contains("DL4001"))
  }
}
