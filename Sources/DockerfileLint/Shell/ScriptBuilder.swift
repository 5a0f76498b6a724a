package import DockerfileSyntax
package import ShellSyntax
import SourceText

/// The shell text of a RUN, in any of its forms; nil for any other instruction.
///
/// In strict mode it is what hadolint sees: the text is read as bash whatever the shell is, a text that ShellCheck's parser
/// refuses has no commands, and here-documents are cut as hadolint cuts them. Otherwise it is what is there: here-documents as
/// the shell gets them, the commands of a broken script, and, behind each command, the one that it starts: `apt-get` behind
/// `sudo apt-get` or `/usr/bin/apt-get`, all of `x && y` behind `sh -c "x && y"`. A script for PowerShell then
/// has the commands that every shell would read alike; one for python or the like has none.
///
/// - Parameters:
///   - instruction: the RUN, or the RUN inside an ONBUILD.
///   - dockerfile: the file that it is in.
///   - shell: what the SHELL in force starts, see ``shells(of:)``.
///   - isStrict: whether to follow hadolint also where it is wrong.
package func runScript(
  of instruction: Instruction, in dockerfile: Dockerfile, shell: ShellDialect, isStrict: Bool
) -> RunScript? {
  guard case .run(let run) = instruction.details else { return nil }
  switch run.command {
  case .none:
    return RunScript(commands: [], pipes: [], text: CookedText(), dialect: shell)
  case .shell(let word) where isStrict:
    return strictScript(ScriptText(asHadolint: word, of: instruction, in: dockerfile.tree, shell: shell))
  case .exec(let words) where isStrict:
    return strictScript(ScriptText(asHadolint: words, in: dockerfile.tree, shell: shell))
  case .shell(let word):
    let text = ScriptText(word, heredocs: instruction.heredocs, in: dockerfile.tree, shell: shell)
    guard text.dialect.isPOSIX else {
      if text.dialect == .powershell { return powerShellScript(text) }
      return RunScript(commands: [], pipes: [], text: text.text, dialect: text.dialect)
    }
    let script = ShellScript.parse(text.text.bytes, keepsTokens: false)
    var collector = CommandCollector(text: text.text, source: dockerfile.source, looksThrough: true)
    collector.collect(script)
    return RunScript(
      commands: collector.commands, pipes: collector.pipes, text: text.text, dialect: text.dialect,
      tree: script)
  case .exec(let words):
    let text = ScriptText(asHadolint: words, in: dockerfile.tree, shell: shell)
    var collector = CommandCollector(text: text.text, source: dockerfile.source, looksThrough: true)
    collector.collect(words)
    return RunScript(commands: collector.commands, pipes: [], text: text.text, dialect: shell)
  }
}

private func powerShellScript(_ text: ScriptText) -> RunScript {
  let plain = PowerShellText.plainCommands(text.text)
  var collector = CommandCollector(text: plain, source: Source(name: "", bytes: []), looksThrough: false)
  collector.collect(ShellScript.parse(plain.bytes))
  return RunScript(commands: collector.commands, pipes: [], text: plain, dialect: text.dialect)
}

private func strictScript(_ text: ScriptText) -> RunScript {
  let script = ShellScript.parse(text.text.bytes, acceptsWideBlanks: true, keepsTokens: false)
  var collector = CommandCollector(
    text: text.text, source: Source(name: "", bytes: []), looksThrough: false)
  if script.verdict != .refused { collector.collect(script) }
  return RunScript(
    commands: collector.commands, pipes: collector.pipes, text: text.text, dialect: text.dialect, tree: script
  )
}
