import ShellSyntax
import Testing

@Suite("Which program reads a text")
struct DialectTests {
  @Test(
    "by its path or name",
    arguments: [
      ("/bin/sh", ShellDialect.sh), ("bash", .bash), ("/bin/dash", .dash), ("/bin/ash", .busybox),
      ("mksh", .ksh),
      ("C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe", .powershell), ("pwsh", .powershell),
      ("cmd.exe", .cmd), ("CMD", .cmd), ("/usr/bin/zsh", .other("zsh")), ("python3", .other("python3")),
    ])
  func program(path: String, dialect: ShellDialect) {
    #expect(ShellDialect(program: path) == dialect)
  }

  @Test("by a SHELL instruction")
  func shell() {
    #expect(ShellDialect(shell: ["/bin/bash", "-o", "pipefail", "-c"]) == .bash)
    #expect(ShellDialect(shell: ["/usr/bin/env", "-S", "bash", "-c"]) == .bash)
    #expect(ShellDialect(shell: ["/usr/bin/env", "-i", "A=1", "bash"]) == .bash)
    #expect(ShellDialect(shell: ["C:\\Program Files\\PowerShell\\pwsh.exe"]) == .powershell)
    #expect(ShellDialect(shell: ["cmd", "/S", "/C"]) == .cmd)
    #expect(ShellDialect(shell: []) == nil)
  }

  @Test(
    "by the first line of a script",
    arguments: [
      ("#!/bin/bash -e\n", ShellDialect?.some(.bash)),
      ("#!/usr/bin/env python3\nx", .some(.other("python3"))),
      ("#! /bin/sh", .some(.sh)), ("#!/usr/bin/env -S A=1 bash -e\r\n", .some(.bash)), ("# /bin/sh", nil),
      ("", nil), ("#!", nil),
    ])
  func shebang(text: String, dialect: ShellDialect?) {
    #expect(ShellDialect(shebangOf: Array(text.utf8)) == dialect)
  }

  @Test("only the Bourne family is read as a shell")
  func family() {
    #expect([ShellDialect.sh, .bash, .dash, .ksh, .busybox].allSatisfy { $0.isPOSIX })
    #expect(![ShellDialect.powershell, .cmd, .other("fish")].contains { $0.isPOSIX })
  }
}
