import ShellSyntax
import Testing

@Suite("Shell dialects")
struct DialectTests {
  @Test(
    "A SHELL names its program",
    arguments: [
      (["/bin/sh", "-c"], ShellDialect.sh), (["/bin/bash", "-o", "pipefail", "-c"], .bash),
      (["/bin/ash", "-c"], .busybox),
      (["powershell", "-Command"], .powershell), (["C:\\Program Files\\PowerShell\\pwsh.exe"], .powershell),
      (["cmd", "/S", "/C"], .cmd), (["/usr/bin/env", "-i", "A=1", "bash"], .bash),
      (["/bin/zsh", "-c"], .other("zsh")),
    ])
  func shell(_ words: [String], _ dialect: ShellDialect) {
    #expect(ShellDialect(shell: words) == dialect)
  }

  @Test("A script names its interpreter in the first line")
  func shebang() {
    #expect(ShellDialect(shebangOf: Array("#!/bin/bash -e\necho".utf8)) == .bash)
    #expect(ShellDialect(shebangOf: Array("#!/usr/bin/env -S python3 -u\n".utf8)) == .other("python3"))
    #expect(ShellDialect(shebangOf: Array("echo".utf8)) == nil)
    #expect(ShellDialect(shell: []) == nil)
  }
}
