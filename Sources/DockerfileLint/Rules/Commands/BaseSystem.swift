import DockerfileSyntax
import SourceText

/// What the name of a base image says about the programs in it.
enum BaseSystem {
  /// Nothing special: most likely GNU.
  case gnu
  /// BusyBox, as in Alpine.
  case busybox
  /// Windows: commands are run by cmd, and the file has the backtick as its escape character.
  case windows

  init(_ image: String, _ context: LintContext) {
    if context.tree.escape == 0x60
      || image.holds("windows") || image.holds("nanoserver") || image.holds("servercore")
    {
      self = .windows
    } else {
      self = image.holds("alpine") || image.holds("busybox") ? .busybox : .gnu
    }
  }
}
