import DockerfileSyntax
package import ShellSyntax
package import SourceText

/// The shell text of a RUN as the rules see it.
package struct RunScript: Sendable {
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

  package init(
    commands: [ShellCommand], pipes: [ByteRange], text: CookedText, dialect: ShellDialect = .sh,
    tree: ShellScript? = nil
  ) {
    self.commands = commands
    self.pipes = pipes
    self.text = text
    self.dialect = dialect
    self.tree = tree
  }

  /// Whether there is more than one command, those inside of another (`sudo x`, `sh -c "x"`) not counted.
  ///
  /// This is what DL3059 asks: it counts each command twice and wants more than two.
  package var hasSeveralCommands: Bool { commands.count { !$0.isInner } > 1 }
}
