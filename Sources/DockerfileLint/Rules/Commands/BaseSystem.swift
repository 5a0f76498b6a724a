import DockerfileSyntax

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
      || ["windows", "nanoserver", "servercore"].contains(where: { image.contains($0) })
    {
      self = .windows
    } else {
      self = image.contains("alpine") || image.contains("busybox") ? .busybox : .gnu
    }
  }
}
