import DockerfileSyntax
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

  package init(commands: [ShellCommand], pipes: [ByteRange], text: CookedText) {
    self.commands = commands
    self.pipes = pipes
    self.text = text
  }
}
