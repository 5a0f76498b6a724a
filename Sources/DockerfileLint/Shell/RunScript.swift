import DockerfileSyntax
package import ShellSyntax
package import SourceText

/// The shell text of a RUN as the rules see it.
///
/// A class, because every rule that looks at commands is handed it, and a reference is cheaper to hand than four arrays.
package final class RunScript: Sendable {
  /// All simple commands in the order in which they stand, wherever they stand: in lists, pipelines, subshells,
  /// substitutions, functions, loops and conditions.
  package let commands: [ShellCommand]
  /// The pipes, `|` and `|&`, that are not inside quotes.
  package let pipes: [ByteRange]
  /// The text itself, without continuations and comment lines.
  package let text: CookedText
  /// Which program reads the text.
  package let dialect: ShellDialect
  /// The tree of the text; nil for the exec form and for what is no script for a POSIX shell.
  package let tree: ShellScript?

  /// The names of the commands.
  let names: CommandNames

  package init(
    commands: [ShellCommand], pipes: [ByteRange], text: CookedText, dialect: ShellDialect = .sh,
    tree: ShellScript? = nil
  ) {
    self.commands = commands
    self.pipes = pipes
    self.text = text
    self.dialect = dialect
    self.tree = tree
    var names = CommandNames()
    for index in commands.indices { names.insert(commands[index].name) }
    self.names = names
  }

  /// Whether there is more than one command, those inside of another (`sudo x`, `sh -c "x"`) not counted.
  ///
  /// This is what DL3059 asks: it counts each command twice and wants more than two.
  package var hasSeveralCommands: Bool { commands.count { !$0.isInner } > 1 }
}
